"""Bare figures that name shown items: only where two are set against each other ("the difference between 1 and 3")."""

from __future__ import annotations

import re

from chatrec.understanding.text import Message

_PAIR = re.compile(r"\b(?:between|compare) (?P<one>[1-9]) (?:and|to|with|vs|versus|or) (?P<other>[1-9])\b(?! ?(?:\$|€|£|%|[a-z]))")


_ORDER = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "fifth": 5}
_NAMED = "|".join(_ORDER)
_ORDINALS = re.compile(
    rf"\b(?P<one>{_NAMED})(?: one)? (?:vs|versus|against|or|and)(?: the)? (?P<other>{_NAMED})\b(?! (?:time|week|month|year|day)s?\b)"
)


def set_against(message: Message) -> list[tuple[int, range]]:
    """Places in the list, from 1, each with the tokens that name it."""
    ordinals = [
        (_ORDER[match[name]], message.span(match.start(name), match.end(name)))
        for match in _ORDINALS.finditer(message.text)
        for name in ("one", "other")
    ]
    return ordinals + [
        (int(match[name]), message.span(match.start(name), match.end(name)))
        for match in _PAIR.finditer(message.text)
        for name in ("one", "other")
    ]
