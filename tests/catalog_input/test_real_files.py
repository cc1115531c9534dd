from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chatrec.catalog.contract import Contract
from chatrec.catalog.interactions import EventRows, event_rows
from chatrec.catalog.mapping import NO_MAPPING, load_mapping
from chatrec.catalog.readers import read_table
from chatrec.catalog.rows import ItemRows, item_rows

MAPPINGS = Path(__file__).parents[2] / "benchmarks" / "mappings"


def items(place: Path, set_name: str, file: str, mapped: bool = True) -> ItemRows:
    mapping = load_mapping(MAPPINGS / f"{set_name}.toml").items if mapped else NO_MAPPING
    rows = item_rows(read_table(place / set_name / file, mapping.layout), mapping)
    assert rows.read == len(rows.items) + rows.variant_rows + rows.merged + rows.rejects.lost("row")
    return rows


def events(place: Path, set_name: str, file: str, known: dict[str, str] | None = None) -> EventRows:
    path = MAPPINGS / f"{set_name}.toml"
    mapping = load_mapping(path if path.exists() else None).interactions
    return event_rows(read_table(place / set_name / file, mapping.layout, sequences=True), mapping, known)


@pytest.mark.parametrize("mapped", [True, False])
def test_scientific(real_data: Path, mapped: bool) -> None:
    rows = items(real_data, "amazon_scientific_2018", "Scientific.item.json", mapped)
    assert (len(rows.items), rows.rejects.lost("row")) == (4344, 0)
    contract = Contract.of(rows.items)
    assert not contract.has_prices and not contract.has_stock and not contract.has_ratings
    named = {v.text for v in contract.category_parts}
    assert {"Tapes, Adhesives & Sealants", "Test, Measure & Inspect", "3D Printing Filament"} <= named
    assert sum(not i.category for i in rows.items) == 131
    assert max(len(i.category_path) for i in rows.items) <= 8
    log = events(real_data, "amazon_scientific_2018", "Scientific.inter.json", {i.item_id: i.item_id for i in rows.items})
    assert (len(log.events), sum(log.unknown.values()), len({e.user_id for e in log.events})) == (58_492, 0, 8_317)


def test_bestbuy(real_data: Path) -> None:
    rows = items(real_data, "bestbuy_3k", "ecommerce.json")
    assert len(rows.items) == 3291
    price = Contract.of(rows.items).fields["price"]
    assert (price.unit, price.count, price.minimum) == ("USD", 3291, 1.0)
    assert rows.items[0].price == Decimal("49.99")


@pytest.mark.parametrize("mapped", [True, False])
def test_demo_store(real_data: Path, mapped: bool) -> None:
    rows = items(real_data, "retail_demo_store", "products.yaml", mapped)
    contract = Contract.of(rows.items)
    assert len(rows.items) == 2465
    assert (len(contract.categories), contract.fields["style"].kind, contract.has_stock) == (20, "words", True)
    assert len(contract.fields["style"].values) >= 80
    if mapped:
        assert {v.text for v in contract.fields["gender"].values} == {"women", "men"}


@pytest.mark.parametrize("mapped", [True, False])
def test_flipkart(real_data: Path, mapped: bool) -> None:
    mapping = load_mapping(MAPPINGS / "flipkart_1k.toml").items if mapped else NO_MAPPING
    table = read_table(real_data / "flipkart_1k" / "flipkart_com-ecommerce_sample.csv", mapping.layout)
    rows = item_rows(table, mapping)
    assert (len(rows.items) + rows.rejects.lost("row"), table.blank) == (999, 3995)
    assert sum(i.price is not None for i in rows.items) >= 990
    assert sum(i.rating is not None for i in rows.items) == 72
    assert sum(bool(i.brand) for i in rows.items) == 421
    contract = Contract.of(rows.items)
    assert {"fabric", "ideal for", "occasion"} <= set(contract.fields)
    assert contract.fields["occasion"].spelling("party")
    assert all("…" not in p and len(p) <= 60 for i in rows.items for p in i.category_path)


def test_industrial_ratings(real_data: Path) -> None:
    rows = items(real_data, "amazon_industrial_2018", "derived/items.jsonl")
    log = events(real_data, "amazon_industrial_2018", "derived/ratings.csv", {i.item_id: i.item_id for i in rows.items})
    assert (len(rows.items), len(log.events), len({e.user_id for e in log.events})) == (3541, 21_737, 3_285)
    assert {e.value for e in log.events} == {1.0, 2.0, 3.0, 4.0, 5.0}


def test_online_retail(real_data: Path, tmp_path: Path) -> None:
    import gzip

    # A slice keeps the test quick; the whole file is read in benchmarks.
    with gzip.open(real_data / "online_retail" / "online_retail_all_days.csv.gz", "rb") as file:
        lines = file.read(6_000_000).splitlines(keepends=True)[:60_001]
    (tmp_path / "lines.csv").write_bytes(b"".join(lines))
    mapping = load_mapping(MAPPINGS / "online_retail.toml").interactions
    log: Any = event_rows(read_table(tmp_path / "lines.csv", mapping.layout, sequences=True), mapping)
    assert log.read == 60_000
    assert log.read == len(log.events) + log.merged + log.rejects.lost("row") + log.cancellations + log.withdrawn
    assert log.rejects.reasons("row").keys() == {"user id missing"}
    assert log.cancellations > 100
    assert all(e.value > 0 for e in log.events)
