"""The entropy-diverse re-ranker."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from chatrec.domain.candidate import Candidate, Ranked
from chatrec.ranking.facets import Facets
from chatrec.ranking.measure import weigh
from chatrec.ranking.objective import DEFAULT_AIMS, Aims, Coverage
from chatrec.ranking.pool import Pool

# What is left of relevance at the top of the knob: gains (in [0, 1]) that differ by less
# count as tied, and relevance breaks the tie.
TIE_BREAK = 0.05
_EQUAL = 1e-9
DRAWS = 32  # replays of an exploring policy from which the chance of showing an item is counted
Floats = NDArray[np.float64]


class EntropyReranker:
    """Greedy maximisation of (1 - l) relevance + l diversity, where diversity is monotone submodular (see ``objective``): within
    1 - 1/e of the best list (Nemhauser, Wolsey & Fisher, 1978). The knob is l (less a small part that lets relevance break ties).

    Diversity is a matter of the set, order one of relevance: what was chosen is shown in the order of the input.

    ``exploration`` > 0 makes the policy stochastic: Gumbel noise of that scale is added to each step's gains, which picks in
    proportion to exp(gain / exploration). The noise is drawn from ``seed`` and the candidates, so one input has one output.

    *Propensity.* Without exploration the policy is deterministic and every shown item has propensity 1.0: true, and of no use for
    reweighting a log towards items that were not shown. With it, the propensity is the share of replays of the policy (this list
    and ``DRAWS`` fresh ones) that show the item anywhere in the list: in (0, 1].
    """

    name = "entropy"

    def __init__(self, facets: Facets, *, aims: Aims = DEFAULT_AIMS, exploration: float = 0.0, seed: int = 0) -> None:
        if not exploration >= 0.0:
            raise ValueError(f"exploration must not be negative, got {exploration}")
        self._facets, self._aims, self._exploration, self._seed = facets, aims, exploration, seed

    def rerank(
        self,
        candidates: Sequence[Candidate],
        k: int,
        diversity: float,
        shown: Iterable[str] = (),
        profile: Mapping[str, float] | None = None,
    ) -> Ranked:
        """At most ``k`` of the candidates; ``profile`` maps ``facet:value`` to weights (calibration instead of highest entropy)."""
        knob, most = min(1.0, max(0.0, diversity)), max(0, min(k, len(candidates)))
        pool = Pool(self._facets, candidates, list(dict.fromkeys(shown)))
        rows, propensity = self._choose(pool, most, knob, profile, candidates)
        return weigh(pool, candidates, rows, propensity)

    def _choose(
        self, pool: Pool, k: int, knob: float, profile: Mapping[str, float] | None, candidates: Sequence[Candidate]
    ) -> tuple[list[int], list[float]]:
        if not k or (knob == 0.0 and not self._exploration):
            return list(range(k)), [1.0] * k

        weight = knob * (1.0 - TIE_BREAK)

        def draw(noise: Floats | None) -> list[int]:
            coverage = Coverage(pool, profile, k=k, aims=self._aims, scale=weight) if weight else None
            return _greedy((1.0 - weight) * pool.worth, coverage, k, noise)

        if not self._exploration:
            return draw(None), [1.0] * k
        chance = np.random.default_rng(_digest(self._seed, [c.item_id for c in candidates]))
        rolls = [draw(self._exploration * chance.gumbel(size=(k, pool.n))) for _ in range(DRAWS + 1)]
        counts = np.bincount(np.array(rolls).ravel(), minlength=pool.n)
        return rolls[0], [float(counts[row]) / len(rolls) for row in rolls[0]]


def _greedy(worth: Floats, coverage: Coverage | None, k: int, noise: Floats | None) -> list[int]:
    """The chosen rows in the order of the input. Of equal gains the earlier candidate wins, so that relevance breaks ties."""
    chosen: list[int] = []
    base = worth + _earlier_first(len(worth))
    for step in range(k):
        gains = base if coverage is None else coverage.gains() + base
        if noise is not None:
            gains = gains + noise[step]
        best = int(gains.argmax())
        chosen.append(best)
        base[best] = -np.inf
        if coverage is not None and step + 1 < k:
            coverage.add(best)
    return sorted(chosen)


@lru_cache(maxsize=256)
def _earlier_first(n: int) -> Floats:
    """What makes the earlier of two candidates win whose gains differ by rounding alone."""
    return np.linspace(_EQUAL, 0.0, n)


def _digest(seed: int, ids: Sequence[str]) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}\n{chr(10).join(ids)}".encode()).digest()[:8], "big")
