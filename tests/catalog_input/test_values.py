from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatrec.catalog import cells
from chatrec.catalog.categories import parse_path, separator_of
from chatrec.catalog.cells import Unusable
from chatrec.catalog.prices import currency_code, decimal_mark, parse_price


@pytest.mark.parametrize(
    ("value", "decimal", "amount", "currency"),
    [
        ("₹1,299", ".", "1299.00", "INR"), ("$12.50", ".", "12.50", "USD"), ("1.299,00 €", ",", "1299.00", "EUR"), ("€ 5", ".", "5.00", "EUR"),
        ("CHF 1'299.90", ".", "1299.90", "CHF"), ("Rs. 2,22,646", ".", "222646.00", "INR"), ("12,50", ",", "12.50", ""), (49.99, ".", "49.99", ""),
        ("¥1,200", ".", "1200", "JPY"), ("USD 1,234.5", ".", "1234.50", "USD"), ("1 299,00 kr", ",", "1299.00", ""), ("KWD 1.255", ".", "1.255", "KWD"),
        (19, ".", "19.00", ""), ("£3.999", ".", "4.00", "GBP"), (" 7 ", ",", "7.00", ""), ("A$15.00", ".", "15.00", "AUD"),
    ],
)  # fmt: skip
def test_prices(value: Any, decimal: str, amount: str, currency: str) -> None:
    assert parse_price(value, decimal) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("-5", "negative"), (-5, "negative"), ("$-5.00", "negative"), ("(5.00)", "negative"), ("nan", "finite"), (float("nan"), "finite"), ("inf", "finite"),
        (float("inf"), "finite"), ("0", "zero"), (0, "zero"), ("0.001", "zero"), ("99999999999", "too much"), ("call us", "not a price"), ("$10 - $20", "a range"),
        ("1.299,00", "decimal mark"), ("12.34.56", "decimal mark"), (True, "not a price"), ([1], "not a price"), ("1e9", "not"),
    ],
)  # fmt: skip
def test_unusable_prices(value: Any, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        parse_price(value, ".")


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none()))
def test_a_price_is_positive_or_refused(value: Any) -> None:
    try:
        amount, currency = parse_price(value)
    except Unusable:
        return
    assert amount.is_finite() and amount > 0
    assert isinstance(currency, str)


def test_the_dollar_is_the_shops_own() -> None:
    assert parse_price("$5", ".", "CAD") == (Decimal("5.00"), "CAD")
    assert parse_price("$5", ".", "EUR") == (Decimal("5.00"), "USD")


@pytest.mark.parametrize(
    ("values", "mark"),
    [(["1.299,00", "12,50"], ","), (["1,299.00", "5"], "."), (["1.299", "2.500"], "."), (["12,5", "1.299"], ","), ([], "."), ([None, 3], "."), (["1.234.567"], ",")],
)  # fmt: skip
def test_the_decimal_mark_is_found_from_certain_values(values: list[Any], mark: str) -> None:
    assert decimal_mark(values) == mark


def test_currency_codes() -> None:
    assert [currency_code(v) for v in ("eur", "€", "USD", "")] == ["EUR", "EUR", "USD", ""]
    with pytest.raises(Unusable):
        currency_code("beads")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("<p>Two <b>litres</b></p><p>Steel</p>", "Two litres Steel"), ("A &amp; B &quot;x&quot;", 'A & B "x"'), ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("<script>alert(1)</script>Kettle", "Kettle"), ("weight < 5 kg and > 2", "weight < 5 kg and > 2"), ("a\x00b\u202ec\u200bd", "abcd"), ("  many   \n spaces ", "many spaces"),
        (None, ""), (float("nan"), ""), ("N/A", ""), (["a", "b"], "a b"), ("&amp;lt;i&amp;gt;x", "x"),
    ],
)  # fmt: skip
def test_text_is_cleaned(value: Any, text: str) -> None:
    assert cells.clean_text(value) == text


@given(st.text())
def test_cleaned_text_is_safe_to_store(value: str) -> None:
    text = cells.clean_text(value, one_line=False)
    text.encode("utf-8")
    assert "\x00" not in text and "<script>" not in text


