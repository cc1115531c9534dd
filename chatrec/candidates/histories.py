"""What shoppers did, in order: the input of every collaborative model, in training and at fold-in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Histories:
    """The histories of n shoppers, one after the other, each oldest first.

    Shopper s has the entries ``starts[s]`` to ``starts[s + 1]`` of ``items`` (rows of a model) and ``weights`` (what the shopper
    makes of the item: positive is a liking, negative a dislike, never 0). No shopper has an item twice.
    """

    starts: NDArray[np.int64]
    items: Ints
    weights: Floats

    @classmethod
    def of(cls, shoppers: Sequence[Sequence[tuple[int, float]]]) -> Histories:
        """From (row, weight) pairs, oldest first, one sequence a shopper."""
        starts = np.cumsum([0, *(len(pairs) for pairs in shoppers)], dtype=np.int64)
        flat = [pair for pairs in shoppers for pair in pairs]
        return cls(starts, np.array([row for row, _ in flat], np.int32), np.array([weight for _, weight in flat], np.float32))

    @classmethod
    def of_lists(cls, shoppers: Sequence[Sequence[int] | NDArray[np.integer]]) -> Histories:
        """From rows alone, oldest first: every item is liked with weight 1."""
        starts = np.cumsum([0, *(len(rows) for rows in shoppers)], dtype=np.int64)
        items = np.concatenate([np.asarray(rows, np.int32) for rows in shoppers]) if len(shoppers) else np.zeros(0, np.int32)
        return cls(starts, items, np.ones(len(items), np.float32))

    def __len__(self) -> int:
        """The number of shoppers."""
        return len(self.starts) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many items each shopper's history holds, shape (shoppers,)."""
        return np.diff(self.starts)

    @property
    def owners(self) -> NDArray[np.int64]:
        """The shopper of each entry, shape (entries,)."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def ages(self) -> NDArray[np.int64]:
        """How many entries of the same shopper are newer, shape (entries,): 0 is a shopper's newest."""
        return np.repeat(self.starts[1:], self.lengths) - 1 - np.arange(len(self.items))

    def matrix(self, n_items: int) -> csr_matrix:
        """The weights as a sparse float32 matrix, shape (shoppers, ``n_items``); dislikes are negative."""
        from scipy.sparse import csr_matrix

        return csr_matrix((self.weights, self.items, self.starts), shape=(len(self), n_items))

    def take(self, shoppers: NDArray[np.integer]) -> Histories:
        """The histories of these shoppers, in this order."""
        lengths = self.lengths[shoppers]
        starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        places = np.arange(starts[-1]) - np.repeat(starts[:-1] - self.starts[shoppers], lengths)
        return Histories(starts, self.items[places], self.weights[places])

    def newest(self, most: int) -> Histories:
        """At most the ``most`` newest entries of every shopper."""
        return self.where(self.ages < most)

    def where(self, kept: NDArray[np.bool_]) -> Histories:
        """Only the entries for which ``kept``, shape (entries,), is true; no shopper is lost."""
        counts = np.bincount(self.owners[kept], minlength=len(self))
        return Histories(np.concatenate(([0], np.cumsum(counts))).astype(np.int64), self.items[kept], self.weights[kept])

    def batches(self, most: int) -> Iterator[Histories]:
        """The shoppers in order, at most ``most`` at a time."""
        for start in range(0, len(self), most):
            yield self.take(np.arange(start, min(start + most, len(self))))
