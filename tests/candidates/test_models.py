"""The collaborative models: the contract on each, the closed forms against each other, and what they refuse."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.candidates.histories import Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models import ials, linear
from chatrec.candidates.models.base import PreferenceModel, Setting
from chatrec.candidates.models.formulas import choice_probabilities, with_similarity
from chatrec.candidates.models.linear import LinearModel, LinearSettings
from chatrec.candidates.models.registry import KINDS, defaults, fit_model, restore_model
from chatrec.errors import SettingsError
from chatrec.testing.preference_contract import N_ITEMS, PreferenceContract, two_tastes, vectors


class _Fitted(PreferenceContract):
    name: str
    changed: Mapping[str, Setting] = {}

    def make(self, log: Interactions) -> PreferenceModel:
        return fit_model(self.name, log, self.changed, features=vectors(len(log.item_ids)))


class TestEase(_Fitted):
    name, changed = "ease", {"l2": 5.0}


class TestEaseDual(_Fitted):
    name, changed = "ease", {"l2": 5.0, "form": "dual"}


class TestEdlae(_Fitted):
    name, changed = "edlae", {"l2": 2.0}


class TestEdlaeCut(_Fitted):
    name, changed = "edlae", {"l2": 2.0, "top_n": 6}


class TestIals(_Fitted):
    name, changed = "ials", {"factors": 8}


class TestKernel(_Fitted):
    name, changed, additive = "kernel", {"l2": 0.1}, False


class TestKernelOnLandmarks(_Fitted):
    name, changed, additive = "kernel", {"l2": 0.1, "landmarks": 60}, False


class TestSvd(_Fitted):
    name, changed = "svd", {"factors": 3}


class TestDiverse(_Fitted):
    name, changed = "diverse_mf", {"factors": 8, "diversity": 0.1, "epochs": 6}


class TestBilinear(_Fitted):
    name = "bilinear"


@pytest.mark.parametrize("name", KINDS)
def test_every_name_is_fitted_and_restored(name: str) -> None:
    model = fit_model(name, two_tastes(), features=vectors())
    assert model.name == name
    assert set(defaults(name)) <= {*model.settings(), *defaults(name)}
    asked = Histories.of_lists([[0, 1]])
    again = restore_model(name, model.arrays(), model.settings())
    np.testing.assert_array_equal(again.scores(asked), model.scores(asked))


def test_unknown_names_and_settings_are_refused() -> None:
    with pytest.raises(SettingsError, match="no model 'eas'"):
        fit_model("eas", two_tastes())
    with pytest.raises(SettingsError, match="no setting 'lambda'"):
        fit_model("ease", two_tastes(), {"lambda": 1.0})
    with pytest.raises(SettingsError, match="l2"):
        fit_model("ease", two_tastes(), {"l2": -1.0})


def drawn(n_users: int, n_items: int, seed: int) -> Interactions:
    chance = np.random.default_rng(seed)
    return Interactions.of_lists([chance.permutation(n_items)[: chance.integers(1, n_items + 1)] for _ in range(n_users)], n_items)


@given(st.integers(1, 30), st.integers(2, 30), st.floats(0.0, 0.8), st.floats(0.0, 1.0), st.integers(0, 999))
@settings(max_examples=40, deadline=None)
def test_primal_and_dual_are_one_model(n_users: int, n_items: int, dropout: float, activity: float, seed: int) -> None:
    log = drawn(n_users, n_items, seed)
    one = linear.fit(log, LinearSettings(l2=3.0, dropout=dropout, activity=activity, form="primal"))
    other = linear.fit(log, LinearSettings(l2=3.0, dropout=dropout, activity=activity, form="dual"))
    np.testing.assert_allclose(dense(one), dense(other), atol=2e-5)
    assert not dense(one).diagonal().any()
    assert not dense(other).diagonal().any()


@given(st.integers(2, 40), st.integers(2, 12), st.floats(0.5, 20.0), st.integers(0, 999))
@settings(max_examples=30, deadline=None)
def test_ease_is_the_constrained_least_squares_solution(n_users: int, n_items: int, l2: float, seed: int) -> None:
    """At the optimum the gradient X'(XB - X) + l2 B vanishes off the diagonal (equations 5 to 8 of the paper), solved column by column."""
    log = drawn(n_users, n_items, seed)
    x = log.matrix.toarray().astype(np.float64)
    expected = np.zeros((n_items, n_items))
    for column in range(n_items):
        others = np.delete(np.arange(n_items), column)
        a = x[:, others]
        expected[others, column] = np.linalg.solve(a.T @ a + l2 * np.eye(len(others)), a.T @ x[:, column])
    np.testing.assert_allclose(dense(linear.fit(log, LinearSettings(l2=l2))), expected, atol=1e-4)


