"""What the receipt keeps of a list: its entropies before and after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chatrec.domain.candidate import Candidate, Ranked
from chatrec.metrics.diversity import entropy, softmax
from chatrec.ranking.pool import Pool

TEMPERATURE = 1.0
Floats = NDArray[np.float64]


def weigh(pool: Pool, candidates: Sequence[Candidate], rows: Sequence[int], propensity: Sequence[float]) -> Ranked:
    """The chosen rows as a :class:`Ranked`, with the figures of the list and of the top of the input of the same length."""
    chosen = list(rows)
    before, after = EntropyMeter(pool).of_all([range(len(chosen)), chosen]) if chosen else (0.0, 0.0)
    plain = entropy(softmax(pool.worth[chosen], TEMPERATURE))
    return Ranked(tuple(candidates[row] for row in chosen), tuple(propensity), float(before), float(after), plain)


class EntropyMeter:
    """Mean normalised facet entropy of lists drawn from one candidate set; many lists of one length at once.

    The same figure as :func:`chatrec.metrics.diversity.list_entropy`, without a matrix for each facet.
    """

    def __init__(self, pool: Pool) -> None:
        self._columns, self._shares, self._worth = pool.columns[: pool.n], pool.shares[: pool.n], pool.worth
        self._width = len(pool.labels) + 1
        self._owner, self._n_facets = pool.owner, len(pool.facets.names)
        seen = np.zeros(self._width, dtype=np.bool_)
        seen[self._columns] = True  # values that only items shown before have are not in the candidate set
        self._values = np.bincount(self._owner[seen[:-1]], minlength=self._n_facets)

    def of(self, rows: Sequence[int]) -> float:
        """The entropy in [0, 1] of the list of these rows."""
        return float(self.of_all([rows])[0]) if len(rows) else 0.0

    def of_all(self, lists: ArrayLike | Sequence[Sequence[int]]) -> Floats:
        """The entropies of many lists: shape (lists, length), length at least 1, to (lists,)."""
        rows = np.array(lists, dtype=np.intp)
        n_lists, length = rows.shape
        worth = self._worth[rows] / TEMPERATURE
        p = np.exp(worth - worth.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        numbers = np.arange(n_lists)
        cells = self._columns[rows] + (numbers * self._width)[:, None, None]
        mass = np.bincount(cells.ravel(), (p[:, :, None] * self._shares[rows]).ravel(), n_lists * self._width)
        mass = mass.reshape(n_lists, self._width)[:, :-1]
        facets = (self._owner + (numbers * self._n_facets)[:, None]).ravel()
        shape = n_lists, self._n_facets
        whole = np.bincount(facets, mass.ravel(), n_lists * self._n_facets).reshape(shape)
        plain = np.bincount(facets, (mass * np.log(np.maximum(mass, 1e-300))).ravel(), n_lists * self._n_facets).reshape(shape)
        most = np.minimum(length, self._values)
        varied = (most > 1) & (whole > 1e-12)
        safe = np.where(varied, whole, 1.0)
        found = np.where(varied, np.clip((np.log(safe) - plain / safe) / np.log(np.maximum(2, most)), 0.0, 1.0), 0.0)
        return np.asarray(found.sum(axis=1) / np.maximum(1, varied.sum(axis=1)))
