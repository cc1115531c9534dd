""" "How much is that all together?": the sum of the prices of this moment, told by code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from chatrec.domain.figures import money
from chatrec.domain.item import Item

_TOGETHER = r"(?:together|altogether|in total|combined|all in all|in all|in sum|all up)"
ASKS_TOTAL = re.compile(
    rf"\b(?:how much|what|price|cost|costs|sum|add up)\b[^.;]{{0,40}}\b{_TOGETHER}\b|\b(?:the|a|my) (?:total|"
    rf"sum)\b(?! (?:of )?(?:weight|length))|"
    r"\btotal (?:price|cost|sum|amount)\b|\bhow much (?:is|are|for|would|do|does) (?:it be for |be )?(?:both|all (?:of (?:them|"
    r"these|those)|three|"
    r"of it)|the (?:lot|two|three)|everything)\b"
)


def total_words(items: Sequence[Item]) -> str:
    """The sum in words with the items named; "" where a price is unknown, there is one item, or currencies differ."""
    prices = [i.price for i in items if i.price is not None]
    if len(items) < 2 or len(prices) < len(items) or len({i.currency for i in items}) > 1:
        return ""
    names = [f"[{n}]" for n in range(1, len(items) + 1)]
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{listed} come to {money(sum(prices, Decimal(0)), items[0].currency)} together, before delivery."
