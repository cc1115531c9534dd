"""Which items shoppers chose together more often than by chance: what a reason may claim of two items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.neighbours import newest, products

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LEAST_COMMON = 2  # one shopper who chose both is a coincidence, and would be told of
KEPT = 100  # of an item's partners, the commonest
LONGEST = 500  # newest items of a shopper: a buyer for a whole office chose nothing "together"


class Together:
    """Pairs of rows. ``starts`` (items + 1) and ``partners`` are the rows of a sparse matrix; a pair counts from either side."""

    def __init__(self, starts: NDArray[np.integer], partners: NDArray[np.integer]) -> None:
        if len(starts) and starts[-1] != len(partners):
            raise ValueError(f"{len(partners)} partners where the last row ends at {starts[-1]}: the pairs do not fit together")
        self.starts, self.partners = np.asarray(starts, np.int64), np.asarray(partners, np.int32)

    @classmethod
    def of(cls, log: Interactions) -> Self:
        """The pairs with at least ``LEAST_COMMON`` common shoppers and more of them than independent choices would give (lift above 1:
        Brin et al., SIGMOD 1997), at most ``KEPT`` an item."""
        x = newest(log, LONGEST)
        x.data = np.ones_like(x.data)
        size = np.asarray(x.sum(axis=0)).ravel()

        def finish(rows: NDArray[np.intp], block: csr_matrix) -> None:
            by_chance = size[rows] * size[block.indices] / max(1, x.shape[0])
            block.data[(block.data < LEAST_COMMON) | (block.data <= by_chance)] = 0.0

        found = products(x.T.tocsr(), x, finish, KEPT, None)
        return cls(found.indptr, found.indices)

    def __contains__(self, pair: tuple[int, int]) -> bool:
        return self._has(*pair) or self._has(*reversed(pair))

    def _has(self, row: int, other: int) -> bool:
        return 0 <= row < len(self.starts) - 1 and bool((self.partners[self.starts[row] : self.starts[row + 1]] == other).any())


NOTHING = Together(np.zeros(1, np.int64), np.zeros(0, np.int32))
