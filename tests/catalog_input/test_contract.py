from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from chatrec.catalog.contract import MOST_VALUES, Contract, Value
from chatrec.domain.item import Attribute, Item, Variant


def item(n: int, *attributes: Attribute, **fields: Any) -> Item:
    return Item(f"i{n}", f"Item {n}", attributes=attributes, **fields)


def test_what_a_catalogue_can_be_asked_for() -> None:
    items = [
        item(1, Attribute("weight", ("900",), 900.0, "g"), Attribute("waterproof", ("yes",)), price=Decimal("10"), currency="EUR", brand="Acme", category="Tents", category_path=("Camp", "Tents")),
        item(2, Attribute("weight", ("400",), 400.0, "g"), Attribute("colour", ("red",)), price=Decimal("30"), currency="EUR", brand="acme", category="Tents", category_path=("Camp", "Tents")),
        item(3, Attribute("colour", ("Red", "blue")), brand="Acme", category="Mugs", stock=2, variants=(Variant("v", (("size", "L"),)),)),
    ]  # fmt: skip
    contract = Contract.of(items)
    assert (contract.n_items, contract.currency, contract.has_prices, contract.has_stock, contract.has_ratings) == (
        3,
        "EUR",
        True,
        True,
        False,
    )
    weight, colour = contract.fields["weight"], contract.fields["colour"]
    assert (weight.kind, weight.unit, weight.minimum, weight.maximum, weight.count) == ("number", "g", 400.0, 900.0, 2)
    assert weight.coverage == pytest.approx(2 / 3)
    assert (colour.kind, [(v.text.lower(), v.count) for v in colour.values]) == ("words", [("red", 2), ("blue", 1)])
    assert colour.spelling("RED") in ("red", "Red")
    assert colour.spelling("green") is None
    assert contract.fields["waterproof"].kind == "yes_no"
    assert (contract.fields["size"].origin, contract.fields["size"].values) == ("option", (Value("L", 1),))
    assert contract.brands == (Value("Acme", 3),)
    assert contract.categories == (Value("Tents", 2), Value("Mugs", 1))
    assert Value("Camp", 2) in contract.category_parts
    assert contract.lists("title") and contract.lists("price") and not contract.lists("rating")


def test_a_shop_without_prices_says_so() -> None:
    contract = Contract.of([item(1), item(2)])
    assert not contract.has_prices
    assert contract.fields == {}


def test_values_that_never_repeat_are_no_facet() -> None:
    items = [item(n, Attribute("model", (f"mx{n}",)), Attribute("colour", (("red", "blue")[n % 2],))) for n in range(60)]
    contract = Contract.of(items)
    assert (contract.fields["model"].facet, contract.fields["model"].values) == (False, ())
    assert contract.fields["colour"].facet
    assert [f.name for f in contract.facets()] == ["colour"]


def test_lists_are_bounded() -> None:
    items = [item(n, brand=f"b{n}") for n in range(MOST_VALUES + 50)]
    assert len(Contract.of(items).brands) == MOST_VALUES


def test_a_majority_decides_the_kind() -> None:
    items = [item(n, Attribute("pieces", (str(n),), float(n))) for n in range(9)] + [item(9, Attribute("pieces", ("many",)))]
    assert Contract.of(items).fields["pieces"].kind == "number"


def test_an_attribute_does_not_shadow_a_core_field() -> None:
    contract = Contract.of([item(1, Attribute("price", ("cheap",)), price=Decimal("5"))])
    assert contract.fields["price"].kind == "number"


def test_json_round_trip() -> None:
    items = [item(1, Attribute("größe", ("m",)), price=Decimal("5"), rating=4.5, brand="Żubr"), item(2, Attribute("w", ("5",), 5.0, "g"))]
    for contract in (Contract.of(items), Contract.of([])):
        assert Contract.from_json(contract.to_json()) == contract
