"""The ranking protocol on logs that hold too little or say odd things: a defined answer, in words, and figures that are JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chatrec.domain.event import Event, EventKind
from chatrec.evaluation.ranking import SPLITS, run_ranking, served_model
from chatrec.evaluation.ranking_figures import Table
from chatrec.evaluation.ranking_plots import draw_plots
from chatrec.evaluation.ranking_report import render_report
from chatrec.evaluation.ranking_shop import RankingShop
from chatrec.evaluation.ranking_split import OURS, Plan
from chatrec.evaluation.rating_errors import LEAST_TESTED, Ratings, rating_figures
from chatrec.settings import TrainSettings

from .ranking_world import DAY_S, MAY, arrays, fit, items, purchases, shop_of

PLAN = Plan(shoppers=30, draws=50, knobs=(0.5,))


def buy(user: str, item: str, at: float = MAY) -> Event:
    return Event(user, item, EventKind.PURCHASE, at)


def rate(user: str, item: str, stars: float, at: float = MAY) -> Event:
    return Event(user, item, EventKind.RATING, at, stars)


ODD = {
    "empty": [],
    "one event": [buy("u", "i00")],
    "one shopper": [buy("u", f"i{n:02d}", MAY + n * DAY_S) for n in range(8)],
    "one item": [buy(f"u{n}", "i00", MAY + n) for n in range(30)],
    "nobody twice": [buy(f"u{n:02d}", f"i{n:02d}", MAY + n) for n in range(40)],
    "nothing but dislikes": [Event(f"u{n}", "i01", EventKind.DISLIKE, MAY + n) for n in range(9)],
    "items that the catalogue lacks": [buy("u", f"gone{n}") for n in range(9)],
    "all ratings equal": [rate(f"u{n:02d}", f"i{(n + k) % 40:02d}", 4.0, MAY + k * DAY_S) for n in range(30) for k in range(4)],
    "ratings that are no numbers": [rate("u", "i00", float("nan")), rate("u", "i01", float("inf")), rate("v", "i00", 5.0)],
    "one moment": [buy(f"u{n:02d}", f"i{(n + k) % 40:02d}") for n in range(30) for k in range(4)],
}


def measured(shop: RankingShop, *, chosen: bool = True) -> dict[str, Table]:
    tables = run_ranking(shop, served_model(shop, TrainSettings(search="none")) if chosen else fit, PLAN)
    return {table.name: table for table in tables}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_log_has_a_defined_answer(what: str) -> None:
    shop = shop_of(ODD[what])
    tables = measured(shop)
    for name in SPLITS:
        table = tables[f"toy.{name}"]
        assert table.figures[f"toy.{name}/{OURS}/shoppers"] == table.shoppers
        assert table.shoppers or table.notes, "a split without shoppers says why"
    figures = {key: value for table in tables.values() for key, value in table.figures.items()}
    assert json.dumps(figures, allow_nan=False)
    page = render_report("toy", list(tables.values()), draw_plots(list(tables.values())) if what == "one moment" else {}, {})
    assert page.startswith("<!doctype html>")


def test_what_is_said_of_logs_that_cannot_be_tested() -> None:
    empty = measured(shop_of([]))
    assert all("no liking" in empty[f"toy.{name}"].notes[0] for name in SPLITS)
    once = measured(shop_of(ODD["nobody twice"]))
    assert "nothing is left to learn from" in once["toy.leave-last-out"].notes[0]
    assert "no shopper has enough history" in once["toy.strong"].notes[0]
    one_item = measured(shop_of(ODD["one item"]))
    assert all(one_item[f"toy.{name}"].shoppers == 0 for name in SPLITS)


@pytest.mark.parametrize("events", [purchases(start_s=1.0, step_s=1.0), ODD["one moment"]], ids=["row numbers", "one moment"])
def test_a_log_without_times_has_no_time_split_and_says_what_newest_means(events: list[Event]) -> None:
    tables = measured(shop_of(events), chosen=False)
    assert tables["toy.time"].shoppers == 0 and "does not say when" in tables["toy.time"].notes[0]
    assert tables["toy.leave-last-out"].shoppers > 0 and "order of its rows" in tables["toy.leave-last-out"].notes[0]
    assert not any("order of its rows" in note for note in tables["toy.strong"].notes)


def test_a_catalogue_without_brands_prices_or_vectors() -> None:
    from dataclasses import replace

    bare = [replace(item, brand="", price=None, category="") for item in items()]
    shop = shop_of(purchases(), bare)
    shop = RankingShop(shop.name, shop.items, shop.facets.of([i.item_id for i in bare], {}), shop.text, shop.log, shop.events)
    table = measured(shop, chosen=False)["toy.strong"]
    assert table.shoppers and table.value(OURS, "small_brands") is None and table.value(OURS, "kl") is None
    assert table.value(OURS, "entropy") == [0.0, 0.0, 0.0] == table.value(OURS, "ilad")


def test_equal_ratings_are_predicted_without_error_and_few_give_no_figure() -> None:
    figures, tested = rating_figures(arrays(ODD["all ratings equal"]), "toy.ratings")
    assert tested == 30 and figures["toy.ratings/factors/rmse"] == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)
    assert rating_figures(arrays([]), "t") == ({}, 0) == rating_figures(arrays(ODD["one shopper"]), "t")
    few = [rate(f"u{n}", f"i0{k}", 3.0, MAY + k) for n in range(LEAST_TESTED - 1) for k in range(2)]
    assert rating_figures(arrays(few), "t") == ({}, 0)


def test_factors_find_what_biases_cannot() -> None:
    chance = np.random.default_rng(0)
    events = []
    for user in range(80):
        taste = user % 2
        for place, item in enumerate(chance.permutation(40)[:16]):
            stars = 4.5 if item % 2 == taste else 1.5
            events.append(rate(f"u{user}", f"i{item:02d}", stars + chance.normal(0, 0.3), MAY + place))
    figures, tested = rating_figures(arrays(events), "t")
    assert tested == 80
    mean, bias, factors = (figures[f"t/{method}/rmse"] for method in ("mean", "bias", "factors"))
    assert factors[2] < min(mean[0], bias[0]) and factors[1] < 1.0
    assert figures["t/factors/mae"][1] < factors[1]


def test_the_newest_of_several_ratings_counts() -> None:
    ratings = Ratings.of(arrays([rate("u", "i00", 1.0, 5.0), rate("v", "i00", 2.0, 1.0), rate("u", "i00", 5.0, 9.0), buy("u", "i01")]))
    assert sorted(ratings.values.tolist()) == [2.0, 5.0]