def test_cutting_keeps_the_strongest_of_each_column() -> None:
    log = two_tastes()
    whole, cut = (linear.fit(log, LinearSettings(l2=5.0, top_n=n)) for n in (0, 4))
    for column in range(N_ITEMS - 1):
        kept = np.flatnonzero(dense(cut)[:, column])
        least = np.sort(np.abs(dense(whole)[:, column]))[-4]
        assert set(np.flatnonzero(np.abs(dense(whole)[:, column]) > least * 1.0001)) <= set(kept)
        np.testing.assert_allclose(dense(cut)[kept, column], dense(whole)[kept, column], rtol=1e-5)


def test_sparse_and_blocked_gram_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    x = drawn(50, 40, 1).matrix
    blocked = linear.gram(x)
    monkeypatch.setattr(linear, "_DENSE_SHARE", 2.0)
    monkeypatch.setattr(linear, "_BLOCK", 7)
    sparse = linear.gram(x)
    monkeypatch.setattr(linear, "_DENSE_SHARE", 0.0)
    np.testing.assert_allclose(blocked, sparse, rtol=1e-5)
    np.testing.assert_allclose(linear.gram(x), sparse, rtol=1e-5)
    np.testing.assert_allclose(sparse, (x.T @ x).toarray(), rtol=1e-5)


def test_a_model_that_would_not_fit_is_refused_before_it_is_made() -> None:
    with pytest.raises(SettingsError, match=r"24 items by 120 shoppers needs .* memory_gb"):
        linear.fit(two_tastes(), LinearSettings(memory_gb=1e-7))
    assert linear.needed_gb(100_000, 100_000, LinearSettings()) > 40.0
    assert linear.needed_gb(2_000, 100_000, LinearSettings(top_n=200)) < 4.0


def dense(model: LinearModel) -> np.ndarray:
    return model.weights if isinstance(model.weights, np.ndarray) else model.weights.toarray()


@given(st.lists(st.tuples(st.integers(0, N_ITEMS - 1), st.sampled_from([-1.0, 0.3, 1.0, 2.0])), max_size=20, unique_by=lambda p: p[0]))
@settings(max_examples=40, deadline=None)
def test_fold_in_solves_the_half_step_of_ials(pairs: list[tuple[int, float]]) -> None:
    """Short histories go through a smaller system; both must give the ridge solution in the factors' own axes."""
    model = ials.fit(two_tastes(), ials.IalsSettings(factors=8))
    rows, weights = np.array([p[0] for p in pairs], np.intp), np.array([p[1] for p in pairs])
    v = model.factors.astype(np.float64)
    ridge = model.fitted.regularisation * (len(pairs) + model.fitted.unobserved * N_ITEMS)
    system = (v[rows].T * np.abs(weights)) @ v[rows] + model.fitted.unobserved * v.T @ v + ridge * np.eye(8)
    liked = bool((weights > 0.0).any())  # who likes nothing is offered nothing
    expected = v @ np.linalg.solve(system, v[rows].T @ weights) * liked
    np.testing.assert_allclose(model.scores(Histories.of([pairs]))[0], expected, atol=2e-4)


def test_a_trained_shopper_is_folded_in_where_training_put_them() -> None:
    """The item factors of irspack and our fold-in belong to one loss: after many epochs a shopper's scores fit the log."""
    log = two_tastes()
    model = ials.fit(log, ials.IalsSettings(factors=8, epochs=40))
    scores = model.scores(log.histories())
    liked = log.matrix.toarray() > 0
    assert scores[liked].mean() > 0.5 > scores[~liked].mean() + 0.2


def test_more_diversity_brings_unlike_items_nearer() -> None:
    def spread(weight: float) -> float:
        model = fit_model("diverse_mf", two_tastes(), {"factors": 8, "diversity": weight, "epochs": 8}, features=vectors())
        v = model.arrays()["factors"][: N_ITEMS - 1]
        far = np.linalg.norm(v[:8].mean(axis=0) - v[8:16].mean(axis=0))
        return float(far / np.linalg.norm(v, axis=1).mean())

    assert spread(30.0) < spread(3.0) < spread(0.01)


def test_choice_probabilities_are_a_distribution_in_the_order_of_the_scores() -> None:
    scores = np.array([[3.0, 1.0, 2.0], [1e4, -1e4, 0.0]], np.float32)
    found = choice_probabilities(scores)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-6)
    np.testing.assert_allclose(found[0], np.exp([3.0, 1.0, 2.0]) / np.exp([3.0, 1.0, 2.0]).sum(), rtol=1e-5)
    assert choice_probabilities(scores, 100.0)[0].max() < found[0].max()
    with pytest.raises(ValueError, match="temperature"):
        choice_probabilities(scores, 0.0)


def test_the_mix_with_similarity_keeps_unit_variance() -> None:
    chance = np.random.default_rng(0)
    z, y = chance.standard_normal((2, 50, 400)).astype(np.float32)
    for weight in (0.0, 0.5, 3.0):
        assert abs(float(with_similarity(z, y, weight).std()) - 1.0) < 0.02
    np.testing.assert_array_equal(with_similarity(z, y, 0.0), z)
