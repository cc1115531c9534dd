"""The question that splits best."""

from __future__ import annotations

from decimal import Decimal

from chatrec.catalog.questions import ask_about
from chatrec.domain.item import Attribute, Item, Variant
from chatrec.domain.need import Constraint, Need, Op


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


def test_asks_price_in_bands_then_the_best_split_and_never_twice() -> None:
    need = Need(3)
    field, bands = ask_about(things(), need, ()) or ("", ())
    assert field == "price" and len(bands) == 3 and bands[0].startswith("up to $")
    assert ask_about(things(), need, ["3:price"]) == ("colour", ("red", "blue", "green"))
    assert ask_about(things(), need, ["price", "3:colour"]) == ("size", ("small", "large"))
    assert ask_about(things(), need, ["price", "colour", "size"]) is None


def test_a_question_of_another_need_does_not_count() -> None:
    assert (ask_about(things(), Need(3), ["4:price"]) or ("",))[0] == "price"


def test_a_constrained_field_is_never_asked() -> None:
    need = Need(0, constraints=(Constraint("Colour", Op.IS, ("red",)), Constraint("price", Op.AT_MOST, number=30)))
    assert ask_about(things(), need, ()) == ("size", ("small", "large"))


def test_commonest_values_come_first_and_lone_ones_not_at_all() -> None:
    colours = ["red"] * 12 + ["blue"] * 8 + ["green"] * 9 + ["mauve"]
    items = [Item(str(i), "x", attributes=(Attribute("colour", (c,)),)) for i, c in enumerate(colours)]
    assert ask_about(items, Need(0), ()) == ("colour", ("red", "green", "blue"))


def test_few_figures_are_values_many_are_bands() -> None:
    persons = [Item(str(i), "x", attributes=(Attribute("persons", (), float(i % 4 + 1)),)) for i in range(20)]
    assert ask_about(persons, Need(0), ()) == ("persons", ("1", "2", "3", "4"))
    weights = [Item(str(i), "x", attributes=(Attribute("weight", (), 100.0 + 37 * i, "g"),)) for i in range(30)]
    field, bands = ask_about(weights, Need(0), ()) or ("", ())
    assert (field, bands) == ("weight", ("up to 500 g", "500 to 800 g", "over 800 g"))
    lengths = [Item(str(i), "x", attributes=(Attribute("length", (), (105.0, 120.0, 135.0)[i % 3], "cm"),)) for i in range(30)]
    assert ask_about(lengths, Need(0), ()) == ("length", ("105 cm", "120 cm", "135 cm"))
    codes = [Item(str(i), "x", attributes=(Attribute("part number", (), 1000.0 + i),)) for i in range(30)]
    assert ask_about(codes, Need(0), ()) is None


def test_the_category_level_that_splits() -> None:
    items = [Item(str(i), "x", category=c, category_path=("Shop", c)) for i, c in enumerate(["Tents", "Lamps"] * 6)]
    assert ask_about(items, Need(0), ()) == ("category", ("Tents", "Lamps"))


def test_a_vague_wish_is_asked_for_the_kind_of_thing() -> None:
    items = [Item(str(i), "x", category=f"Kind {i % 20}", attributes=(Attribute("colour", (("red", "blue")[i % 2],)),)) for i in range(60)]
    field, values = ask_about(items, Need(0), ()) or ("", ())
    assert field == "category" and len(values) == 8 and values[0] == "Kind 0"


def test_values_that_every_item_offers_split_nothing() -> None:
    def item(n: int, sizes: str) -> Item:
        return Item(str(n), "x", variants=tuple(Variant(f"{n}{s}", (("size", s),)) for s in sizes))

    assert ask_about([item(n, "sml") for n in range(12)], Need(0), ()) is None
    field, values = ask_about([item(n, ("s", "m", "l", "m")[n % 4]) for n in range(12)], Need(0), ()) or ("", ())
    assert field == "size" and values == ("m", "s", "l")


def test_nothing_to_ask() -> None:
    assert ask_about([], Need(0), ()) is None
    assert ask_about(things(1), Need(0), ()) is None
    assert ask_about([Item(str(i), "same") for i in range(9)], Need(0), ()) is None
