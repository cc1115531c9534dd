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
from itertools import repeat
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
        # What each of an item's values would bring, and below it the logarithm of its variance: one product sums them.
        self._parts, self._weights = np.zeros((width + 1, n)), np.ones(width + 1)
        self._weights[width] = scale * aims.mu / ((1.0 + aims.mu) * log1p(1.0 / aims.noise))
        self._value_parts, self._volume_part = self._parts[:width], self._parts[width]
        self._cells = np.ascontiguousarray((pool.columns[:n] * len(pool.facets.share_sizes) + pool.share_numbers[:n]).T)

    def gains(self) -> Floats:
        """What each candidate would add to D, not negative; shape (candidates,)."""
        self._values.table.take(self._cells, out=self._value_parts, mode="clip")  # nothing to clip, but "raise" makes a copy
        if self._volume is not None:
            np.log(self._volume.variance, out=self._volume_part)
        gains: Floats = self._weights @ self._parts
        return gains

    def add(self, row: int) -> None:
        """Puts candidate ``row`` into the set."""
        self._values.add(row)
        if self._volume is not None:
            self._volume.add(row)


class _Values:
    """Gains in H and C. Items share their weight over few values, so that few shares occur: ``table`` has the gains by value and
    share, flat, to be looked up.

    An item changes the gains of few values, for which plain numbers are quicker than arrays.
    """

    def __init__(self, pool: Pool, profile: Mapping[str, float] | None, k: int, aims: Aims, scale: float) -> None:
        self._columns, self._numbers, self._epsilon = pool.columns, pool.share_numbers, aims.epsilon
        places = float(k + len(pool.columns) - pool.n)
        even, told = _weights(pool, profile, k, places, aims, scale)
        sizes = pool.facets.share_sizes
        self._first, self._sizes = 1.0 + log(places), sizes.tolist()
        table = np.multiply.outer(even, sizes * (self._first - np.log(np.maximum(sizes, _NOTHING))))
        if told is not None:
            table += np.multiply.outer(told, np.log1p(sizes / aims.epsilon))
        self.table = table.ravel()
        self._covered, self._even = [0.0] * len(even), even.tolist()
        self._told = [0.0] * len(even) if told is None else told.tolist()

    def add(self, row: int) -> None:
        """Covers the values of this item, and renews their gains."""
        sizes, table, first, epsilon = self._sizes, self.table, self._first, self._epsilon
        for label, number in zip(self._columns[row].tolist(), self._numbers[row].tolist(), strict=True):
            if not number:  # a share of 0: the place is empty
                continue
            before = self._covered[label] = self._covered[label] + sizes[number]
            even, told, known = self._even[label], self._told[label], before * log(before)
            for place, size in enumerate(sizes[1:], label * len(sizes) + 1):
                after = before + size
                gain = even * (first * size + known - after * log(after))
                table[place] = gain + told * log((after + epsilon) / (before + epsilon)) if told else gain


class _Volume:
    """Gains in V by an incremental Cholesky factorisation of sigma^2 I + K (Chen, Zhang & Zhou, NeurIPS 2018).

    ``variance`` (candidates,) is by what adding each would multiply det(I + K / sigma^2), never below 1.
    """

    def __init__(self, pool: Pool, noise: float, k: int) -> None:
        context = pool.vectors[pool.n :]
        self._vectors, self._noise, self._rank = pool.vectors[: pool.n], noise, 0
        self._factor = np.zeros((len(context) + k, pool.n))
        self._square = np.empty(pool.n)
        self.variance = np.full(pool.n, 1.0 + 1.0 / noise)
        if len(context):
            self._condition(context.astype(np.float64))

    def add(self, row: int) -> None:
        """Puts candidate ``row`` into the set."""
        new, known = self._factor[self._rank], self._factor[: self._rank]
        # sigma^2 is in two scalars, so that no step over the candidates is spent on it.
        np.subtract(self._vectors @ self._vectors[row], (known[:, row] * self._noise) @ known, out=new)
        new *= 1.0 / (self._noise * sqrt(self.variance[row]))
        self._rank += 1
        self.variance -= np.multiply(new, new, out=self._square)
        np.maximum(self.variance, 1.0, out=self.variance)

    def _condition(self, context: Floats) -> None:
        """Starts the factorisation with the items shown before, in one block."""
        lower = np.linalg.cholesky(np.eye(len(context)) + context @ context.T / self._noise)
        self._rank = len(context)
        self._factor[: self._rank] = np.linalg.solve(lower, context @ self._vectors.T / self._noise)
        self.variance = np.maximum(self.variance - (self._factor[: self._rank] ** 2).sum(axis=0), 1.0)


def _weights(
    pool: Pool, profile: Mapping[str, float] | None, k: int, places: float, aims: Aims, scale: float
) -> tuple[Floats, Floats | None]:
    """Weight of every label in H and (``None`` without a profile) in C; the last is that of "no value", 0.

    A facet of which only one value occurs cannot vary and weighs nothing.
    """
    sizes = pool.sizes.tolist()
    even = [1.0 / log(max(2, min(k, size))) if size > 1 else 0.0 for size in sizes]
    whole = sum(even) * (1.0 + log(places))
    scale = scale / (1.0 + aims.mu) if pool.facets.vectors.shape[1] else scale
    by_facet = np.array(even) * (scale / whole if whole > 0.0 else 1.0)
    if not profile:
        return np.append(by_facet.take(pool.owner), 0.0), None
    labels = map(pool.facets.labels.__getitem__, pool.labels.tolist())
    told = np.fromiter(map(profile.get, labels, repeat(0.0)), np.float64, len(pool.labels))
    told[~(told > 0.0)] = 0.0
    most = np.zeros(len(sizes))
    np.maximum.at(most, pool.owner, told)
    known = (pool.sizes > 1) & (most > 0.0)
    # target / max target, in which the sum of the weights cancels out
    unsaid = aims.evidence / np.maximum(1, pool.sizes)
    share = (1.0 - aims.eta) * scale / (max(1, sum(size > 1 for size in sizes)) * log1p(1.0 / aims.epsilon))
    slope = np.where(known, share / np.maximum(most + unsaid, _NOTHING), 0.0)
    told = slope.take(pool.owner) * (told + unsaid.take(pool.owner))
    by_facet[known] *= aims.eta
    return np.append(by_facet.take(pool.owner), 0.0), np.append(told, 0.0)
