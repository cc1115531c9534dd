from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from chatrec.catalog.contract import Contract
from chatrec.catalog.facts import typed_facts
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.catalog.snapshot import fact_records
from chatrec.domain.item import Attribute, Item, Variant
from chatrec.embedding.cached import CachedEmbedder
from chatrec.testing.embedders import HashingEmbedder


def number(name: str, value: float, unit: str = "") -> Attribute:
    return Attribute(name, (f"{value:g}",), float(value), unit)


def shelf_of(items: Sequence[Item]) -> CatalogueShelf:
    lines = [json.dumps(fact_records(typed_facts(item))).encode() for item in items]
    vectors = HashingEmbedder(64).encode([item.title for item in items])
    return CatalogueShelf(items, lines, vectors, Contract.of(items), 7)


def small_shop() -> list[Item]:
    """Twelve kettles, lanterns and one odd thing; every number below is easy to recount by eye."""
    kettles = [
        Item(
            f"k{n}",
            f"Kettle {n} by {brand}",
            f"Boils {n} cups. Model KX-{400 + n}.",
            "Kettles",
            ("Kitchen", "Kettles"),
            brand,
            Decimal(price),
            "USD",
            rating,
            20 * n,
            stock,
            attributes=(number("weight", weight, "g"), Attribute("colour", (colour,)), Attribute("whistling", (whistle,))),
        )
        for n, brand, price, rating, stock, weight, colour, whistle in (
            (1, "Aldern", "20.00", 4.1, 3, 500, "red", "yes"),
            (2, "Aldern", "35.00", 4.5, 0, 600, "blue", "yes"),
            (3, "Borrow", "50.00", 3.9, 9, 700, "red", "no"),
            (4, "Borrow", "62.00", 4.8, 5, 800, "green", "no"),
            (5, "Celandine", "80.00", 4.0, 1, 900, "blue", "no"),
        )
    ]
    lanterns = [
        Item(
            f"l{n}",
            f"Lantern {n}",
            "",
            "Lanterns",
            ("Outdoor", "Lanterns"),
            brand,
            None if price is None else Decimal(price),
            "USD" if price else "",
            attributes=(number("brightness", lumen, "lm"),),
            variants=tuple(Variant(f"l{n}-{c}", (("colour", c),), None, 2) for c in colours),
            stock=2 * len(colours) if colours else None,
        )
        for n, brand, price, lumen, colours in (
            (1, "Aldern", "15.50", 200, ("red", "black")),
            (2, "Borrow", "28.00", 300, ("black",)),
            (3, "", None, 400, ()),
        )
    ]
    return [*kettles, *lanterns, Item("x", "Gift card")]


@pytest.fixture(scope="session")
def shop() -> list[Item]:
    return small_shop()


@pytest.fixture(scope="session")
def shelf(shop: list[Item]) -> CatalogueShelf:
    return shelf_of(shop)


@pytest.fixture
def embedder(tmp_path: Path) -> CachedEmbedder:
    return CachedEmbedder(HashingEmbedder(64), tmp_path / "embeddings.db")
