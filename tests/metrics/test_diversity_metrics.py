"""Diversity figures against values worked out by hand, and their bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chatrec.metrics import diversity


def test_softmax() -> None:
    assert diversity.softmax([0.0, math.log(3.0)]) == pytest.approx([0.25, 0.75])
    assert diversity.softmax([1e6, 1e6]) == pytest.approx([0.5, 0.5])
    assert diversity.softmax([]).size == 0
    assert diversity.softmax([1.0, 0.0], temperature=0.01)[0] == pytest.approx(1.0)
    with pytest.raises(ValueError, match="temperature"):
        diversity.softmax([1.0], 0.0)


def test_entropy() -> None:
    assert diversity.entropy([0.25] * 4) == pytest.approx(math.log(4))
    assert diversity.entropy([2.0, 0.0]) == 0.0
    assert diversity.entropy([]) == 0.0


def test_facet_entropy_is_normalised_by_what_could_be() -> None:
    p, apart = [0.5, 0.5], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    assert diversity.facet_entropy(p, apart, 3) == pytest.approx(1.0)  # two places, all values differ
    assert diversity.facet_entropy(p, [[1.0, 0.0]] * 2, 2) == 0.0
    # An item with two values spreads its weight: 3/4 and 1/4 over two values.
    mixed = diversity.facet_entropy(p, [[1.0, 0.0], [0.5, 0.5]], 2)
    assert mixed == pytest.approx(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)) / math.log(2))


def test_a_facet_that_cannot_vary_does_not_count() -> None:
    p, apart = [0.5, 0.5], [[1.0, 0.0], [0.0, 1.0]]
    assert diversity.facet_entropy([1.0], [[1.0, 0.0]], 2) is None
    assert diversity.facet_entropy(p, [[1.0], [1.0]], 1) is None
    assert diversity.facet_entropy(p, [[0.0, 0.0]] * 2, 2) is None
    assert diversity.list_entropy(p, [apart, [[1.0], [1.0]]], [2, 1]) == pytest.approx(1.0)
    assert diversity.list_entropy(p, [], []) == 0.0


def test_kl() -> None:
    assert diversity.kl([0.5, 0.5], [0.5, 0.5]) == 0.0
    expected = 0.5 * math.log(0.5 / (0.99 + 0.005)) + 0.5 * math.log(0.5 / 0.005)
    assert diversity.kl([0.5, 0.5], [1.0, 0.0]) == pytest.approx(expected)


def test_distances() -> None:
    vectors = [[1.0, 0.0], [0.0, 2.0], [3.0, 0.0]]
    assert diversity.ilad(vectors) == pytest.approx(2 / 3)
    assert diversity.ilmd(vectors) == pytest.approx(0.0)
    assert diversity.ilad([[1.0, 0.0]]) == diversity.ilmd(np.zeros((0, 2))) == 0.0


def test_coverage_and_gini() -> None:
    assert diversity.coverage([[0, 1], [1, 2]], 6) == pytest.approx(0.5)
    assert diversity.gini([5, 5, 5, 5]) == pytest.approx(0.0)
    assert diversity.gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert diversity.gini([0, 0]) == diversity.gini([]) == 0.0
    with pytest.raises(ValueError, match="catalogue"):
        diversity.coverage([0], 0)


def test_kl_of_vanishing_shares_is_finite() -> None:
    assert diversity.kl([1.0, 5e-324], [1.0, 0.0]) == pytest.approx(0.0)


@given(arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(1, 6)), elements=st.floats(0, 1)))
def test_bounds(weights: np.ndarray) -> None:
    rows = np.divide(weights, weights.sum(1, keepdims=True), out=np.zeros_like(weights), where=weights.sum(1, keepdims=True) > 0)
    p = diversity.softmax(weights[:, 0])
    value = diversity.facet_entropy(p, rows, rows.shape[1])
    assert value is None or 0.0 <= value <= 1.0
    assert 0.0 <= diversity.entropy(p) <= math.log(len(p)) + 1e-9
    assert 0.0 <= diversity.gini(weights.sum(1)) < 1.0
    assert diversity.kl(weights[0], weights[-1]) >= 0.0
