"""Facts in the words of a person: how one fact is said after "it", after "with", or as a sentence of its own."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatrec.domain.facts import Fact, FactKind
from chatrec.tuning.invented import spoken_clauses

_ADJECTIVE = re.compile(
    r"(?:able|ible|proof|safe|free|less|ed|ing|ant|ent|ic|ive|vegan|organic|manual|sterile|metric|superwash|bound|allergy|slip|"
    r"vegetarian|duplex|induction)$"
)
_NO_ARTICLE = re.compile(
    r"(?:\d.*|(?:two|three|four|five|six|seven) .*|.*(?:mixing|cancelling|charging|printing|stitching|power|foam|print|sim|wifi|bluetooth|"
    r"calibration|action|cover|protection|level|ss)|.*[^s]s)$"
)
_VOWEL = re.compile(r"(?:[aeiou](?!ni|su|se)|LED|OLED|RS-|h(?:our|onest))")
# Whole words that open a description sentence which speaks of the item itself ("Copes with stiff dough").
_VERBS = frozenset(
    "walks copes pours boils whistles takes comes grinds leaves runs needs heats picks stands reaches throws remembers sleeps "
    "rustles sheds dries feels cuts vibrates opens ages stacks shrinks stays does fits drives charges struggles rolls sits folds "
    "projects records clamps leaks lies writes pills splits blooms withstands goes tears settles lasts survives slips yellows "
    "prints marks sinks smells keeps lathers rinses clicks works sews starts".split()
)
_ADJECTIVES = frozenset(
    "noisy soft heavy light short slow sensitive comfortable safe scratchy balanced tested told set ground rated calibrated "
    "coloured cut glazed fine too not made built".split()
)
_LIGHTEST = re.compile(r"^\[(?P<n>\d+)\] (?P<said>.+?)(?: than \[\d+\].*)?$")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One fact in words. ``does`` follows "it" ("weighs 900 g"), ``has`` follows "with" ("a weight of 900 g"; "" where it cannot),
    ``clause`` is a whole clause ("the handle folds flat"; "" where the fact is none)."""

    fact: Fact
    does: str = ""
    has: str = ""
    clause: str = ""


def phrase(fact: Fact, rng: random.Random) -> Phrase | None:
    """The fact in words, one of several wordings; ``None`` for a fact that nobody says aloud (its type, its maker)."""
    if fact.kind is FactKind.RATING:
        return Phrase(fact, f"is {fact.text}" if rng.random() < 0.5 else f"is rated {fact.value} out of 5")
    if fact.kind is FactKind.DESCRIPTION:
        return _described(fact)
    if fact.kind is not FactKind.ATTRIBUTE:
        return None
    if fact.number is not None:
        return _number(fact, rng)
    if fact.name in ("features", "feature"):
        thing = with_article(fact.value)
        return Phrase(fact, f"{rng.choice(('has', 'has', 'comes with'))} {thing}", thing)
    if fact.value in ("yes", "no"):
        return _flag(fact, rng)
    return _word(fact, rng)


def is_adjective(name: str) -> bool:
    """Whether a yes/no property is said as "it is ..." rather than "it has ..."."""
    return bool(_ADJECTIVE.search(name)) and name not in ("wireless charging",)


def with_article(thing: str) -> str:
    """ "a soft grip", "an LED ring", "wooden pieces", "noise cancelling"."""
    if _NO_ARTICLE.fullmatch(thing):
        return thing
    return f"{'an' if _VOWEL.match(thing) else 'a'} {thing}"


def lowered(sentence: str) -> str:
    """The sentence as it stands after a colon: its first letter small, unless the word is an abbreviation."""
    first = sentence.split(" ", 1)[0]
    return sentence if len(first) > 1 and first.isupper() else sentence[:1].lower() + sentence[1:]


def _flag(fact: Fact, rng: random.Random) -> Phrase:
    yes = fact.value == "yes"
    if fact.name == "induction":
        return Phrase(fact, "works on induction" if yes else "does not work on induction")
    if is_adjective(fact.name):
        return Phrase(fact, f"is {fact.name}" if yes else f"is not {fact.name}")
    thing = with_article(fact.name)
    return Phrase(fact, f"has {thing}" if yes else f"has no {fact.name}", thing if yes else "")


_SPECIAL_NUMBERS: dict[str, tuple[str, ...]] = {
    "weight": ("weighs {v}", "weighs {v}", "comes in at {v}"),
    "capacity": ("holds {v}", "has a capacity of {v}"),
    "volume": ("holds {v}", "has a volume of {v}"),
    "bowl capacity": ("has a bowl capacity of {v}", "has a {v} bowl"),
    "length": ("is {v} long", "has a length of {v}"),
    "height": ("is {v} high", "is {v} tall", "has a height of {v}"),
    "width": ("is {v} wide", "has a width of {v}"),
    "thickness": ("is {v} thick", "has a thickness of {v}"),
    "diameter": ("has a diameter of {v}", "is {v} in diameter"),
    "run time": ("runs for {v}", "has a run time of {v}"),
    "battery life": ("runs for {v}", "has a battery life of {v}"),
    "age from": ("is for ages from {v}", "is from {v} up"),
    "year": ("is from {v}", "is from the year {v}"),
    "warranty": ("has a warranty of {v}", "comes with a warranty of {v}"),
    "maximum load": ("takes a load of up to {v}", "has a maximum load of {v}"),
    "players": ("is for {v} players",),
    "sun protection": ("has sun protection of {v}",),
}


