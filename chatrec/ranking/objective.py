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
from functools import lru_cache
from math import log, log1p, sqrt

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
        n, more, width = pool.n, len(pool.columns) - pool.n, pool.columns.shape[1]
        self._values = _Values(pool, profile, max(1, k), aims, scale)
        for row in range(n, n + more):
            self._values.add(row)
        self._volume = _Volume(pool, aims.noise, min(k, n)) if aims.mu and pool.facets.vectors.shape[1] else None
        # What each of an item's values would bring, below it the logarithm of its variance, and the 1 that takes noise out of
        # that: one product sums them.
        self._parts, self._weights = np.ones((width + 2, n)), np.ones(width + 2)
        volume = scale * aims.mu / ((1.0 + aims.mu) * log1p(1.0 / aims.noise)) if self._volume else 0.0
        self._weights[width:] = volume, -volume * log(aims.noise)
        self._value_parts, self._volume_part = self._parts[:width], self._parts[width]
        self._cells = np.ascontiguousarray((pool.columns[:n] * len(pool.facets.share_sizes) + pool.share_numbers[:n]).T)

    def gains(self) -> Floats:
        """What each candidate would add to D, not negative; shape (candidates,)."""
        self._values.table.take(self._cells, None, out=self._value_parts, mode="clip")  # nothing to clip, but "raise" makes a copy
        if self._volume is not None:
            np.log(self._volume.variance, out=self._volume_part)
        gains: Floats = self._weights.dot(self._parts)
        return gains

    def add(self, row: int) -> None:
        """Puts candidate ``row`` into the set."""
        self._values.add(row)
        if self._volume is not None:
            self._volume.add(row)


class _Values:
    """Gains in H and C. Items share their weight over few values, so that few shares occur: ``table`` has the gains by value and
    share, flat, to be looked up.

    An item changes the gains of few values: a loop over these is quicker than gathering and scattering arrays.
    """

    def __init__(self, pool: Pool, profile: Mapping[str, float] | None, k: int, aims: Aims, scale: float) -> None:
        self._columns, self._numbers = pool.columns, pool.share_numbers
        self._places, self._epsilon = float(k + len(pool.columns) - pool.n), aims.epsilon
        self._sizes = tuple(pool.facets.share_sizes.tolist())
        weights = _weights(pool, profile, k, self._places, aims, scale)
        self._by_label = weights @ _steps(0.0, self._sizes, self._places, self._epsilon)
        self.table = self._by_label.ravel()
        self._weights, self._covered = weights, [0.0] * len(weights)

    def add(self, row: int) -> None:
        """Covers the values of this item, and renews their gains."""
        for label, number in zip(self._columns[row].tolist(), self._numbers[row].tolist(), strict=True):
            if not number:  # a share of 0: the place is empty
                continue
            covered = self._covered[label] = self._covered[label] + self._sizes[number]
            steps = _steps(covered, self._sizes, self._places, self._epsilon)
            self._weights[label].dot(steps, self._by_label[label])


# Coverages are sums of few shares: the same ones come back from list to list.
@lru_cache(maxsize=8192)
def _steps(covered: float, sizes: tuple[float, ...], places: float, epsilon: float) -> Floats:
    """What each share brings to H and to C, before weights, where a value is covered so far; shape (2, shares)."""
    after = covered + np.array(sizes)
    before, held = (x * np.log(np.maximum(x, _NOTHING)) for x in (covered, after))
    steps = np.array([(after - covered) * (1.0 + log(places)) - held + before, np.log((after + epsilon) / (covered + epsilon))])
    steps.flags.writeable = False
    return steps


class _Volume:
    """Gains in V by an incremental Cholesky factorisation of sigma^2 I + K (Chen, Zhang & Zhou, NeurIPS 2018).

    ``variance`` (candidates,) is by what adding each would multiply the determinant, never below sigma^2.
    """

    def __init__(self, pool: Pool, noise: float, k: int) -> None:
        context = pool.vectors[pool.n :]
        self._vectors, self._noise, self._rank = pool.vectors[: pool.n], noise, 0
        self._factor = np.zeros((len(context) + k, pool.n))
        self.variance = np.full(pool.n, 1.0 + noise)
        if len(context):
            self._condition(context.astype(np.float64))

    def add(self, row: int) -> None:
        """Puts candidate ``row`` into the set."""
        new, known = self._factor[self._rank], self._factor[: self._rank]
        np.subtract(self._vectors.dot(self._vectors[row]), known[:, row].dot(known), out=new)
        new *= 1.0 / sqrt(self.variance[row])
        self._rank += 1
        self.variance -= new * new
        np.maximum(self.variance, self._noise, out=self.variance)

    def _condition(self, context: Floats) -> None:
        """Starts the factorisation with the items shown before, in one block."""
        lower = np.linalg.cholesky(self._noise * np.eye(len(context)) + context @ context.T)
        self._rank = len(context)
        self._factor[: self._rank] = np.linalg.solve(lower, context @ self._vectors.T)
        self.variance = np.maximum(self.variance - (self._factor[: self._rank] ** 2).sum(axis=0), self._noise)


def _weights(pool: Pool, profile: Mapping[str, float] | None, k: int, places: float, aims: Aims, scale: float) -> Floats:
    """Weight of every label in H and in C, shape (labels + 1, 2); the last is that of "no value", 0.

    A facet of which only one value occurs cannot vary and weighs nothing.
    """
    even = [1.0 / log(max(2, min(k, size))) if size > 1 else 0.0 for size in pool.sizes]
    whole = sum(even) * (1.0 + log(places))
    scale = scale / (1.0 + aims.mu) if pool.facets.vectors.shape[1] else scale
    even = [weight * (scale / whole) if whole > 0.0 else weight for weight in even]
    weights = np.zeros((len(pool.owner), 2))
    if not profile:
        weights[:, 0] = np.array([*even, 0.0]).take(pool.owner)
        return weights
    told = [max(0.0, profile.get(label, 0.0)) for label in map(pool.facets.labels.__getitem__, pool.labels.tolist())]
    most = [0.0] * len(even)
    for facet, weight in zip(pool.owner.tolist(), told, strict=False):  # one more owner, that of "no value"
        if weight > most[facet]:
            most[facet] = weight
    known = [size > 1 and best > 0.0 for size, best in zip(pool.sizes, most, strict=True)]
    # The target is (told + unsaid) / sum; divided by the largest of the facet, the sum cancels out.
    unsaid = [aims.evidence / max(1, size) for size in pool.sizes]
    share = (1.0 - aims.eta) * scale / (max(1, sum(size > 1 for size in pool.sizes)) * log1p(1.0 / aims.epsilon))
    slope = [share / (best + more) if one else 0.0 for best, more, one in zip(most, unsaid, known, strict=True)]
    even = [weight * aims.eta if one else weight for weight, one in zip(even, known, strict=True)]
    by_label = np.array([[*even, 0.0], [*slope, 0.0], [*unsaid, 0.0]]).take(pool.owner, axis=1)
    weights[:, 0] = by_label[0]
    weights[:, 1] = by_label[1] * (np.array([*told, 0.0]) + by_label[2])
    return weights
