"""Ranking figures against values worked out by hand and against slow direct definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatrec.metrics import ranking

LISTS = [["a", "b", "c", "d"], ["x", "y", "z", "w"], ["p", "q"]]
RELEVANT = [{"b", "d", "missing"}, {"nothing"}, {"p"}]


@pytest.fixture
def judged() -> tuple[np.ndarray, np.ndarray]:
    return ranking.hits_of(LISTS, RELEVANT)


def test_hits_of(judged: tuple[np.ndarray, np.ndarray]) -> None:
    hits, n_relevant = judged
    assert hits.tolist() == [[False, True, False, True], [False] * 4, [True, False, False, False]]
    assert n_relevant.tolist() == [3, 1, 1]


def test_an_item_repeated_in_a_list_hits_once() -> None:
    hits, _ = ranking.hits_of([["a", "a", "b"]], [{"a"}])
    assert hits.tolist() == [[True, False, False]]


def test_known_values(judged: tuple[np.ndarray, np.ndarray]) -> None:
    hits, n = judged
    assert ranking.recall(hits, n, 4) == pytest.approx([2 / 3, 0.0, 1.0])
    assert ranking.precision(hits, n, 4) == pytest.approx([0.5, 0.0, 0.25])
    assert ranking.f1(hits, n, 4) == pytest.approx([4 / 7, 0.0, 0.4])
    assert ranking.hit_rate(hits, n, 1).tolist() == [0.0, 0.0, 1.0]
    assert ranking.mrr(hits, n, 4) == pytest.approx([0.5, 0.0, 1.0])
    best = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert ranking.ndcg(hits, n, 4) == pytest.approx([(1 / math.log2(3) + 1 / math.log2(5)) / best, 0.0, 1.0])


def test_nothing_to_judge() -> None:
    hits, n = ranking.hits_of([], [])
    for figure in (ranking.recall, ranking.precision, ranking.f1, ranking.hit_rate, ranking.mrr, ranking.ndcg):
        assert figure(hits, n, 5).shape == (0,)
    with pytest.raises(ValueError, match="k must be"):
        ranking.recall(hits, n, 0)
    with pytest.raises(ValueError, match="one list a shopper"):
        ranking.hits_of([["a"]], [])


@given(st.lists(st.permutations(range(8)), min_size=1, max_size=5), st.sets(st.integers(0, 11)), st.integers(1, 12))
def test_against_direct_definitions(lists: list[list[int]], relevant: set[int], k: int) -> None:
    hits, n = ranking.hits_of(lists, [relevant] * len(lists))
    for row, items in enumerate(lists):
        found = [i in relevant for i in items[:k]]
        gain = sum(1 / math.log2(p + 2) for p, hit in enumerate(found) if hit)
        ideal = sum(1 / math.log2(p + 2) for p in range(min(k, len(relevant))))
        assert ranking.ndcg(hits, n, k)[row] == pytest.approx(gain / ideal if ideal else 0.0)
        assert ranking.recall(hits, n, k)[row] == pytest.approx(sum(found) / len(relevant) if relevant else 0.0)
        assert ranking.precision(hits, n, k)[row] == pytest.approx(sum(found) / k)
        assert ranking.mrr(hits, n, k)[row] == pytest.approx(1 / (found.index(True) + 1) if any(found) else 0.0)
