"""The data of the cold-start benchmark: a log, the features of its items in their order, and what is said of its shoppers."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.catalogues import REAL, data_folder, shop_of
from chatrec.candidates.interactions import Interactions, gather
from chatrec.candidates.item_features import ItemFeatures
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.cli.screen import console
from chatrec.domain.event import EventKind
from chatrec.domain.item import Item
from chatrec.embedding.cached import CachedEmbedder
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.resources import cache_folder
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations

MOVIELENS = "movielens_1m"


@dataclass(frozen=True, slots=True)
class ColdTable:
    """``features``, ``categories`` and ``brands`` are by item of ``log.item_ids``; ``attributes``, where there are any, by its shoppers.
    ``models`` are those that the warm model blends."""

    name: str
    log: Interactions
    features: ItemFeatures
    categories: tuple[str, ...]
    brands: tuple[str, ...]
    attributes: tuple[Mapping[str, str], ...] = ()
    models: tuple[str, ...] = ("edlae", "ials")


def read_table(name: str) -> ColdTable | None:
    """A shop of ``benchmarks.catalogues`` by its name, or MovieLens 1M; ``None`` where its files are absent."""
    if name == MOVIELENS:
        return _movielens()
    folder = shop_of(name) if name in REAL else None
    current = Generations(folder).current() if folder else None
    if folder is None or current is None:
        return None
    shelf = CatalogueShelf.load(current)
    with Database.open(folder) as database:
        log = gather(database.events.arrays([kind for kind in EventKind if kind is not EventKind.SHOWN]), frozenset(shelf.ids))
    rows = [shelf.row(item_id) for item_id in log.item_ids]
    items = [shelf.items[row] for row in rows]
    return ColdTable(
        name, log, ItemFeatures.of(items, shelf.vectors[rows]), tuple(i.category for i in items), tuple(i.brand for i in items)
    )


def _movielens() -> ColdTable | None:
    root = data_folder()
    folder = root / "movielens" / "ml-1m" if root else None
    if folder is None or not (folder / "interactions_file_order.csv.gz").is_file():
        console.print(f"{MOVIELENS}: left out, its files are not in the folder named by CHATREC_DATA")
        return None
    films = [line.rstrip("\n").split("::") for line in (folder / "movies.dat").read_text(encoding="latin-1").splitlines()]
    people = [line.rstrip("\n").split("::") for line in (folder / "users.dat").read_text(encoding="latin-1").splitlines()]
    row = {film[0]: n for n, film in enumerate(films)}
    seen: dict[str, list[int]] = {person[0]: [] for person in people}
    with gzip.open(folder / "interactions_file_order.csv.gz", "rt") as file:
        next(file)
        for line in file:
            user, film = line.strip().split(",")
            seen[user].append(row[film])
    log = Interactions.of_lists(list(seen.values()), len(films))
    genres = [film[2].split("|") for film in films]
    items = [Item(film[0], film[1], category_path=(), category=kinds[0]) for film, kinds in zip(films, genres, strict=True)]
    embedder = CachedEmbedder(MiniLMEmbedder(), cache_folder() / "benchmark-vectors.db")
    vectors = np.asarray(embedder.encode([f"{film[1]}. {', '.join(kinds)}" for film, kinds in zip(films, genres, strict=True)]))
    attributes = tuple({"gender": p[1], "age": p[2], "occupation": p[3]} for p in people)
    return ColdTable(
        MOVIELENS, log, ItemFeatures.of(items, vectors), tuple(k[0] for k in genres), ("",) * len(films), attributes, ("edlae",)
    )
