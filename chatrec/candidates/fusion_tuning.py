"""Tunes the shares of the fusion on few labelled queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.fusion import ConvexFusion
from chatrec.domain.candidate import Candidate, Query
from chatrec.metrics.ranking import hits_of, ndcg
from chatrec.protocols import CandidateSource

STEPS = 10  # a tenth is as fine as a hundred queries can tell
LEAST_TEXT = 0.3  # below this the list is no longer what was asked for
FOLDS, DRAWS = 10, 400
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LabelledQuery:
    """A request and the ids of all items that are right answers to it."""

    query: Query
    right: frozenset[str]


@dataclass(frozen=True, slots=True)
class FusionShares:
    """The shares to serve with, and what speaks for them.

    ``best_text`` and ``best_dense`` are what the labels alone would choose, ``trust`` in [0, 1] how far that was followed from the
    default. ``gain`` is the cross-validated nDCG@10 of choosing by labels over the default: 95% interval and mean (low, mean, high).
    ``before`` and ``after`` are the nDCG@10 of all labels with the default and with these shares.
    """

    text: float
    dense: float
    best_text: float
    best_dense: float
    trust: float
    gain: tuple[float, float, float]
    n_queries: int
    before: float = 0.0
    after: float = 0.0


def tune_fusion(
    labelled: Sequence[LabelledQuery],
    sources: Sequence[CandidateSource],
    fusion: ConvexFusion,
    *,
    behaviour: bool = False,
    pool: int = 100,
    seed: int = 0,
) -> FusionShares:
    """The shares that rank the right items highest (nDCG@10), held back towards those of ``fusion`` as far as the labels do not decide.

    ``behaviour`` tunes the share of text against behaviour too; the labels must then be choices of shoppers, since a label that
    only tells what matches always speaks against behaviour. The best shares are averaged over bootstrap draws of the queries (Breiman,
    1996); how far they are followed is 2p - 1, where p is the share of draws in which they win against the default on queries that
    had no part in choosing them. Without any usable label the default stays. A hundred queries suffice (Bruch, Gai & Ingber, TOIS 2023).
    """
    default = (fusion.text, fusion.dense)
    usable = [q for q in labelled if q.right]
    points = _grid(default, behaviour)
    if len(usable) < 2:
        return FusionShares(*default, *default, 0.0, (0.0, 0.0, 0.0), len(usable))
    lists = [found_by(sources, q.query, pool) for q in usable]
    scores = _scores(usable, lists, fusion, points)
    chance = np.random.default_rng(seed)
    gains = _held_out(scores, chance)
    draws = chance.integers(0, len(usable), (DRAWS, len(usable)))
    means = gains[draws].mean(axis=1)
    best = np.mean([points[_best(scores[drawn])] for drawn in draws], axis=0)
    won = float((means > 0.0).mean() + 0.5 * (means == 0.0).mean())
    trust = max(0.0, 2.0 * won - 1.0)
    text, dense = (round(float(d + trust * (b - d)), 3) for d, b in zip(default, best, strict=True))
    low, high = np.percentile(means, [2.5, 97.5])
    gain = (float(low), float(gains.mean()), float(high))
    before, after = float(scores[:, 0].mean()), float(_scores(usable, lists, fusion, np.array([(text, dense)])).mean())
    return FusionShares(text, dense, float(best[0]), float(best[1]), trust, gain, len(usable), before, after)


def found_by(sources: Sequence[CandidateSource], query: Query, pool: int) -> dict[str, list[Candidate]]:
    """What each source finds for one query, by its name."""
    return {source.name: source.candidates(query, pool) for source in sources}


def ndcg_of(ranked: Sequence[Sequence[str]], right: Sequence[frozenset[str]], k: int = 10) -> Floats:
    """nDCG@k of each list, shape (queries,)."""
    hits, n_right = hits_of(ranked, right)
    return ndcg(hits, n_right, k)


def _grid(default: tuple[float, float], behaviour: bool) -> Floats:
    """(text, dense) pairs to try; the default is the first, and wins a tie."""
    steps = np.arange(STEPS + 1) / STEPS
    texts = [t for t in steps if t >= LEAST_TEXT] if behaviour else [default[0]]
    return np.array([default, *((t, d) for t in texts for d in steps)])


def _scores(
    labelled: Sequence[LabelledQuery], lists: Sequence[Mapping[str, Sequence[Candidate]]], fusion: ConvexFusion, points: Floats
) -> Floats:
    """nDCG@10 of every query at every point, shape (queries, points)."""
    right, columns = [q.right for q in labelled], []
    for text, dense in points:
        tried = fusion.with_shares(float(text), float(dense))
        ranked = [[c.item_id for c in tried.fuse(found, q.query, 10)] for found, q in zip(lists, labelled, strict=True)]
        columns.append(ndcg_of(ranked, right))
    return np.stack(columns, axis=1)


def _best(scores: Floats) -> int:
    """The point with the highest mean; of equal ones the first."""
    means = scores.mean(axis=0).round(9)
    return int(np.flatnonzero(means == means.max())[0])


def _held_out(scores: Floats, chance: np.random.Generator) -> Floats:
    """What every query gains over the default where the other folds chose the point, shape (queries,)."""
    n = len(scores)
    folds = chance.permutation(n) % min(FOLDS, n)
    gains = np.zeros(n)
    for fold in range(min(FOLDS, n)):
        held = folds == fold
        gains[held] = scores[held, _best(scores[~held])] - scores[held, 0]
    return gains
