"""What shoppers with a like history chose: a collaborative model with fold-in, for cold items and cold shoppers, too."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.cold import Judged
from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.preferences import Preferences
from chatrec.candidates.rank import best
from chatrec.candidates.sources.reasons import short_title
from chatrec.domain.candidate import Candidate, Query


class CollaborativeSource:
    """Scores every item for the shopper's history, folded in at once, without the items of that history.

    ``titles`` are those of the catalogue, for the reasons.
    """

    name = "collaborative"

    def __init__(self, preferences: Preferences | None, titles: Mapping[str, str]) -> None:
        self._preferences, self._titles = preferences, titles

    def candidates(self, query: Query, k: int) -> list[Candidate]:
        """The ``k`` items that most speaks for; empty where neither a liked item nor anything else is known of the shopper."""
        if self._preferences is None or k < 1:
            return []
        history = self._preferences.history(query)
        judged = self._preferences.judged(history, query)
        if judged is None:
            return []
        rows = self._open(self._preferences, judged.scores, query, history, k)
        ids = self._preferences.places.ids
        return [
            Candidate(ids[row], float(judged.scores[row]), self.name, reason)
            for row, reason in zip(rows, self._reasons(self._preferences, judged, history, rows), strict=True)
        ]

    def _open(self, preferences: Preferences, scores: Floats, query: Query, history: Histories, k: int) -> NDArray[np.intp]:
        """The best rows that may be offered to this query."""
        fit = np.ones(len(scores), np.bool_) if query.allowed is None else preferences.places.mask(query.allowed)
        fit[history.items] = False
        fit[preferences.places.of(i for i in query.exclude if i in preferences.places)] = False
        return best(np.where(fit, scores, -np.inf).astype(np.float32), k)

    def _reasons(self, preferences: Preferences, judged: Judged, history: Histories, rows: NDArray[np.intp]) -> list[str]:
        """Of the liked items the one that adds most to a row is the reason for it: a disliked one moves the score and is none.
        Where no liked item adds anything, popularity is what lifts it."""
        popular = "popular with other shoppers"
        if not len(rows) or not (history.weights > 0.0).any():
            return [popular] * len(rows)
        parts = np.where(history.weights > 0.0, judged.shares(rows), -np.inf)
        pairs = zip(rows.tolist(), history.items[parts.argmax(axis=1)].tolist(), parts.max(axis=1), strict=True)
        return [self._tie(preferences, row, liked) if share > 0.0 else popular for row, liked, share in pairs]

    def _tie(self, preferences: Preferences, row: int, liked: int) -> str:
        """What an item has to do with a liked one: what the log shows, else what the record does, else no more than that the one led to
        the other."""
        named = short_title(preferences.places.ids[liked], self._titles)
        if preferences.chosen_together(row, liked):
            return f"often chosen together with {named}"
        return f"similar to {named}" if preferences.kin(row, liked) else f"suggested by your interest in {named}"
