"""The methods that the ranking protocol compares, and the lists that they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories
from chatrec.catalog.text_index import TextIndex
from chatrec.domain.candidate import Candidate
from chatrec.protocols import Reranker
from chatrec.shops import Progress

DEPTH = 100  # candidates that reach the re-ranker: the default of offer.pool
SHOWN = 10  # places that are re-ranked, and over which the figures of variety are taken
_BATCH_CELLS = 20_000_000  # scores held at one time: 80 MB
_QUERY_ITEMS = 10  # titles of a history that make up the keyword query: the newest say what is wanted now
_TELL = 50  # shoppers between two reports of how far it is
Rows = NDArray[np.int32]


class Scorer(Protocol):
    """Scores every candidate for histories."""

    def scores(self, histories: Histories) -> Floats:
        """Shape (shoppers, candidates): higher is likelier; a row of zeros says nothing."""


@dataclass(frozen=True, slots=True)
class Lists:
    """The best ``DEPTH`` candidates of each shopper: ``items`` (shoppers, places) are rows of the log, best first, -1 where there are no
    more; ``worth`` is their relevance by this method, scaled to [0, 1] over the list."""

    items: Rows
    worth: Floats


class RandomOrder:
    """A control: every order is as likely as any other."""

    def __init__(self, n_items: int, seed: int) -> None:
        self._n_items, self._chance = n_items, np.random.default_rng(seed)

    def scores(self, histories: Histories) -> Floats:
        """Fresh random scores."""
        return self._chance.random((len(histories), self._n_items), dtype=np.float32)


class Popularity:
    """A control: what was liked most in training, whoever asks."""

    def __init__(self, popularity: Floats) -> None:
        self._popularity = popularity

    def scores(self, histories: Histories) -> Floats:
        """The same row for all."""
        return np.tile(self._popularity, (len(histories), 1))


class KeywordSearch:
    """A control: BM25 of the titles of a shopper's newest items over the catalogue's text index, as if they were typed."""

    def __init__(self, text: TextIndex, titles: Sequence[str], item_ids: Sequence[str]) -> None:
        places = {item_id: place for place, item_id in enumerate(text.ids)}
        self._text, self._titles = text, titles
        self._places = np.array([places[item_id] for item_id in item_ids], dtype=np.intp)

    def scores(self, histories: Histories) -> Floats:
        """Zeros where a shopper has no history, or its words stand in no other record."""
        newest = histories.newest(_QUERY_ITEMS)
        queries = [" ".join(self._titles[row] for row in rows) for rows in np.split(newest.items, newest.starts[1:-1])]
        found = [self._text.scores(query)[self._places] for query in queries[: len(histories)]]
        return np.array(found, dtype=np.float32).reshape(len(histories), len(self._places))


def rank(scorer: Scorer, histories: Histories, otherwise: Floats, known: Histories | None = None, depth: int = DEPTH) -> Lists:
    """The lists of a method, without the items of ``known`` (each shopper's own history, unless given).

    A shopper of whom the scores say nothing (all alike) gets the order of ``otherwise``, the popularity, as in the service. A score that
    is no number counts as the lowest. Ties are broken by the row.
    """
    seen, n_items = known or histories, len(otherwise)
    items, worth = np.full((len(histories), depth), -1, np.int32), np.zeros((len(histories), depth), np.float32)
    size = max(1, _BATCH_CELLS // max(1, n_items))
    for start in range(0, len(histories), size):
        some = np.arange(start, min(start + size, len(histories)))
        scores = np.array(scorer.scores(histories.take(some)), dtype=np.float32)
        scores[~np.isfinite(scores)] = -np.inf
        silent = ~(scores != scores[:, :1]).any(axis=1) if n_items else np.zeros(len(some), np.bool_)
        scores[silent] = otherwise
        masked = seen.take(some)
        scores[masked.owners, masked.items] = np.nan  # not a candidate at all
        for row, line in zip(some, scores, strict=True):
            _fill(items[row], worth[row], line)
    return Lists(items, worth)


def _fill(items: Rows, worth: Floats, scores: Floats) -> None:
    """One shopper's list, written in place."""
    open_ = np.flatnonzero(~np.isnan(scores))
    values = scores[open_]
    most = min(len(items), len(open_))
    if most < len(open_):
        least = np.partition(values, len(values) - most)[len(values) - most]
        kept = np.flatnonzero(values >= least)
        open_, values = open_[kept], values[kept]
    order = np.argsort(-values, kind="stable")[:most]
    items[:most], best = open_[order], values[order]
    finite = np.isfinite(best)
    if finite.any():
        low, high = best[finite].min(), best[finite].max()
        scaled = (np.where(finite, best, low) - low) / (high - low) if high > low else np.ones(most)
        worth[:most] = scaled


def rerank(
    lists: Lists,
    reranker: Reranker,
    knobs: Sequence[float],
    ids: Sequence[str],
    profiles: Sequence[Mapping[str, float]],
    progress: Callable[[int, int], None] | None = None,
) -> list[Lists]:
    """For each knob the lists with their first ``SHOWN`` places chosen by the re-ranker from all candidates; the rest follow in the order
    of relevance. ``profiles`` are the shoppers' facet weights, ``ids`` the item ids of the rows."""
    made = [Lists(lists.items.copy(), lists.worth.copy()) for _ in knobs]
    if not made:
        return []
    for row, (items, worth) in enumerate(zip(lists.items, lists.worth, strict=True)):
        held = int((items >= 0).sum())
        candidates = [Candidate(ids[item], float(w), "ranking") for item, w in zip(items[:held], worth[:held], strict=True)]
        place_of = {c.item_id: place for place, c in enumerate(candidates)}
        for knob, target in zip(knobs, made, strict=True):
            chosen = [place_of[c.item_id] for c in reranker.rerank(candidates, SHOWN, knob, profile=profiles[row]).items]
            order = np.concatenate((chosen, np.setdiff1d(np.arange(held), chosen))).astype(np.intp)
            target.items[row, :held], target.worth[row, :held] = items[order], worth[order]
        if progress and (row % _TELL == 0 or row + 1 == len(lists.items)):
            progress(row + 1, len(lists.items))
    return made


def told(progress: Progress | None, stage: str, done: int, total: int) -> None:
    """Reports how far it is, where somebody listens."""
    if progress:
        progress(stage, done, total)
