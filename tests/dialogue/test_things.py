"""The kind of thing that is asked for: what titles call so comes first, and where none keeps the limits that is said."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from chatrec.dialogue.offer import make_offer
from chatrec.dialogue.recommending import recommend
from chatrec.dialogue.scene import Scene
from chatrec.dialogue.thing_notices import thing_notices
from chatrec.domain.act import Recommend
from chatrec.domain.item import Item
from chatrec.domain.need import Need
from chatrec.domain.reply import Alternatives, Cards
from chatrec.domain.state import DialogueState
from chatrec.domain.things import Naming, names_of, naming

from .world import World, at_most, category, make_world, state_with


def _item(number: int, title: str, price: str, kind: str = "home") -> Item:
    return Item(f"d{number}", title, "", kind, (kind,), "", Decimal(price), "USD", stock=5)


ROOM = [
    _item(1, "Brass desk clock", "39.00"),
    _item(2, "Adjustable desk lamp", "59.00"),
    _item(3, "Oak desk", "299.00"),
    _item(4, "Standing desk set", "599.00"),
    _item(5, "Writing desk, walnut", "399.00"),
    _item(6, "Cork board", "19.00"),
    _item(7, "Blank microscope slides", "9.00", "Microscopes & Equipment"),
    _item(8, "Cable for printers", "7.00"),
]


def room(**limits: object) -> World:
    return make_world(ROOM, **limits)


@pytest.mark.parametrize(
    ("title", "word", "held"),
    [
        ("Vintage Charm Desk Clock", "desk", Naming.PART),
        ("Vintage Charm Desk Clock", "clocks", Naming.THING),
        ("Minimalist Wooden Desk Set", "desk", Naming.THING),
        ("Case for iPhone 6 - Black", "iphone", Naming.PART),
        ("Bluetooth Headset - Black", "headsets", Naming.THING),
        ("Prepared Microscope Slides (25-Piece Set)", "microscope", Naming.PART),
        ("Plus Multimeter with True RMS", "multimeter", Naming.THING),
        ("Chef's Knives, Set of 3", "knife", Naming.THING),
        ("Cork board", "desk", Naming.SILENT),
        ("", "desk", Naming.SILENT),
    ],
)
def test_what_a_title_calls_the_thing(title: str, word: str, held: Naming) -> None:
    assert naming(title, names_of(word)) is held


def test_a_desk_clock_is_no_desk() -> None:
    need = Need(1, "desk", thing="desk")
    made = make_offer(Recommend(1), state_with(need), room().parts)
    assert {i.item_id for i in made.items} == {"d3", "d4", "d5"}


def test_where_few_are_called_so_what_only_goes_with_it_is_left_out() -> None:
    need = Need(1, "desk", constraints=(at_most("price", 350),), thing="desk")
    found = [i.item_id for i in make_offer(Recommend(1), state_with(need), room().parts).items]
    assert found[0] == "d3" and not {"d1", "d2"} & set(found)


def test_a_limit_below_every_desk_is_said_and_what_is_shown_is_marked() -> None:
    need = Need(1, "wooden desk", constraints=(at_most("price", 100),), thing="desk")
    done = recommend(Recommend(1), Scene(state_with(need), "", room().parts, 3))
    told = " ".join(n.text for n in done.evidence.notes)
    assert "nothing matches desk, price up to $100" in told and "cheapest of them is [1]" in told
    (shown,) = [e for e in done.events if isinstance(e, Alternatives)]
    assert not [e for e in done.events if isinstance(e, Cards)]
    assert shown.cards[0].item_id == "d3" and all("above your limit" in c.breaks for c in shown.cards)


def test_a_price_of_this_moment_counts() -> None:
    world = room()
    world.live.set("d3", price="80.00")
    need = Need(1, "desk", constraints=(at_most("price", 320),), thing="desk")
    made = make_offer(Recommend(1), state_with(need), world.parts)
    assert made.items[0].item_id == "d3" and made.items[0].price == Decimal("80.00")


def test_the_cheapest_desk_is_no_clock() -> None:
    need = Need(1, "desk", thing="desk")
    made = make_offer(Recommend(1, order_by=("price", -1)), state_with(need), room().parts)
    assert [i.item_id for i in made.items] == ["d3", "d5", "d4"] and made.matching == 3


def _notices(need: Need) -> list[str]:
    state = replace(DialogueState("a-session", turn=1), needs=(replace(need, opened_turn=1),))
    return [f.text for f in thing_notices(state, room().parts)]


def test_what_was_taken_for_a_thing_that_nothing_is_called_is_said() -> None:
    shelf = replace(category("Microscopes & Equipment"), said="microscope")
    assert _notices(Need(1, "microscope", constraints=(shelf,), thing="microscope")) == [
        "By “microscope” I understood Microscopes & Equipment."
    ]
    (told,) = _notices(Need(1, "microscope", thing="microscope"))
    assert "plainly called “microscope”" in told


def test_nothing_is_said_of_what_is_there_or_was_said_before() -> None:
    assert _notices(Need(1, "desk", thing="desk")) == []
    assert _notices(Need(1, "slides", constraints=(category("Slides"),), thing="slide")) == []
    old = DialogueState("a-session", turn=2, needs=(Need(1, "microscope", opened_turn=1, thing="microscope"),))
    assert thing_notices(old, room().parts) == []
