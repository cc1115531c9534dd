"""What shoppers with a like history chose: iALS with fold-in."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from chatrec.candidates.model import CollaborativeModel, Floats
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
        """The ``k`` items with the highest predicted preference above zero; empty without a liked item that the model knows."""
        history = self._history(query)
        if self._model is None or k < 1 or not any(w > 0.0 for w in history.values()):
            return []
        known = list(history)
        reach = self._model.fold_in([self._model.rows[i] for i in known], list(history.values()))
        scores = self._model.factors @ reach.sum(axis=1)
        order = self._order(scores, query, frozenset(known), k)
        # a disliked item moves the score but is no reason to offer anything
        parts = np.where([weight > 0.0 for weight in history.values()], self._model.factors[order] @ reach, -np.inf)
        return [
            Candidate(self._model.item_ids[row], float(scores[row]), self.name, self._reason(known[int(best)]))
            for row, best in zip(order, parts.argmax(axis=1), strict=True)
        ]

    def _history(self, query: Query) -> dict[str, float]:
        """Weight by item of what the model knows of the history: as in training the weights of an item add up with diminishing
        returns, and where the newest speaks against it, it is disliked."""
        told: dict[str, list[float]] = {}
        for item_id, weight in (*query.history, *((i, LIKE_WEIGHT) for i in query.like_items)):
            if self._model is not None and item_id in self._model.rows and math.isfinite(weight) and weight:
                told.setdefault(item_id, []).append(weight)
        return {i: max(-1.0, w[-1]) if w[-1] < 0.0 else math.log2(1.0 + sum(x for x in w if x > 0.0)) for i, w in told.items()}

    def _order(self, scores: Floats, query: Query, seen: frozenset[str], k: int) -> list[int]:
        assert self._model is not None
        ids = self._model.item_ids
        fit = self._offered & (scores > 0.0)
        if query.allowed is not None and len(query.allowed) < len(ids):
            allowed = np.zeros(len(ids), np.bool_)
            allowed[[self._model.rows[i] for i in query.allowed if i in self._model.rows]] = True
            fit &= allowed
        found: list[int] = []
        for row in np.flatnonzero(fit)[np.argsort(-scores[fit], kind="stable")]:
            if ids[row] not in seen and query.admits(ids[row]):
                found.append(int(row))
                if len(found) == k:
                    break
        return found

    def _reason(self, item_id: str) -> str:
        return f"often chosen together with {short_title(item_id, self._titles)}"
