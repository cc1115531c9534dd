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
    chosen, meter = list(rows), EntropyMeter(pool)
    top = list(range(len(chosen)))
    before = meter.of(top)
    after = before if chosen == top else meter.of(chosen)
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
        self._columns, self._shares, self._owner, self._values = pool.columns, pool.shares, pool.owner, pool.sizes
        self._raised = np.exp(pool.worth / TEMPERATURE)  # worth lies in [0, 1]; what the weights sum to cancels out below
        if len(pool.columns) > pool.n:  # values that only items shown before have are not in the candidate set
            seen = np.bincount(pool.columns[: pool.n].ravel(), minlength=len(pool.owner)) > 0
            seen[-1] = True
            self._values = np.bincount(self._owner[seen], minlength=len(self._values) + 1).tolist()[:-1]

    def of(self, rows: Sequence[int]) -> float:
        """The entropy in [0, 1] of the list of these rows, in plain numbers: for one list they are quicker than arrays."""
        mass: dict[int, float] = {}
        owner, taken = self._owner.tolist(), np.array(rows, dtype=np.intp)
        lists = self._raised.take(taken), self._columns.take(taken, axis=0), self._shares.take(taken, axis=0)
        for weight, labels, shares in zip(*(one.tolist() for one in lists), strict=True):
            for label, share in zip(labels, shares, strict=True):
                if share:
                    mass[label] = mass.get(label, 0.0) + weight * share
        whole, plain = [0.0] * len(self._values), [0.0] * len(self._values)
        for label, held in mass.items():
            whole[owner[label]] += held
            plain[owner[label]] += held * log(held)
        most = [min(len(rows), size) if total else 0 for size, total in zip(self._values, whole, strict=True)]
        found = [(log(w) - p / w) / log(size) for w, p, size in zip(whole, plain, most, strict=True) if size > 1]
        return sum(min(1.0, max(0.0, one)) for one in found) / len(found) if found else 0.0

    def of_all(self, lists: ArrayLike | Sequence[Sequence[int]]) -> Floats:
        """The entropies of many lists: shape (lists, length), length at least 1, to (lists,)."""
        rows = np.array(lists, dtype=np.intp)
        (n_lists, length), width = rows.shape, len(self._owner)
        cells = self._columns.take(rows, axis=0)
        cells += np.arange(0, n_lists * width, width)[:, None, None]
        spread = self._shares.take(rows, axis=0)
        spread *= self._raised.take(rows)[:, :, None]
        mass = np.bincount(cells.ravel(), spread.ravel(), n_lists * width).reshape(n_lists, width)
        belongs = (self._owner[:, None] == np.arange(len(self._values))).astype(np.float64)
        whole = np.maximum(mass @ belongs, _NOTHING)
        found = np.log(whole) - (mass * np.log(np.maximum(mass, _NOTHING))) @ belongs / whole
        most = [min(length, size) for size in self._values]
        found *= np.array([1.0 / log(size) if size > 1 else 0.0 for size in most])
        varied = (whole > _NOTHING) @ np.array([float(size > 1) for size in most])  # how many facets can vary and occur
        return np.asarray(np.minimum(np.maximum(found, 0.0), 1.0) @ np.ones(len(most)) / np.maximum(1.0, varied))
