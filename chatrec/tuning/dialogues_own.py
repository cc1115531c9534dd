"""Training dialogues over a shop's own catalogue: the same drafts as over invented shelves, drawn from its records."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from chatrec.catalog.facts import typed_facts
from chatrec.domain.facts import FactKind
from chatrec.domain.item import Item
from chatrec.errors import IngestError, UnreadableFile
from chatrec.generation.evidence import formed_fact
from chatrec.tuning.dialogues_answers import answered
from chatrec.tuning.dialogues_products import build_evidence, compared, recommended
from chatrec.tuning.drafts import Draft
from chatrec.tuning.shopper_phrases import COMPARED, OF_TWO, OPEN, spoilt

TRIES = 6
ACTS = ("recommend", "recommend", "recommend", "compare", "item_answer", "item_answer")


@dataclass(frozen=True)
class OwnRecords:
    """What a shop sells: its items, and those of a category that can be told side by side."""

    items: tuple[Item, ...]

    @classmethod
    def load(cls, shop: Path) -> OwnRecords:
        """The records of a built shop. Raises :class:`UnreadableFile` where there is none and :class:`IngestError` where it is empty."""
        from chatrec.storage.database import Database

        if not (shop / "shop.db").is_file():
            raise UnreadableFile(f"{shop}: there is no shop here; build it first, e.g. chatrec ingest SHOP --items items.csv")
        with Database.open(shop / "shop.db", create=False) as database:
            items = tuple(database.items.all())
        if not items:
            raise IngestError(f"{shop}: this shop has no items to write rows about; ingest its catalogue first")
        return cls(items)

    @cached_property
    def shelves(self) -> dict[str, list[Item]]:
        """The items of each category that has a name."""
        found: dict[str, list[Item]] = defaultdict(list)
        for item in self.items:
            if item.category:
                found[item.category].append(item)
        return dict(found)

    @cached_property
    def by_id(self) -> dict[str, Item]:
        """The items by their id."""
        return {item.item_id: item for item in self.items}


def shop_drafts(records: OwnRecords, n: int, seed: int) -> Iterator[Draft]:
    """At most ``n`` drafts over the shop's own records, reproducible from ``seed``; the checks may still turn some down."""
    rng = random.Random(seed)
    shelves = records.shelves or {"": list(records.items)}
    found = 0
    for _ in range(TRIES * n):
        if found >= n:
            return
        draft = _draft(shelves, rng)
        if draft is not None:
            found += 1
            yield draft


def shop_rows(shop: Path, n: int, seed: int) -> list[dict[str, str]]:
    """At most ``n`` checked rows over the records of a built shop. Raises as :meth:`OwnRecords.load` does."""
    from chatrec.tuning.dialogues import Intake

    intake = Intake(n)
    return [intake.row(d, "train") for d in shop_drafts(OwnRecords.load(shop), TRIES * n, seed) if intake.takes(d)][:n]


def _draft(shelves: dict[str, list[Item]], rng: random.Random) -> Draft | None:
    category = rng.choice(sorted(shelves))
    shelf, act = shelves[category], rng.choice(ACTS)
    name = category.lower()
    if act == "item_answer":
        return _answer(rng.choice(shelf), name, rng)
    items = rng.sample(shelf, min(len(shelf), rng.choice((1, 2, 2, 3)) if act == "recommend" else rng.choice((2, 2, 3))))
    if act == "compare" and len(items) > 1:
        draft = compared(build_evidence("compare", spoilt(_comparing(len(items), rng), rng), (), items), False, name, "train", rng)
    else:
        shopper = spoilt(rng.choice(OPEN).format(kind=name), rng)
        draft = recommended(build_evidence("recommend", shopper, [name], items), None, name, "train", rng)
    return replace(draft, mould=f"own:{draft.mould}") if draft else None


def _comparing(k: int, rng: random.Random) -> str:
    return rng.choice([c for c in COMPARED if k == 2 or not OF_TWO.search(c)])


def _answer(item: Item, name: str, rng: random.Random) -> Draft | None:
    formed = [formed_fact(f, item, "item_answer") for f in typed_facts(item) if f.kind in (FactKind.ATTRIBUTE, FactKind.DESCRIPTION)]
    facts = [f for f in formed if f is not None and f.source != "title"]
    draft = answered(item, rng.choice(facts), facts, name, "train", rng) if facts else None
    return replace(draft, mould=f"own:{draft.mould}") if draft else None
