"""What is known of a shopper before they did anything: who they are, where they are, and when."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from chatrec.candidates.blend import Blend
from chatrec.candidates.histories import Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.priors import PriorSettings, ShopperPriors, context_entries, fit_priors
from chatrec.domain.context import MOST_ITEMS, Context
from chatrec.errors import SettingsError

DAY_S = 86_400.0
START_S = 1_609_459_200.0  # 1 January 2021
N_ITEMS = 20
COAST, HILLS = np.arange(10), np.arange(10, 20)


def log_of(lists: list[list[int]], when: list[list[float]] | None = None) -> Interactions:
    log = Interactions.of_lists(lists, N_ITEMS)
    return replace(log, when=np.array([w for row in when for w in row])) if when else log


def two_regions(n_shoppers: int = 200, seed: int = 1) -> tuple[Interactions, dict[str, dict[str, str]]]:
    """Those of the coast choose the first ten items, those of the hills the others, mostly; the shoe size says nothing."""
    chance = np.random.default_rng(seed)
    lists, told = [], {}
    for shopper in range(n_shoppers):
        coast = bool(chance.random() < 0.5)
        own, other = (COAST, HILLS) if coast else (HILLS, COAST)
        lists.append([*chance.choice(own, 4, replace=False).tolist(), int(chance.choice(other))])
        told[str(shopper)] = {"region": "Coast" if coast else "Hills ", "shoe": str(chance.integers(36, 46))}
    return log_of(lists), told


@pytest.fixture(scope="module")
def priors() -> ShopperPriors:
    log, told = two_regions()
    return fit_priors(log, told)


def test_those_of_a_region_get_what_is_chosen_there(priors: ShopperPriors) -> None:
    lift = priors.lift([("region", "coast")])
    assert lift[COAST].min() > 0.0 > lift[HILLS].max()
    popularity = np.ones(N_ITEMS, np.float32)
    personal = priors.personal(popularity, [("region", "HILLS")])
    assert personal[HILLS].min() > personal[COAST].max()
    assert personal.sum() == pytest.approx(popularity.sum(), rel=1e-5)


def test_an_attribute_that_foretells_nothing_is_left_out(priors: ShopperPriors) -> None:
    assert {name for name, _ in priors.values} == {"region"}
    assert priors.gains["region"] > 0.05 > priors.gains["shoe"]


def test_unknown_attributes_and_values_say_nothing(priors: ShopperPriors) -> None:
    for told in ([], [("region", "moon")], [("region", "")], [("planet", "coast")], [("shoe", "41")], [("shoe", "big")]):
        assert not priors.lift(told, moment=START_S).any()


def test_a_value_of_few_shoppers_is_not_spoken_of() -> None:
    """Four shoppers of an island like one item that nobody else likes: none of it is kept (k-anonymity)."""
    log, told = two_regions()
    lists = [log.items[log.users == user].tolist() for user in range(len(log.user_ids))]
    islanders = [str(len(lists) + n) for n in range(4)]
    both = fit_priors(log_of([*lists, *[[0, 10, 11, 12]] * 4]), {**told, **{user: {"region": "island"} for user in islanders}})
    assert ("region", "island") not in both.values
    assert not both.lift([("region", "island")]).any()


def test_a_rare_choice_of_a_group_is_told_apart_from_no_other_rare_one() -> None:
    """Items that fewer than five of a region chose have one and the same lift, however many they were."""
    lists = [[0, 1]] * 40 + [[10, 11]] * 40 + [[2, 10]] + [[3, 10]] * 4 + [[2, 0]] * 8 + [[3, 0]] * 5
    told = {str(n): {"region": "coast" if n < 40 or n >= 85 else "hills"} for n in range(98)}
    priors = fit_priors(log_of(lists), told)
    lift = priors.lift([("region", "hills")])
    assert ("region", "hills") in priors.values
    assert lift[2] == pytest.approx(lift[3], abs=1e-6)


def test_thin_items_take_the_lift_of_their_category() -> None:
    log, told = two_regions(60)
    groups = ["sea"] * 10 + ["peak"] * 10
    alone, together = fit_priors(log, told), fit_priors(log, told, groups)
    assert together.lift([("region", "coast")])[COAST].mean() > alone.lift([("region", "coast")])[COAST].mean()


def test_numbers_are_cut_into_bands() -> None:
    chance = np.random.default_rng(5)
    ages = chance.uniform(18.0, 80.0, 300)
    lists = [chance.choice(COAST if age < 45 else HILLS, 4, replace=False).tolist() for age in ages]
    priors = fit_priors(log_of(lists), {str(n): {"age": f"{age:.1f}"} for n, age in enumerate(ages)})
    assert priors.lift([("age", "20")])[COAST].mean() > 0.0 > priors.lift([("age", "79.5")])[COAST].mean()
    assert not priors.lift([("age", "old")]).any()
    assert not priors.lift([("age", "nan")]).any()


def test_the_hour_counts_where_it_returns_day_by_day() -> None:
    chance = np.random.default_rng(2)
    lists, when = [], []
    for shopper in range(240):
        morning = shopper % 2 == 0
        lists.append(chance.choice(COAST if morning else HILLS, 3, replace=False).tolist())
        when.append([START_S + chance.integers(0, 60) * DAY_S + (9 if morning else 20) * 3_600.0] * 3)
    priors = fit_priors(log_of(lists, when), {})
    assert "calendar:hour" in {name for name, _ in priors.values}
    morning = priors.lift(moment=START_S + 500 * DAY_S + 9.5 * 3_600.0)
    assert morning[COAST].min() > 0.0 > morning[HILLS].max()


def test_a_trend_is_no_season() -> None:
    """Within one year no month has returned, so that nothing of it is kept; moments that are places in an order are no times."""
    chance = np.random.default_rng(3)
    lists = [chance.choice(COAST if n < 120 else HILLS, 3, replace=False).tolist() for n in range(240)]
    year = fit_priors(log_of(lists, [[START_S + n * 1.4 * DAY_S] * 3 for n in range(240)]), {})
    assert "calendar:month" not in year.gains
    assert not fit_priors(log_of(lists), {}).gains


def test_personal_popularity_takes_the_place_of_a_blends_prior(priors: ShopperPriors) -> None:
    """For a shopper without history the blend answers with it: dataclasses.replace is all it takes."""
    blend = Blend((), np.ones(N_ITEMS, np.float32), np.zeros(1, np.float32), np.ones((1, 1), np.float32))
    own = replace(blend, prior=priors.personal(blend.prior, [("region", "coast")]))
    scores = own.scores(Histories.of_lists([[]]))[0]
    assert set(np.argsort(-scores)[:10].tolist()) == set(COAST.tolist())


def test_is_restored_from_its_parts(priors: ShopperPriors) -> None:
    settings = json.loads(json.dumps(dict(priors.settings())))
    again = ShopperPriors.restore(dict(priors.arrays()), settings)
    told = [("region", "coast"), ("shoe", "40")]
    np.testing.assert_array_equal(again.lift(told, START_S), priors.lift(told, START_S))
    assert (again.values, again.gains, again.fitted, again.n_items) == (priors.values, priors.gains, priors.fitted, N_ITEMS)
    with pytest.raises(ValueError, match="values"):
        ShopperPriors.restore(dict(priors.arrays()), {k: v for k, v in settings.items() if k != "values"})
    with pytest.raises(ValueError, match="one row a value"):
        ShopperPriors.restore({"lifts": np.zeros((7, N_ITEMS), np.float32)}, settings)


def test_empty_logs_and_wrong_parts() -> None:
    for log in (Interactions(), log_of([]), log_of([[0]])):
        priors = fit_priors(log, {"0": {"region": "coast"}, "nobody": {}})
        assert priors.lift([("region", "coast")], START_S).shape == (len(log.item_ids),)
        assert not priors.values
    assert ShopperPriors.restore(dict(priors.arrays()), priors.settings()).n_items == N_ITEMS
    zero = np.zeros(N_ITEMS, np.float32)
    np.testing.assert_array_equal(priors.personal(zero, [("region", "coast")]), zero)
    with pytest.raises(ValueError, match="one an item"):
        fit_priors(log_of([[0]]), {}, ["a", "b"])
    with pytest.raises(SettingsError):
        PriorSettings(least_shoppers=0)


def test_page_and_cart_are_weak_likings() -> None:
    entries = context_entries(Context(page=("tent", "lamp"), cart=("lamp", "mug")))
    assert [item for item, _ in entries] == ["lamp", "mug", "tent"]
    weights = dict(entries)
    assert 0.0 < weights["tent"] < weights["lamp"] < 1.0
    assert context_entries(Context()) == ()


def test_a_context_keeps_what_is_usable() -> None:
    context = Context(("a", "", "b", "a"), tuple(f"c{n}" for n in range(80)), float("nan"))
    assert context.page == ("b", "a")
    assert len(context.cart) == MOST_ITEMS and context.cart[-1] == "c79"
    assert context.moment is None
    assert Context(page=["a"]) == Context(page=("a",))  # type: ignore[arg-type]
