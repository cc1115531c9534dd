"""The question that splits best."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from decimal import Decimal

import pytest

from chatrec.catalog.questions import propose
from chatrec.domain.item import Attribute, Item, Variant


def best(items: Sequence[Item], closed: Collection[str] = ()) -> tuple[str, tuple[str, ...]]:
    """The field that tells most, with its options; money before the rest, as they stand."""
    found = max(propose(items, (), closed), key=lambda p: p.gain, default=None)
    return (found.field, found.options) if found else ("", ())


def things(n: int = 24) -> list[Item]:
    """Colour splits evenly in three, size in two, use is known of a quarter, every serial number differs."""
    return [
        Item(
            f"t{i}",
            f"Thing {i}",
            price=Decimal(10 + i),
            currency="USD",
            brand="Onebrand",
            attributes=(
                Attribute("colour", (("red", "blue", "green")[i % 3],)),
                Attribute("size", (("small", "large")[i % 2],)),
                Attribute("serial", (f"s{i}",)),
                *((Attribute("use", (("hiking", "running")[i % 8 // 4],)),) if i % 4 == 0 else ()),
            ),
        )
        for i in range(n)
    ]


def test_asks_price_in_bands_then_the_best_split_and_never_a_closed_field() -> None:
    fields = {p.field: p.options for p in propose(things())}
    assert len(fields["price"]) == 3 and fields["price"][0].startswith("up to $")
    assert best(things(), ["price"]) == ("colour", ("red", "blue", "green"))
    assert best(things(), ["price", "Colour"]) == ("size", ("small", "large"))
    assert best(things(), ["price", "colour", "size"]) == ("", ())


def test_what_an_answer_leaves_and_how_much_it_tells() -> None:
    size = next(p for p in propose(things()) if p.field == "size")
    assert size.leaves == (frozenset(f"t{i}" for i in range(0, 24, 2)), frozenset(f"t{i}" for i in range(1, 24, 2)))
    assert size.gain == pytest.approx(math.log(2)) and size.covered == pytest.approx(1.0)


def test_relevance_weighs_the_gain() -> None:
    """Where all but one of the likely ones are small, asking for the size tells little."""
    likely = [10.0 if i % 2 == 0 else 0.01 for i in range(24)]
    even, uneven = (next(p.gain for p in propose(things(), w) if p.field == "size") for w in ((), likely))
    assert uneven < 0.1 * even
    assert next(p.gain for p in propose(things(), likely) if p.field == "colour") == pytest.approx(math.log(3), rel=0.05)


def test_commonest_values_come_first_and_lone_ones_not_at_all() -> None:
    colours = ["red"] * 12 + ["blue"] * 8 + ["green"] * 9 + ["mauve"]
    items = [Item(str(i), "x", attributes=(Attribute("colour", (c,)),)) for i, c in enumerate(colours)]
    assert best(items) == ("colour", ("red", "green", "blue"))


def test_few_figures_are_values_many_are_bands() -> None:
    persons = [Item(str(i), "x", attributes=(Attribute("persons", (), float(i % 4 + 1)),)) for i in range(20)]
    assert best(persons) == ("persons", ("1", "2", "3", "4"))
    weights = [Item(str(i), "x", attributes=(Attribute("weight", (), 100.0 + 37 * i, "g"),)) for i in range(30)]
    field, bands = best(weights)
    assert (field, bands) == ("weight", ("up to 500 g", "500 to 800 g", "over 800 g"))
    lengths = [Item(str(i), "x", attributes=(Attribute("length", (), (105.0, 120.0, 135.0)[i % 3], "cm"),)) for i in range(30)]
    assert best(lengths) == ("length", ("105 cm", "120 cm", "135 cm"))
    codes = [Item(str(i), "x", attributes=(Attribute("part number", (), 1000.0 + i),)) for i in range(30)]
    assert best(codes) == ("", ())


def test_the_category_level_that_splits() -> None:
    items = [Item(str(i), "x", category=c, category_path=("Shop", c)) for i, c in enumerate(["Tents", "Lamps"] * 6)]
    assert best(items) == ("category", ("Tents", "Lamps"))


def test_a_vague_wish_is_asked_for_the_kind_of_thing() -> None:
    items = [Item(str(i), "x", category=f"Kind {i % 20}", attributes=(Attribute("colour", (("red", "blue")[i % 2],)),)) for i in range(60)]
    field, values = best(items)
    assert field == "category" and len(values) == 8 and values[0] == "Kind 0"


def test_values_that_every_item_offers_split_nothing() -> None:
    def item(n: int, sizes: str) -> Item:
        return Item(str(n), "x", variants=tuple(Variant(f"{n}{s}", (("size", s),)) for s in sizes))

    assert best([item(n, "sml") for n in range(12)]) == ("", ())
    field, values = best([item(n, ("s", "m", "l", "m")[n % 4]) for n in range(12)])
    assert field == "size" and values == ("m", "s", "l")


def test_nothing_to_ask() -> None:
    assert best([]) == ("", ())
    assert best(things(1)) == ("", ())
    assert best([Item(str(i), "same") for i in range(9)]) == ("", ())
