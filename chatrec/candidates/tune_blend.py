"""Sets the weights of a blend on validation shoppers, a knot of history length at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.blend import KNOTS, Blend, hats, scaled
from chatrec.candidates.histories import Floats
from chatrec.candidates.models.base import PreferenceModel
from chatrec.candidates.models.likings import n_likings
from chatrec.candidates.splits import Split

_POOL = 200  # of each source and shopper, the items that may reach the head of a blend
_STEPS = (0.5, 0.25, 0.1, 0.04)  # how far towards one source a move goes, coarse to fine
_TRUST = 100.0  # validation shoppers at a knot at which its own weights count as much as those of all lengths together
_LEAST = 30  # own shoppers below which a knot takes its neighbour's weights: a handful would choose by chance
_SURE = 1.0  # standard errors by which a single source must be better to be kept alone
_BATCH = 256


@dataclass(frozen=True, slots=True)
class _Tasks:
    """Validation shoppers: scaled scores of the pooled items (shoppers, pool, sources), which of them are relevant, how many there
    are to be found, and how much each knot counts for the shopper."""

    scores: Floats
    relevant: NDArray[np.bool_]
    n_relevant: NDArray[np.int64]
    knots: Floats

    def at(self, kept: NDArray[np.bool_]) -> _Tasks:
        return _Tasks(self.scores[kept], self.relevant[kept], self.n_relevant[kept], self.knots[kept])


def tune_blend(
    models: Sequence[PreferenceModel],
    splits: Split | Sequence[Split],
    prior: Floats | None = None,
    *,
    k: int = 20,
    knots: Sequence[int] = KNOTS,
    scale: str = "zscore",
    most_shoppers: int = 2_000,
    seed: int = 0,
) -> Blend:
    """The blend of models that were fitted on ``split.train``, with the weights that give the best nDCG@k on its tested shoppers.

    All splits share one training part; give histories of several lengths (``with_lengths``) where the shop will meet them. The
    prior is ``train.popularity`` unless given. At most ``most_shoppers`` a split are asked, drawn with ``seed``.

    A knot's weights are searched over the simplex by moves towards one source, from every single source, on the shoppers near it,
    then drawn towards those of all lengths, the more the fewer they are. Where that falls surely below the best single source among
    the knot's own shoppers, the knot keeps that source alone; a knot with few shoppers takes the weights of the nearest with enough.
    """
    given = [splits] if isinstance(splits, Split) else list(splits)
    popular = np.asarray(given[0].train.popularity if prior is None else prior, np.float32)
    points = np.asarray(knots, np.float32)
    chance = np.random.default_rng(seed)
    parts = [_tasks(models, popular, _drawn(split, most_shoppers, chance), points, scale) for split in given]
    tasks = _joined(parts)
    weights = _weights(tasks, len(points), len(models) + 1, k)
    weights[0] = np.eye(len(models) + 1, dtype=np.float32)[-1]  # without a history only the prior speaks
    return Blend(tuple(models), popular, points, weights, scale)


def _drawn(split: Split, most: int, chance: np.random.Generator) -> Split:
    able = np.flatnonzero([len(rows) > 0 for rows in split.relevant])
    if len(able) > most:
        able = np.sort(chance.choice(able, most, replace=False))
    return replace(split, inputs=split.inputs.take(able), relevant=tuple(split.relevant[n] for n in able))


def _tasks(models: Sequence[PreferenceModel], prior: Floats, split: Split, knots: Floats, scale: str) -> _Tasks:
    width = min(len(prior), (len(models) + 1) * _POOL)
    scores = np.empty((len(split.inputs), width, len(models) + 1), np.float32)
    relevant = np.empty((len(split.inputs), width), np.bool_)
    popular = scaled(prior[None], scale)
    for start, batch in zip(range(0, len(split.inputs), _BATCH), split.inputs.batches(_BATCH), strict=True):
        stop = start + len(batch)
        sources = np.stack([*(scaled(m.scores(batch), scale, batch) for m in models), np.repeat(popular, len(batch), axis=0)], axis=2)
        sources[batch.owners, batch.items] = -np.inf
        found, wanted = _pooled(sources, split.relevant[start:stop], width)
        scores[start:stop], relevant[start:stop] = found, wanted
    return _Tasks(scores, relevant, np.array([len(r) for r in split.relevant], np.int64), hats(n_likings(split.inputs), knots))


def _pooled(sources: Floats, relevant: Sequence[NDArray[np.integer]], width: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Of every shopper the ``width`` items that stand highest with any source. What is in the history stays -inf."""
    n_shoppers, n_items, n_sources = sources.shape
    wanted = np.zeros((n_shoppers, n_items), np.bool_)
    for row, items in enumerate(relevant):
        wanted[row, items] = True
    if width == n_items:
        return _shut(sources), wanted
    most = min(_POOL, n_items) - 1
    in_pool = np.zeros((n_shoppers, n_items), np.bool_)
    for source in range(n_sources):
        top = np.argpartition(-sources[:, :, source], most, axis=1)[:, : most + 1]
        np.put_along_axis(in_pool, top, True, axis=1)
    items = np.argsort(~in_pool, axis=1, kind="stable")[:, :width]
    return _shut(np.take_along_axis(sources, items[:, :, None], axis=1)), np.take_along_axis(wanted, items, axis=1)


