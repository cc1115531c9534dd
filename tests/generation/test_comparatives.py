"""Computed comparisons: true of the records or not written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.domain.item import Attribute, Item
from chatrec.generation.comparatives import compare, price_limit, wanted_stems


def thing(
    name: str, price: str | None = None, *attributes: Attribute, rating: float | None = None, currency: str = "USD", **more: object
) -> Item:
    return Item(name, name, price=Decimal(price) if price else None, currency=currency, rating=rating, attributes=attributes, **more)


def number(name: str, value: float, unit: str = "") -> Attribute:
    return Attribute(name, (f"{value:g}",), value, unit)


def texts(*items: Item, wanted: str = "", needs: tuple[str, ...] = (), most: int = 9) -> list[str]:
    return [n.text for n in compare(list(enumerate(items, 1)), wanted_stems(wanted, needs), needs, most)]


def test_two_items_say_what_is_less() -> None:
    a, b = thing("a", "100", number("weight", 1200, "g")), thing("b", "80", number("weight", 900, "g"))
    assert texts(a, b) == ["[2] costs less than [1]", "[2] is lighter than [1] by 300 g"]


def test_units_are_brought_together() -> None:
    assert texts(thing("a", None, number("weight", 1.2, "kg")), thing("b", None, number("weight", 900, "g"))) == [
        "[2] is lighter than [1] by 0.3 kg"
    ]
    assert texts(thing("a", None, number("weight", 1.2, "kg")), thing("b", None, number("weight", 30, "cm"))) == []


def test_no_superlative_when_a_value_is_missing() -> None:
    three = thing("a", "10", number("capacity", 40, "l")), thing("b", "20", number("capacity", 50, "l")), thing("c")
    assert texts(*three) == []
    assert texts(*three[:2], thing("c", "30", number("capacity", 20, "l"))) == [
        "[1] is the cheapest of these",
        "[2] holds the most of these",
    ]


def test_ties_are_not_decided() -> None:
    assert texts(thing("a", "10"), thing("b", "10")) == []
    assert texts(thing("a", "10"), thing("b", "10"), thing("c", "20")) == []


def test_prices_of_two_currencies_are_not_compared() -> None:
    assert texts(thing("a", "10"), thing("b", "20", currency="EUR")) == []


def test_the_side_the_shopper_asks_for_is_told() -> None:
    pair = thing("a", None, number("weight", 5, "kg")), thing("b", None, number("weight", 3, "kg"))
    assert texts(*pair) == ["[2] is lighter than [1] by 2 kg"]
    assert texts(*pair, wanted="I want a heavier one") == ["[1] is heavier than [2] by 2 kg"]


def test_only_one_and_all_need_every_record_to_speak() -> None:
    yes, no = Attribute("waterproof", ("yes",)), Attribute("waterproof", ("no",))
    assert texts(thing("a", None, yes), thing("b", None, no)) == ["only [1] is waterproof"]
    assert texts(thing("a", None, yes), thing("b", None, yes)) == ["both are waterproof"]
    assert texts(thing("a", None, yes), thing("b")) == []
    assert texts(thing("a", None, no), thing("b", None, no)) == []


def test_the_price_limit_is_checked_against_the_prices() -> None:
    limit = ("price up to $150",)
    assert "both are within the price limit" in texts(thing("a", "149"), thing("b", "90"), needs=limit)
    assert "both are within the price limit" not in texts(thing("a", "151"), thing("b", "90"), needs=limit)


@pytest.mark.parametrize(
    ("need", "limit"),
    [
        ("price up to $150", 150.0),
        ("price under 1,200.50", 1200.5),
        ("price 20 to 80", 80.0),
        ("brand Kolder", None),
        ("price at least $50", None),
    ],
)
def test_the_limit_is_read_from_words(need: str, limit: float | None) -> None:
    assert price_limit([need]) == limit


def test_out_of_stock_comes_first_and_the_rest_is_few() -> None:
    a = thing("a", "10", number("weight", 1, "kg"), number("length", 3, "cm"), number("width", 3, "cm"), rating=4.0, stock=0)
    b = thing("b", "12", number("weight", 2, "kg"), number("length", 4, "cm"), number("width", 5, "cm"), rating=4.5, stock=4)
    found = texts(a, b, most=4)
    assert found[0] == "[1] is out of stock"
    assert len(found) == 4


def test_numbers_that_name_a_thing_are_not_compared() -> None:
    assert texts(thing("a", None, number("model year", 2020)), thing("b", None, number("model year", 2024))) == []
    assert texts(thing("a", None, number("pockets", 2)), thing("b", None, number("pockets", 5))) == ["[2] has more pockets than [1]"]


prices = st.lists(st.one_of(st.none(), st.integers(1, 6).map(lambda n: Decimal(n * 10))), min_size=2, max_size=5)
weights = st.lists(st.one_of(st.none(), st.integers(1, 5).map(lambda n: n * 100.0)), min_size=5, max_size=5)


@given(prices=prices, weights=weights, wanted=st.sampled_from(["", "cheap", "something heavier", "the most expensive"]))
@settings(max_examples=150, deadline=None)
def test_every_note_about_price_and_weight_is_true(prices: list[Decimal | None], weights: list[float | None], wanted: str) -> None:
    items = [
        Item(str(n), str(n), price=p, currency="USD", attributes=(number("weight", w, "g"),) if w else ())
        for n, (p, w) in enumerate(zip(prices, weights, strict=False), 1)
    ]
    for note in compare(list(enumerate(items, 1)), wanted_stems(wanted, ())):
        values = prices if note.name == "price" else weights[: len(items)]
        numbers = [float(v) for v in values if v is not None]
        assert len(numbers) == len(items)
        subject = numbers[note.cites[0] - 1]
        others = [v for n, v in enumerate(numbers, 1) if n != note.cites[0]]
        less = any(word in note.text for word in ("less", "cheapest", "lighte"))
        assert all(subject < v for v in others) if less else all(subject > v for v in others)


@pytest.mark.parametrize(
    ("name", "unit", "said"),
    [
        ("drop height", "m", "[2] has a higher drop height than [1] by 1 m"),  # the phone case is not the taller one
        ("blade length", "cm", "[2] has a longer blade than [1] by 1 cm"),
        ("weight capacity", "kg", "[2] has a higher weight capacity than [1] by 1 kg"),  # it is not the heavier one
        ("battery", "mAh", "[2] has a larger battery than [1]"),  # how long it runs nobody knows
        ("battery life", "h", "[2] runs longer than [1] by 1 h"),
        ("power", "W", "[2] has more power than [1] by 1 W"),
        ("persons", "", "[2] is for more people than [1]"),
        ("brewing time", "min", "[2] has a longer brewing time than [1] by 1 min"),
        ("pages per minute", "", "[2] has more pages per minute than [1]"),
    ],
)
def test_a_property_is_compared_as_people_compare_it(name: str, unit: str, said: str) -> None:
    notes = texts(thing("a", None, number(name, 4, unit)), thing("b", None, number(name, 5, unit)))
    assert [n for n in notes if n.startswith(said)] == notes


def test_paper_is_not_higher_or_lower() -> None:
    assert texts(thing("a", None, number("paper", 80, "gsm")), thing("b", None, number("paper", 100, "gsm"))) == []


def test_not_too_heavy_wants_what_is_light() -> None:
    pair = thing("a", None, number("weight", 5, "kg")), thing("b", None, number("weight", 3, "kg"))
    assert texts(*pair, wanted="a mixer that is not too heavy to lift") == ["[2] is lighter than [1] by 2 kg"]
    assert texts(*pair, wanted="a heavy one") == ["[1] is heavier than [2] by 2 kg"]


@pytest.mark.parametrize(
    ("name", "unit", "said"),
    [
        ("boil time", "min", "[2] has a shorter boil time than [1] by 2 min"),
        ("filter life", "l", "[1] has a longer filter life than [2] by 2 l"),
        ("heel", "mm", "[1] has a higher heel than [2] by 2 mm"),
        ("sole", "mm", "[1] has a thicker sole than [2] by 2 mm"),
    ],
)
def test_a_figure_compares_as_people_would_say_it(name: str, unit: str, said: str) -> None:
    assert texts(thing("a", None, number(name, 5, unit)), thing("b", None, number(name, 3, unit))) == [said]


def test_the_price_limit_comes_after_what_sets_the_items_apart() -> None:
    found = texts(thing("a", "149", number("weight", 2, "kg")), thing("b", "90", number("weight", 1, "kg")), needs=("price up to $150",))
    assert found == ["[2] costs less than [1]", "[2] is lighter than [1] by 1 kg", "both are within the price limit"]
