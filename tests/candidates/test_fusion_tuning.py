"""Shares tuned on few labels: they find what is there to find, and stay where nothing is."""

from __future__ import annotations

import numpy as np
import pytest

from chatrec.candidates.fusion import ConvexFusion
from chatrec.candidates.fusion_tuning import LabelledQuery, tune_fusion
from chatrec.domain.candidate import Candidate, Query

IDS = [f"i{n}" for n in range(30)]


class Noisy:
    """A source that scores the right item, the one with the request's number, above the others by ``skill`` deviations."""

    def __init__(self, name: str, skill: float) -> None:
        self.name, self._skill = name, skill

    def candidates(self, query: Query, k: int) -> list[Candidate]:
        number = int(query.text.split()[1])
        rng = np.random.default_rng([number, len(self.name)])
        scores = np.abs(rng.standard_normal(len(IDS))) + 0.01
        scores[number % len(IDS)] += self._skill
        return [Candidate(IDS[n], float(scores[n]), self.name, "drawn") for n in np.argsort(-scores)[:k]]


def labelled(n: int) -> list[LabelledQuery]:
    return [LabelledQuery(Query(f"number {k}"), frozenset({IDS[k % len(IDS)]})) for k in range(n)]


@pytest.mark.parametrize(("keyword", "dense", "expected"), [(2.5, 0.0, 0.0), (0.0, 2.5, 1.0)])
def test_a_source_that_knows_nothing_loses_its_share(keyword: float, dense: float, expected: float) -> None:
    found = tune_fusion(labelled(60), [Noisy("keyword", keyword), Noisy("dense", dense)], ConvexFusion({}, text=0.6, dense=0.5))
    assert abs(found.dense - expected) < 0.2 and found.text == 0.6
    assert found.trust > 0.95 and found.gain[0] > 0.0 and found.n_queries == 60


def test_labels_that_do_not_decide_leave_the_default() -> None:
    flat = [Noisy("keyword", 0.0), Noisy("dense", 0.0)]
    found = tune_fusion(labelled(40), flat, ConvexFusion({}, dense=0.3))
    assert abs(found.dense - 0.3) <= found.trust * abs(found.best_dense - 0.3) + 1e-3
    assert found.gain[0] <= 0.0
    sure = [Noisy("keyword", 50.0), Noisy("dense", 50.0)]
    kept = tune_fusion(labelled(20), sure, ConvexFusion({}, dense=0.3))
    assert (kept.dense, kept.trust, kept.gain) == (0.3, 0.0, (0.0, 0.0, 0.0))


def test_few_or_no_labels_and_the_same_answer_twice() -> None:
    sources, fusion = [Noisy("keyword", 2.0), Noisy("dense", 1.0)], ConvexFusion({})
    for few in ([], labelled(1), [LabelledQuery(Query("number 1"), frozenset())] * 5):
        found = tune_fusion(few, sources, fusion)
        assert (found.text, found.dense, found.trust) == (fusion.text, fusion.dense, 0.0)
    assert tune_fusion(labelled(12), sources, fusion, seed=3) == tune_fusion(labelled(12), sources, fusion, seed=3)


def test_behaviour_is_tuned_only_where_the_labels_are_choices() -> None:
    sources = [Noisy("keyword", 0.5), Noisy("dense", 0.5), Noisy("popularity", 3.0)]
    fusion = ConvexFusion({}, text=0.8)
    assert tune_fusion(labelled(4), sources, fusion).text == 0.8
    assert tune_fusion(labelled(20), sources, fusion, behaviour=True).text < 0.6
