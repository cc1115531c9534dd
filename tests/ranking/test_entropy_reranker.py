"""The entropy-diverse re-ranker: its objective is what it says, greedy is near the best, the knob does what it promises."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.domain.candidate import Candidate
from chatrec.ranking.entropy import TIE_BREAK, EntropyReranker
from chatrec.ranking.facets import Facets
from chatrec.ranking.objective import EPSILON, MU, NOISE, Coverage
from chatrec.ranking.pool import Pool, relevance
from chatrec.testing.reranker_contract import KNOBS, random_case

seeds = st.integers(0, 10_000)


def gain_after(facets: Facets, candidates: list[Candidate], chosen: list[int], shown: tuple[str, ...] = ()) -> np.ndarray:
    coverage = Coverage(Pool(facets, candidates, shown), k=10)
    for row in chosen:
        coverage.add(row)
    return coverage.gains()


def value(facets: Facets, candidates: list[Candidate], chosen: tuple[int, ...], k: int) -> float:
    """The diversity of a set by its definition: no increments, a plain determinant."""
    columns, shares, vectors = facets.gather([c.item_id for c in candidates])
    present = sorted({int(c) for c in columns.ravel() if c >= 0})
    sizes = {f: sum(1 for label in present if facets.facet_of[label] == f) for f in range(len(facets.names))}

    def cover(rows: tuple[int, ...]) -> float:
        total = 0.0
        for label in present:
            covered = sum(float(shares[r, p]) for r in rows for p in range(columns.shape[1]) if columns[r, p] == label)
            total += math.log(1 + covered / EPSILON) / min(k, sizes[int(facets.facet_of[label])])
        return total

    most = max(cover((r,)) for r in range(len(candidates)))
    x = vectors[list(chosen)].astype(np.float64)
    volume = np.linalg.slogdet(np.eye(len(chosen)) + x @ x.T / NOISE)[1] / math.log1p(1 / NOISE)
    return (cover(chosen) / most + MU * volume) / (1 + MU)


@given(seeds, st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_gains_are_differences_of_the_objective(seed: int, size: int) -> None:
    facets, candidates = random_case(seed, 14)
    chosen = tuple(int(i) for i in np.random.default_rng(seed).permutation(14)[:size])
    gains = gain_after(facets, candidates, list(chosen))
    for row in set(range(14)) - set(chosen):
        expected = value(facets, candidates, (*chosen, row), 10) - value(facets, candidates, chosen, 10)
        assert gains[row] == pytest.approx(expected, abs=1e-5)


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_gains_are_positive_and_diminish(seed: int) -> None:
    """Monotone and submodular: whatever is chosen or was shown before, nothing gains by it."""
    facets, candidates = random_case(seed, 20)
    order = [int(i) for i in np.random.default_rng(seed).permutation(20)]
    shown = tuple(candidates[i].item_id for i in order[15:18])
    small = gain_after(facets, candidates, order[:2])
    for larger in (gain_after(facets, candidates, order[:8]), gain_after(facets, candidates, order[:2], shown)):
        rest = order[8:15]
        assert (larger[rest] <= small[rest] + 1e-6).all()
        assert (larger[rest] >= -1e-9).all()


@given(seeds, st.sampled_from([0.3, 0.7, 1.0]))
@settings(max_examples=20, deadline=None)
def test_greedy_is_near_the_best_list(seed: int, knob: float) -> None:
    facets, candidates = random_case(seed, 9)
    worth, weight = relevance(candidates), knob * (1 - TIE_BREAK)

    def objective(rows: tuple[int, ...]) -> float:
        return (1 - weight) * float(worth[list(rows)].sum()) + weight * value(facets, candidates, rows, 3)

    places = {c: row for row, c in enumerate(candidates)}
    found = objective(tuple(places[c] for c in EntropyReranker(facets).rerank(candidates, 3, knob).items))
    best = max(objective(rows) for rows in itertools.combinations(range(9), 3))
    assert found >= (1 - 1 / math.e) * best - 1e-6


def test_entropy_rises_with_the_knob() -> None:
    """On average at every step; single lists may dip, and how often is bounded."""
    entropies = np.array([[EntropyReranker(f).rerank(c, 8, knob).entropy_after for knob in KNOBS] for f, c in map(random_case, range(120))])
    mean = entropies.mean(axis=0)
    assert (np.diff(mean) > 0.0).all()
    assert mean[-1] > mean[0] + 0.15
    assert (np.diff(entropies, axis=1) < -0.02).mean() < 0.10


def test_relevance_falls_with_the_knob_on_average() -> None:
    kept = np.array(
        [
            [np.mean([c.score for c in EntropyReranker(f).rerank(c, 8, knob).items]) for knob in KNOBS]
            for f, c in map(random_case, range(40))
        ]
    )
    assert (np.diff(kept.mean(axis=0)) <= 1e-9).all()


def test_at_one_relevance_only_breaks_ties() -> None:
    ids = [f"i{n}" for n in range(6)]
    facets = Facets.of(ids, {"category": [("a",), ("a",), ("a",), ("b",), ("b",), ("c",)]})
    candidates = [Candidate(i, s, "x") for i, s in zip(ids, (1.0, 0.99, 0.98, 0.3, 0.2, 0.01), strict=True)]
    assert [c.item_id for c in EntropyReranker(facets).rerank(candidates, 3, 1.0).items] == ["i0", "i3", "i5"]


def test_what_was_shown_counts_as_covered() -> None:
    ids = [f"i{n}" for n in range(4)]
    facets = Facets.of(ids, {"category": [("a",), ("a",), ("b",), ("b",)]})
    candidates = [Candidate(i, 1.0 - 0.1 * n, "x") for n, i in enumerate(ids[1:])]
    reranker = EntropyReranker(facets)
    assert reranker.rerank(candidates, 1, 0.9).items[0].item_id == "i1"
    assert reranker.rerank(candidates, 1, 0.9, shown=["i0"]).items[0].item_id == "i2"


def test_a_profile_pulls_the_list_towards_the_shopper() -> None:
    ids = [f"i{n}" for n in range(12)]
    facets = Facets.of(ids, {"brand": [(f"b{n % 3}",) for n in range(12)]})
    candidates = [Candidate(i, 1.0, "x") for i in ids]
    reranker = EntropyReranker(facets)

    def of_b2(profile: dict[str, float] | None) -> int:
        return sum(int(c.item_id[1:]) % 3 == 2 for c in reranker.rerank(candidates, 6, 1.0, profile=profile).items)

    assert of_b2(None) == 2
    assert of_b2({"brand:b2": 3.0, "brand:b0": 0.5}) >= 3


def test_an_exact_copy_brings_little() -> None:
    vectors = np.eye(4, dtype=np.float32)[[0, 0, 1, 2]]
    facets = Facets.of(list("abcd"), {}, vectors)
    candidates = [Candidate(i, s, "x") for i, s in zip("abcd", (1.0, 0.9, 0.8, 0.7), strict=True)]
    assert [c.item_id for c in EntropyReranker(facets).rerank(candidates, 3, 0.8).items] == ["a", "c", "d"]


def test_without_exploration_the_policy_is_certain_and_with_it_is_not() -> None:
    facets, candidates = random_case(3)
    assert EntropyReranker(facets).rerank(candidates, 5, 0.5).propensity == (1.0,) * 5
    ranked = EntropyReranker(facets, exploration=0.15).rerank(candidates, 5, 0.5)
    assert min(ranked.propensity) < 1.0
    with pytest.raises(ValueError, match="exploration"):
        EntropyReranker(facets, exploration=-1.0)


def test_the_propensity_is_the_chance_of_being_shown() -> None:
    """Over many seeds an item is shown about as often as the propensities it was shown with say."""
    facets, candidates = random_case(3, 12)
    shown, told = np.zeros(12), [[] for _ in range(12)]  # type: ignore[var-annotated]
    places = {c: row for row, c in enumerate(candidates)}
    for seed in range(60):
        ranked = EntropyReranker(facets, exploration=0.1, seed=seed).rerank(candidates, 4, 0.5)
        for item, propensity in zip(ranked.items, ranked.propensity, strict=True):
            shown[places[item]] += 1 / 60
            told[places[item]].append(propensity)
    for row in range(12):
        if len(told[row]) >= 10:
            assert np.mean(told[row]) == pytest.approx(shown[row], abs=0.2)