def figure(fact: Fact) -> str:
    """The number with its unit, exactly as the record has it."""
    return f"{fact.value} {fact.unit}".strip()


def _number(fact: Fact, rng: random.Random) -> Phrase:
    value, name = figure(fact), fact.name
    counted = not fact.unit and name.endswith("s")
    if name in _SPECIAL_NUMBERS:
        does = rng.choice(_SPECIAL_NUMBERS[name]).format(v=value)
    elif counted:
        does = f"{rng.choice(('has', 'has', 'comes with'))} {value} {name}"
    else:
        does = f"has {with_article(name)} of {value}" if name[-1] != "s" else f"has {name} of {value}"
    if counted:
        has = f"{value} {name}"
    else:
        has = "" if name in ("age from", "year", "sun protection") else f"{with_article(name) if name[-1] != 's' else name} of {value}"
    return Phrase(fact, does, has)


_SPECIAL_WORDS: dict[str, tuple[str, ...]] = {
    "material": ("is made of {v}", "is {v}"),
    "fibre": ("is made of {v}", "is {v}"),
    "colour": ("comes in {v}", "is {v}"),
    "genre": ("has {v} as its genre", "is {v} by genre"),
    "language": ("is in {v}",),
    "binding": ("is a {v}", "comes as a {v}"),
    "size": ("comes in size {v}", "has the size {v}"),
    "power source": ("runs on {v}", "has {v} as its power source"),
    "hair type": ("is for {v} hair",),
    "skin type": ("is for {v} skin",),
    "level": ("is for the {v} level", "is at {v} level"),
    "thickness": ("is {v} in thickness", "has {v} thickness"),
    "form": ("comes in {v} form", "has the form {v}"),
    "functions": ("can {v}", "has the functions {v}"),
    "active ingredient": ("has {v} as its active ingredient", "has {v} as the active ingredient"),
    "type": ("is of the {v} type",),
    "cuisine": ("is about {v} cuisine", "covers {v} cuisine"),
    "theme": ("has {v} as its theme",),
    "control": ("has {v} control",),
    "action": ("has {v} action",),
}
_VALUE_FIRST = ("design", "pads", "brakes", "strings", "castors", "channels", "system")


def _word(fact: Fact, rng: random.Random) -> Phrase:
    value, name = fact.value, fact.name
    if value == "none":
        return Phrase(fact, f"has no {name}")
    if name in _SPECIAL_WORDS:
        return Phrase(fact, rng.choice(_SPECIAL_WORDS[name]).format(v=value))
    base = name.removesuffix(" material").removesuffix(" type")
    thing = f"{value} {base}" if base.endswith(("s", "media")) else f"{_article(value)} {value} {base}"
    does = rng.choice((f"has {thing}", f"has {thing}", f"comes with {thing}"))
    return Phrase(fact, does, thing)


def _article(word: str) -> str:
    return "an" if _VOWEL.match(word) else "a"


def _described(fact: Fact) -> Phrase:
    text = fact.text
    spoken = spoken_clauses().get(text)
    if spoken:
        return Phrase(fact, spoken)
    first, _, rest = text.partition(" ")
    second = rest.split(" ", 1)[0]
    if first.lower() == "it":
        return Phrase(fact, rest)
    if first.lower() in _VERBS:
        return Phrase(fact, lowered(text))
    if first.lower() in _ADJECTIVES and second not in ("is", "are", "headphones"):
        return Phrase(fact, f"is {lowered(text)}")
    return Phrase(fact, clause=lowered(text))


def noted(note: Fact, n: int) -> str:
    """A computed comparison as said after "it": "is lighter", "is the cheapest of these"; "" when it is not about ``[n]``."""
    found = _LIGHTEST.fullmatch(note.text)
    if not found or int(found["n"]) != n or "out of stock" in note.text or "match" in note.text:
        return ""
    return found["said"].removesuffix(" of these")


def joined(parts: Sequence[str], rng: random.Random) -> str:
    """Verb phrases as one predicate: "has a soft grip and weighs 900 g", saying a shared verb once."""
    told: list[str] = []
    for part in parts:
        verb, _, rest = part.partition(" ")
        last = told[-1].split(" ", 1)[0] if told else ""
        plain_tail = told and "," not in told[-1] and " and " not in told[-1]
        if verb == last and verb in ("is", "has") and plain_tail and (verb == "has" or rng.random() < 0.7):
            told[-1] = f"{told[-1]} and {rest}"
        else:
            told.append(part)
    if len(told) == 1:
        return told[0]
    return f"{', '.join(told[:-1])}{',' if ' and ' in told[-2] else ''} and {told[-1]}"


def listed(things: Sequence[str]) -> str:
    """Noun phrases in a row: "a soft grip, 12 speeds and a pouring lip"."""
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"
