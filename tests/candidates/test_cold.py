"""A product that nobody bought yet is offered to those whose taste it is, and grows into its own score."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.candidates.cold import ColdStart
from chatrec.candidates.cold_map import ColdMap, ColdSettings, fit_cold
from chatrec.candidates.cold_tuning import tune_cold, withhold
from chatrec.candidates.histories import Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.item_features import ItemFeatures
from chatrec.candidates.models.base import PreferenceModel
from chatrec.candidates.models.ials import FactorModel, IalsSettings
from chatrec.candidates.models.ials import fit as fit_ials
from chatrec.domain.item import Item
from chatrec.errors import SettingsError
from chatrec.testing.preference_contract import N_ITEMS, PreferenceContract, two_tastes, vectors

SMALL = IalsSettings(factors=4, epochs=6)
NEW = 23  # nobody liked it yet; it is like rows 16 to 22


def events_of(log: Interactions) -> np.ndarray:
    return np.bincount(log.items, minlength=len(log.item_ids))


@cache
def trained() -> FactorModel:
    return fit_ials(two_tastes(), SMALL)


def served(log: Interactions, features: ItemFeatures) -> ColdStart:
    n_items = len(log.item_ids)
    return ColdStart(fit_ials(log, SMALL), fit_cold(features, np.arange(n_items), events_of(log)))


@pytest.fixture(scope="module")
def features() -> ItemFeatures:
    return ItemFeatures.of_vectors(vectors())


@pytest.fixture(scope="module")
def model(features: ItemFeatures) -> ColdStart:
    return served(two_tastes(), features)


class TestColdStart(PreferenceContract):
    def make(self, log: Interactions) -> PreferenceModel:
        n_items = len(log.item_ids)
        return served(log, ItemFeatures.of_vectors(vectors(n_items) if n_items else np.zeros((0, 6), np.float32)))


def test_a_new_product_is_among_the_candidates_of_its_taste(model: ColdStart) -> None:
    scores = model.scores(Histories.of_lists([[16, 17, 18], [0, 1, 2]]))
    assert NEW in np.argsort(-scores[0])[:10]
    assert NEW not in np.argsort(-scores[1])[:10]


def test_a_product_outside_the_model_is_served(features: ItemFeatures) -> None:
    """The model knows 23 rows in another order than the catalogue has them; row 5 of the catalogue came a minute ago."""
    log = two_tastes()
    known = np.setdiff1d(np.arange(N_ITEMS), [5])
    order = known[::-1]
    places = np.full(N_ITEMS, -1, np.int32)
    places[order] = np.arange(len(order))
    kept = log.items != 5
    inner = Interactions.of_lists([places[log.items[kept & (log.users == user)]] for user in range(len(log.user_ids))], n_items=len(order))
    events = np.where(places >= 0, events_of(inner)[np.maximum(places, 0)], 0)
    model = ColdStart(fit_ials(inner, SMALL), fit_cold(features, places, events))
    scores = model.scores(Histories.of_lists([[0, 1], [8, 9], [5]]))
    assert model.n_items == N_ITEMS
    assert 5 in np.argsort(-scores[0])[:8]
    assert 5 not in np.argsort(-scores[1])[:6]
    assert scores[2, :8].mean() > scores[2, 8:23].mean(), "a like of the new product itself tells the taste"


def test_shares_of_a_new_product_add_up_and_name_its_kind(model: ColdStart) -> None:
    history = Histories.of([[(0, 1.0), (NEW, 0.5), (17, 1.0)]])
    shares = model.shares(history, np.array([NEW, 20, 3]))
    np.testing.assert_allclose(shares.sum(axis=1), model.scores(history)[0, [NEW, 20, 3]], rtol=1e-4, atol=1e-5)
    assert shares[0].argmax() != 0


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0.5, 200.0), min_size=2, max_size=6, unique=True))
def test_more_own_events_are_closer_to_the_own_score(counts: list[float]) -> None:
    log, features = two_tastes(), ItemFeatures.of_vectors(vectors())
    model, asked = trained(), Histories.of_lists([[0, 1, 9]])
    own = model.scores(asked)[0, 2]
    gaps = []
    for count in sorted(counts):
        events = events_of(log).astype(np.float64)
        events[2] = count
        gaps.append(abs(float(ColdStart(model, fit_cold(features, np.arange(N_ITEMS), events)).scores(asked)[0, 2] - own)))
    assert all(later <= earlier + 1e-6 for earlier, later in pairwise(gaps))


def test_an_item_without_text_goes_by_its_labels_and_one_without_both_scores_nothing() -> None:
    items = [Item(str(n), "", category=("tents", "lamps", "mugs")[min(n // 8, 2)]) for n in range(N_ITEMS)]
    spoilt = vectors()
    spoilt[NEW] = np.nan
    by_label = served(two_tastes(), ItemFeatures.of(items, spoilt))
    scores = by_label.scores(Histories.of_lists([[16, 17], [0, 1]]))
    assert np.isfinite(scores).all()
    assert scores[0, NEW] > scores[1, NEW]
    items[NEW] = Item(str(NEW), "")
    assert served(two_tastes(), ItemFeatures.of(items, spoilt)).scores(Histories.of_lists([[16, 17]]))[0, NEW] == 0.0


def test_one_item_and_an_empty_log() -> None:
    one = ItemFeatures.of_vectors(np.ones((1, 3), np.float32))
    for log in (Interactions.of_lists([], 1), Interactions.of_lists([[0]], 1)):
        scores = served(log, one).scores(Histories.of_lists([[0], []]))
        assert scores.shape == (2, 1)
        assert np.isfinite(scores).all()
    none = served(Interactions(), ItemFeatures.of((), np.zeros((0, 3), np.float32)))
    assert none.scores(Histories.of_lists([[]])).shape == (1, 0)


def test_all_items_new_scores_nothing(features: ItemFeatures) -> None:
    """A catalogue replaced as a whole: the model knows none of it."""
    cold = fit_cold(features, np.full(N_ITEMS, -1), np.zeros(N_ITEMS))
    scores = ColdStart(fit_ials(two_tastes(), SMALL), cold).scores(Histories.of_lists([[0, 1]]))
    assert not scores.any()


def test_texts_all_alike_still_give_a_map() -> None:
    model = served(two_tastes(), ItemFeatures.of_vectors(np.ones((N_ITEMS, 4), np.float32)))
    assert np.isfinite(model.scores(Histories.of_lists([[0, 1]]))).all()


def test_labels_tell_categories_brands_and_price_bands() -> None:
    tent = Item("a", "t", category="tents", category_path=("camping", "tents"), brand="Oak", price=Decimal(100), currency="USD")
    near = replace(tent, item_id="b", price=Decimal(110))
    far = Item("c", "t", category="mugs", category_path=("kitchen", "mugs"), brand="Elm", price=Decimal(5), currency="USD")
    alike = ItemFeatures.of([tent, near, far], np.zeros((3, 2), np.float32)).likeness(np.array([0]), np.arange(3), 1.0)[0] * 2.0
    np.testing.assert_allclose(alike, [1.0, 1.0, 0.0], atol=1e-6)


def test_likeness_within_sets_is_the_same_likeness() -> None:
    items = [Item(str(n), "t", category=f"c{n % 3}", brand=f"b{n % 2}") for n in range(N_ITEMS)]
    features = ItemFeatures.of(items, vectors())
    sets = np.array([[0, 3, 9], [7, 1, 20]])
    for place, rows in enumerate(sets):
        np.testing.assert_allclose(features.likeness_within(sets, 0.7)[place], features.likeness(rows, rows, 0.7), atol=1e-6)


def test_parts_that_do_not_fit_are_refused(features: ItemFeatures) -> None:
    with pytest.raises(ValueError, match="one an item"):
        fit_cold(features, np.arange(3), np.ones(3))
    with pytest.raises(ValueError, match="one an item"):
        ItemFeatures.of([Item("a", "t")], np.zeros((2, 3), np.float32))
    cold = fit_cold(features, np.arange(N_ITEMS), events_of(two_tastes()))
    with pytest.raises(ValueError, match="beyond"):
        ColdStart(fit_ials(Interactions.of_lists([[0, 1]], 2), SMALL), cold)
    with pytest.raises(ValueError, match="neighbours"):
        ColdMap.restore({k: v for k, v in cold.arrays().items() if k != "neighbours"}, cold.settings())
    for wrong in ({"neighbours": 0}, {"noise": 0.0}, {"half": -1.0}, {"scale": 0.0}):
        with pytest.raises(SettingsError):
            ColdSettings(**wrong)  # type: ignore[arg-type]


def test_withheld_items_keep_no_more_than_their_quota() -> None:
    log = two_tastes()
    held = withhold(log, 0.5, seed=2)
    kept = np.bincount(held.split.train.items, minlength=N_ITEMS)
    limited = held.quota >= 0
    assert (kept[limited] <= held.quota[limited]).all()
    assert len(held.fresh) and not kept[held.fresh].any()
    assert (held.split.inputs.lengths > 0).all()
    asked = {(len(rows), int(rows[0]) in set(inputs.tolist())) for rows, inputs in zip(
        held.split.relevant, np.split(held.split.inputs.items, held.split.inputs.starts[1:-1]), strict=True)}  # fmt: skip
    assert asked == {(1, False)}


def test_settings_are_chosen_inside_the_log() -> None:
    log, features = two_tastes(240), ItemFeatures.of_vectors(vectors())
    one, again = (tune_cold(log, features, lambda part: fit_ials(part, SMALL), seed=1) for _ in range(2))
    assert one == again
    assert {"likeness=5", "scale=0.7", "half=10"} <= set(one.tried)
    assert tune_cold(Interactions.of_lists([[0, 1, 2]], N_ITEMS), features, lambda part: fit_ials(part, SMALL)).settings == ColdSettings()
    with pytest.raises(ValueError, match="one an item"):
        tune_cold(Interactions.of_lists([[0]], 3), features, lambda part: fit_ials(part, SMALL))
