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


class _Deterministic:
    """A baseline: subclasses choose rows of the pool. Nothing is drawn by chance from turn to turn, so every propensity is 1."""

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
        """At most ``k`` of the candidates. Raises :class:`SettingsError` where the method's package is absent."""
        pool, most = Pool(self._facets, candidates), max(0, min(k, len(candidates)))
        knob = min(1.0, max(0.0, diversity))
        rows = list(range(most)) if knob == 0.0 or most < 1 else self._rows(pool, most, knob, list(shown))
        return weigh(pool, candidates, rows, [1.0] * len(rows))

    def _rows(self, pool: Pool, k: int, diversity: float, shown: Sequence[str]) -> list[int]:
        """The rows to show, in order; ``k`` is at least 1 and at most the pool's size, ``diversity`` in (0, 1]."""
        raise NotImplementedError


class NoReranker(_Deterministic):
    """Keeps the input order whatever the knob says."""

    name = "none"

    def _rows(self, pool: Pool, k: int, diversity: float, shown: Sequence[str]) -> list[int]:
        return list(range(k))


class PyversityReranker(_Deterministic):
    """MMR, MSD, DPP, COVER or SSD of the package ``pyversity`` on the item embeddings. Only SSD knows what was shown before."""

    def __init__(self, name: str, facets: Facets) -> None:
        if name not in PYVERSITY:
            raise SettingsError(f"re-ranker {name!r} is not one of pyversity's: {', '.join(PYVERSITY)}")
        super().__init__(facets)
        self.name = name

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


class RandomSubsetReranker(_Deterministic):
    """Draws many subsets of the top of the list and keeps the one of highest entropy, in input order. The knob says how far down it
    draws; the draws are seeded."""

    name = "random_subset"

    def __init__(self, facets: Facets, *, subsets: int = SUBSETS, seed: int = 0) -> None:
        super().__init__(facets)
        self._subsets, self._seed = subsets, seed

    def _rows(self, pool: Pool, k: int, diversity: float, shown: Sequence[str]) -> list[int]:
        depth = k + round(diversity * (pool.n - k))
        if depth == k:
            return list(range(k))
        chance, meter = np.random.default_rng(self._seed), EntropyMeter(pool)
        drawn = np.sort(chance.random((self._subsets, depth)).argsort(axis=1)[:, :k], axis=1)
        draws = np.concatenate((np.arange(k)[None, :], drawn))
        return [int(row) for row in draws[int(np.argmax(meter.of_all(draws)))]]
