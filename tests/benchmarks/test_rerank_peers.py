"""The re-ranking benchmark's peers do what their papers say, and its figures those of the metrics package."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.rerank_data import Lists, Task
from benchmarks.rerank_measures import judge
from benchmarks.rerank_peers import methods, run_baseline, run_method
from chatrec.metrics.diversity import ilad, ilmd, kl, list_entropy, softmax
from chatrec.ranking.facets import Facets

N_ITEMS, N_VALUES = 60, 5


def drawn_lists() -> Lists:
    chance = np.random.default_rng(0)
    values = [tuple(f"g{v}" for v in set(chance.integers(N_VALUES, size=1 + n % 2))) for n in range(N_ITEMS)]
    facets = Facets.of([str(n) for n in range(N_ITEMS)], {"genre": values}, chance.normal(size=(N_ITEMS, 8)).astype(np.float32))
    spread = np.zeros((N_ITEMS, len(facets.labels) + 1), np.float32)
    np.add.at(spread, (np.arange(N_ITEMS)[:, None], facets.columns[:-1]), facets.shares[:-1])
    tasks = []
    for _ in range(12):
        told = chance.dirichlet(np.ones(N_VALUES))
        profile = {label: 10.0 * float(share) for label, share in zip(facets.labels, told, strict=True)}
        rows = chance.choice(N_ITEMS, 40, replace=False)
        tasks.append(Task(rows, np.sort(chance.random(40).astype(np.float32))[::-1], chance.random(40) < 0.2, 8, profile))
    return Lists(facets, spread[:, :-1], tasks)


def test_every_method_gives_ten_places_and_calibration_lowers_the_divergence() -> None:
    lists = drawn_lists()
    base = run_baseline(lists, lists.tasks)
    for name, method in methods(lists).items():
        for knob in (0.05, 0.9):
            for task in lists.tasks[:3]:
                assert len(set(method(task, knob))) == 10, name
    found = {name: run_method(lists, lists.tasks, methods(lists)[name], 0.5) for name in ("chatrec", "steck", "xquad")}
    for name, judged in found.items():
        assert judged.values["kl"].mean() < base.values["kl"].mean(), name
    assert found["steck"].values["kl"].mean() == min(j.values["kl"].mean() for j in found.values())
    assert found["chatrec"].values["entropy"].mean() > base.values["entropy"].mean()


def test_the_figures_are_those_of_the_metrics() -> None:
    lists = drawn_lists()
    places = [sorted(np.random.default_rng(n).choice(40, 10, replace=False).tolist()) for n in range(12)]
    judged = judge(lists, lists.tasks, places, np.zeros(12), np.zeros(12))
    for n, (task, chosen) in enumerate(zip(lists.tasks, places, strict=True)):
        rows, spreads = task.rows[chosen], lists.spread[task.rows[chosen]]
        p = softmax((task.scores[chosen] - task.scores[-1]) / (task.scores[0] - task.scores[-1]))
        told = np.array([task.profile[label] for label in lists.facets.labels])
        assert judged.values["entropy"][n] == pytest.approx(list_entropy(p, [spreads], [N_VALUES]), abs=1e-6)
        assert judged.values["kl"][n] == pytest.approx(kl(told, spreads.mean(axis=0)), abs=1e-6)
        assert judged.values["ilad"][n] == pytest.approx(ilad(lists.vectors[rows]), abs=1e-5)
        assert judged.values["ilmd"][n] == pytest.approx(ilmd(lists.vectors[rows]), abs=1e-5)
