from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.domain.item import Attribute, Item, LiveRow, Variant
from chatrec.errors import UnknownItem
from chatrec.storage.database import Database
from chatrec.storage.items import ItemTable, item_from_json, item_json, items_digest


@pytest.fixture
def items(tmp_path: Path) -> ItemTable:
    return Database.open(tmp_path).items


def full_item(item_id: str = "tent-1") -> Item:
    return Item(
        item_id,
        "Ridge 2 “Łódka”",
        "A tent.\nTwo doors; 1.9 kg.",
        "tents",
        ("camping", "tents"),
        "Ødegård",
        Decimal("199.90"),
        "EUR",
        4.55,
        12,
        9,
        "pictures/tent.png",
        "https://shop.example/tent-1",
        (Attribute("weight", ("1900",), 1900.0, "g"), Attribute("waterproof", ("yes",)), Attribute("colour", ("green", "grau/grün"))),
        (
            Variant("tent-1-s", (("size", "S"), ("colour", "green")), Decimal("189.00"), 4),
            Variant("tent-1-l", (("size", "L"), ("colour", "green")), None, 5),
        ),
    )


def plain_items(count: int, title: str = "item") -> list[Item]:
    return [Item(f"i{n:04d}", f"{title} {n}", price=Decimal(n) / 4 + Decimal("0.99"), stock=n % 7) for n in range(count)]


def test_what_goes_in_comes_out_in_order(items: ItemTable) -> None:
    given_items = [full_item("z"), Item("a", "bare"), full_item("m")]
    assert items.replace_all(given_items) == 3
    assert items.all() == given_items
    assert items.some(["m", "z", "nobody"]) == [given_items[0], given_items[2]]
    assert items.get("a") == Item("a", "bare")


@pytest.mark.parametrize("price", ["19.90", "0.10", "1234567.89", "0", "1E+2", "0.000001"])
def test_prices_stay_exact(items: ItemTable, price: str) -> None:
    items.replace_all([Item("a", "a", price=Decimal(price))])
    got = items.get("a").price
    assert got == Decimal(price)
    assert "E" not in str(got) or "E" in price
    assert items.live(["a"])["a"].price == Decimal(price)


def test_absent_stays_absent_and_zero_stays_zero(items: ItemTable) -> None:
    items.replace_all([Item("none", "n"), Item("zero", "z", price=Decimal(0), stock=0, rating=0.0, n_ratings=0)])
    none, zero = items.all()
    assert (none.price, none.stock, none.rating, none.n_ratings) == (None, None, None, None)
    assert (zero.price, zero.stock, zero.rating, zero.n_ratings) == (Decimal(0), 0, 0.0, 0)


def test_replacing_drops_what_is_no_longer_there(items: ItemTable) -> None:
    items.replace_all([full_item("old"), full_item("kept")])
    items.replace_all([replace(full_item("kept"), variants=())])
    assert [item.item_id for item in items.all()] == ["kept"]
    assert items.get("kept").variants == ()
    with pytest.raises(UnknownItem, match="'old'"):
        items.get("old")


def test_a_failed_replacement_leaves_the_old_rows(items: ItemTable) -> None:
    items.replace_all(plain_items(5))
    with pytest.raises(Exception, match="UNIQUE"):
        items.replace_all([*plain_items(3, "new"), Item("i0000", "again")])
    assert items.all() == plain_items(5)


def test_upsert_keeps_places_and_adds_at_the_end(items: ItemTable) -> None:
    items.replace_all([Item("c", "c"), Item("a", "a"), Item("b", "b")])
    items.upsert([full_item("a"), Item("new", "n")])
    assert [item.item_id for item in items.all()] == ["c", "a", "b", "new"]
    assert items.get("a") == full_item("a")
    assert items.remove(["c", "nobody"]) == 1
    assert items.count() == 3


def test_live_follows_changes_at_once(items: ItemTable) -> None:
    items.replace_all(plain_items(3))
    items.set_live("i0001", Decimal("5.00"), 0)
    assert items.live(["i0001", "i0002", "gone"]) == {
        "i0001": LiveRow("i0001", Decimal("5.00"), 0),
        "i0002": LiveRow("i0002", Decimal("1.49"), 2),
    }
    assert items.get("i0001").stock == 0
    items.remove(["i0001"])
    assert items.live(["i0001"]) == {}
    with pytest.raises(UnknownItem, match="'i0001'"):
        items.set_live("i0001", None, 1)


