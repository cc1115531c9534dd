"""Item-kNN, RP3beta, transitions, the ridge regression of the next item, and content neighbours."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatrec.candidates.histories import Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models import content, neighbours, registry, sequence
from chatrec.candidates.models.neighbours import ItemItemModel, KnnSettings, WalkSettings, aged, blocks, strongest
from chatrec.candidates.models.sequence import RidgeSettings, TransitionSettings
from chatrec.candidates.rank import top_rows
from chatrec.candidates.splits import leave_last_out, some_shoppers
from chatrec.errors import SettingsError
from chatrec.metrics.ranking import hits_of, ndcg
from chatrec.testing.preference_contract import PreferenceContract, vectors

LISTS = st.lists(st.lists(st.integers(0, 7), max_size=8, unique=True), min_size=1, max_size=8)


class TestKnn(PreferenceContract):
    def make(self, log: Interactions) -> ItemItemModel:
        return neighbours.fit_knn(log)


class TestWalk(PreferenceContract):
    def make(self, log: Interactions) -> ItemItemModel:
        return neighbours.fit_walk(log)


class TestTransitions(PreferenceContract):
    def make(self, log: Interactions) -> ItemItemModel:
        return sequence.fit_transitions(log)


class TestRidge(PreferenceContract):
    def make(self, log: Interactions) -> ItemItemModel:
        return sequence.fit_ridge(log, RidgeSettings(l2=10.0))


class TestContent(PreferenceContract):
    def make(self, log: Interactions) -> ItemItemModel:
        return content.fit(log, features=vectors(len(log.item_ids)))


def test_knn_is_the_cosine() -> None:
    log = Interactions.of_lists([[0, 1, 2], [0, 1], [1, 2, 3], [3, 0]])
    x = log.matrix.toarray()
    cosine = x.T @ x / np.sqrt(np.outer((x**2).sum(0), (x**2).sum(0)))
    np.fill_diagonal(cosine, 0.0)
    model = neighbours.fit_knn(log, KnnSettings(shrink=0.0, source=0.5, target=0.5))
    np.testing.assert_allclose(model.weights.toarray(), cosine, rtol=1e-6)


def test_walk_is_rp3() -> None:
    log = Interactions.of_lists([[0, 1, 2], [0, 1], [1, 2, 3], [3, 0]])
    x = log.matrix.toarray().astype(float)
    walk = (x.T / x.T.sum(1, keepdims=True)) ** 0.8 @ (x / x.sum(1, keepdims=True)) ** 0.8 / x.sum(0) ** 0.5
    np.fill_diagonal(walk, 0.0)
    np.testing.assert_allclose(neighbours.fit_walk(log, WalkSettings(alpha=0.8, beta=0.5)).weights.toarray(), walk, rtol=1e-5)


@given(LISTS, st.floats(0.0, 1.0), st.floats(0.0, 2.0), st.integers(1, 9))
def test_transitions_are_sums_over_pairs(lists: list[list[int]], backward: float, gap: float, window: int) -> None:
    expected, counts = np.zeros((8, 8)), np.bincount([i for rows in lists for i in rows], minlength=8)
    for rows in lists:
        for a, i in enumerate(rows):
            for b, j in enumerate(rows):
                if a != b and abs(a - b) <= window:
                    expected[i, j] += (1.0 if a < b else backward) * abs(a - b) ** -gap
    held = np.maximum(counts, 1).astype(float)
    expected /= np.outer(held**0.5, held**0.25)
    settings = TransitionSettings(window=window, gap=gap, backward=backward, source=0.5, target=0.25)
    model = sequence.fit_transitions(Interactions.of_lists(lists, 8), settings)
    np.testing.assert_allclose(model.weights.toarray(), expected, rtol=1e-4, atol=1e-6)


def test_transitions_know_the_order() -> None:
    log = Interactions.of_lists([[0, 1, 2]] * 10)
    onward = sequence.fit_transitions(log, TransitionSettings(backward=0.0)).scores(Histories.of_lists([[1]]))[0]
    both = sequence.fit_transitions(log, TransitionSettings(backward=1.0)).scores(Histories.of_lists([[1]]))[0]
    assert onward[2] > 0.0 == onward[0]
    assert both[2] == pytest.approx(both[0])


def test_ridge_solves_its_regression() -> None:
    lists = [[0, 1, 2, 3], [1, 0, 3], [2, 3, 1], [0, 2]]
    contexts, targets = [], []
    for rows in lists:
        for place in range(1, len(rows)):
            context = np.zeros(4)
            for age, item in enumerate(reversed(rows[:place])):
                context[item] = (1.0 + age) ** -0.5
            contexts.append(context)
            targets.append(np.eye(4)[rows[place]])
    a, t = np.array(contexts), np.array(targets)
    expected = np.linalg.solve(a.T @ a + 2.0 * np.eye(4), a.T @ t)
    np.fill_diagonal(expected, 0.0)
    model = sequence.fit_ridge(Interactions.of_lists(lists), RidgeSettings(l2=2.0, recency=0.5))
    np.testing.assert_allclose(model.weights, expected, rtol=1e-4, atol=1e-6)


def test_ridge_refuses_what_does_not_fit() -> None:
    log = Interactions.of_lists([[0, 1]], n_items=40_000)
    with pytest.raises(SettingsError, match="transitions"):
        sequence.fit_ridge(log)


@pytest.mark.parametrize("top_n", [1, 3, 100])
def test_the_strongest_weights_stay(top_n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(5)
    log = Interactions.of_lists([chance.choice(30, 6, replace=False) for _ in range(60)], 30)
    whole = {name: model.weights.toarray() for name, model in _cut(log, 30).items()}
    monkeypatch.setattr(neighbours, "MOST_PAIRS", 50)  # many small blocks
    monkeypatch.setattr(sequence, "MOST_PAIRS", 50)
    for name, model in _cut(log, top_n).items():
        kept = model.weights.toarray()
        assert (np.count_nonzero(kept, axis=1) <= top_n).all()
        np.testing.assert_allclose(np.sort(kept, axis=1)[:, ::-1][:, :top_n], np.sort(whole[name], axis=1)[:, ::-1][:, :top_n], rtol=1e-5)


def _cut(log: Interactions, top_n: int) -> Mapping[str, ItemItemModel]:
    return {
        "knn": neighbours.fit_knn(log, KnnSettings(top_n=top_n)),
        "walk": neighbours.fit_walk(log, WalkSettings(top_n=top_n)),
        "transitions": sequence.fit_transitions(log, TransitionSettings(top_n=top_n)),
        "content": content.fit(log, content.ContentSettings(top_n=top_n), features=vectors(30)),
    }


def test_newer_items_count_more() -> None:
    weights = aged(Histories.of([[(0, 1.0), (1, 1.0), (2, -1.0)], [(3, -1.0)]]), 1.0).weights
    np.testing.assert_allclose(weights, [1 / 3, 1 / 2, -1.0, 0.0], rtol=1e-6)


def test_ties_keep_the_first() -> None:
    from scipy.sparse import csr_matrix

    kept = strongest(csr_matrix(np.array([[1.0, 2.0, 1.0, 1.0], [0.0, 0.0, 3.0, 0.0]], np.float32)), 2).toarray()
    np.testing.assert_array_equal(kept, [[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 3.0, 0.0]])


@given(st.lists(st.floats(0.0, 10.0), max_size=30), st.floats(0.5, 20.0))
def test_blocks_cover_all(costs: list[float], most: float) -> None:
    found = list(blocks(np.array(costs), most))
    assert [n for start, stop in found for n in range(start, stop)] == list(range(len(costs)))
    assert all(sum(costs[start:stop]) <= most + 1e-9 or stop == start + 1 for start, stop in found)


def test_bad_settings_are_refused() -> None:
    with pytest.raises(SettingsError, match="top_n 0"):
        KnnSettings(top_n=0)
    with pytest.raises(SettingsError):
        TransitionSettings(window=0)
    with pytest.raises(SettingsError):
        WalkSettings(alpha=float("nan"))
    with pytest.raises(SettingsError):
        RidgeSettings(l2=0.0)


def test_content_needs_vectors() -> None:
    log = Interactions.of_lists([[0, 1]])
    with pytest.raises(SettingsError, match="vectors"):
        content.fit(log)
    with pytest.raises(ValueError, match="one vector an item"):
        content.fit(log, features=np.zeros((3, 2), np.float32))
    spoilt = np.array([[np.nan, 1.0], [0.0, 0.0]], np.float32)
    assert not content.fit(log, features=spoilt).scores(Histories.of_lists([[0]])).any()


def test_models_are_found_by_name() -> None:
    log = Interactions.of_lists([[0, 1, 2], [2, 1]])
    for name in ("item_knn", "rp3beta", "transitions", "slit", "content"):
        model = registry.fit_model(name, log, features=vectors(3))
        assert model.name == name
        again = registry.restore_model(name, model.arrays(), model.settings())
        assert type(again) is type(model)
        assert registry.fit_model(name, log, model.settings(), features=vectors(3)).settings() == model.settings()


def test_restore_refuses_what_does_not_fit() -> None:
    told = {"recency": 0.5}
    with pytest.raises(ValueError, match="missing"):
        ItemItemModel.restore({}, told)
    with pytest.raises(ValueError, match="items x items"):
        ItemItemModel.restore({"weights": np.zeros((2, 3), np.float32)}, told)
    with pytest.raises(ValueError, match="recency"):
        ItemItemModel.restore({"weights": np.zeros((2, 2), np.float32)}, {})


def test_order_counts_on_real_histories() -> None:
    folder = os.environ.get("CHATREC_DATA")
    file = Path(folder or "", "amazon_scientific_2018", "Scientific.inter.json")
    if not folder or not file.is_file():
        pytest.skip("CHATREC_DATA does not name a folder with amazon_scientific_2018")
    log = Interactions.of_lists([[int(item) for item in rows] for rows in json.loads(file.read_text()).values()])
    split = some_shoppers(leave_last_out(log), 1_500)
    cosine = KnnSettings(shrink=0.0, target=0.5, recency=0.0, top_n=5_000)
    found = {}
    for name, model in {"cosine": neighbours.fit_knn(split.train, cosine), "order": sequence.fit_transitions(split.train)}.items():
        ranked = [rows.tolist() for rows in top_rows(model, split.inputs, 10)]
        found[name] = ndcg(*hits_of(ranked, [rows.tolist() for rows in split.relevant]), 10).mean()
    assert found["order"] > 1.1 * found["cosine"]
    assert found["order"] > 0.075  # item-item cosine reaches .0763 over all shoppers
