"""The ranking protocol on a shop of two tastes, where the right answers are known."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pytest

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.splits import leave_last_out
from chatrec.evaluation.ranking import SPLITS, make_split, run_ranking, served_model
from chatrec.evaluation.ranking_figures import Table, middle, summarise
from chatrec.evaluation.ranking_measures import ACCURACY, CUTS, VARIETY, Variety, accuracy_columns
from chatrec.evaluation.ranking_methods import DEPTH, SHOWN, KeywordSearch, Lists, Popularity, RandomOrder, rank, rerank
from chatrec.evaluation.ranking_shop import RankingShop
from chatrec.evaluation.ranking_split import CONTROLS, KNOBS, OURS, Plan, reranked_name
from chatrec.metrics import ranking
from chatrec.ranking.factory import reranker
from chatrec.settings import TrainSettings

from .ranking_world import fit, purchases, shop_of

PLAN = Plan(shoppers=80, draws=100, knobs=(1.0,))


@pytest.fixture(scope="module")
def shop() -> RankingShop:
    return shop_of(purchases(240))


@pytest.fixture(scope="module")
def tables(shop: RankingShop) -> dict[str, Table]:
    return {table.name: table for table in run_ranking(shop, fit, PLAN)}


def test_every_split_has_every_method_and_figure(tables: dict[str, Table]) -> None:
    for name in SPLITS:
        table = tables[f"toy.{name}"]
        assert table.methods() == [OURS, reranked_name(1.0), *CONTROLS]
        for method in table.methods():
            for metric in (*(f"{m}@{k}" for m in ACCURACY for k in CUTS), *VARIETY, "coverage", "gini"):
                figure = table.value(method, metric)
                if isinstance(figure, list):
                    assert figure[0] <= figure[1] <= figure[2], (method, metric, figure)
                else:
                    assert metric in ("coverage", "gini") and figure is not None and 0.0 <= figure <= 1.0
    keys = [key for table in tables.values() for key in table.figures]
    assert len(keys) == len(set(keys)) and all(key.count("/") == 2 for key in keys)


def test_a_model_that_knows_tastes_beats_the_controls_for_certain(tables: dict[str, Table]) -> None:
    table = tables["toy.strong"]
    for control in CONTROLS[:2]:
        difference = table.value(f"{OURS} minus {control}", "ndcg@20")
        assert isinstance(difference, list) and difference[0] > 0.0, (control, difference)
    assert middle(table.value("keyword", "recall@20")) > middle(table.value("random", "recall@20"))  # titles name the taste


def test_differences_are_those_of_the_means_and_the_knob_brings_variety(tables: dict[str, Table]) -> None:
    for name in SPLITS:
        table = tables[f"toy.{name}"]
        for method, other in table.comparisons():
            for metric in ("ndcg@10", "entropy"):
                figure = table.value(f"{method} minus {other}", metric)
                means = middle(table.value(method, metric)), middle(table.value(other, metric))
                assert isinstance(figure, list) and figure[1] == pytest.approx(means[0] - means[1], abs=2e-4)
        assert middle(table.value(reranked_name(1.0), "entropy")) >= middle(table.value(OURS, "entropy"))


def test_slices_and_shortened_histories(tables: dict[str, Table]) -> None:
    last = {t.part: t for t in tables.values() if t.whole == "toy.leave-last-out"}
    assert "cold-shoppers" in last
    parts = [t for part, t in last.items() if part.startswith("history-")]
    assert sum(t.shoppers for t in parts) <= tables["toy.leave-last-out"].shoppers
    shorter = {t.part: t for t in tables.values() if t.shortens}
    assert list(shorter) == ["known-0", "known-1", "known-3", "known-5", "known-10", "known-all"]
    whole = tables["toy.strong"]
    assert shorter["known-all"].value(OURS, "ndcg@10") == whole.value(OURS, "ndcg@10")
    # of whom nothing is known everybody gets what is popular
    nothing = shorter["known-0"]
    assert nothing.value(OURS, "ndcg@10") == nothing.value("popularity", "ndcg@10")
    assert middle(shorter["known-5"].value(OURS, "recall@20")) > middle(nothing.value(OURS, "recall@20"))


def test_cold_items_are_those_that_training_hardly_knows(shop: RankingShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatrec.evaluation.ranking_split.COLD_ITEM_LIKINGS", 25)
    tables = {t.part: t for t in run_ranking(shop, fit, Plan(shoppers=80, draws=50, knobs=()), ("leave-last-out",))}
    cold, whole = tables["cold-items"], tables[""]
    assert 10 <= cold.shoppers < whole.shoppers
    # what hardly anybody bought is not found by popularity, and shoppers who want it are a part of all
    assert middle(cold.value("popularity", "recall@10")) == 0.0 < middle(whole.value("popularity", "recall@10"))


def test_the_same_seed_gives_the_same_figures_and_another_one_others(shop: RankingShop) -> None:
    run = partial(run_ranking, shop, fit, splits=("strong",))
    first, again, other = (run(Plan(shoppers=20, draws=100, knobs=(), seed=s))[0].figures for s in (1, 1, 2))
    assert first == again != other
    assert json.loads(json.dumps(first, allow_nan=False)) == first


def test_the_served_model_is_chosen_from_the_training_part_alone(shop: RankingShop) -> None:
    split, _ = make_split(shop, "strong", PLAN)
    assert split is not None
    stages: list[str] = []
    fitted = served_model(shop, TrainSettings(search="none"))(split.train, lambda stage, done, total: stages.append(stage))
    assert fitted.served is not None and fitted.served.n_items == len(shop.log.item_ids) and fitted.notes and stages
    names = list(fitted.scorers(Popularity(split.train.popularity)))
    assert names[:2] == [OURS, "blend"] and len(names) >= 3 and len(set(names)) == len(names)
    with pytest.raises(ValueError, match="no split 'weekly'"):
        make_split(shop, "weekly", PLAN)


class Fixed:
    """Scores that do not depend on who asks."""

    def __init__(self, row: list[float]) -> None:
        self._row = np.array(row, np.float32)

    def scores(self, histories: Histories) -> Floats:
        return np.tile(self._row, (len(histories), 1))


def test_lists_are_best_first_without_what_is_known_and_ties_by_row() -> None:
    made = rank(Fixed([1, 3, 2, 3, 0]), Histories.of_lists([[1], [], [0, 1, 2, 3, 4]]), np.zeros(5, np.float32), depth=4)
    assert made.items.tolist() == [[3, 2, 0, 4], [1, 3, 2, 0], [-1] * 4]
    assert made.worth[0] == pytest.approx([1.0, 2 / 3, 1 / 3, 0.0])
    everything = rank(Fixed([1, 3, 2]), Histories.of_lists([[]]), np.zeros(3, np.float32))
    assert everything.items.shape == (1, DEPTH) and everything.items[0, :4].tolist() == [1, 2, 0, -1]


def test_scores_that_are_no_numbers_come_last_and_silence_means_popularity() -> None:
    odd = rank(Fixed([float("nan"), 1.0, float("inf"), 2.0]), Histories.of_lists([[]]), np.arange(4, dtype=np.float32), depth=4)
    assert odd.items.tolist() == [[3, 1, 0, 2]] and np.isfinite(odd.worth).all()
    silent = rank(Fixed([0.0, 0.0, 0.0]), Histories.of_lists([[], [2]]), np.array([1, 3, 9], np.float32), depth=2)
    assert silent.items.tolist() == [[2, 1], [1, 0]]
    assert rank(Fixed([1.0]), Histories.of_lists([]), np.zeros(1, np.float32)).items.shape == (0, DEPTH)


def test_items_that_may_not_be_shown_can_be_more_than_are_known() -> None:
    shorter, whole = Histories.of_lists([[2]]), Histories.of_lists([[1, 2]])
    assert rank(Fixed([1, 3, 2]), shorter, np.zeros(3, np.float32), known=whole, depth=3).items.tolist() == [[0, -1, -1]]


def test_large_catalogues_are_scored_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    histories = Histories.of_lists([[n] for n in range(7)])
    row = np.random.default_rng(0).random(9).tolist()
    whole = rank(Fixed(row), histories, np.zeros(9, np.float32))
    monkeypatch.setattr("chatrec.evaluation.ranking_methods._BATCH_CELLS", 20)
    assert (rank(Fixed(row), histories, np.zeros(9, np.float32)).items == whole.items).all()


def test_controls(shop: RankingShop) -> None:
    n = len(shop.log.item_ids)
    histories = shop.log.histories().take(np.arange(4))
    assert RandomOrder(n, 1).scores(histories).shape == Popularity(shop.log.popularity).scores(histories).shape == (4, n)
    titles = [shop.items[place].title for place in shop.place_of]
    search = KeywordSearch(shop.text, titles, shop.log.item_ids)
    found = search.scores(histories)
    taste = np.array(["camping" in title for title in titles])
    assert found[0][taste].min() > found[0][~taste].max()  # the first shopper buys for camping, and every such title says so
    assert not search.scores(Histories.of_lists([[]])).any() and search.scores(Histories.of_lists([])).shape == (0, n)


def test_re_ranked_lists_hold_the_same_candidates_and_end_in_their_order(shop: RankingShop) -> None:
    split = leave_last_out(shop.log)
    variety = Variety.of(shop, split)
    lists = rank(RandomOrder(len(shop.log.item_ids), 0), split.inputs, split.train.popularity)
    knobs = (0.0, 0.5, 1.0)
    seen: list[int] = []
    made = rerank(
        lists,
        reranker("entropy", shop.facets),
        knobs,
        shop.log.item_ids,
        [{}] * len(lists.items),
        lambda done, _: seen.append(done),
    )
    assert (made[0].items == lists.items).all() and seen[-1] == len(lists.items)
    for target in made[1:]:
        assert (np.sort(target.items, axis=1) == np.sort(lists.items, axis=1)).all()
        for row, worth in zip(target.items, target.worth, strict=True):
            rest = worth[SHOWN : (row >= 0).sum()]
            assert (np.diff(rest) <= 0).all()
    columns = [variety.columns(target) for target in made]
    assert columns[0]["entropy"].mean() < columns[2]["entropy"].mean()


def test_variety_agrees_with_the_re_rankers_own_meter(shop: RankingShop) -> None:
    split = leave_last_out(shop.log)
    variety = Variety.of(shop, split)
    lists = rank(RandomOrder(len(shop.log.item_ids), 0), split.inputs, split.train.popularity)
    ids, own = shop.log.item_ids, reranker("none", shop.facets)
    from chatrec.domain.candidate import Candidate

    columns = variety.columns(lists)
    for n in range(10):
        pool = [Candidate(ids[i], float(w), "x") for i, w in zip(lists.items[n], lists.worth[n], strict=True) if i >= 0]
        receipt = own.rerank(pool, SHOWN, 0.0)
        assert columns["entropy"][n] == pytest.approx(receipt.entropy_after, abs=1e-6)
        assert columns["item_entropy"][n] == pytest.approx(receipt.item_entropy, abs=1e-6)


def test_accuracy_agrees_with_sets_of_ids() -> None:
    chance = np.random.default_rng(2)
    items = np.stack([chance.permutation(30)[:25] for _ in range(20)]).astype(np.int32)
    relevant = [chance.permutation(30)[: chance.integers(1, 8)].astype(np.int32) for _ in range(20)]
    columns = accuracy_columns(items, relevant, 30)
    hits, counts = ranking.hits_of(items.tolist(), [set(r.tolist()) for r in relevant])
    for name, measure in ACCURACY.items():
        assert columns[f"{name}@10"].tolist() == measure(hits, counts, 10).tolist()


def test_history_profiles_are_what_was_bought(shop: RankingShop) -> None:
    split = leave_last_out(shop.log)
    variety = Variety.of(shop, split)
    for n, row in enumerate(variety.target.toarray()):
        bought = split.inputs.items[split.inputs.owners == n]
        mass = {label: value for label, value in zip(shop.facets.labels, row, strict=True) if label.startswith("category:") and value}
        assert sum(mass.values()) == pytest.approx(len(bought))
        assert set(mass) == {f"category:{shop.items[shop.place_of[i]].category}" for i in bought}
    empty = Lists(np.full((len(split.inputs), 5), -1, np.int32), np.zeros((len(split.inputs), 5), np.float32))
    columns = variety.columns(empty)
    assert not columns["entropy"].any() and np.isnan(columns["novelty"]).all() and np.isnan(columns["kl"]).all()


def test_figures_without_shoppers_or_definition_are_left_out() -> None:
    assert summarise("t", {}) == {} == summarise("t", {"m": {"ndcg@10": np.zeros(0)}})
    figures = summarise("t", {"m": {"kl": np.array([np.nan, np.nan]), "ndcg@10": np.array([0.0, 1.0])}}, draws=50)
    assert list(figures) == ["t/m/ndcg@10"]
    assert KNOBS[-1] == 1.0