def _shut(scores: Floats) -> Floats:
    """-inf as the lowest finite figure a sum of weights can hold: -inf times a weight of 0 would be NaN."""
    return np.where(np.isfinite(scores), scores, np.float32(-1e9))


def _joined(parts: Sequence[_Tasks]) -> _Tasks:
    return _Tasks(
        np.concatenate([p.scores for p in parts]),
        np.concatenate([p.relevant for p in parts]),
        np.concatenate([p.n_relevant for p in parts]),
        np.concatenate([p.knots for p in parts]),
    )


def _weights(tasks: _Tasks, n_knots: int, n_sources: int, k: int) -> Floats:
    """Shape (knots, sources), rows sum to 1."""
    everyone = _search(tasks, n_sources, k) if len(tasks.scores) else np.eye(n_sources, dtype=np.float32)[-1]
    owned = tasks.knots.argmax(axis=1)
    found: dict[int, Floats] = {}
    for knot in range(1, n_knots):
        near = tasks.knots[:, knot] > 0.0
        own = tasks.at(owned == knot)
        if len(own.scores) >= max(1, min(_LEAST, len(tasks.scores))):
            found[knot] = _guarded(own, _shrunk(tasks.at(near), everyone, n_sources, k), n_sources, k)
    if not found:
        return np.repeat(everyone[None], n_knots, axis=0)
    return np.stack([found[min(found, key=lambda known: abs(known - knot))] for knot in range(n_knots)])


def _shrunk(near: _Tasks, everyone: Floats, n_sources: int, k: int) -> Floats:
    trust = len(near.scores) / (len(near.scores) + _TRUST)
    return np.asarray(trust * _search(near, n_sources, k, everyone) + (1.0 - trust) * everyone, np.float32)


def _guarded(own: _Tasks, weights: Floats, n_sources: int, k: int) -> Floats:
    """``weights``, unless a single source does better on these shoppers by more than ``_SURE`` standard errors: less is chance, and
    weights that follow it jump from one length to the next."""
    blended = _figures(own, weights, k)
    alone = [_figures(own, row, k) for row in np.eye(n_sources, dtype=np.float32)]
    best = int(np.argmax([figures.mean() for figures in alone]))
    better = alone[best] - blended
    error = float(better.std(ddof=1)) / math.sqrt(len(better)) if len(better) > 1 else 0.0
    return weights if better.mean() <= _SURE * error else np.eye(n_sources, dtype=np.float32)[best]


def _search(tasks: _Tasks, n_sources: int, k: int, start: Floats | None = None) -> Floats:
    """The best weights found by moves towards (and away from) one source, starting at the best of the vertices and ``start``."""
    starts = [*np.eye(n_sources, dtype=np.float32), *([start] if start is not None else [])]
    figures = [_ndcg(tasks, row, k) for row in starts]
    best, figure = starts[int(np.argmax(figures))], max(figures)
    for step in _STEPS:
        moved = True
        while moved:
            moved = False
            for trial in _moves(best, step):
                reached = _ndcg(tasks, trial, k)
                if reached > figure + 1e-6:
                    best, figure, moved = trial, reached, True
    return np.asarray(best, np.float32)


def _moves(weights: Floats, step: float) -> list[Floats]:
    vertices = np.eye(len(weights), dtype=np.float32)
    towards = [(1.0 - step) * weights + step * vertex for vertex in vertices]
    away = [_normal(weights * (1.0 - vertex * min(1.0, 2.0 * step))) for vertex in vertices if weights @ vertex < 1.0]
    return [np.asarray(row, np.float32) for row in (*towards, *away)]


def _normal(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum(), np.float32)


def _ndcg(tasks: _Tasks, weights: Floats, k: int) -> float:
    return float(_figures(tasks, weights, k).mean()) if len(tasks.scores) else 0.0


def _figures(tasks: _Tasks, weights: Floats, k: int) -> NDArray[np.float64]:
    """nDCG@k of every shopper, shape (shoppers,)."""
    from chatrec.metrics.ranking import ndcg

    blended = tasks.scores @ weights
    if len(tasks.n_relevant) and tasks.n_relevant.max() == 1:
        return _of_one(blended, tasks.relevant, k)
    most = min(k, blended.shape[1])
    top = np.argpartition(-blended, most - 1, axis=1)[:, :most] if most < blended.shape[1] else np.argsort(-blended, axis=1)
    order = np.take_along_axis(top, np.argsort(-np.take_along_axis(blended, top, 1), axis=1, kind="stable"), 1)
    return ndcg(np.take_along_axis(tasks.relevant, order, 1), tasks.n_relevant, k)


def _of_one(blended: Floats, relevant: NDArray[np.bool_], k: int) -> NDArray[np.float64]:
    """The same where one item is to be found: by counting what stands above it, several times as fast as sorting. Of equal scores
    it counts as the last."""
    column = relevant.argmax(axis=1)
    rows = np.arange(len(blended))
    rank = (blended >= blended[rows, column][:, None]).sum(axis=1)
    return np.where(relevant[rows, column] & (rank <= k), 1.0 / np.log2(rank + 1.0), 0.0)
