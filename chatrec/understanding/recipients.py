"""Who it is for: "for my mother", "for my daughter who is 6", "a gift for a 10-year-old boy"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from chatrec.understanding.text import Message, join

_WOMEN = (
    "mother mom mum mama mommy mummy daughter wife girlfriend sister aunt auntie grandmother grandma "
    "granny gran nan nanna nana niece granddaughter stepmother stepdaughter goddaughter godmother bride fiancee missus sis lass daughters "
    "lady woman girl her"
)
_MEN = (
    "father dad daddy papa son husband boyfriend brother uncle grandfather grandpa granddad nephew "
    "grandson stepfather stepson godson godfather groom fiance hubby bro bruv lad sons grandad gramps gentleman guy man boy him"
)
_YOUNG = "kid child baby toddler infant teenager teen newborn kiddo pupil grandkid grandchild grandchildren children"
_OTHERS = (
    "partner mate pal bestie buddy friend boss colleague coworker parents parent grandparents cousin neighbour teacher family "
    "flatmate roommate roomie dog cat puppy kitten pet horse team students self myself"
)
KIN: dict[str, str] = {
    **dict.fromkeys(_WOMEN.split(), "women"),
    **dict.fromkeys(_MEN.split(), "men"),
    **dict.fromkeys(_YOUNG.split(), ""),
    **dict.fromkeys(_OTHERS.split(), ""),
}
_KIN_WORDS = "|".join(
    sorted((f"{w}s?" for w in KIN if w not in ("her", "him", "man", "woman", "guy", "lady", "self")), key=len, reverse=True)
)
_AGE = r"(?P<{0}>\d{{1,3}}) ?(?:-? ?(?:years?|yrs?|yo)(?: ?-? ?olds?)?|- ?year)"
_FOR = re.compile(
    rf"\bfor (?P<who>(?:(?:my|our|his|her|their|a|an|the|some|your) (?:(?:\d{{1,3}}(?: -)? years?(?: -)? "
    rf"olds?|little|older|younger|youngest|eldest|elder|best|new|old|dear|twin|teenage|grown up|adult) "
    rf")*)(?:{_KIN_WORDS})(?! of \d)|myself|him|her|mum|mom|dad|daddy|mummy|mommy|granny|grandma|grandpa|nana)\b"
)
_MY = re.compile(
    rf"(?:\b(?=my )|(?:^|[.!?,;] )(?=(?:{_KIN_WORDS})\b))(?P<who>(?:my )?(?:(?:\d{{1,3}}(?: -)? years?(?: -)? olds?|little|older|"
    rf"younger|youngest|eldest|best) "
    rf")*(?:{_KIN_WORDS})) (?:needs?|wants?|is (?=\d)|turns (?=\d)|(?:just )?turned (?=\d)|"
    r"\d|is looking|would like|loves?|likes?|has asked|is going)\b"
)
_SURPRISE = re.compile(rf"\b(?:surprise|treat|spoil|get|buy|give|gift) (?P<who>my (?:(?:little|older|younger|best) )*(?:{_KIN_WORDS}))\b")
_AGES = (
    re.compile(r"(?P<age>\d{1,3})(?: -)? (?:years?|yrs?|yo|y / o)(?: -)?(?: olds?| of age)"),
    re.compile(
        r"\b(?:aged?|ages|who is|who's|she is|he is|she's|he's|turning|(?:my|our) [a-z]+ is|turns|just turned|is turning) "
        r"(?P<age>\d{1,3})(?! ?(?:cm|kg|m|foot|feet|'|litres?))\b(?: years? olds?)?"
    ),
    re.compile(
        r"\b(?:boy|girl|kid|child|son|daughter|toddler|nephew|niece|grandson|granddaughter|lad|lass) (?:of |, |\()?"
        r"(?P<age>\d{1,2})(?= ?(?:$|[,.;!?)]|and\b|who\b|she\b|he\b))"
    ),
)
_FOR_AGE = re.compile(r"\bfor (?:a|an|my|our|the|some) \d{1,3}(?: -)? (?:years?|yrs?|yo)\b")
_OLDEST = 120


@dataclass(frozen=True, slots=True)
class Recipient:
    """``who`` as said without the age ("my daughter"), ``gender`` where the word tells it, ``age`` in years where it was said."""

    who: str = ""
    gender: str = ""
    age: float | None = None
    tokens: tuple[int, ...] = ()


def read_recipient(message: Message) -> Recipient:
    """Who the message says it is for; an empty recipient when it does not say."""
    match = _FOR.search(message.text) or _MY.search(message.text) or _SURPRISE.search(message.text)
    tokens: set[int] = set(message.span(match.start(), match.end("who"))) if match else set()
    who = re.sub(r"\b\d{1,3}(?: -)? years?(?: -)? olds? ", "", match["who"]) if match else ""
    age = None
    for pattern in _AGES:
        found = pattern.search(message.text)
        if found and float(found["age"]) <= _OLDEST and (who or "old" in found.group() or "aged" in found.group()):
            age = float(found["age"])
            tokens |= set(message.span(found.start(), found.end()))
            break
    if age is not None and not who and _FOR_AGE.search(message.text):
        who = f"{age:g}-year-old"
    who = who.removesuffix("'s")
    noun = who.split()[-1] if who else ""
    gender = KIN.get(noun, KIN.get(noun.rstrip("s"), ""))
    return Recipient(_without_article(who), gender, age, tuple(sorted(tokens)))


def read_recipients(message: Message) -> list[Recipient]:
    """Everyone whom the message names, in order: "boots for my husband and a daypack for my son" is for two."""
    starts = sorted(message.at(m.start()) for pattern in (_FOR, _MY) for m in pattern.finditer(message.text))
    if len(starts) < 2:
        return [found] if (found := read_recipient(message)) != Recipient() else []
    everyone = []
    for first, last in pairwise([0, *starts[1:], len(message.tokens)]):
        found = read_recipient(join(list(message.tokens[first:last])))
        everyone.append(replace(found, tokens=tuple(first + i for i in found.tokens)))
    return everyone


def _without_article(who: str) -> str:
    return re.sub(r"^(?:a|an|the|some) ", "", who)
