"""The figures of many lists at once against the slow definitions, list by list, by brute force."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from chatrec.metrics import diversity, lists

N_ITEMS, PLACES = 30, 6
FACET_OF = np.array([0, 0, 0, 1, 1, 1, 1])


@pytest.fixture(scope="module")
def shown() -> np.ndarray:
    """Forty lists, some shorter, one empty."""
    chance = np.random.default_rng(3)
    rows = np.stack([chance.permutation(N_ITEMS)[:PLACES] for _ in range(40)])
    for row, length in ((0, 0), (1, 1), (2, 2), (3, 5)):
        rows[row, length:] = -1
    return rows


@pytest.fixture(scope="module")
def scores(shown: np.ndarray) -> np.ndarray:
    return np.random.default_rng(4).random(shown.shape)


@pytest.fixture(scope="module")
def spread() -> np.ndarray:
    """Items over labels: one or two values of facet 0, one of facet 1; every fifth item has none."""
    chance = np.random.default_rng(5)
    dense = np.zeros((N_ITEMS, len(FACET_OF)))
    for item in range(N_ITEMS):
        values = chance.choice(3, chance.integers(1, 3), replace=False)
        dense[item, values] = 1 / len(values)
        dense[item, 3 + chance.integers(4)] = 1.0
    dense[::5] = 0.0
    return dense


def held(row: np.ndarray) -> np.ndarray:
    return row[row >= 0]


def test_weights_and_item_entropy(shown: np.ndarray, scores: np.ndarray) -> None:
    weights = lists.list_weights(shown, scores, 0.5)
    entropies = lists.item_entropies(weights)
    for n, row in enumerate(shown):
        length = len(held(row))
        p = diversity.softmax(scores[n, :length], 0.5)
        assert weights[n, :length] == pytest.approx(p) and not weights[n, length:].any()
        assert entropies[n] == pytest.approx(-sum(x * math.log(x) for x in p))


def test_list_entropy(shown: np.ndarray, scores: np.ndarray, spread: np.ndarray) -> None:
    sparse, pool = csr_matrix(spread), np.concatenate([shown, shown[::-1]], axis=1)
    n_values = lists.facet_values(pool, sparse, FACET_OF)
    weights = lists.list_weights(shown, scores)
    found = lists.list_entropies(shown, weights, sparse, FACET_OF, n_values)
    for n, row in enumerate(shown):
        rows, p = held(row), diversity.softmax(scores[n, : len(held(row))])
        counts = [int((spread[held(pool[n])][:, f == FACET_OF] > 0).any(axis=0).sum()) if len(held(pool[n])) else 0 for f in (0, 1)]
        assert n_values[n].tolist() == counts
        expected = diversity.list_entropy(p, [spread[rows][:, f == FACET_OF] for f in (0, 1)], counts) if len(rows) else 0.0
        assert found[n] == pytest.approx(expected, abs=1e-12)
    assert found[0] == found[1] == 0.0 < found[5] <= 1.0


def test_distances(shown: np.ndarray) -> None:
    vectors = np.random.default_rng(6).normal(size=(N_ITEMS, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[4] = 0.0  # unknown
    means, leasts = lists.distances(shown, vectors)
    for n, row in enumerate(shown):
        pairs = [min(2.0, max(0.0, 1.0 - float(vectors[a] @ vectors[b]))) for a, b in combinations(held(row), 2)]
        assert means[n] == pytest.approx(sum(pairs) / len(pairs) if pairs else 0.0)
        assert leasts[n] == pytest.approx(min(pairs, default=0.0), abs=1e-12)
        assert means[n] == pytest.approx(diversity.ilad(vectors[held(row)])) and leasts[n] == pytest.approx(
            diversity.ilmd(vectors[held(row)])
        )
    assert not lists.distances(shown, np.zeros((N_ITEMS, 0)))[0].any()


def test_calibration(shown: np.ndarray, spread: np.ndarray) -> None:
    sparse = csr_matrix(spread)
    target = csr_matrix(
        np.random.default_rng(7).random((len(shown), len(FACET_OF))) * (np.random.default_rng(8).random((len(shown), 7)) < 0.6)
    )
    alike = np.where(shown >= 0, 1.0, 0.0)
    found = lists.calibration(target, lists.label_mass(shown, alike, sparse), FACET_OF)
    for n, row in enumerate(shown):
        expected = []
        for facet in (0, 1):
            wanted, got = target.toarray()[n, facet == FACET_OF], spread[held(row)][:, facet == FACET_OF].sum(axis=0)
            if wanted.sum() > 0 and got.sum() > 0:
                expected.append(diversity.kl(wanted, got))
        assert found[n] == pytest.approx(np.mean(expected)) if expected else np.isnan(found[n])
    own = lists.label_mass(shown, alike, sparse)
    assert np.nan_to_num(lists.calibration(own, own, FACET_OF)) == pytest.approx(np.zeros(len(shown)))


def test_nothing_gives_nothing() -> None:
    empty = np.zeros((0, 5), np.int64)
    spread, owner = csr_matrix((3, 2)), np.array([0, 0])
    assert lists.item_entropies(lists.list_weights(empty, np.zeros((0, 5)))).shape == (0,)
    assert lists.list_entropies(empty, np.zeros((0, 5)), spread, owner, np.zeros((0, 1))).shape == (0,)
    assert lists.calibration(csr_matrix((0, 2)), csr_matrix((0, 2)), owner).shape == (0,)
    assert lists.distances(empty, np.zeros((3, 2)))[0].shape == (0,)
    # a catalogue without any facet
    bare, shown = csr_matrix((3, 0)), np.array([[0, 1, 2]])
    values = lists.facet_values(shown, bare, np.zeros(0))
    assert lists.list_entropies(shown, np.ones((1, 3)) / 3, bare, np.zeros(0), values).tolist() == [0.0]
    assert np.isnan(lists.calibration(csr_matrix((1, 0)), csr_matrix((1, 0)), np.zeros(0))).all()
