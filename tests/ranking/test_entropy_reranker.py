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
from chatrec.ranking.objective import DEFAULT_AIMS as AIMS
from chatrec.ranking.objective import Aims, Coverage
from chatrec.ranking.pool import Pool, relevance
from chatrec.testing.reranker_contract import KNOBS, random_case

seeds = st.integers(0, 10_000)
profiles = st.dictionaries(
    st.sampled_from(["category:c0", "category:c3", "brand:b1", "brand:b2", "use:u0", "use:u4", "size:none"]),
    st.floats(0.0, 50.0),
    max_size=5,
)


def gain_after(
    facets: Facets, candidates: list[Candidate], chosen: list[int], shown: tuple[str, ...] = (), profile: dict[str, float] | None = None
) -> np.ndarray:
    coverage = Coverage(Pool(facets, candidates, shown), profile, k=10)
    for row in chosen:
        coverage.add(row)
    return coverage.gains()


def value(facets: Facets, candidates: list[Candidate], chosen: tuple[int, ...], k: int, profile: dict[str, float] | None = None) -> float:
    """The diversity of a set by its definition: no increments, a plain determinant, one facet value after the other."""
    columns, shares, vectors = facets.gather([c.item_id for c in candidates])
    covered: dict[int, float] = dict.fromkeys((int(c) for c in columns.ravel() if c >= 0), 0.0)
    for row in chosen:
        for label, share in zip(columns[row], shares[row], strict=True):
            if label >= 0:
                covered[int(label)] += float(share)
    by_facet = {f: [g for g in covered if facets.facet_of[g] == f] for f in range(len(facets.names))}
    varied = {f: labels for f, labels in by_facet.items() if len(labels) > 1}
    weight = {f: 1 / math.log(max(2, min(k, len(labels)))) for f, labels in varied.items()}
    even = told = 0.0
    for f, labels in varied.items():
        judged = {g: (profile or {}).get(facets.labels[g], 0.0) for g in labels}
        whole = sum(judged.values())
        entropy = sum(covered[g] * (1 + math.log(k / covered[g])) for g in labels if covered[g])
        even += (AIMS.eta if whole else 1.0) * weight[f] * entropy / (sum(weight.values()) * (1 + math.log(k)))
        if whole:
            target = {g: (judged[g] + AIMS.evidence / len(labels)) / (whole + AIMS.evidence) for g in labels}
            reached = sum(target[g] * math.log(1 + covered[g] / AIMS.epsilon) for g in labels)
            told += (1 - AIMS.eta) * reached / (max(target.values()) * math.log(1 + 1 / AIMS.epsilon) * len(varied))
    x = vectors[list(chosen)].astype(np.float64)
    volume = np.linalg.slogdet(np.eye(len(chosen)) + x @ x.T / AIMS.noise)[1] / math.log1p(1 / AIMS.noise)
    return float((even + told + AIMS.mu * volume) / (1 + AIMS.mu))


@given(seeds, st.integers(0, 6), profiles)
@settings(max_examples=40, deadline=None)
def test_gains_are_differences_of_the_objective(seed: int, size: int, profile: dict[str, float]) -> None:
    facets, candidates = random_case(seed, 14)
    chosen = tuple(int(i) for i in np.random.default_rng(seed).permutation(14)[:size])
    gains = gain_after(facets, candidates, list(chosen), profile=profile)
    for row in set(range(14)) - set(chosen):
        expected = value(facets, candidates, (*chosen, row), 10, profile) - value(facets, candidates, chosen, 10, profile)
        assert gains[row] == pytest.approx(expected, abs=1e-5)


@given(seeds, profiles)
@settings(max_examples=150, deadline=None)
def test_gains_are_positive_and_diminish(seed: int, profile: dict[str, float]) -> None:
    """Monotone and submodular: nothing brings less than nothing, or more to a larger set. Each example checks some 70 pairs."""
    facets, candidates = random_case(seed, 20)
    order = [int(i) for i in np.random.default_rng(seed).permutation(20)]
    coverage = Coverage(Pool(facets, candidates), profile, k=10)
    gains = coverage.gains()
    assert (gains >= 0.0).all()
    for place in range(10):
        coverage.add(order[place])
        after, rest = coverage.gains(), order[place + 1 :]
        assert (after[rest] <= gains[rest] + 1e-9).all()
        assert (after >= 0.0).all()
        gains = after


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_what_was_shown_only_lowers_the_value_of_its_like(seed: int) -> None:
    """Items shown before count as in the set: a value that they hold gains less on them than one that they do not."""
    facets, candidates = random_case(seed, 20)
    shown = tuple(c.item_id for c in candidates[:4])
    gains = gain_after(facets, candidates[4:], [], shown)
    assert (gains >= 0.0).all()
    chosen = [int(i) for i in np.random.default_rng(seed).permutation(16)[:5]]
    later = gain_after(facets, candidates[4:], chosen, shown)
    rest = sorted(set(range(16)) - set(chosen))
    assert (later[rest] <= gains[rest] + 1e-9).all()


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
    ids = [f"i{n}" for n in range(30)]
    facets = Facets.of(ids, {"brand": [(f"b{n % 3}",) for n in range(30)]})
    candidates = [Candidate(i, 1.0, "x") for i in ids]

    def of_b2(profile: dict[str, float] | None, k: int = 7, aims: Aims = AIMS) -> int:
        chosen = EntropyReranker(facets, aims=aims).rerank(candidates, k, 1.0, profile=profile).items
        return sum(int(c.item_id[1:]) % 3 == 2 for c in chosen)

    assert of_b2(None) == 2
    assert of_b2({"brand:b2": 30.0, "brand:b0": 0.5}) == 3
    assert of_b2({"brand:b1": 30.0}) == 2
    assert of_b2({"brand:b2": 30.0}, 9, Aims(eta=0.1)) >= 6
    assert of_b2({"brand:b2": 0.01}, 9, Aims(eta=0.1)) == 3  # next to no evidence


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
