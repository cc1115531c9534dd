"""The objective of the entropy-diverse re-ranker: entropy over facet values, closeness to the shopper's profile, and volume.

For a set S with coverage c_g(S) of facet value g (an item spreads a weight of 1 over its values of a facet):

    D(S) = (eta H(S) + (1 - eta) C(S) + mu V(S)) / (1 + mu)
    H(S) = sum_f w_f sum_{g in f} c_g (1 + log(N / c_g))                  N places in all, those of items shown before included
    C(S) = mean_f sum_{g in f} t_g log(1 + c_g / eps) / (log(1 + 1/eps) max_g t_g)        t the shopper's profile
    V(S) = log det(I + K_S / sigma^2) / log(1 + 1 / sigma^2)              K the kernel of the item vectors

*H is the measured entropy itself.* Where the values of facet f hold N in all, sum c_g log(N / c_g) is N times the entropy of f; with
w_f = 1 / log(min(k, values)) it counts as in the measured figure. Its slope, log(N / c_g), is never negative and falls with c_g, so H is
monotone and submodular, which the entropy of the mean facet vector is not. C is minus the divergence from t up to constants
(calibration; Steck, RecSys 2018), V the volume that determinantal point processes maximise (Chen, Zhang & Zhou, NeurIPS 2018).
All three are monotone submodular, so their sum is. H is scaled so that an item with one value in each facet brings 1 to an empty
set, C and V so that an item brings at most 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatrec.ranking.pool import Pool

Floats = NDArray[np.float64]
_NOTHING = 1e-300  # instead of 0 where a logarithm is taken


@dataclass(frozen=True, slots=True)
class Aims:
    """What a varied list is: the weights of the objective. The defaults were chosen on validation shoppers (docs/decisions/0007).

    ``eta``: how much of the target stays uniform when a shopper's profile is known, in [0, 1]. ``mu``: weight of the volume against the
    facets. ``epsilon``: the smaller, the less a value's second item brings to the profile's part. ``noise`` is sigma^2: the smaller,
    the less a near copy brings. ``evidence``: a profile of that total weight counts half, the other half is uniform.
    """

    eta: float = 2 / 3
    mu: float = 1 / 3
    epsilon: float = 0.1
    noise: float = 0.1
    evidence: float = 3.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.eta <= 1.0 or not self.mu >= 0.0 or not self.evidence >= 0.0:
            raise ValueError(f"eta must lie in [0, 1], mu and evidence must not be negative, got {self}")
        if not (self.epsilon > 0.0 and self.noise > 0.0):
            raise ValueError(f"epsilon and noise must be positive, got {self}")


DEFAULT_AIMS = Aims()


class Coverage:
    """Marginal gains of D over one candidate list, for a set that grows item by item to at most ``k``.

    Items shown before are in the set from the start. ``profile`` maps ``facet:value`` labels to weights, what the shopper chose so far; a
    facet without any stays uniform. ``scale`` multiplies every gain.
    """

    def __init__(
        self, pool: Pool, profile: Mapping[str, float] | None = None, *, k: int = 10, aims: Aims = DEFAULT_AIMS, scale: float = 1.0
    ) -> None:
        n, more = pool.n, len(pool.columns) - pool.n
        self._columns, self._shares, self._epsilon = pool.columns, pool.shares, aims.epsilon
        places = float(max(1, k) + more)
        even, told = _weights(pool, profile, max(1, k), places, aims, scale)
        self._even, self._told = even[:, None], None if told is None else told[:, None]
        self._covered = np.full((len(even), 1), _NOTHING)
        # Items share their weight over few values, so few shares occur: gains are kept by value and share, and looked up.
        self._sizes = pool.facets.share_sizes
        self._first = (1.0 + np.log(places)) * self._sizes
        self._table = np.zeros((len(self._covered), len(self._sizes)))
        self._cells = np.ascontiguousarray((pool.columns[:n] * len(self._sizes) + pool.share_numbers[:n]).T)
        self._volume = (
            _Volume(pool, aims.noise, min(k, n), scale * aims.mu / (1.0 + aims.mu)) if aims.mu and pool.vectors.shape[1] else None
        )
        for row in range(n, n + more):
            self._covered[self._columns[row], 0] += self._shares[row]
        self._refresh(np.arange(len(even)), self._covered)

    def gains(self) -> Floats:
        """What each candidate would add to D, not negative; shape (candidates,)."""
        cover: Floats = self._table.take(self._cells).sum(axis=0)
        if self._volume is not None:
            cover += self._volume.gains()
        return cover

    def add(self, row: int) -> None:
        """Puts candidate ``row`` into the set."""
        labels = self._columns[row]
        covered = self._covered.take(labels, axis=0)
        covered[:, 0] += self._shares[row]  # no item has a value twice; the place without a value takes shares of 0
        self._covered[labels] = covered
        self._refresh(labels, covered)
        if self._volume is not None:
            self._volume.add(row)

    def _refresh(self, labels: NDArray[np.intp], before: Floats) -> None:
        """The gains by share of the values whose coverage became ``before``."""
        after = before + self._sizes
        after_log = after * np.log(after)
        gained = self._first - after_log
        gained += after_log[:, :1]  # the first share is 0: what was there before
        gained *= self._even.take(labels, axis=0)
        if self._told is not None:
            after += self._epsilon
            after /= before + self._epsilon
            gained += self._told.take(labels, axis=0) * np.log(after)
        self._table[labels] = gained


class _Volume:
    """Gains in V by an incremental Cholesky factorisation of I + K / sigma^2 (Chen, Zhang & Zhou, NeurIPS 2018)."""

    def __init__(self, pool: Pool, noise: float, k: int, weight: float) -> None:
        context = pool.vectors[pool.n :]
        self._vectors, self._noise, self._rank = pool.vectors[: pool.n], noise, 0
        self._factor = np.zeros((len(context) + k, pool.n))
        self._variance = np.full(pool.n, 1.0 + 1.0 / noise)
        self._weight = weight / float(np.log1p(1.0 / noise))
        if len(context):
            self._condition(context.astype(np.float64))

    def gains(self) -> Floats:
        """What each candidate would add, in [0, ``weight``]."""
        gains: Floats = np.log(self._variance)
        gains *= self._weight
        return gains

    def add(self, row: int) -> None:
        """Puts candidate ``row`` into the set."""
        rank, factor = self._rank, self._factor
        new = (self._vectors @ self._vectors[row]).astype(np.float64)
        new /= self._noise
        if rank:
            new -= factor[:rank, row] @ factor[:rank]
        new /= self._variance[row] ** 0.5
        factor[rank] = new
        self._rank += 1
        self._variance -= new * new
        np.maximum(self._variance, 1.0, out=self._variance)

    def _condition(self, context: Floats) -> None:
        """Starts the factorisation with the items shown before, in one block."""
        lower = np.linalg.cholesky(np.eye(len(context)) + context @ context.T / self._noise)
        self._rank = len(context)
        self._factor[: self._rank] = np.linalg.solve(lower, context @ self._vectors.T / self._noise)
        self._variance = np.maximum(self._variance - (self._factor[: self._rank] ** 2).sum(axis=0), 1.0)


def _weights(
    pool: Pool, profile: Mapping[str, float] | None, k: int, places: float, aims: Aims, scale: float
) -> tuple[Floats, Floats | None]:
    """Weight of every label in H and (``None`` without a profile) in C; the last is that of "no value", 0.

    A facet of which only one value occurs cannot vary and weighs nothing.
    """
    owner, n_facets = pool.owner, len(pool.facets.names)
    sizes = np.bincount(owner, minlength=n_facets)
    varied = sizes > 1
    by_facet = np.where(varied, 1.0 / np.log(np.maximum(2, np.minimum(max(2, k), sizes))), 0.0)
    whole = by_facet.sum() * (1.0 + np.log(places))
    scale = scale / (1.0 + aims.mu) if pool.vectors.shape[1] else scale
    even = (by_facet * (scale / whole) if whole > 0.0 else by_facet)[owner]
    if not profile:
        return np.append(even, 0.0), None
    labels = pool.facets.labels
    told = np.array([max(0.0, profile.get(labels[label], 0.0)) for label in pool.labels.tolist()])
    sums = np.bincount(owner, told, n_facets)
    known = varied & (sums > 0.0)
    target = (told + aims.evidence / np.maximum(1, sizes)[owner]) / np.maximum(sums + aims.evidence, _NOTHING)[owner]
    best = np.zeros(n_facets)
    np.maximum.at(best, owner, target)
    share = (1.0 - aims.eta) * scale / (max(1, int(varied.sum())) * np.log1p(1.0 / aims.epsilon))
    told = (np.where(known, share, 0.0) / np.maximum(best, _NOTHING))[owner] * target
    return np.append(even * np.where(known, aims.eta, 1.0)[owner], 0.0), np.append(told, 0.0)