@pytest.mark.parametrize(
    ("value", "found"),
    [("17850.0", "17850"), (17850.0, "17850"), (7, "7"), (" x ", "x"), ("007", "007"), ("1.5", "1.5"), ("ab\x00c", "abc"), ("10", "10")],
)
def test_ids(value: Any, found: str) -> None:
    assert cells.to_id(value) == found


@pytest.mark.parametrize("value", [None, "", "  ", float("nan"), "nan", [1], {"a": 1}, "x" * 201])
def test_unusable_ids(value: Any) -> None:
    with pytest.raises(Unusable):
        cells.to_id(value)


@pytest.mark.parametrize(("value", "found"), [("4.5", 4.5), ("4,5", 4.5), ("4.5 out of 5", 4.5), ("9/10", 4.5), (3, 3.0), ("4 stars", 4.0)])
def test_ratings(value: Any, found: float) -> None:
    assert cells.to_rating(value) == found


@pytest.mark.parametrize("value", ["6", "-1", "nan", "good", True])
def test_unusable_ratings(value: Any) -> None:
    with pytest.raises(Unusable):
        cells.to_rating(value)


def test_a_ratings_scale() -> None:
    assert cells.to_rating("80", 100) == 4.0


@pytest.mark.parametrize(
    ("value", "form", "seconds"),
    [
        (1_600_000_000, "", 1.6e9), ("1600000000", "", 1.6e9), (1_600_000_000_000, "", 1.6e9), ("1600000000000000", "", 1.6e9), ("1600000000000000000", "", 1.6e9),
        ("2020-09-13T12:26:40Z", "", 1.6e9), ("2020-09-13 12:26:40", "", 1.6e9), ("2020-09-13 14:26:40 +0200", "", 1.6e9), ("13/09/2020 12:26", "%d/%m/%Y %H:%M", 1_599_999_960.0),
        ("1970-01-02", "", 86400.0), (3, "", 3.0), ("2020-09-13 12:26:40 UTC", "", 1.6e9),
    ],
)  # fmt: skip
def test_times(value: Any, form: str, seconds: float) -> None:
    assert cells.to_time(value, form) == seconds


@pytest.mark.parametrize("value", ["yesterday", "-5", "9999-01-01", "nan", "13/09/2020"])
def test_unusable_times(value: Any) -> None:
    with pytest.raises(Unusable):
        cells.to_time(value)


@pytest.mark.parametrize(
    ("value", "found"),
    [('["a", "b"]', ["a", "b"]), ("['a', 'b']", ["a", "b"]), ('{"s"=>[{"key"=>"K", "value"=>"V"}]}', {"s": [{"key": "K", "value": "V"}]}), ("[broken", "[broken"), ("{x: y}", "{x: y}"), (5, 5)],
)  # fmt: skip
def test_nested_values_written_as_text(value: Any, found: Any) -> None:
    assert cells.structured(value) == found


@pytest.mark.parametrize(
    ("column", "path"),
    [
        (['["Home >> Kitchen >> Kettles"]'], ("Home", "Kitchen", "Kettles")),
        (["Home > Kitchen > Kettles"], ("Home", "Kitchen", "Kettles")),
        (["Home,Tapes, Glue & Seals,Duct Tape"], ("Home", "Tapes, Glue & Seals", "Duct Tape")),
        ([["Home", "Kitchen"]], ("Home", "Kitchen")),
        ([[["Home", "Kettles"], ["Gifts"]]], ("Home", "Kettles")),
        ([{"lvl0": "Home", "lvl1": "Home > Kettles"}], ("Home", "Kettles")),
        (["Salt & Pepper, Spices"], ("Salt & Pepper, Spices",)),
        (["Home &amp; Garden|Kettles"], ("Home & Garden", "Kettles")),
        (["Discs,Flap Discs,Keeps its edge far longer than any other disc that we have ever tried"], ("Discs", "Flap Discs")),
        ([""], ()),
        ([None], ()),
    ],
)
def test_category_paths(column: list[Any], path: tuple[str, ...]) -> None:
    assert parse_path(column[0], separator_of(column)) == path
