"""The field's other re-rankers, to compare with: by name in the settings, same seam, same figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from chatrec.domain.candidate import Candidate, Ranked
from chatrec.errors import SettingsError
from chatrec.ranking.facets import Facets
from chatrec.ranking.measure import EntropyMeter, weigh
from chatrec.ranking.pool import Pool

PYVERSITY = ("mmr", "msd", "dpp", "cover", "ssd")
SUBSETS = 200  # draws of the random-subset method


class NoReranker:
    """Keeps the input order whatever the knob says."""

    name = "none"

    def __init__(self, facets: Facets) -> None:
        self._facets = facets

    def rerank(
        self,
        candidates: Sequence[Candidate],
        k: int,
        diversity: float,
        shown: Iterable[str] = (),
        profile: Mapping[str, float] | None = None,
    ) -> Ranked:
        """The first ``k``. Deterministic: propensity 1."""
        pool, rows = Pool(self._facets, candidates), range(max(0, min(k, len(candidates))))
        return weigh(pool, candidates, rows, [1.0] * len(rows))


class PyversityReranker:
    """MMR, MSD, DPP, COVER or SSD of the package ``pyversity`` on the item embeddings. Only SSD knows what was shown before."""

    def __init__(self, name: str, facets: Facets) -> None:
        if name not in PYVERSITY:
            raise SettingsError(f"re-ranker {name!r} is not one of pyversity's: {', '.join(PYVERSITY)}")
        self.name, self._facets = name, facets

    def rerank(
        self,
        candidates: Sequence[Candidate],
        k: int,
        diversity: float,
        shown: Iterable[str] = (),
        profile: Mapping[str, float] | None = None,
    ) -> Ranked:
        """At most ``k`` of the candidates. Deterministic: propensity 1. Raises :class:`SettingsError` without ``pyversity``."""
        pool, most = Pool(self._facets, candidates), max(0, min(k, len(candidates)))
        rows = list(range(most)) if diversity <= 0.0 or most < 1 else self._rows(pool, most, min(1.0, diversity), list(shown))
        return weigh(pool, candidates, rows, [1.0] * len(rows))

    def _rows(self, pool: Pool, k: int, diversity: float, shown: Sequence[str]) -> list[int]:
        try:
            from pyversity import diversify
        except ImportError as error:
            raise SettingsError(f"re-ranker '{self.name}' needs the package pyversity: install it, or choose 'entropy'") from error
        if not pool.vectors.shape[1]:
            return list(range(k))
        context = self._facets.gather(shown)[2] if shown else None
        further = {"recent_embeddings": context} if self.name == "ssd" and context is not None else {}
        with np.errstate(all="ignore"):  # DPP overflows once the vectors' rank is used up; what it then gives is sorted out below
            result = diversify(pool.vectors, pool.worth.astype(np.float32), k, self.name, diversity, **further)
        # A strategy may stop early or repeat itself when nothing new is left: the rest follow in the input order.
        return list(dict.fromkeys((*(int(i) for i in result.indices), *range(pool.n))))[:k]


class RandomSubsetReranker:
    """Draws many subsets of the top of the list and keeps the one of highest entropy. The knob says how far down it draws."""

    name = "random_subset"

    def __init__(self, facets: Facets, *, subsets: int = SUBSETS, seed: int = 0) -> None:
        self._facets, self._subsets, self._seed = facets, subsets, seed

    def rerank(
        self,
        candidates: Sequence[Candidate],
        k: int,
        diversity: float,
        shown: Iterable[str] = (),
        profile: Mapping[str, float] | None = None,
    ) -> Ranked:
        """At most ``k`` of the candidates in input order. The draws are seeded, so the outcome is fixed: propensity 1."""
        pool, most = Pool(self._facets, candidates), max(0, min(k, len(candidates)))
        depth = most + round(min(1.0, max(0.0, diversity)) * (len(candidates) - most))
        rows = list(range(most)) if depth == most else self._rows(pool, most, depth)
        return weigh(pool, candidates, rows, [1.0] * len(rows))

    def _rows(self, pool: Pool, k: int, depth: int) -> list[int]:
        chance, meter = np.random.default_rng(self._seed), EntropyMeter(pool)
        draws = [list(range(k)), *(sorted(chance.choice(depth, k, replace=False).tolist()) for _ in range(self._subsets))]
        return max(draws, key=meter.of)
