"""One meaning of a constraint, for columns and for a single record."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.catalog.filters import Columns, holds
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.domain.item import Attribute, Item, Variant
from chatrec.domain.need import Constraint, Op
from chatrec.errors import UnknownItem

WORDS = st.sampled_from(["red", "Red ", "blue", "sky blue", "yes", "no", "42", "9.5", "9.5 g", "", "Übergröße", "in stock"])
FIELDS = st.sampled_from(["price", "brand", "category", "stock", "rating", "title", "colour", "weight", "Fill_Power", "n_ratings", "ghost"])
NUMBERS = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 4.5, 9.5, 19.99, 20.0, 42.0, -3.0, math.inf, math.nan]))
UNITS = st.sampled_from(["", "g", "G", "kg", "USD", "EUR", "$"])

ATTRIBUTES = st.builds(
    Attribute, st.sampled_from(["colour", "weight", "fill power", "title", "price"]), st.lists(WORDS, max_size=3).map(tuple), NUMBERS, UNITS
)
VARIANTS = st.builds(Variant, st.just("v"), st.lists(st.tuples(st.sampled_from(["colour", "size"]), WORDS), max_size=2).map(tuple))
ITEMS = st.builds(
    Item,
    item_id=st.just("i"),
    title=st.sampled_from(["Red tent", "sky-blue mug 42", "", "Übergröße red"]),
    category=WORDS,
    category_path=st.lists(WORDS, max_size=3).map(tuple),
    brand=WORDS,
    price=st.sampled_from([None, Decimal("19.99"), Decimal("20"), Decimal("0"), Decimal("NaN")]),
    currency=st.sampled_from(["", "USD", "EUR"]),
    rating=NUMBERS,
    n_ratings=st.sampled_from([None, 0, 42]),
    stock=st.sampled_from([None, 0, 1, 42]),
    attributes=st.lists(ATTRIBUTES, max_size=4).map(tuple),
    variants=st.lists(VARIANTS, max_size=3).map(tuple),
)
CONSTRAINTS = st.builds(Constraint, FIELDS, st.sampled_from(list(Op)), st.lists(WORDS, max_size=2).map(tuple), NUMBERS, UNITS)


@settings(max_examples=250, deadline=None)
@given(st.lists(ITEMS, min_size=1, max_size=5), CONSTRAINTS)
def test_columns_and_single_records_agree(items: list[Item], constraint: Constraint) -> None:
    mask = Columns(items).mask(constraint)
    assert mask.dtype == np.bool_
    assert mask.tolist() == [holds(item, constraint) for item in items]


@settings(max_examples=100, deadline=None)
@given(ITEMS, CONSTRAINTS)
def test_a_value_and_its_exclusion_never_both_hold(item: Item, constraint: Constraint) -> None:
    """Of an item that comes in one version; red and blue ones of a thing are both "red" and "not red"."""
    item = replace(item, variants=item.variants[:1])
    both = [holds(item, replace(constraint, op=op)) for op in (Op.IS, Op.IS_NOT)]
    assert both != [True, True]


def ids(shelf: CatalogueShelf, *constraints: Constraint) -> set[str]:
    found = shelf.matching(constraints)
    assert found is not None
    assert found == {i for i in shelf.ids if shelf.satisfies(shelf.item(i), constraints)}
    return set(found)


def test_bounds_are_inclusive_and_exact_to_the_cent(shelf: CatalogueShelf) -> None:
    assert ids(shelf, Constraint("price", Op.AT_MOST, number=15.5)) == {"l1"}
    assert ids(shelf, Constraint("price", Op.AT_MOST, number=15.49)) == set()
    assert ids(shelf, Constraint("price", Op.AT_LEAST, number=62)) == {"k4", "k5"}


def test_any_level_of_the_category_counts(shelf: CatalogueShelf) -> None:
    assert ids(shelf, Constraint("category", Op.IS, ("Kitchen",))) == {"k1", "k2", "k3", "k4", "k5"}
    assert ids(shelf, Constraint("category", Op.IS, ("lanterns",))) == {"l1", "l2", "l3"}


def test_options_of_variants_are_values(shelf: CatalogueShelf) -> None:
    assert ids(shelf, Constraint("colour", Op.IS, ("black",))) == {"l1", "l2"}
    assert ids(shelf, Constraint("colour", Op.IS, ("red",))) == {"k1", "k3", "l1"}
    assert ids(shelf, Constraint("colour", Op.IS_NOT, ("red",))) == {"k2", "k4", "k5", "l1", "l2"}


NOT_RED = Constraint("colour", Op.IS_NOT, ("red",))


@pytest.mark.parametrize(
    ("colours", "stocks", "stays"),
    [
        (("red", "blue"), (3, 2), True),
        (("red", "Red"), (3, 2), False),
        (("red", "blue"), (3, 0), False),  # what is left of it cannot be bought
        (("red", "blue"), (0, 0), True),  # out of stock altogether, which the card says
        (("red", "blue"), (None, None), True),
        (("red", "blue"), (0, None), True),
        (("red",), (1,), False),
    ],
)
def test_an_exclusion_drops_what_is_left_in_no_other_version(colours: tuple[str, ...], stocks: tuple[int | None, ...], stays: bool) -> None:
    variants = tuple(Variant(f"v{n}", (("colour", c),), None, s) for n, (c, s) in enumerate(zip(colours, stocks, strict=True)))
    mug = Item("m", "Mug", variants=variants)
    assert holds(mug, NOT_RED) is stays
    assert Columns([mug]).mask(NOT_RED).tolist() == [stays]
    painted = replace(mug, attributes=(Attribute("colour", ("red",)),))
    assert not holds(painted, NOT_RED), "the record calls the thing itself red"


@pytest.mark.parametrize(
    "constraint",
    [
        Constraint("brand", Op.IS_NOT, ("Aldern",)),
        Constraint("price", Op.AT_MOST, number=1e9),
        Constraint("stock", Op.AT_LEAST, number=0),
        Constraint("colour", Op.IS_NOT, ("mauve",)),
    ],
)
def test_a_record_without_the_field_never_matches(shelf: CatalogueShelf, constraint: Constraint) -> None:
    assert not {"x", "l3"} & ids(shelf, constraint)


@pytest.mark.parametrize("op", list(Op))
def test_an_unknown_field_matches_nothing(shelf: CatalogueShelf, op: Op) -> None:
    assert ids(shelf, Constraint("voltage", op, ("12",), 12.0)) == set()


def test_stock_is_pieces_or_words(shelf: CatalogueShelf) -> None:
    held = {"k1", "k3", "k4", "k5", "l1", "l2"}
    assert ids(shelf, Constraint("stock", Op.AT_LEAST)) == held
    assert ids(shelf, Constraint("stock", Op.AT_LEAST, number=1)) == held
    assert ids(shelf, Constraint("stock", Op.IS, ("yes",))) == held
    assert ids(shelf, Constraint("stock", Op.IS_NOT, ("in stock",))) == {"k2"}


def test_units_and_currencies_must_fit(shelf: CatalogueShelf) -> None:
    assert ids(shelf, Constraint("weight", Op.AT_MOST, number=600, unit="g")) == {"k1", "k2"}
    assert ids(shelf, Constraint("weight", Op.AT_MOST, number=600, unit="kg")) == set()
    assert ids(shelf, Constraint("price", Op.AT_MOST, number=20, unit="$")) == {"k1", "l1"}
    assert ids(shelf, Constraint("price", Op.AT_MOST, number=20, unit="EUR")) == set()


def test_a_title_constraint_asks_for_its_words(shelf: CatalogueShelf) -> None:
    assert ids(shelf, Constraint("title", Op.IS, ("kettle borrow",))) == {"k3", "k4"}
    assert ids(shelf, Constraint("title", Op.IS_NOT, ("kettle", "lantern"))) == {"x"}
    assert ids(shelf, Constraint("title", Op.IS, ("kett",))) == set()


def test_several_constraints_are_a_conjunction(shelf: CatalogueShelf) -> None:
    wanted = (Constraint("brand", Op.IS, ("aldern",)), Constraint("price", Op.AT_MOST, number=30), Constraint("whistling", Op.IS, ("yes",)))
    assert ids(shelf, *wanted) == {"k1"}
    assert shelf.matching(()) is None
    assert shelf.satisfies(shelf.item("x"), ())


def test_the_live_price_decides_the_recheck(shelf: CatalogueShelf) -> None:
    dearer = replace(shelf.item("k1"), price=Decimal("21"))
    assert not shelf.satisfies(dearer, [Constraint("price", Op.AT_MOST, number=20)])


def test_extremes_leave_out_what_is_not_recorded(shelf: CatalogueShelf) -> None:
    assert shelf.extremes("price", -1, None, 2) == ["l1", "k1"]
    assert shelf.extremes("price", 1, frozenset({"k1", "k2", "l3"}), 5) == ["k2", "k1"]
    assert shelf.extremes("weight", 1, None, 1) == ["k5"]
    assert shelf.extremes("brand", 1, None, 3) == []
    assert shelf.extremes("price", -1, frozenset(), 3) == []


def test_what_the_shop_lists(shelf: CatalogueShelf) -> None:
    assert all(shelf.lists(f) for f in ("price", "brand", "category", "title", "stock", "rating", "colour", "weight", "description"))
    assert not any(shelf.lists(f) for f in ("image", "voltage", "size"))
    assert shelf.counts("colour") == {"red": 3, "blue": 2, "black": 2, "green": 1}


def test_records_facts_and_unknown_ids(shelf: CatalogueShelf) -> None:
    assert "k1" in shelf and "k9" not in shelf and len(shelf) == 9 and shelf.generation == 7
    assert shelf.ids[shelf.row("l2")] == "l2"
    assert any(fact.text == "weight 500 g" for fact in shelf.facts("k1"))
    with pytest.raises(UnknownItem, match="k9"):
        shelf.item("k9")
