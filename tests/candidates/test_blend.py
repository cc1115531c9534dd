"""The blend of models by history length: the contract, how weights depend on the length, and how they are set."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chatrec.candidates.blend import KNOTS, Blend, hats, scaled
from chatrec.candidates.histories import Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import PreferenceModel
from chatrec.candidates.models.registry import fit_model
from chatrec.candidates.rank import top_rows
from chatrec.candidates.splits import Split, hold_shoppers_out, with_lengths
from chatrec.candidates.tune_blend import tune_blend
from chatrec.metrics.ranking import hits_of, ndcg
from chatrec.testing.preference_contract import N_ITEMS, PreferenceContract, two_tastes

POINTS = np.array([0, 1, 4], np.float32)


def some_blend(log: Interactions) -> Blend:
    models = (fit_model("edlae", log, {"l2": 2.0}), fit_model("ials", log, {"factors": 8}))
    return Blend(models, log.popularity, POINTS, np.array([[0.0, 0.0, 1.0], [0.2, 0.7, 0.1], [0.6, 0.4, 0.0]], np.float32))


class TestBlend(PreferenceContract):
    additive, answers_nobody = False, True

    def make(self, log: Interactions) -> PreferenceModel:
        return some_blend(log)


def test_without_a_history_the_prior_speaks() -> None:
    blend = some_blend(two_tastes())
    scores = blend.scores(Histories.of([[], [(3, -1.0)]]))
    for row in scores:
        np.testing.assert_array_equal(np.argsort(-row, kind="stable"), np.argsort(-blend.prior, kind="stable"))


@given(st.integers(0, 100_000))
@settings(max_examples=50, deadline=None)
def test_weights_are_interpolated_between_knots(length: int) -> None:
    row = hats(np.array([length]), np.array(KNOTS, np.float32))[0]
    assert row.sum() == pytest.approx(1.0, abs=1e-6)
    assert (row >= 0.0).all()
    assert np.count_nonzero(row) <= 2
    if length in KNOTS:
        assert row[KNOTS.index(length)] == pytest.approx(1.0, abs=1e-4)


@given(arrays(np.float32, (3, 7), elements=st.floats(-1e3, 1e3, width=32)), st.sampled_from(["zscore", "max"]))
@settings(max_examples=60, deadline=None)
def test_scaling_keeps_every_order_and_is_finite(scores: np.ndarray, scale: str) -> None:
    found = scaled(scores, scale)
    assert np.isfinite(found).all()
    for before, after in zip(scores, found, strict=True):
        order = np.argsort(before, kind="stable")
        assert (np.diff(after[order]) >= -1e-4 * np.abs(after).max()).all()


def test_parts_that_do_not_fit_are_refused() -> None:
    blend = some_blend(two_tastes())
    with pytest.raises(ValueError, match="weights of shape"):
        Blend(blend.models[:1], blend.prior, blend.knots, blend.weights)
    with pytest.raises(ValueError, match="all must agree"):
        Blend(blend.models, blend.prior[:-1], blend.knots, blend.weights)
    with pytest.raises(ValueError, match="missing"):
        Blend.restore({"prior": blend.prior}, blend.settings())


def test_models_fitted_anew_keep_the_weights() -> None:
    blend, other = some_blend(two_tastes()), two_tastes(seed=9)
    again = blend.with_models([fit_model("edlae", other, {"l2": 2.0}), fit_model("ials", other, {"factors": 8})], other.popularity)
    np.testing.assert_array_equal(again.weights, blend.weights)
    asked = Histories.of_lists([[0, 1]])
    assert not np.array_equal(again.scores(asked), blend.scores(asked))


def world(seed: int = 0, n_users: int = 400, n_items: int = 60) -> Interactions:
    """Shoppers of five tastes who also take what is popular."""
    chance = np.random.default_rng(seed)
    popular = 1.0 / np.arange(1, n_items + 1)
    lists = []
    for _ in range(n_users):
        odds = popular * np.where(np.arange(n_items) % 5 == chance.integers(5), 8.0, 1.0)
        lists.append(chance.choice(n_items, int(chance.integers(6, 20)), replace=False, p=odds / odds.sum()))
    return Interactions.of_lists(lists, n_items)


def figure(model: PreferenceModel, split: Split, k: int) -> float:
    hits = hits_of([r.tolist() for r in top_rows(model, split.inputs, k)], [r.tolist() for r in split.relevant])
    return float(ndcg(*hits, k).mean())


def test_no_single_source_is_better_where_the_weights_were_set() -> None:
    whole = hold_shoppers_out(world(), 0.4, hidden=0.4)
    models = [fit_model("edlae", whole.train, {"l2": 20.0}), fit_model("ials", whole.train, {"factors": 8}), noise(60)]
    known = {length: with_lengths(whole, length) for length in (0, 1, 3, 10)}
    blend = tune_blend(models, list(known.values()), k=10, knots=(0, 1, 3, 10))
    np.testing.assert_allclose(blend.weights.sum(axis=1), 1.0, atol=1e-5)
    assert (blend.weights >= 0.0).all()
    prior = Blend((), whole.train.popularity, np.zeros(1, np.float32), np.ones((1, 1), np.float32))
    for split in known.values():
        alone = [figure(model, split, 10) for model in (*models, prior)]
        assert figure(blend, split, 10) >= max(alone) - 2e-3  # the shoppers of a split may lie between two knots
    assert blend.weights[1:, 2].max() < 0.2  # noise earns little


def noise(n_items: int) -> PreferenceModel:
    """A model that knows nothing: item-item weights drawn at random."""
    drawn = fit_model("ease", Interactions.of_lists([np.random.default_rng(n).permutation(n_items)[:4] for n in range(50)], n_items))
    return drawn


def test_the_same_validation_gives_the_same_weights() -> None:
    split = hold_shoppers_out(two_tastes(), 0.5, hidden=0.4)
    models = [fit_model("ease", split.train, {"l2": 2.0}), fit_model("ials", split.train, {"factors": 8})]
    one, other = (tune_blend(models, split, k=5, most_shoppers=40) for _ in range(2))
    np.testing.assert_array_equal(one.weights, other.weights)


def test_nobody_to_ask_gives_the_prior() -> None:
    log = two_tastes()
    empty = Split(log, Histories.of_lists([]), ())
    blend = tune_blend([fit_model("ease", log)], empty)
    np.testing.assert_array_equal(blend.weights[:, -1], 1.0)
    assert blend.n_items == N_ITEMS
