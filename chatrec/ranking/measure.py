"""What the receipt keeps of a list: its entropies before and after."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chatrec.domain.candidate import Candidate, Ranked
from chatrec.ranking.pool import Pool

TEMPERATURE = 1.0
_NOTHING = 1e-300  # instead of 0 where a logarithm is taken
Floats = NDArray[np.float64]


def weigh(pool: Pool, candidates: Sequence[Candidate], rows: Sequence[int], propensity: Sequence[float]) -> Ranked:
    """The chosen rows as a :class:`Ranked`, with the figures of the list and of the top of the input of the same length."""
    chosen = list(rows)
    before, after = EntropyMeter(pool).of_all([range(len(chosen)), chosen]).tolist() if chosen else (0.0, 0.0)
    plain = _entropy_of_softmax(pool.worth[chosen].tolist())
    return Ranked(tuple([candidates[row] for row in chosen]), tuple(propensity), before, after, plain)


def _entropy_of_softmax(worth: Sequence[float]) -> float:
    """As the metrics package has it, in plain numbers: for a list's few items they are quicker than arrays."""
    scaled = [one / TEMPERATURE for one in worth]  # in [0, 1], so that no exponential overflows
    raised = [exp(one) for one in scaled]
    whole = sum(raised)
    return max(0.0, log(whole) - sum(x * y for x, y in zip(scaled, raised, strict=True)) / whole) if raised else 0.0


class EntropyMeter:
    """Mean normalised facet entropy of lists drawn from one candidate set; many lists of one length at once.

    The same figure as :func:`chatrec.metrics.diversity.list_entropy`, without a matrix for each facet.
    """

    def __init__(self, pool: Pool) -> None:
        self._columns, self._shares, self._worth = pool.columns, pool.shares, pool.worth
        self._width, self._owner, self._values = len(pool.labels) + 1, pool.owner, pool.sizes
        if len(pool.columns) > pool.n:  # values that only items shown before have are not in the candidate set
            seen = np.zeros(self._width, dtype=np.bool_)
            seen[self._columns[: pool.n]] = True
            self._values = np.bincount(self._owner[seen[:-1]], minlength=len(self._values))

    def of(self, rows: Sequence[int]) -> float:
        """The entropy in [0, 1] of the list of these rows."""
        return float(self.of_all([rows])[0]) if len(rows) else 0.0

    def of_all(self, lists: ArrayLike | Sequence[Sequence[int]]) -> Floats:
        """The entropies of many lists: shape (lists, length), length at least 1, to (lists,)."""
        rows = np.array(lists, dtype=np.intp)
        (n_lists, length), n_facets = rows.shape, len(self._values)
        weights = np.exp(self._worth.take(rows) / TEMPERATURE)  # worth lies in [0, 1]; the sum of the weights cancels out below
        numbers = np.arange(n_lists)[:, None]
        cells = self._columns.take(rows, axis=0) + (numbers * self._width)[:, :, None]
        spread = self._shares.take(rows, axis=0)
        spread *= weights[:, :, None]
        mass = np.bincount(cells.ravel(), spread.ravel(), n_lists * self._width).reshape(n_lists, self._width)[:, :-1]
        owners = self._owner + numbers * n_facets
        whole = np.bincount(owners.ravel(), mass.ravel(), n_lists * n_facets)
        shares = mass / np.maximum(whole, _NOTHING).take(owners)
        shares *= np.log(np.maximum(shares, _NOTHING))
        found = -np.bincount(owners.ravel(), shares.ravel(), n_lists * n_facets).reshape(n_lists, n_facets)
        most = np.minimum(length, self._values)
        varied = (most > 1) & (whole.reshape(n_lists, n_facets) > 0.0)
        found = found * varied / np.log(np.maximum(2, most))
        return np.asarray(np.clip(found, 0.0, 1.0).sum(axis=1) / np.maximum(1, varied.sum(axis=1)))
