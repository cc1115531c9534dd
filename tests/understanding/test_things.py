"""Which word of a request says what the thing is."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import pytest

from chatrec.domain.item import Attribute, Item
from chatrec.domain.reading import NeedReading
from chatrec.domain.state import DialogueState
from chatrec.understanding.understander import RuleUnderstander

from .shops import embedder, shelf_of

_ROOM = """
Copper Dome Table Lamp|lighting
Zen Globe Table Lamp|lighting
Arched Floor Lamp|lighting
Oak Side Table|tables
Round Coffee Table|tables
Marble Coffee Table|tables
Precision Screwdriver Set|set
Wrench Set|set
Pocket Knife|knife
Folding Knife|knife
Oak Desk|furnishing
Brass Desk Clock|clock
Alarm Clock|clock
"""


@cache
def room() -> RuleUnderstander:
    rows = [line.split("|") for line in _ROOM.strip().splitlines()]
    items = [
        Item(f"i{n}", title, "", "home", ("home",), "", Decimal(20 + n), "USD", attributes=(Attribute("style", (style,)),))
        for n, (title, style) in enumerate(rows)
    ]
    shelf = shelf_of(items)
    return RuleUnderstander(shelf.contract, shelf, embedder())


def _need(message: str) -> NeedReading:
    (need,) = room().read(message, DialogueState("s")).needs
    return need


@pytest.mark.parametrize(
    ("message", "thing"),
    [("a wooden desk under 100", "desk"), ("desk clock", "clock"), ("a coffee table", "table")],
)
def test_the_last_word_of_its_name_says_what_it_is(message: str, thing: str) -> None:
    assert _need(message).thing == thing
