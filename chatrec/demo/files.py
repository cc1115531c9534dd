"""The demo shop as the files that any shop would bring: items, shoppers, events, orders, reviews and policies."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from chatrec.demo.shoppers import WORLD_DAYS, WORLD_START, Deed, make_world
from chatrec.domain.item import Attribute, Item

DEMO_VERSION = 1
"""Raise when anything that ``write_files`` writes changes: a shop built from older files is then built again."""
SEED = 11
MOST_VARIANTS = 8
_HERE = Path(__file__).resolve().parent
# The records are written with short column names; a shop's file says what the figure means.
_COLUMNS = {
    "comfort_temp_c": "comfort_temperature_c",
    "lumens": "brightness_lm",
    "battery_h": "battery_life_h",
    "battery_mah": "battery_capacity_mah",
    "waterproof_mm": "water_column_mm",
    "boil_min_per_l": "boil_time_min",
    "filter_l": "filter_life_l",
    "drop_mm": "heel_drop_mm",
    "age_from": "age_from_years",
    "age_to": "age_to_years",
}


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Where the files lie."""

    items: Path
    users: Path
    interactions: Path
    orders: Path
    reviews: Path
    policies: Path
    settings: Path


def records() -> list[dict[str, Any]]:
    """The hand-written product records, in the order of their files."""
    found = []
    for path in sorted((_HERE / "items").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            found.append({_COLUMNS.get(name, name): value for name, value in record.items()})
    return found


def rows(found: Iterable[dict[str, Any]], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Item rows: each product, then its variants (``variant_of`` and option columns) with a stock of their own."""
    for record in found:
        options = record.get("options") or {}
        yield {name: value for name, value in record.items() if name != "options"} | {"currency": "USD"}
        for chosen in _combinations(options)[:MOST_VARIANTS]:
            suffix = "-".join(v.lower().replace(" ", "_") for v in chosen.values())
            stock = int(rng.choice([0, 1, 2, 4, 7, 12, 20], p=[0.1, 0.06, 0.1, 0.2, 0.24, 0.2, 0.1]))
            yield {
                "item_id": f"{record['item_id']}-{suffix}",
                "title": record["title"],
                "variant_of": record["item_id"],
                "stock": stock,
                **chosen,
            }


def _combinations(options: dict[str, list[str]]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = [{}] if options else []
    for name, values in options.items():
        found = [{**one, name: str(value)} for one in found for value in values]
    return found


def write_files(folder: Path) -> DemoFiles:
    """Write all files of the demo shop into ``folder``. The same package version writes the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    found = records()
    paths = DemoFiles(
        folder / "items.jsonl", folder / "users.csv", folder / "interactions.csv", folder / "orders.csv",
        folder / "reviews.csv", _HERE / "policies", folder / "chatrec.toml",
    )  # fmt: skip
    paths.items.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows(found, rng)), encoding="utf-8")
    shoppers, deeds = make_world([_item(r) for r in found], SEED)
    _write_csv(paths.users, ("user_id", "age", "region"), ((s.user_id, s.age, s.region) for s in shoppers))
    _write_csv(
        paths.interactions,
        ("user_id", "item_id", "event", "value", "timestamp"),
        ((d.user_id, d.item_id, d.event, f"{d.value:g}", d.timestamp) for d in deeds),
    )
    _write_csv(paths.orders, ("order_id", "user_id", "item_id", "status", "placed_at", "eta"), _orders(deeds, rng))
    paths.reviews.write_bytes((_HERE / "reviews.csv").read_bytes())
    paths.settings.write_text('[shop]\nname = "Fell & Ferry"\ncurrency = "USD"\n\n[returns]\ndays = 30\n', encoding="utf-8")
    return paths


def taste_of(seed: int = SEED) -> dict[str, str]:
    """The latent archetype of every shopper: the known right answer that no file holds."""
    shoppers, _ = make_world([_item(r) for r in records()], seed)
    return {s.user_id: s.archetype for s in shoppers}


def _item(record: dict[str, Any]) -> Item:
    use = record.get("use") or []
    attributes = [Attribute("use", tuple([use] if isinstance(use, str) else use))]
    if "weight_g" in record:
        attributes.append(Attribute("weight", (str(record["weight_g"]),), float(record["weight_g"]), "g"))
    return Item(
        item_id=record["item_id"],
        title=record["title"],
        category=record["category"],
        brand=record["brand"],
        price=Decimal(str(record["price"])),
        rating=record.get("rating"),
        attributes=tuple(attributes),
    )


def _orders(deeds: Sequence[Deed], rng: np.random.Generator) -> Iterator[tuple[str, ...]]:
    """One order a purchase. The newest ones are still on their way."""
    end = WORLD_START + WORLD_DAYS * 86_400
    for n, deed in enumerate((d for d in deeds if d.event == "purchase"), start=10_001):
        placed = datetime.fromtimestamp(deed.timestamp, UTC)
        recent = deed.timestamp > end - 6 * 86_400
        status = str(rng.choice(("packed", "shipped"))) if recent else str(rng.choice(("delivered", "delivered", "delivered", "returned")))
        eta = (placed + timedelta(days=int(rng.integers(2, 7)))).date().isoformat() if recent else ""
        yield f"FF-{n}", deed.user_id, deed.item_id, status, placed.date().isoformat(), eta


def _write_csv(path: Path, header: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(lines)
