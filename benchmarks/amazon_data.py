"""The Amazon review sets of the accuracy benchmark: a log in the order of time, and the vectors of its items from their records.

Names, texts and orders are those of the files; an item's text is what a shop's ingest embeds. Ids of the log are row numbers.
"""

from __future__ import annotations

import csv
import html
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.catalogues import data_folder
from chatrec.candidates.histories import Floats
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.item_features import ItemFeatures
from chatrec.catalog.build import embedded_text
from chatrec.domain.item import Item
from chatrec.embedding.cached import CachedEmbedder
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.resources import cache_folder

VECTORS = "benchmark-vectors.db"
Lists = Sequence[Sequence[int]]


def read(name: str) -> tuple[Interactions, list[Item]]:
    """The log and the records of one of :data:`READERS`, an item a row. Raises :class:`FileNotFoundError` where the data is absent."""
    root = data_folder()
    if root is None:
        raise FileNotFoundError(f"{name}: CHATREC_DATA names no folder")
    lists, items = READERS[name](root / name)
    return Interactions.of_lists(lists, len(items)), items


def vectors_of(items: Sequence[Item], progress: Callable[[int, int], None] | None = None) -> Floats:
    """Unit vectors of the records' texts, shape (items, d), remembered in the cache folder."""
    embedder = CachedEmbedder(MiniLMEmbedder(), cache_folder() / VECTORS)
    return ItemFeatures.of(items, embedder.encode([embedded_text(item) for item in items], progress)).texts


def _beauty(folder: Path) -> tuple[Lists, list[Item]]:
    lines = (folder / "sequential_data.txt").read_text().splitlines()
    records = [json.loads(line) for line in (folder / "items.jsonl").read_text(encoding="utf-8").splitlines()]
    records.sort(key=lambda record: int(record["item_id"]))
    items = [_item(n, {**r, "categories": (r["categories"] or [[]])[0]}) for n, r in enumerate(records)]
    return [[int(row) for row in line.split()[1:]] for line in lines], items


def _keyed(log: str, records: str) -> Callable[[Path], tuple[Lists, list[Item]]]:
    """A reader of {user: [item, ...]} and {item: record}; rows are the items' ids in their order as numbers."""

    def read_files(folder: Path) -> tuple[Lists, list[Item]]:
        histories = json.loads((folder / log).read_text(encoding="utf-8"))
        found = json.loads((folder / records).read_text(encoding="utf-8"))
        ids = sorted({*found, *(str(i) for rows in histories.values() for i in rows)}, key=int)
        row = {item_id: n for n, item_id in enumerate(ids)}
        items = [_item(n, found.get(item_id, {})) for n, item_id in enumerate(ids)]
        return [[row[str(i)] for i in rows] for rows in histories.values()], items

    return read_files


def _industrial(folder: Path) -> tuple[Lists, list[Item]]:
    with (folder / "derived" / "ratings.csv").open(newline="") as file:
        events = sorted(csv.DictReader(file), key=lambda event: (float(event["timestamp"]), event["asin"]))
    lines = (folder / "derived" / "items.jsonl").read_text(encoding="utf-8").splitlines()
    records = {str(record["asin"]): record for record in map(json.loads, lines)}
    row = {asin: n for n, asin in enumerate(sorted({*records, *(event["asin"] for event in events)}))}
    lists: dict[str, list[int]] = {}
    for event in events:
        lists.setdefault(event["user_id"], []).append(row[event["asin"]])
    return list(lists.values()), [_item(n, records.get(asin, {})) for asin, n in row.items()]


def _item(row: int, record: Mapping[str, Any]) -> Item:
    held = record.get("categories") or []
    # One path joined by bare commas: a comma before a space belongs to a name.
    names = held.replace(", ", "\0").split(",") if isinstance(held, str) else held
    path = tuple(html.unescape(name).replace("\0", ", ") for name in names if name)
    text = {key: html.unescape(str(record.get(key) or "")) for key in ("title", "brand", "description")}
    return Item(str(row), text["title"], text["description"], path[-1] if path else "", path, text["brand"])


READERS: Mapping[str, Callable[[Path], tuple[Lists, list[Item]]]] = {
    "amazon_beauty_2014": _beauty,
    "amazon_scientific_2018": _keyed("Scientific.inter.json", "Scientific.item.json"),
    "amazon_office_2014": _keyed("Office_Products.inter.json", "Office_Products.item.json"),
    "amazon_industrial_2018": _industrial,
}
