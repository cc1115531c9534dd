"""What a re-ranked list is judged by, list by list, so that methods can be compared on the same shoppers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.rerank_data import Lists, Task
from chatrec.metrics.diversity import coverage, ilad, ilmd, kl, list_entropy, softmax
from chatrec.metrics.ranking import ndcg

K = 10
DRAWS = 2_000
PER_LIST = ("ndcg@10", "entropy", "kl", "ilad", "ilmd")
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """``values`` has one figure a list for each name of ``PER_LIST``; ``coverage`` is the share of the catalogue in any list; ``wall_ms``
    and ``cpu_ms`` are what each list took by the clock and on the processor."""

    values: Mapping[str, Floats]
    coverage: float
    wall_ms: Floats
    cpu_ms: Floats


def judge(lists: Lists, tasks: Sequence[Task], chosen: Sequence[Sequence[int]], wall_ms: Floats, cpu_ms: Floats) -> Judged:
    """The figures of one method. ``chosen`` are places in each task's candidates.

    ``entropy`` is the normalised entropy of the facet as the product measures it: weights are the softmax of relevance, scaled to
    [0, 1] over the candidates. ``kl`` is that of Steck (RecSys 2018): shares of the history against shares of the list.
    """
    values: dict[str, list[float]] = {name: [] for name in PER_LIST}
    for task, places in zip(tasks, chosen, strict=True):
        picked, vectors = task.rows[list(places)], lists.vectors
        spreads = lists.spread[picked]
        low, high = float(task.scores[-1]), float(task.scores[0])
        p = softmax((task.scores[list(places)] - low) / max(high - low, 1e-12))
        values["entropy"].append(list_entropy(p, [spreads], [int(lists.spread[task.rows].any(axis=0).sum())]))
        told = np.array([task.profile.get(label, 0.0) for label in lists.facets.labels])
        values["kl"].append(kl(told, spreads.mean(axis=0)))
        values["ilad"].append(ilad(vectors[picked]))
        values["ilmd"].append(ilmd(vectors[picked]))
    hits = np.array([task.hits[list(places)] for task, places in zip(tasks, chosen, strict=True)])
    found = {name: np.array(v) for name, v in values.items() if v}
    found["ndcg@10"] = ndcg(hits, np.array([task.n_relevant for task in tasks]), K)
    shown = np.concatenate([task.rows[list(places)] for task, places in zip(tasks, chosen, strict=True)])
    return Judged(found, coverage(shown, len(lists.facets.ids)), wall_ms, cpu_ms)


def change(judged: Judged, base: Judged, name: str) -> float:
    """How far the mean of one figure moved from the baseline, in per cent."""
    if name == "coverage":
        return 100.0 * (judged.coverage / base.coverage - 1.0)
    return 100.0 * (float(judged.values[name].mean()) / float(base.values[name].mean()) - 1.0)


def row(judged: Judged, base: Judged, seed: int) -> dict[str, Any]:
    """Means with 95% bootstrap intervals, and the change from the baseline in per cent, paired: both meet the same shoppers."""
    n = len(judged.wall_ms)
    drawn = np.random.default_rng(seed).integers(0, n, (DRAWS, n))
    figures: dict[str, Any] = {"coverage": round(judged.coverage, 4), "coverage_change": round(change(judged, base, "coverage"), 2)}
    for name in PER_LIST:
        ours, before = judged.values[name][drawn].mean(axis=1), base.values[name][drawn].mean(axis=1)
        figures[name] = _interval(ours, float(judged.values[name].mean()), 4)
        figures[f"{name}_change"] = _interval(100.0 * (ours / before - 1.0), change(judged, base, name), 2)
    for name, ms in (("ms", judged.wall_ms), ("cpu_ms", judged.cpu_ms)):
        if ms.any():
            figures |= {f"p50_{name}": round(float(np.median(ms)), 3), f"p95_{name}": round(float(np.percentile(ms, 95)), 3)}
    return figures


def _interval(drawn: Floats, value: float, digits: int) -> list[float]:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return [round(float(low), digits), round(value, digits), round(float(high), digits)]
