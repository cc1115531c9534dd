"""What a re-ranked list is judged by, list by list, so that methods can be compared on the same shoppers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.rerank_data import Lists, Task
from chatrec.metrics.diversity import coverage
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
    places = np.array([list(one) for one in chosen])
    rows = np.array([task.rows[one] for task, one in zip(tasks, places, strict=True)])
    scores = np.array(
        [(task.scores[one] - task.scores[-1]) / max(task.scores[0] - task.scores[-1], 1e-12) for task, one in _with(tasks, places)]
    )
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    spreads, vectors = lists.spread[rows].astype(np.float64), lists.vectors[rows].astype(np.float64)
    most = np.log(np.maximum(2, np.minimum(K, [lists.spread[task.rows].any(axis=0).sum() for task in tasks])))
    told = np.array([[task.profile.get(label, 0.0) for label in lists.facets.labels] for task in tasks])
    told /= told.sum(axis=1, keepdims=True)
    far = (1.0 - vectors @ vectors.transpose(0, 2, 1))[:, *np.triu_indices(K, 1)]
    hits = np.array([task.hits[one] for task, one in _with(tasks, places)])
    values = {
        "ndcg@10": ndcg(hits, np.array([task.n_relevant for task in tasks]), K),
        "entropy": _entropy((p[:, :, None] * spreads).sum(axis=1)) / most,
        "kl": _divergence(told, spreads.mean(axis=1)),
        "ilad": far.mean(axis=1),
        "ilmd": far.min(axis=1),
    }
    return Judged(values, coverage(rows, len(lists.facets.ids)), wall_ms, cpu_ms)


def _with(tasks: Sequence[Task], places: NDArray[np.int64]) -> Iterator[tuple[Task, NDArray[np.int64]]]:
    return zip(tasks, places, strict=True)


def _entropy(mass: Floats) -> Floats:
    """:func:`chatrec.metrics.diversity.entropy` of many lists at once, shape (lists, values)."""
    shares = mass / np.maximum(mass.sum(axis=1, keepdims=True), 1e-12)
    return np.asarray(-(shares * np.log(np.maximum(shares, 1e-300))).sum(axis=1))


def _divergence(target: Floats, mass: Floats, smoothing: float = 0.01) -> Floats:
    """:func:`chatrec.metrics.diversity.kl` of many lists at once."""
    shares = mass / np.maximum(mass.sum(axis=1, keepdims=True), 1e-12)
    mixed = (1.0 - smoothing) * shares + smoothing * target
    return np.asarray((target * np.log(np.maximum(target, 1e-300) / np.maximum(mixed, 1e-300))).sum(axis=1))


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