def test_the_stock_of_a_variant_counts_into_its_item(items: ItemTable) -> None:
    items.replace_all([full_item()])
    items.set_live("tent-1", Decimal("180.00"), 1, variant_id="tent-1-s")
    assert items.get("tent-1").variants[0] == Variant("tent-1-s", (("size", "S"), ("colour", "green")), Decimal("180.00"), 1)
    assert items.live(["tent-1"])["tent-1"] == LiveRow("tent-1", Decimal("199.90"), 6)
    with pytest.raises(UnknownItem, match="variant 'xl'"):
        items.set_live("tent-1", None, 1, variant_id="xl")


def test_ten_live_rows_take_under_three_milliseconds(items: ItemTable) -> None:
    items.replace_all(plain_items(2000))
    ids = [f"i{n:04d}" for n in range(0, 2000, 200)]
    times = []
    for _ in range(20):
        start = time.perf_counter()
        assert len(items.live(ids)) == 10
        times.append(time.perf_counter() - start)
    assert min(times) < 0.003


def test_more_ids_than_a_statement_can_bind(items: ItemTable) -> None:
    items.replace_all(plain_items(10))
    many = [f"i{n:04d}" for n in range(40_000)]
    assert len(items.live(many)) == 10
    assert items.some(many) == plain_items(10)


def test_the_digest_tells_catalogues_apart(items: ItemTable) -> None:
    items.replace_all(plain_items(5))
    first = items.digest()
    items.replace_all(plain_items(5))
    assert items.digest() == first == items_digest(plain_items(5))
    items.set_live("i0002", Decimal("0.01"), 1)
    changed = items.digest()
    items.replace_all(plain_items(5)[::-1])
    assert len({first, changed, items.digest()}) == 3


def test_readers_see_the_old_rows_until_the_commit(items: ItemTable, tmp_path: Path) -> None:
    items.replace_all(plain_items(50, "old"))
    other = Database.open(tmp_path)
    writer = Database.open(tmp_path)
    with writer.transaction():
        writer.items.replace_all(plain_items(3000, "new"))
        assert items.all() == plain_items(50, "old")
        assert other.items.count() == 50
    assert other.items.count() == 3000
    assert items.get("i0000").title == "new 0"


KILLED = """
import sys
from decimal import Decimal
from chatrec.domain.item import Item
from chatrec.storage.database import Database
database = Database.open(sys.argv[1])
print("ready", flush=True)
n = 0
while True:
    n += 1
    database.items.replace_all([Item(f"i{k}", f"round {n}", price=Decimal("1.50")) for k in range(400)])
"""


def test_killed_at_any_moment_the_catalogue_is_whole(tmp_path: Path) -> None:
    Database.open(tmp_path).items.replace_all([Item(f"i{k}", "round 0") for k in range(400)])
    for round_number in range(5):
        with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(0.013 + 0.017 * round_number)
            child.send_signal(signal.SIGKILL)
        with Database.open(tmp_path) as database:
            rows = database.items.all()
        assert len(rows) == 400
        assert len({item.title for item in rows}) == 1


_words = st.text(st.characters(codec="utf-8"), max_size=12)
_money = st.none() | st.decimals(min_value=0, max_value=10**9, places=2)
_attributes = st.builds(
    Attribute, _words, st.lists(_words, max_size=3).map(tuple), st.none() | st.floats(allow_nan=False, allow_infinity=False), _words
)
_variants = st.builds(Variant, _words, st.lists(st.tuples(_words, _words), max_size=2).map(tuple), _money, st.none() | st.integers(0, 99))
_items = st.builds(
    Item,
    _words,
    _words,
    price=_money,
    stock=st.none() | st.integers(0, 10**6),
    rating=st.none() | st.floats(0, 5),
    category_path=st.lists(_words, max_size=3).map(tuple),
    attributes=st.lists(_attributes, max_size=3).map(tuple),
    variants=st.lists(_variants, max_size=3).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_items, max_size=4, unique_by=lambda item: item.item_id))
def test_any_items_survive_storage_and_json(tmp_path_factory: pytest.TempPathFactory, some: list[Item]) -> None:
    with Database.open(tmp_path_factory.getbasetemp() / "any" / "shop.db") as database:
        database.items.replace_all(some)
        assert database.items.all() == some
    assert [item_from_json(item_json(item)) for item in some] == some
