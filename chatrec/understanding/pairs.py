"""Bare figures that name shown items: only where two are set against each other ("the difference between 1 and 3")."""

from __future__ import annotations

import re

from chatrec.understanding.text import Message

_PAIR = re.compile(r"\b(?:between|compare) (?P<one>[1-9]) (?:and|to|with|vs|versus|or) (?P<other>[1-9])\b(?! ?(?:\$|€|£|%|[a-z]))")


def set_against(message: Message) -> list[tuple[int, range]]:
    """Places in the list, from 1, each with the tokens that name it."""
    return [
        (int(match[name]), message.span(match.start(name), match.end(name)))
        for match in _PAIR.finditer(message.text)
        for name in ("one", "other")
    ]
