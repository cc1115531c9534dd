"""The objective of the entropy-diverse re-ranker: coverage of facet values plus volume in embedding space.

For a set S: D(S) = [sum_g t_g log(1 + c_g(S) / eps)] / a + mu [log det(I + K_S / sigma^2)] / b, both monotone submodular; a and b are
the largest value that one item alone can have, so that each part of a single item's gain lies in [0, 1].
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from chatrec.ranking.pool import Pool

EPSILON = 0.1  # how much less a value's second item brings than its first: log(1 + 1/eps) against log((2 + eps)/(1 + eps))
MU = 0.5
NOISE = 0.1  # sigma^2: an exact copy of a chosen item brings about a quarter of what a fresh one does
UNIFORM = 0.3  # eta: how much of the target stays uniform when a shopper's profile is known
Floats = NDArray[np.float64]


class Coverage:
    """Marginal gains over one candidate list, for a set that grows item by item.

    Items shown before are in the set from the start. ``profile`` maps ``facet:value`` labels to weights; a facet without
    any stays uniform.
    """

    def __init__(self, pool: Pool, profile: Mapping[str, float] | None = None, *, k: int = 10, mu: float = MU) -> None:
        n, more = pool.n, len(pool.columns) - pool.n
        self._n, self._columns, self._shares = n, pool.columns, pool.shares
        self._target = np.append(_targets(pool, profile, k), 0.0)  # "no value" weighs nothing
        self._covered = np.full(len(self._target), EPSILON)
        self._cells = self._columns[:n], self._shares[:n], self._target[self._columns[:n]]
        self._vectors, self._mu = pool.vectors, mu if pool.vectors.shape[1] else 0.0
        self._factor = np.zeros((n, more + min(k, n)))
        self._variance = np.full(n, 1.0 + 1.0 / NOISE)
        self._rank = 0
        self._most_cover = float(self._cover_gains().max(initial=0.0))
        self._most_volume = float(np.log1p(1.0 / NOISE))
        for row in range(n, n + more):
            self._cover(row)
        self._condition(np.arange(n, n + more))

    def gains(self) -> Floats:
        """What each candidate would add to D, in [0, 1]; shape (candidates,)."""
        cover = self._cover_gains() / self._most_cover if self._most_cover > 0.0 else np.zeros(self._n)
        if not self._mu:
            return cover
        volume = np.log(self._variance) / self._most_volume
        return np.asarray((cover + self._mu * volume) / (1.0 + self._mu))

    def add(self, row: int) -> None:
        """Puts candidate ``row`` into the set."""
        self._cover(row)
        if self._mu:
            self._eliminate(row)

    def _cover(self, row: int) -> None:
        self._covered[self._columns[row]] += self._shares[row]

    def _cover_gains(self) -> Floats:
        columns, shares, target = self._cells
        return np.asarray((target * np.log1p(shares / self._covered[columns])).sum(axis=1))

    def _eliminate(self, row: int) -> None:
        """One step of an incremental Cholesky factorisation of I + K / sigma^2 (Chen, Zhang & Zhou, NeurIPS 2018)."""
        kernel = (self._vectors[: self._n] @ self._vectors[row]) / NOISE
        done = self._factor[:, : self._rank]
        new = (kernel - done @ done[row]) / np.sqrt(self._variance[row])
        self._factor[:, self._rank] = new
        self._rank += 1
        self._variance -= new * new
        np.maximum(self._variance, 1.0, out=self._variance)

    def _condition(self, shown: NDArray[np.intp]) -> None:
        """Starts the factorisation with the items shown before, in one block."""
        if not self._mu or not len(shown):
            return
        context = self._vectors[shown].astype(np.float64)
        lower = np.linalg.cholesky(np.eye(len(shown)) + context @ context.T / NOISE)
        cross = (self._vectors[: self._n] @ context.T) / NOISE
        self._factor[:, : len(shown)] = np.linalg.solve(lower, cross.T).T
        self._rank = len(shown)
        self._variance -= (self._factor[:, : len(shown)] ** 2).sum(axis=1)
        np.maximum(self._variance, 1.0, out=self._variance)


def _targets(pool: Pool, profile: Mapping[str, float] | None, k: int) -> Floats:
    """Weight of every label: t = (1 - eta) profile + eta uniform inside each facet.

    A facet weighs (values / min(k, values)): with many more values than places only so many can be covered, and no facet should
    count less for having many values.
    """
    owner, n_facets = pool.owner, len(pool.facets.names)
    sizes = np.bincount(owner, minlength=n_facets)
    target = 1.0 / np.minimum(max(1, k), np.maximum(1, sizes))[owner]
    if not profile:
        return np.asarray(target, dtype=np.float64)
    told = np.array([max(0.0, profile.get(pool.facets.labels[label], 0.0)) for label in pool.labels])
    sums = np.bincount(owner, told, n_facets)[owner]
    calibrated = (1.0 - UNIFORM) * told / np.maximum(sums, 1e-12) * sizes[owner] + UNIFORM
    return np.where(sums > 0.0, calibrated, 1.0) * target
