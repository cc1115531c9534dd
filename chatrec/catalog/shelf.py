"""The shelf: one pinned generation of the catalogue in memory, as a turn sees it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence, Set
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from chatrec.catalog.contract import Contract
from chatrec.catalog.filters import Columns, Mask, field_key, holds
from chatrec.catalog.questions import propose
from chatrec.catalog.relaxing import relaxations
from chatrec.catalog.row_set import Places, RowSet
from chatrec.catalog.snapshot import FACTS, ITEMS, facts_of, read_fact_lines, read_items
from chatrec.domain.facts import Fact
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Need, Op, Relaxation
from chatrec.domain.question import Proposal
from chatrec.errors import GenerationError, UnknownItem
from chatrec.protocols import LiveRows
from chatrec.storage.generations import Generation

VECTORS = "vectors.npy"
CONTRACT = "contract.json"
_CACHED_MASKS = 512
_CACHED_SETS = 128
_Key = tuple[str, Op, tuple[str, ...], float | None, str]


class CatalogueShelf:
    """Implements :class:`chatrec.protocols.Shelf`. Immutable once made, so it may be shared between threads.

    ``vectors`` are the item embeddings, shape ``(n, d)``, unit norm; ``ids`` and ``vectors`` are in row order.
    """

    def __init__(
        self, items: Sequence[Item], fact_lines: Sequence[bytes], vectors: NDArray[np.float32], contract: Contract, generation: int = 0
    ) -> None:
        if not len(items) == len(fact_lines) == len(vectors):
            raise GenerationError(
                f"generation {generation} does not fit together: {len(items)} items, {len(fact_lines)} lines of facts, "
                f"{len(vectors)} vectors; build it again"
            )
        self.items = tuple(items)
        self.ids: tuple[str, ...] = tuple(item.item_id for item in items)
        self.vectors = vectors
        self.contract = contract
        self.columns = Columns(items)
        self._generation = generation
        self._fact_lines = fact_lines
        self._rows = {item_id: row for row, item_id in enumerate(self.ids)}
        self._places = Places(self.ids)
        self._mask: Callable[[_Key], Mask] = lru_cache(_CACHED_MASKS)(lambda key: self.columns.mask(Constraint(*key)))
        self._set: Callable[[frozenset[_Key]], RowSet] = lru_cache(_CACHED_SETS)(self._ids_of)

    @classmethod
    def load(cls, generation: Generation) -> CatalogueShelf:
        """The shelf of a finished generation. Raises :class:`GenerationError` when a file is missing or spoilt."""
        folder = generation.folder
        try:
            vectors = np.load(folder / VECTORS)
            contract = Contract.from_json((folder / CONTRACT).read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GenerationError(f"generation {generation.number} in {folder} cannot be read ({error}); build it again") from error
        return cls(read_items(folder / ITEMS), read_fact_lines(folder / FACTS), vectors, contract, generation.number)

    @property
    def generation(self) -> int:
        """The number of the generation."""
        return self._generation

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._rows

    def row(self, item_id: str) -> int:
        """The place of an item in ``ids`` and ``vectors``. Raises :class:`UnknownItem`."""
        try:
            return self._rows[item_id]
        except KeyError:
            raise UnknownItem(f"generation {self._generation} holds no item '{item_id}'; check the id or ingest it") from None

    def item(self, item_id: str) -> Item:
        """The record. Raises :class:`UnknownItem`."""
        return self.items[self.row(item_id)]

    def facts(self, item_id: str) -> tuple[Fact, ...]:
        """The typed facts of the record, most telling first. Raises :class:`UnknownItem`."""
        return facts_of(self._fact_lines[self.row(item_id)])

    def lists(self, field: str) -> bool:
        """Whether any record holds the field."""
        key = field_key(field)
        return self.columns.lists(key) or (key in ("description", "image", "url") and any(getattr(item, key) for item in self.items))

    def counts(self, field: str) -> dict[str, int]:
        """Value -> number of records that hold it, commonest first; empty for a field without words."""
        return self.columns.counts(field)

    def mask(self, constraints: Sequence[Constraint]) -> Mask:
        """Rows that satisfy every constraint, shape ``(n,)``; without constraints all of them. The caller owns the array."""
        result = np.ones(len(self), dtype=np.bool_)
        for constraint in constraints:
            result &= self._mask(_key(constraint))
        return result

    def matching(self, constraints: Sequence[Constraint]) -> RowSet | None:
        """Ids that satisfy every constraint, ``None`` without constraints; a record that lacks a constrained field fails."""
        return self._set(frozenset(_key(c) for c in constraints)) if constraints else None

    def fulfilling(self, hard: Sequence[Constraint], wishes: Sequence[Constraint]) -> RowSet:
        """Of the ids that satisfy every hard constraint those that satisfy most of the wishes; empty where none satisfies any."""
        held = np.zeros(len(self), dtype=np.int64)
        for wish in wishes:
            held += self._mask(_key(wish))
        held[~self.mask(hard)] = 0
        return RowSet(self.ids, self._rows, held == max(1, int(held.max(initial=0))))

    def satisfies(self, item: Item, constraints: Sequence[Constraint]) -> bool:
        """The same test on one record, which may be fresher than this generation."""
        return all(holds(item, constraint) for constraint in constraints)

    def relaxations(self, need: Need, most: int = 3, live: LiveRows | None = None) -> list[Relaxation]:
        """The smallest ways to loosen the hard constraints that bring more, best first, with exact counts, by ``live`` where given."""
        return relaxations(self.columns, need, most, live)

    def extremes(self, field: str, direction: int, allowed: Set[str] | None, k: int) -> list[str]:
        """The ``k`` ids with the least (-1) or greatest (+1) figure; only figures of the commonest unit compare, ties in row order."""
        key = field_key(field)
        column = self.columns.numbers.get(key)
        if column is None or k <= 0:
            return []
        fit = self.columns.comparable(key, self.columns.unit(key)) & np.isfinite(column)
        rows = np.flatnonzero(fit if allowed is None else fit & self._places.mask(allowed))
        order = np.argsort(-direction * column[rows], kind="stable")[:k]
        return [self.ids[row] for row in rows[order]]

    def questions(self, candidates: Sequence[str], weights: Sequence[float] = (), closed: Collection[str] = ()) -> list[Proposal]:
        """Every question worth thinking of about these candidates; unknown ids are left out."""
        known = [(self.items[self._rows[i]], n) for n, i in enumerate(candidates) if i in self._rows]
        return propose([item for item, _ in known], [weights[n] for _, n in known] if len(weights) else (), closed)

    def _ids_of(self, keys: frozenset[_Key]) -> RowSet:
        result = np.ones(len(self), dtype=np.bool_)
        for key in keys:
            result &= self._mask(key)
        return RowSet(self.ids, self._rows, result)


def _key(constraint: Constraint) -> _Key:
    """What a constraint asks for, without who said it when."""
    return constraint.field, constraint.op, constraint.values, constraint.number, constraint.unit
