"""The contract of :class:`chatrec.protocols.Reranker` as a test class.

class TestMyReranker(RerankerContract):
    def reranker(self, facets): return MyReranker(facets)
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from chatrec.domain.candidate import Candidate
from chatrec.protocols import Reranker
from chatrec.ranking.facets import Facets

KNOBS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def random_case(seed: int, n: int = 40) -> tuple[Facets, list[Candidate]]:
    """A catalogue of ``n`` items with three facets and clustered vectors, and a candidate list over it, best first."""
    chance = np.random.default_rng(seed)
    ids = [f"item{i}" for i in range(n)]
    centres = chance.normal(size=(6, 16))
    cluster = chance.integers(6, size=n)
    vectors = (centres[cluster] + 0.5 * chance.normal(size=(n, 16))).astype(np.float32)
    values: dict[str, list[tuple[str, ...]]] = {
        "category": [(f"c{c}",) for c in cluster],
        "brand": [(f"b{b}",) if b else () for b in chance.zipf(1.7, size=n) % 9],
        "use": [tuple(f"u{u}" for u in chance.integers(5, size=chance.integers(1, 3))) for _ in ids],
    }
    scores = np.sort(chance.random(n) + 0.4 * (cluster == 0))[::-1]
    return Facets.of(ids, values, vectors), [Candidate(i, float(s), "made up") for i, s in zip(ids, scores, strict=True)]


class RerankerContract(ABC):
    """Three lines make a test class: ``class TestMine(RerankerContract):`` with ``make`` returning the re-ranker."""

    @abstractmethod
    def make(self, facets: Facets) -> Reranker:
        """The re-ranker under test, over these facets."""

    def test_is_a_reranker(self) -> None:
        """It has the shape of the seam."""
        assert isinstance(self.make(random_case(0)[0]), Reranker)

    def test_a_part_of_the_input_without_repetition(self) -> None:
        """k of the candidates as they came, none twice, none made up; all of them when k is larger."""
        facets, candidates = random_case(1)
        reranker = self.make(facets)
        for knob in KNOBS:
            for k in (0, 1, 3, 10, 40, 60):
                items = reranker.rerank(candidates, k, knob).items
                assert len(items) == min(k, len(candidates))
                assert len({c.item_id for c in items}) == len(items)
                assert set(items) <= set(candidates)

    def test_knob_zero_is_the_input_order(self) -> None:
        """Even where the scores say otherwise: a pinned item keeps its place."""
        facets, candidates = random_case(2)
        mixed = [candidates[i] for i in np.random.default_rng(2).permutation(len(candidates))]
        strangers = [Candidate(f"unknown{i}", s, "x") for i, s in enumerate((0.1, float("nan"), 0.5))]
        assert list(self.make(facets).rerank([*mixed, *strangers], 40, 0.0).items) == mixed
        assert list(self.make(facets).rerank(strangers, 3, 0.0).items) == strangers

    def test_stable(self) -> None:
        """The same input gives the same output."""
        facets, candidates = random_case(3)
        first = self.make(facets).rerank(candidates, 10, 0.5, ["item7"], {"brand:b1": 1.0})
        assert first == self.make(facets).rerank(candidates, 10, 0.5, ["item7"], {"brand:b1": 1.0})

    def test_figures_are_in_range(self) -> None:
        """A propensity an item, in (0, 1]; entropies in [0, 1]; the plain entropy at most log k."""
        facets, candidates = random_case(4)
        for knob in KNOBS:
            ranked = self.make(facets).rerank(candidates, 5, knob)
            assert len(ranked.propensity) == 5
            assert all(0.0 < p <= 1.0 for p in ranked.propensity)
            assert 0.0 <= ranked.entropy_before <= 1.0
            assert 0.0 <= ranked.entropy_after <= 1.0
            assert 0.0 <= ranked.item_entropy <= np.log(5) + 1e-9

    def test_poor_input_is_fine(self) -> None:
        """No candidates, one, unknown ids, equal and infinite scores, items shown that nobody knows."""
        facets, candidates = random_case(5)
        reranker = self.make(facets)
        assert reranker.rerank([], 5, 0.5).items == ()
        assert reranker.rerank(candidates[:1], 5, 1.0).items == (candidates[0],)
        strangers = [Candidate(f"unknown{i}", s, "x") for i, s in enumerate((float("inf"), 0.5, 0.5, float("nan"), -1.0))]
        for knob in KNOBS:
            assert len(reranker.rerank([*strangers, *candidates[:3]], 6, knob, ["nobody", "item1", "item1"]).items) == 6

    def test_two_items_left(self) -> None:
        """A filter that leaves two: both, at every knob."""
        facets, candidates = random_case(6)
        reranker = self.make(facets)
        for knob in KNOBS:
            items = reranker.rerank(candidates[:2], 10, knob).items
            assert set(items) == set(candidates[:2])

    def test_scores_that_say_nothing(self) -> None:
        """All equal, all NaN, all zero, huge, all negative: k items, none twice, the same each time."""
        facets, candidates = random_case(7)
        reranker = self.make(facets)
        for score in (0.5, float("nan"), 0.0, 1e300, -3.0, float("-inf")):
            level = [Candidate(c.item_id, score, "x") for c in candidates]
            for knob in KNOBS:
                items = [c.item_id for c in reranker.rerank(level, 7, knob).items]
                assert len(set(items)) == 7
                assert items == [c.item_id for c in reranker.rerank(level, 7, knob).items]
