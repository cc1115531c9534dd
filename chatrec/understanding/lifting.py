"""Wishes that the shopper takes back: "any brand is fine", "forget the budget", "it doesn't have to be blue"."""

from __future__ import annotations

import re
from functools import lru_cache

from chatrec.understanding.text import Message
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
    r"no longer care about|no preference (?:on|for|about|regarding|in)|open to (?:any|all)|flexible (?:on|"
    r"about|with)|not (?:fussy|picky|fixed) (?:about|on)|skip|without|relax|take away|take off"
)
_AFTER = (
    r"doesn't (?:really )?matter|does not matter|don't matter|isn't important|is not important|not "
    r"important|is irrelevant|is no object|no object|is no issue|is not an issue|isn't an issue|is no "
    r"problem|is up to you|"
    r"is flexible|is open|can be anything|makes no difference|whatever"
)


def lifted_fields(message: Message, vocabulary: Vocabulary) -> dict[str, tuple[int, ...]]:
    """Fields whose constraints this message lifts, each with the tokens that say so."""
    found: dict[str, tuple[int, ...]] = {}
    for field, pattern in _patterns(tuple(sorted(vocabulary.fields))):
        match = pattern.search(message.text)
        if match and not _limits_instead(message, match):
            found[field] = tuple(message.span(match.start(), match.end()))
    return found


def _limits_instead(message: Message, match: re.Match[str]) -> bool:
    """ "without price limit" lifts, "all brands under 50" lifts the brand; "any size 42 boots" names a size."""
    following = message.text[match.end() :].split()[:1]
    return bool(following) and following[0][:1].isdigit()


@lru_cache(maxsize=64)
def _patterns(fields: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    compiled = []
    for field in (*fields, *(("price",) if "price" not in fields else ())):
        names = "|".join(re.escape(n) for n in NAMES.get(field, (field, f"{field}s")))
        pattern = (
            rf"\b(?:{_BEFORE}) (?:the |my |a |any |about the |about |what )*(?:{names})\b(?: (?:filter|limit|"
            rf"constraint|requirement|preference))?(?: (?:is (?:fine|ok|okay|good)|will do|works))?"
            rf"|\b(?:the |my )?(?:{names}) (?:{_AFTER})\b|\bno (?:{names}) (?:limit|cap|max|maximum|restriction|preference|filter)s?\b"
        )
        compiled.append((field, re.compile(pattern)))
    return tuple(compiled)
