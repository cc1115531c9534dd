"""Every ranking figure against trec_eval (through pytrec_eval) and scikit-learn, on random lists and hand-made corners."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import pytrec_eval
from sklearn.metrics import ndcg_score

from chatrec.metrics import ranking

CUTS = (1, 5, 10, 30)
Judged = tuple[list[list[int]], list[set[int]]]


@pytest.fixture(scope="module", params=["few relevant", "many relevant", "short lists"])
def judged(request: pytest.FixtureRequest) -> Judged:
    """Sixty lists of distinct items and what is relevant to each, at least one item; some of it in no list."""
    chance = np.random.default_rng(5)
    most, length = {"few relevant": (3, 40), "many relevant": (40, 40), "short lists": (12, 7)}[request.param]
    lists = [chance.permutation(60)[:length].tolist() for _ in range(60)]
    return lists, [set(chance.permutation(80)[: chance.integers(1, most + 1)].tolist()) for _ in range(60)]


def trec(judged: Judged, measure: str) -> np.ndarray:
    lists, relevant = judged
    truth = {str(n): {str(i): 1 for i in wanted} for n, wanted in enumerate(relevant)}
    run = {str(n): {str(item): float(-place) for place, item in enumerate(items)} for n, items in enumerate(lists)}
    # trec_eval leaves out measures without a cut; what it calls ndcg_cut_10 is asked for as ndcg_cut.10
    name, _, k = measure.rpartition("_")
    found = pytrec_eval.RelevanceEvaluator(truth, {f"{name}.{k}"}).evaluate(run)
    return np.array([found[str(n)][measure] for n in range(len(lists))])


@pytest.mark.parametrize("k", CUTS)
@pytest.mark.parametrize(
    ("own", "theirs"), [(ranking.recall, "recall"), (ranking.precision, "P"), (ranking.ndcg, "ndcg_cut"), (ranking.hit_rate, "success")]
)
def test_cut_measures(judged: Judged, own: Callable[..., np.ndarray], theirs: str, k: int) -> None:
    assert own(*ranking.hits_of(*judged), k) == pytest.approx(trec(judged, f"{theirs}_{k}"), abs=1e-6)


@pytest.mark.parametrize("k", CUTS)
def test_average_precision(judged: Judged, k: int) -> None:
    hits, n_relevant = ranking.hits_of(*judged)
    # trec_eval divides by all that is relevant, so that no list of k places could score 1 where more is
    scale = np.minimum(n_relevant, k) / n_relevant
    assert ranking.average_precision(hits, n_relevant, k) * scale == pytest.approx(trec(judged, f"map_cut_{k}"), abs=1e-6)


@pytest.mark.parametrize("k", CUTS)
def test_reciprocal_rank(judged: Judged, k: int) -> None:
    lists, relevant = judged
    truth = {str(n): {str(i): 1 for i in wanted} for n, wanted in enumerate(relevant)}
    run = {str(n): {str(item): float(-place) for place, item in enumerate(items[:k])} for n, items in enumerate(lists)}
    found = pytrec_eval.RelevanceEvaluator(truth, {"recip_rank"}).evaluate(run)
    expected = [found[str(n)]["recip_rank"] for n in range(len(lists))]
    assert ranking.mrr(*ranking.hits_of(lists, relevant), k) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("k", CUTS)
def test_f1_from_their_precision_and_recall(judged: Judged, k: int) -> None:
    p, r = trec(judged, f"P_{k}"), trec(judged, f"recall_{k}")
    expected = np.divide(2 * p * r, p + r, out=np.zeros_like(p), where=p + r > 0)
    assert ranking.f1(*ranking.hits_of(*judged), k) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("k", CUTS)
def test_ndcg_against_scikit_learn(k: int) -> None:
    chance = np.random.default_rng(1)
    truth = chance.random((20, 30)) < 0.2
    truth[:, 0] = True
    scores = chance.random((20, 30))
    order = np.argsort(-scores, axis=1)
    hits = np.take_along_axis(truth, order, axis=1)
    expected = [ndcg_score(truth[n : n + 1], scores[n : n + 1], k=k) for n in range(20)]
    assert ranking.ndcg(hits, truth.sum(axis=1), k) == pytest.approx(expected)


def test_the_best_list_scores_one_and_average_precision_by_hand() -> None:
    hits, n = ranking.hits_of([[1, 2, 3], [9, 1, 2], [7, 8]], [{1, 2, 3, 4, 5}, {1, 2}, {1}])
    assert ranking.average_precision(hits, n, 3) == pytest.approx([1.0, (1 / 2 + 2 / 3) / 2, 0.0])
    assert ranking.average_precision(*ranking.hits_of([], []), 3).shape == (0,)
