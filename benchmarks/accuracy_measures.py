"""What the tables of the accuracy benchmark share: figures with paired intervals, seconds of a fit, milliseconds of a fold-in."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Histories
from chatrec.candidates.models.base import PreferenceModel
from chatrec.candidates.rank import best, top_rows
from chatrec.candidates.splits import Split
from chatrec.metrics import ranking
from chatrec.metrics.intervals import resample

Model = TypeVar("Model")
OWN = "chatrec"
_ASKED = 500  # shoppers whose fold-in is timed


@dataclass(frozen=True, slots=True)
class Table:
    """A data set with its protocol. ``run(seed, quick)`` gives figures by "method/metric"; ``published`` are rows of papers by the same
    protocol, ``goals`` what our own method is to reach, both by the same keys."""

    run: Callable[[int, bool], Mapping[str, Any]]
    folder: str
    published: Mapping[str, float]
    goals: Mapping[str, float]


def measure(models: Mapping[str, PreferenceModel], split: Split, metrics: Sequence[str], seed: int) -> dict[str, Any]:
    """ "method/metric" -> [low, value, high] over the tested shoppers, and "chatrec less method/metric" with the paired interval.

    ``metrics`` are names like ndcg@10, of :mod:`chatrec.metrics.ranking`. What is in a shopper's input is not ranked.
    """
    names, columns = [], []
    for method, model in models.items():
        for metric, values in by_shopper(model, split, metrics).items():
            names.append((method, metric))
            columns.append(values)
    drawn = resample(np.stack(columns, axis=1), seed)
    figures: dict[str, Any] = {}
    for place, (method, metric) in enumerate(names):
        figures[f"{method}/{metric}"] = drawn.mean(place)
        if method != OWN and (OWN, metric) in names:
            figures[f"{OWN} less {method}/{metric}"] = drawn.difference(names.index((OWN, metric)), place)
    return figures


def by_shopper(model: PreferenceModel, split: Split, metrics: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Every metric of every tested shopper."""
    asked = [metric.split("@") for metric in metrics]
    longest = max(int(k) for _, k in asked)
    ranked = [rows.tolist() for rows in top_rows(model, split.inputs, longest)]
    hits, n_relevant = ranking.hits_of(ranked, [rows.tolist() for rows in split.relevant])
    functions = {"ndcg": ranking.ndcg, "recall": ranking.recall, "precision": ranking.precision, "hr": ranking.hit_rate, "mrr": ranking.mrr}
    return {f"{name}@{k}": functions[name](hits, n_relevant, int(k)) for name, k in asked}


def timed(fit: Callable[[], Model]) -> tuple[Model, float]:
    """What ``fit`` gives and the seconds that it took."""
    start = time.perf_counter()
    found = fit()
    return found, round(time.perf_counter() - start, 2)


def fold_in_ms(model: PreferenceModel, inputs: Histories, seed: int, k: int = 100) -> float:
    """p95 over shoppers of the time from one history to its ``k`` best items, in milliseconds."""
    shoppers = np.random.default_rng(seed).choice(len(inputs), min(_ASKED, len(inputs)), replace=False)
    taken = []
    for place in (*shoppers[:20], *shoppers):  # the first ones warm up
        history = inputs.take(np.array([place]))
        start = time.perf_counter()
        scores = model.scores(history)[0].copy()
        scores[history.items] = -np.inf
        best(scores, k)
        taken.append(1000.0 * (time.perf_counter() - start))
    return round(float(np.percentile(taken[20:], 95)), 3)
