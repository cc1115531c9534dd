"""The facets over which a list is varied: category, brand, price band and embedding cluster of every item, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from chatrec.domain.item import Item
from chatrec.ranking.clusters import cluster

CATEGORY, BRAND, PRICE_BAND, CLUSTER = "category", "brand", "price band", "cluster"
PRICE_BANDS = 4
# Fewer priced items than this in a category say little about what is cheap in it: the whole shop's prices are used.
LEAST_PRICED = 8
Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Facets:
    """Facet values and vectors of the items of one generation.

    ``names`` are the facets; ``labels`` all values as ``facet:value`` (the keys of a shopper's profile), ``facet_of`` the facet of
    each label. ``columns`` (items x width, -1 where empty) are the labels of an item and ``shares`` how its weight spreads
    over them (1 in all for each facet that it has a value of). ``vectors`` (items x d) are unit rows, zero where unknown.
    The arrays' last row is that of an unknown item: no value, a zero vector. ``shares`` are ``share_sizes[share_numbers]``: few occur.
    ``owner_of`` is ``facet_of``, and for the label "no value" at its end a facet of its own, ``len(names)``.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    labels: tuple[str, ...]
    facet_of: Ints
    columns: Ints
    shares: Floats
    vectors: Floats
    rows: Mapping[str, int] = field(init=False, repr=False, compare=False)
    owner_of: NDArray[np.intp] = field(init=False, repr=False, compare=False)
    share_sizes: NDArray[np.float64] = field(init=False, repr=False, compare=False)
    share_numbers: Ints = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        sizes, numbers = np.unique(np.append(self.shares, np.float32(0.0)), return_inverse=True)  # 0 is always among them, and first
        object.__setattr__(self, "rows", {item_id: row for row, item_id in enumerate(self.ids)})
        object.__setattr__(self, "owner_of", np.append(self.facet_of, len(self.names)).astype(np.intp))
        object.__setattr__(self, "share_sizes", sizes.astype(np.float64))
        object.__setattr__(self, "share_numbers", numbers[:-1].reshape(self.shares.shape).astype(np.int32))

    @classmethod
    def of(cls, ids: Sequence[str], values: Mapping[str, Sequence[Sequence[str]]], vectors: Floats | None = None) -> Facets:
        """From the values of every facet, one sequence an item (empty where the record does not say; repeated values count once)."""
        names = tuple(values)
        numbers: dict[str, int] = {}
        facet_of: list[int] = []
        cells: list[list[tuple[int, float]]] = [[] for _ in ids]
        for number, (name, told) in enumerate(values.items()):
            if len(told) != len(ids):
                raise ValueError(f"facet '{name}' has {len(told)} rows for {len(ids)} items: one an item is needed")
            for cell, words in zip(cells, told, strict=True):
                distinct = list(dict.fromkeys(v for v in words if v))
                for value in distinct:
                    label = numbers.setdefault(f"{name}:{value}", len(numbers))
                    if label == len(facet_of):
                        facet_of.append(number)
                    cell.append((label, 1.0 / len(distinct)))
        width = max((len(c) for c in cells), default=0)
        columns, shares = np.full((len(cells) + 1, width), -1, np.int32), np.zeros((len(cells) + 1, width), np.float32)
        for row, cell in enumerate(cells):
            for place, (label, share) in enumerate(cell):
                columns[row, place], shares[row, place] = label, share
        known = _unit_rows(vectors) if vectors is not None and len(vectors) else np.zeros((len(cells), 0), np.float32)
        if len(known) != len(cells):
            raise ValueError(f"{len(known)} vectors for {len(cells)} items: one vector an item is needed")
        known = np.concatenate((known, np.zeros((1, known.shape[1]), np.float32)))
        return cls(tuple(ids), names, tuple(numbers), np.array(facet_of, np.int32), columns, shares, known)

    def find(self, item_ids: Sequence[str]) -> NDArray[np.intp]:
        """The rows of these items; -1, the last row, for an unknown one."""
        return np.fromiter(map(self.rows.get, item_ids, repeat(-1)), np.intp, len(item_ids))

    def gather(self, item_ids: Sequence[str]) -> tuple[Ints, Floats, Floats]:
        """Columns, shares and vectors of these items, row by row; an unknown item has no facet and a zero vector."""
        rows = self.find(item_ids)
        return self.columns[rows], self.shares[rows], self.vectors[rows]


def facets_of(items: Iterable[Item], vectors: Floats | None = None, *, clusters: int = 0) -> Facets:
    """The standard facets of a catalogue. ``vectors`` are one a item in the same order; ``clusters`` 0 lets the size decide.

    A facet that no item has a value of is left out. Deterministic.
    """
    catalogue = list(items)
    values: dict[str, list[Sequence[str]]] = {
        CATEGORY: [(i.category.casefold(),) if i.category else () for i in catalogue],
        BRAND: [(i.brand.casefold(),) if i.brand else () for i in catalogue],
        PRICE_BAND: price_bands(catalogue),
    }
    if vectors is not None and len(vectors):
        values[CLUSTER] = [(str(c),) for c in cluster(_unit_rows(vectors), clusters)]
    kept = {name: rows for name, rows in values.items() if any(rows)}
    return Facets.of([i.item_id for i in catalogue], kept, vectors)


def price_bands(items: Sequence[Item]) -> list[Sequence[str]]:
    """For every item the quarter of its category's prices that it lies in, "1" (cheap) to "4"; empty without a price."""
    everywhere = [float(i.price) for i in items if i.price is not None]
    inside: dict[str, list[float]] = {}
    for item in items:
        if item.price is not None:
            inside.setdefault(item.category, []).append(float(item.price))
    steps = np.linspace(0.0, 1.0, PRICE_BANDS + 1)[1:-1]
    cuts = {c: np.quantile(p if len(p) >= LEAST_PRICED else everywhere, steps) for c, p in inside.items()}
    return [() if i.price is None else (str(int(np.searchsorted(cuts[i.category], float(i.price), side="right")) + 1),) for i in items]


def _unit_rows(vectors: Floats) -> Floats:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norms, out=np.zeros(vectors.shape, np.float32), where=norms > 0.0)
    return np.asarray(unit, dtype=np.float32)
