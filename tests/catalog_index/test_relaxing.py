"""The smallest loosenings, with honest counts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.catalog.filters import Columns
from chatrec.catalog.relaxing import money, relaxations
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.domain.item import Attribute, Item, LiveRow
from chatrec.domain.need import Constraint, Need, Op, Strength

ALDERN = Constraint("brand", Op.IS, ("Aldern",))
KETTLES = Constraint("category", Op.IS, ("Kettles",))


def under(price: float) -> Constraint:
    return Constraint("price", Op.AT_MOST, number=price)


def need(*constraints: Constraint) -> Need:
    return Need(0, constraints=constraints)


def test_a_bound_moves_to_the_nearest_item(shelf: CatalogueShelf) -> None:
    first = shelf.relaxations(need(KETTLES, ALDERN, under(19)))[0]
    assert (first.text, first.count, first.keys) == ("up to $1 more", 1, ("price:at_most",))
    assert first.replacement is not None and first.replacement.number == 20.0


def test_giving_up_a_taste_comes_before_giving_up_the_kind_of_thing(shelf: CatalogueShelf) -> None:
    found = shelf.relaxations(need(KETTLES, ALDERN, Constraint("colour", Op.IS, ("green",))))
    assert [(r.text, r.count) for r in found] == [("any colour", 2), ("any brand", 1)]
    assert all(r.replacement is None for r in found)


def test_two_changes_only_where_one_is_not_enough(shelf: CatalogueShelf) -> None:
    found = shelf.relaxations(need(Constraint("colour", Op.IS, ("green",)), ALDERN, under(15)), most=5)
    assert [(r.text, r.count) for r in found] == [("any colour and up to $0.50 more", 1), ("any brand and up to $47 more", 1)]
    assert {len(r.keys) for r in found} == {2}


def test_bounds_from_below_units_and_exclusions_in_words(shelf: CatalogueShelf) -> None:
    heavy = shelf.relaxations(need(Constraint("weight", Op.AT_LEAST, number=1000, unit="g")))
    assert [(r.text, r.count) for r in heavy] == [("weight from 900 g", 1)]
    dear = shelf.relaxations(need(Constraint("price", Op.AT_LEAST, number=90, unit="USD")))
    assert [(r.text, r.count) for r in dear] == [("down to $10 less", 1)]
    without = shelf.relaxations(need(Constraint("category", Op.IS, ("Lanterns",)), Constraint("brand", Op.IS_NOT, ("Aldern", "Borrow"))))
    assert ("including Aldern and Borrow", 3) in [(r.text, r.count) for r in without]


def test_the_next_category_level(shelf: CatalogueShelf) -> None:
    shop = [
        Item("a", "Trowel", category="Trowels", category_path=("Garden", "Hand tools", "Trowels"), brand="Fern"),
        Item("b", "Dibber", category="Dibbers", category_path=("Garden", "Hand tools", "Dibbers"), brand="Moss"),
        Item("c", "Hose", category="Hoses", category_path=("Garden", "Hoses"), brand="Moss"),
        Item("d", "Kettle", category="Kettles", category_path=("Kitchen", "Kettles"), brand="Moss"),
    ]
    found = relaxations(Columns(shop), need(Constraint("category", Op.IS, ("Trowels",)), Constraint("brand", Op.IS, ("Moss",))))
    assert [(r.text, r.count) for r in found] == [("any brand", 1), ("anything in Hand tools", 1)]


def test_the_kind_of_thing_is_given_up_only_where_nothing_else_helps(shelf: CatalogueShelf) -> None:
    black = Constraint("colour", Op.IS, ("black",))
    assert [r.text for r in shelf.relaxations(need(KETTLES, black), most=9)] == ["any colour"]
    assert [r.text for r in shelf.relaxations(need(KETTLES, black, ALDERN), most=9)] == ["any colour"]
    hardly = need(KETTLES, Constraint("brightness", Op.AT_LEAST, number=100, unit="lm"))
    assert [r.text for r in shelf.relaxations(hardly, most=9)] == ["any brightness"]
    assert [r.text for r in shelf.relaxations(need(Constraint("category", Op.IS, ("Tents",)), ALDERN), most=9)] == ["any category"]


def test_a_great_step_brings_pairs_of_small_ones_beside_it(shelf: CatalogueShelf) -> None:
    found = shelf.relaxations(need(KETTLES, Constraint("brand", Op.IS, ("Celandine",)), Constraint("colour", Op.IS, ("blue",)), under(30)))
    assert [(r.text, r.count) for r in found][:2] == [("any brand and up to $5 more", 1), ("up to $50 more", 1)]


class Now:
    """Live rows as they are in the snapshot but for some changes; ``None``: gone from the shop."""

    def __init__(self, shelf: CatalogueShelf, **changes: tuple[str | None, int | None] | None) -> None:
        self.shelf, self.changes = shelf, changes

    def live(self, item_ids: Sequence[str]) -> dict[str, LiveRow]:
        rows = {i: LiveRow(i, self.shelf.item(i).price, self.shelf.item(i).stock) for i in item_ids}
        for item_id, change in self.changes.items():
            if item_id in rows:
                del rows[item_id]
                if change is not None:
                    rows[item_id] = LiveRow(item_id, Decimal(change[0]) if change[0] else None, change[1])
        return rows


def test_counts_are_of_this_moment(shelf: CatalogueShelf) -> None:
    def ways(*constraints: Constraint, **changes: tuple[str | None, int | None] | None) -> list[tuple[str, int]]:
        return [(r.text, r.count) for r in shelf.relaxations(need(*constraints), live=Now(shelf, **changes))]

    cheap = (KETTLES, ALDERN, under(19))
    assert ways(*cheap) == [("up to $1 more", 1)]
    assert ways(*cheap, k1=("24.00", 3)) == [("up to $5 more", 1)]
    assert ways(*cheap, k1=None)[0] == ("up to $16 more", 1)
    assert ways(*cheap, k3=("18.00", 3)) == [("up to $1 more", 1), ("any brand", 1)]
    in_stock = Constraint("stock", Op.AT_LEAST, number=1)
    blue = Constraint("colour", Op.IS, ("blue",))
    out = ("including what is out of stock", 1)
    assert ways(KETTLES, ALDERN, blue, in_stock) == [("any brand", 1), ("any colour", 1), out]
    assert ways(KETTLES, ALDERN, blue, in_stock, k1=("20.00", 0)) == [("any brand", 1), out]
    assert ways(KETTLES, ALDERN, blue, in_stock, k1=("20.00", 0), k5=("80.00", 0)) == [out]


def test_soft_wishes_are_no_obstacle_and_nothing_asked_needs_no_loosening(shelf: CatalogueShelf) -> None:
    assert shelf.relaxations(need()) == []
    assert shelf.relaxations(need(Constraint("brand", Op.IS, ("Nobody",), strength=Strength.PREFER))) == []


def test_contradictory_bounds_and_a_field_that_is_not_listed(shelf: CatalogueShelf) -> None:
    found = shelf.relaxations(need(KETTLES, Constraint("price", Op.AT_LEAST, number=60), under(25)))
    assert found and all(r.count > 0 for r in found)
    found = shelf.relaxations(need(KETTLES, Constraint("voltage", Op.AT_MOST, number=12, unit="V")))
    assert [(r.text, r.count) for r in found] == [("any voltage", 5)]


def test_money_in_words() -> None:
    assert [money(12.0, "USD"), money(0.5, "GBP"), money(1300.0, "SEK"), money(3.0, "")] == ["$12", "£0.50", "1,300 SEK", "3"]


ITEMS = st.builds(
    Item,
    item_id=st.just("i"),
    title=st.just("thing"),
    category=st.sampled_from(["", "A", "B"]),
    brand=st.sampled_from(["", "p", "q"]),
    price=st.one_of(st.none(), st.decimals(0, 200, places=2)),
    attributes=st.one_of(st.just(()), st.floats(0, 50).map(lambda x: (Attribute("weight", (), x, "g"),))),
)
CONSTRAINTS = st.one_of(
    st.builds(
        Constraint, st.sampled_from(["category", "brand"]), st.sampled_from([Op.IS, Op.IS_NOT]), st.sampled_from([("A",), ("p",), ("q",)])
    ),
    st.builds(Constraint, st.sampled_from(["price", "weight"]), st.sampled_from([Op.AT_MOST, Op.AT_LEAST]), number=st.floats(0, 210)),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(ITEMS, min_size=1, max_size=8), st.lists(CONSTRAINTS, max_size=4, unique_by=lambda c: c.key))
def test_every_count_is_what_the_loosened_need_gives(items: list[Item], constraints: list[Constraint]) -> None:
    columns = Columns(items)

    def count(wanted: list[Constraint]) -> int:
        return sum(all(columns.mask(c)[row] for c in wanted) for row in range(len(items)))

    found = relaxations(columns, need(*constraints), most=4)
    assert len(found) <= 4 and len({r.keys for r in found}) == len(found)
    for relaxation in found:
        kept = [c for c in constraints if c.key not in relaxation.keys]
        loosened = [*kept, relaxation.replacement] if relaxation.replacement else kept
        assert relaxation.count == count(loosened) > count(constraints)
    if constraints and count(constraints) == 0:
        assert found, "giving up everything always brings something, so there is always a way"


def test_prices_to_the_cent_are_reached() -> None:
    shop = [Item("a", "Mug", price=Decimal("10.07"), currency="USD")]
    found = relaxations(Columns(shop), need(under(9.99)))
    assert [(r.text, r.count) for r in found] == [("up to $0.08 more", 1)]
