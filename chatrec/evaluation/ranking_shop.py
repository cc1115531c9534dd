"""A shop as the ranking protocol needs it: the log, the catalogue as it is served, its facets and its texts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.interactions import EventWeights, Interactions, gather
from chatrec.catalog.build import BM25
from chatrec.catalog.shelf import VECTORS
from chatrec.catalog.snapshot import ITEMS, read_items
from chatrec.catalog.text_index import TextIndex
from chatrec.domain.event import EventKind
from chatrec.domain.item import Item
from chatrec.errors import GenerationError, ShopNotReady
from chatrec.ranking.facets import Facets, facets_of
from chatrec.settings import TrainSettings
from chatrec.storage.database import Database
from chatrec.storage.events import EventArrays
from chatrec.storage.generations import Generation, Generations

# Moments before this (1973) are row or sequence numbers: the reader gives those to events without a time.
EARLIEST_S = 1e8


@dataclass(frozen=True)
class RankingShop:
    """``items`` is the catalogue, ``text`` its index; ``log`` has the likings, its rows are the candidates; ``rated`` are the events,
    for the ratings among them. ``place_of`` (log rows,) is the place of each candidate in ``items`` and in ``facets``."""

    name: str
    items: tuple[Item, ...]
    facets: Facets
    text: TextIndex
    log: Interactions
    events: EventArrays

    @property
    def dated(self) -> bool:
        """Whether the log says when things happened."""
        return bool(len(self.log.when)) and float(self.log.when.max()) >= EARLIEST_S and float(np.ptp(self.log.when)) > 0.0

    @cached_property
    def place_of(self) -> NDArray[np.intp]:
        """The place in the catalogue of each row of the log."""
        return np.array([self.facets.rows[item_id] for item_id in self.log.item_ids], dtype=np.intp)

    @cached_property
    def brand_of(self) -> NDArray[np.int64]:
        """The brand number of each item of the catalogue, -1 without one."""
        names: dict[str, int] = {}
        return np.array([names.setdefault(i.brand.casefold(), len(names)) if i.brand else -1 for i in self.items], dtype=np.int64)


def load_shop(folder: Path, settings: TrainSettings) -> RankingShop:
    """Reads a shop's log and the generation that it serves; changes nothing.

    Raises :class:`ShopNotReady` when nothing was ingested yet, :class:`GenerationError` when the generation cannot be read.
    """
    generations = Generations(folder)
    current = generations.current()
    if current is None:
        raise ShopNotReady(f"'{folder}' holds no finished catalogue; run: chatrec ingest --shop {folder} --items FILE")
    with generations.reading(current):
        items, vectors, text = _read(current)
    with Database.open(folder, create=False) as database:
        events = database.events.arrays([kind for kind in EventKind if kind is not EventKind.SHOWN])
    log = gather(
        events,
        frozenset(item.item_id for item in items),
        EventWeights.of(settings.weights).by_kind,
        popularity_days=settings.popularity_days,
        likings_days=settings.likings_days,
    )
    return RankingShop(folder.name, tuple(items), facets_of(items, vectors), text, log, events)


def _read(generation: Generation) -> tuple[list[Item], NDArray[np.float32], TextIndex]:
    folder = generation.folder
    items = read_items(folder / ITEMS)
    try:
        vectors = np.load(folder / VECTORS)
    except (OSError, ValueError) as error:
        raise GenerationError(f"generation {generation.number} in {folder} cannot be read ({error}); build it again") from error
    return items, vectors, TextIndex.load(folder / BM25)
