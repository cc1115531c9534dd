"""The small readers: figures, units, order numbers, recipients, language and mood."""

from __future__ import annotations

import pytest

from chatrec.understanding.amounts import read_amounts
from chatrec.understanding.language import guess_language
from chatrec.understanding.mood import score_mood
from chatrec.understanding.order_ids import find_order_ids
from chatrec.understanding.recipients import read_recipient
from chatrec.understanding.text import read_message, stem
from chatrec.understanding.units import convert


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1,299.00", [1299.0]), ("1.299,00", [1299.0]), ("12,50", [12.5]), ("1,299", [1299.0]), ("2.5", [2.5]), ("twenty", [20.0]), ("twenty-five", [25.0]),
        ("two hundred and fifty", [250.0]), ("three thousand", [3000.0]), ("a hundred", [100.0]), ("a dozen", [12.0]), ("half a kilo", [0.5]), ("minus ten", [-10.0]),
        ("at -5 degrees", [-5.0]), ("50-100", [50.0, 100.0]), ("1/2 inch", [0.5]), ("the blue one", []), ("that one", []), ("one litre", [1.0]), ("five or six", [5.0, 6.0]),
    ],
)  # fmt: skip
def test_numbers(text: str, numbers: list[float]) -> None:
    assert [t.number for t in read_message(text).tokens if t.number is not None] == numbers


@pytest.mark.parametrize(
    ("text", "low", "high", "unit", "currency"),
    [
        ("under 200", None, 200, "", ""), ("below $50", None, 50, "", "USD"), ("max. 80 euros", None, 80, "", "EUR"), ("up to 1.5 kg", None, 1.5, "kg", ""), ("no more than 30 bucks", None, 30, "", "USD"),
        ("cheaper than 20", None, 20, "", ""), ("20 or less", None, 20, "", ""), ("100 tops", None, 100, "", ""), ("over 40 litres", 40, None, "l", ""), ("at least 3 people", 3, None, "persons", ""),
        ("from 60", 60, None, "", ""), ("50+", 50, None, "", ""), ("50 and up", 50, None, "", ""), ("between 50 and 100", 50, 100, "", ""), ("from $50 to $80", 50, 80, "", "USD"),
        ("20-30 euros", 20, 30, "", "EUR"), ("around 100", 85, 115, "", ""), ("about 2k dollars", 1700, 2300, "", "USD"), ("not heavier than 2 kilos", None, 2, "kg", ""), ("not lighter than 2 kg", 2, None, "kg", ""),
        ("3-person", None, None, "persons", ""), ("15 inch", None, None, "in", ""), ("40l", None, None, "l", ""), ("$1,299.00 or less", None, 1299, "", "USD"),
    ],
)  # fmt: skip
def test_amounts(text: str, low: float | None, high: float | None, unit: str, currency: str) -> None:
    (amount,) = read_amounts(read_message(text), ())
    assert (amount.low, amount.high, amount.unit, amount.currency) == (low, high, unit, currency)


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (1, "kg", "g", 1000),
        (2, "lb", "g", 907.18474),
        (40, "l", "ml", 40000),
        (10, "in", "cm", 25.4),
        (14, "f", "c", -10),
        (-5, "c", "f", 23),
        (2, "h", "min", 120),
    ],
)
def test_units_convert(value: float, source: str, target: str, expected: float) -> None:
    assert convert(value, source, target) == pytest.approx(expected)


@pytest.mark.parametrize(("source", "target"), [("kg", "l"), ("g", ""), ("furlong", "m"), ("c", "g")])
def test_units_of_different_things_do_not_convert(source: str, target: str) -> None:
    assert convert(1.0, source, target) is None


@pytest.mark.parametrize(
    ("word", "singular"),
    [
        ("tents", "tent"),
        ("batteries", "battery"),
        ("boxes", "box"),
        ("cases", "case"),
        ("knives", "knife"),
        ("shoes", "shoe"),
        ("glass", "glass"),
        ("lens", "lens"),
        ("watches", "watch"),
        ("gas", "gas"),
    ],
)
def test_singulars(word: str, singular: str) -> None:
    assert stem(word) == singular


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("where is order FF-10234?", ["FF-10234"]), ("order number 88123 please", ["88123"]), ("my orders #4411 and AB-2020-77", ["4411", "AB-2020-77"]), ("track 114-1234567-7654321", ["114-1234567-7654321"]),
        ("where is my order", []), ("an order of 20 tents", []), ("iphone 7 case", []), ("I want to order 2 tents", []),
    ],
)  # fmt: skip
def test_order_numbers(text: str, ids: list[str]) -> None:
    assert sorted(i for i, _, _ in find_order_ids(text)) == sorted(ids)


@pytest.mark.parametrize(
    ("text", "who", "gender", "age"),
    [
        ("for my mother", "my mother", "women", None), ("a gift for my dad's birthday", "my dad", "men", None), ("for my daughter who is 6", "my daughter", "women", 6.0), ("a jacket for my 8 year old son", "my son", "men", 8.0),
        ("for a 10-year-old boy", "10 year old boy", "", 10.0), ("my wife needs new boots", "my wife", "women", None), ("for two people", "", "", None), ("for hiking", "", "", None), ("it is 6 years old", "", "", 6.0),
    ],
)  # fmt: skip
def test_recipients(text: str, who: str, gender: str, age: float | None) -> None:
    found = read_recipient(read_message(text))
    assert found.age == age
    assert (found.who == who and found.gender == gender) or (age == 10.0 and "boy" in found.who)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("show me tents under 200", "en"),
        ("ich suche eine warme Jacke für den Winter", "de"),
        ("je voudrais des chaussures de randonnée", "fr"),
        ("quiero una tienda para dos personas", "es"),
        ("покажи мне палатки", "ru"),
        ("テントを見せて", "ja"),
        ("给我看帐篷", "zh"),
        ("12345 !!", ""),
        ("", ""),
    ],
)
def test_language(text: str, code: str) -> None:
    assert guess_language(read_message(text)) == code


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("great, thank you!", 1),
        ("this is terrible", -1),
        ("not good at all", -1),
        ("a tent under 200", 0),
        ("WHERE IS MY PARCEL NOW", -1),
        ("you are useless!!", -1),
    ],
)
def test_mood(text: str, sign: int) -> None:
    mood = score_mood(read_message(text))
    assert (mood > 0) - (mood < 0) == sign


def test_trade_marks_are_not_letters() -> None:
    from chatrec.catalog.text_index import _folded
    from chatrec.understanding.text import stems

    assert stems("Tarnby™ kettle®") == stems("tarnby kettle")
    assert _folded("Tarnby™") == "tarnby" and _folded("Café") == "cafe"
