"""What shoppers with a like history chose: a collaborative model with fold-in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.model import CollaborativeModel
from chatrec.candidates.rank import best
from chatrec.candidates.sources.reasons import short_title
from chatrec.domain.candidate import Candidate, Query

LIKE_WEIGHT = 1.0  # "something like the first" says as much as a like


class CollaborativeSource:
    """Scores every item for the shopper's history, folded in at once, without the items of that history.

    ``titles`` are the titles of the catalogue as served: items of the model that it lacks are never offered.
    """

    name = "collaborative"

    def __init__(self, model: CollaborativeModel | None, titles: Mapping[str, str]) -> None:
        self._model = model if model and model.usable else None
        self._titles = titles
        self._offered = np.array([i in titles for i in model.item_ids], dtype=np.bool_) if model else np.zeros(0, np.bool_)

    def candidates(self, query: Query, k: int) -> list[Candidate]:
        """The ``k`` items that the history speaks for most; empty without a liked item that the model knows."""
        if self._model is None or self._model.preferences is None or k < 1:
            return []
        history = self._model.history((*query.history, *((i, LIKE_WEIGHT) for i in query.like_items)))
        if not (history.weights > 0.0).any():
            return []
        scores = self._model.preferences.scores(history)[0]
        rows = self._open(scores, query, history, k)
        return [
            Candidate(self._model.item_ids[row], float(scores[row]), self.name, reason)
            for row, reason in zip(rows, self._reasons(history, rows), strict=True)
        ]

    def _open(self, scores: Floats, query: Query, history: Histories, k: int) -> NDArray[np.intp]:
        """The best rows that may be offered to this query."""
        assert self._model is not None
        fit = self._offered.copy()
        fit[history.items] = False
        places = self._model.rows
        if query.allowed is not None and len(query.allowed) < len(fit):
            allowed = np.zeros(len(fit), np.bool_)
            allowed[[places[i] for i in query.allowed if i in places]] = True
            fit &= allowed
        fit[[places[i] for i in query.exclude if i in places]] = False
        return best(np.where(fit, scores, -np.inf).astype(np.float32), k)

    def _reasons(self, history: Histories, rows: NDArray[np.intp]) -> list[str]:
        """Of the liked items the one that adds most to a row is the reason for it: a disliked one moves the score and is none.
        Where no liked item adds anything, popularity is what lifts it."""
        assert self._model is not None and self._model.preferences is not None
        if not len(rows):
            return []
        parts = np.where(history.weights > 0.0, self._model.preferences.shares(history, rows), -np.inf)
        best_entries = parts.argmax(axis=1)
        return [
            f"often chosen together with {short_title(self._model.item_ids[history.items[entry]], self._titles)}"
            if share > 0.0
            else "popular with other shoppers"
            for entry, share in zip(best_entries, parts.max(axis=1), strict=True)
        ]
