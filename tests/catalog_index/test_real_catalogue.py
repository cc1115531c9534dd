"""The shelf and the text index on catalogues of real shops."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from chatrec.catalog.contract import Contract
from chatrec.catalog.mapping import TableMapping
from chatrec.catalog.readers import read_table
from chatrec.catalog.rows import item_rows
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.catalog.text_index import TextIndex
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Need, Op

DATA = os.environ.get("CHATREC_DATA", "")
pytestmark = pytest.mark.skipif(not DATA, reason="CHATREC_DATA names no folder with real catalogues")
FILES = {"bestbuy_3k": "ecommerce.json", "amazon_scientific_2018": "Scientific.item.json"}


@pytest.fixture(scope="module", params=FILES)
def items(request: pytest.FixtureRequest) -> list[Item]:
    mapping = TableMapping(id_from="position" if request.param == "bestbuy_3k" else "")
    return item_rows(read_table(Path(DATA) / request.param / FILES[request.param]), mapping).items


@pytest.fixture(scope="module")
def shelf(items: list[Item]) -> CatalogueShelf:
    return CatalogueShelf(items, [b"[]"] * len(items), np.zeros((len(items), 2), dtype=np.float32), Contract.of(items))


def random_needs(shelf: CatalogueShelf, n: int) -> list[Need]:
    rng = random.Random(4)
    categories, brands = list(shelf.counts("category"))[:80], list(shelf.counts("brand"))[:80]
    needs = []
    for _ in range(n):
        wanted = [
            Constraint("category", Op.IS, (rng.choice(categories),)),
            Constraint("brand", rng.choice([Op.IS, Op.IS_NOT]), (rng.choice(brands),)),
        ]
        if shelf.lists("price"):
            wanted.append(Constraint("price", Op.AT_MOST, number=rng.choice([5, 19.99, 50, 120, 400])))
            wanted.append(Constraint("price", Op.AT_LEAST, number=rng.choice([1, 10, 45.5, 100])))
        needs.append(Need(0, constraints=tuple(rng.sample(wanted, rng.randint(1, len(wanted))))))
    return needs


def by_hand(items: Sequence[Item], shelf: CatalogueShelf, constraints: Sequence[Constraint]) -> frozenset[str]:
    return frozenset(i.item_id for i in items if shelf.satisfies(i, constraints))


def test_filters_and_counts_are_exact(items: list[Item], shelf: CatalogueShelf) -> None:
    for need in random_needs(shelf, 12):
        matching = shelf.matching(need.hard())
        assert matching == by_hand(items, shelf, need.hard())
        for relaxation in shelf.relaxations(need):
            kept = [c for c in need.hard() if c.key not in relaxation.keys]
            loosened = [*kept, relaxation.replacement] if relaxation.replacement else kept
            assert relaxation.count == len(by_hand(items, shelf, loosened)) > len(matching)


def test_filters_and_relaxations_are_quick(shelf: CatalogueShelf) -> None:
    seconds = []
    for need in random_needs(shelf, 200):
        start = time.perf_counter()
        shelf.matching(need.hard())
        shelf.relaxations(need)
        seconds.append(time.perf_counter() - start)
    assert float(np.median(seconds)) < 0.010


@pytest.fixture(scope="module")
def index(items: list[Item]) -> TextIndex:
    return TextIndex.build(items)


def test_titles_find_their_items(items: list[Item], index: TextIndex) -> None:
    assert index.reachable() == len(items)
    sample = random.Random(4).sample(items, 100)
    found = sum(item.item_id in [i for i, _ in index.search(item.title, 10)] for item in sample)
    assert found >= 97


def test_model_numbers_are_found_by_themselves(items: list[Item], index: TextIndex) -> None:
    """Words with letters and figures that occur in one title only lead to that title."""
    codes: dict[str, set[str]] = {}
    for item in items:
        for word in item.title.split():
            if word.isalnum() and not word.isalpha() and not word.isdigit() and len(word) >= 6:
                codes.setdefault(word, set()).add(item.item_id)
    lone = [(word, next(iter(held))) for word, held in sorted(codes.items()) if len(held) == 1][:60]
    assert lone
    hits = sum(item_id in [i for i, _ in index.search(word, 3)] for word, item_id in lone)
    assert hits >= 0.95 * len(lone)
