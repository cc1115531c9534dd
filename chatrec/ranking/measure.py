"""What the receipt keeps of a list: its entropies before and after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chatrec.domain.candidate import Candidate, Ranked
from chatrec.metrics.diversity import entropy, list_entropy, softmax
from chatrec.ranking.pool import Pool

TEMPERATURE = 1.0


def weigh(pool: Pool, candidates: Sequence[Candidate], rows: Sequence[int], propensity: Sequence[float]) -> Ranked:
    """The chosen rows as a :class:`Ranked`, with the figures of the list and of the top of the input of the same length."""
    meter = EntropyMeter(pool)
    return Ranked(
        tuple(candidates[row] for row in rows),
        tuple(propensity),
        meter.of(range(len(rows))),
        meter.of(rows),
        entropy(softmax(pool.worth[list(rows)], TEMPERATURE)),
    )


class EntropyMeter:
    """Mean normalised facet entropy of lists drawn from one candidate set."""

    def __init__(self, pool: Pool) -> None:
        spread = np.zeros((pool.n, len(pool.labels) + 1))
        rows = np.arange(pool.n)[:, None]
        spread[rows, pool.columns[: pool.n]] = pool.shares[: pool.n]
        spread = spread[:, :-1]
        seen, owner = spread.any(axis=0), pool.owner  # values that only items shown before have are not in the candidate set
        self._spreads = [spread[:, seen & (owner == facet)] for facet in range(len(pool.facets.names))]
        self._worth = pool.worth

    def of(self, rows: Sequence[int]) -> float:
        """The entropy in [0, 1] of the list of these rows."""
        chosen = list(rows)
        p = softmax(self._worth[chosen], TEMPERATURE)
        return list_entropy(p, [s[chosen] for s in self._spreads], [s.shape[1] for s in self._spreads])
