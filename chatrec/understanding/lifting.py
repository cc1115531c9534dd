"""Wishes that the shopper takes back: "any brand is fine", "forget the budget", "it doesn't have to be blue"."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from chatrec.domain.need import Need, Op
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.text import Message, read_message
from chatrec.understanding.vocabulary import Vocabulary

NAMES = {
    "brand": ("brand", "brands", "make", "manufacturer", "label"),
    "price": ("price", "budget", "money", "cost", "price limit", "price range", "costs"),
    "rating": ("rating", "ratings", "stars", "reviews"),
    "stock": ("stock", "availability"),
    "category": ("category",),
}
_BEFORE = (
    r"any|all|every|whatever|whichever|regardless of|irrespective of|don't care about|don't mind|don't "
    r"care what|forget|forget about|ignore|remove|drop|lift|clear|delete|never mind|nevermind|"
    r"no longer care about|no preference (?:on|for|about|regarding|in)|open to (?:any|all|other|more|different)|flexible (?:on|"
    r"about|with)|not (?:fussy|picky|fixed) (?:about|on)|skip|without|relax|take away|take off"
)
_AFTER = (
    r"doesn't (?:really )?matter|does not matter|don't matter|isn't important|is not important|not "
    r"important|is irrelevant|is no object|no object|is no issue|is not an issue|isn't an issue|is no "
    r"problem|is up to you|"
    r"is flexible|is open|can be anything|makes no difference|whatever"
)


# Limits of which none is named are those on the price.
_NO_LIMIT = re.compile(
    r"^(?:(?:there's|there is|ok|okay|actually|no|so|,) )*no (?:more )?(?:upper )?(?:limits?|cap|max|maximum)(?: (?:any ?more|now|"
    r"at all|then|please|anymore))*$"
    r"|\bsky is the limit\b|\bprice (?:is )?no (?:object|issue|matter)\b|\bno need for it to be (?:under|below|less than|cheaper than) \S+"
    r"|\b(?:doesn't|needn't|does not) (?:need|have)? ?(?:to )?be (?:under|below|less than|cheaper than) (?:[$€£] )?\d\S*"
)


def lifted_fields(message: Message, vocabulary: Vocabulary, limited: Collection[str] = ()) -> dict[str, tuple[int, ...]]:
    """Fields whose constraints this message lifts, each with the tokens that say so; ``limited`` are those that hold any so far."""
    found: dict[str, tuple[int, ...]] = {}
    fields = tuple(sorted(vocabulary.fields))
    for match in _pattern(fields).finditer(message.text):
        name = match["after"] or match["before"] or match["limit"]
        field = named_fields(fields)[name]
        known = vocabulary.fields.get(field)
        if known is not None and known.kind == "yes_no" and field not in limited and match["after"]:
            continue  # "without nuts" is a wish about the thing itself
        if not _limits_instead(message, match):
            found.setdefault(field, tuple(message.span(match.start(), match.end())))
    if "price" in limited and "price" not in found and (unlimited := _NO_LIMIT.search(message.text)):
        found["price"] = tuple(message.span(unlimited.start(), unlimited.end()))
    return found


_LETS_GO = re.compile(
    r"(?:^|[,.;!?] |\b(?:and|but|then|so|please|ok|okay|actually|can you|could you|let's|you can|i'd|just) )"
    r"(?P<verb>drop|lose|scrap|forget|forget about|ditch|leave out|lift|remove|take out|take away|do without|scratch|strike)"
    r"(?: (?:the|that|this|my|whole|bit about|part about|requirement for|thing about|about))*$"
)


def lifted_values(message: Message, mentions: Sequence[Mention], need: Need | None) -> dict[str, tuple[int, ...]]:
    """Fields of which a wished value is let go by its name: "drop the zip", after a zip was wished for."""
    found: dict[str, tuple[int, ...]] = {}
    for mention in mentions if need is not None else ():
        held = [c for c in need.constraints if c.field == mention.field and c.op is Op.IS] if need else []
        before = _LETS_GO.search(message.words(0, mention.first))
        if before and mention.field != "category" and any(set(c.values) & {*mention.values, "yes"} for c in held):
            found[mention.field] = tuple(range(message.at(before.start("verb")), mention.last))
    return found


def _limits_instead(message: Message, match: re.Match[str]) -> bool:
    """ "all brands under 50" lifts the brand; "any size 42 boots" names a size, "any colour but red" a colour."""
    following = message.text[match.end() :].split()[:1]
    return bool(following) and (following[0][:1].isdigit() or following[0] in ("but", "except", "besides", "other", "apart"))


@lru_cache(maxsize=64)
def named_fields(fields: tuple[str, ...]) -> dict[str, str]:
    """What a message may call these fields -> the field, the longest names first; the price has a name in every shop."""
    found: dict[str, str] = {}
    for field in (*fields, "price"):
        spelled = read_message(field).text  # "color" is written "colour" in a message
        for name in NAMES.get(field, (field, spelled, f"{spelled}s")):
            found.setdefault(name, field)
    return dict(sorted(found.items(), key=lambda f: (-len(f[0]), f[0])))


@lru_cache(maxsize=64)
def _pattern(fields: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(n) for n in named_fields(fields))
    return re.compile(
        rf"\b(?:{_BEFORE}) (?:the |my |a |any |about the |about |what )*(?P<after>{names})\b(?: (?:filter|limit|"
        rf"constraint|requirement|preference))?(?: (?:is (?:fine|ok|okay|good)|will do|works))?"
        rf"|\b(?:the |my )?(?P<before>{names}) (?:{_AFTER})\b"
        rf"|\bno (?:more )?(?P<limit>{names}) (?:limit|cap|max|maximum|restriction|preference|filter)s?\b"
    )
