"""One candidate list as arrays: gathered once, used by the objective and by the measures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatrec.domain.candidate import Candidate
from chatrec.ranking.facets import Facets

Floats = NDArray[np.float64]


class Pool:
    """The candidates (first ``n`` rows) and the items shown before them (the rows after).

    ``columns`` (rows x width) number the labels that occur here, ``labels`` are their numbers in ``facets``; the column
    ``len(labels)`` stands for "no value". ``shares`` say how an item's weight spreads over its labels. ``vectors`` are unit rows.
    ``worth`` (n,) is relevance in [0, 1].
    """

    def __init__(self, facets: Facets, candidates: Sequence[Candidate], shown: Sequence[str] = ()) -> None:
        columns, shares, self.vectors = facets.gather([*(c.item_id for c in candidates), *shown])
        present = columns >= 0
        used = np.zeros(len(facets.labels), dtype=np.bool_)
        used[columns[present]] = True
        self.labels = np.flatnonzero(used)
        numbers = np.append(np.cumsum(used) - 1, len(self.labels))
        numbers[:-1][~used] = len(self.labels)
        self.columns: NDArray[np.intp] = numbers[columns]  # -1, the empty place, takes the last entry
        self.shares = shares.astype(np.float64)
        self.facets, self.n = facets, len(candidates)
        self.worth = relevance(candidates)

    @property
    def owner(self) -> NDArray[np.int32]:
        """The facet of each label that occurs."""
        return self.facets.facet_of[self.labels]


def relevance(candidates: Sequence[Candidate]) -> Floats:
    """Scores scaled to [0, 1], never rising along the list: the input order is the order of relevance.

    A score that is higher than one before it (a pinned item stands first), or no number, counts as much as the lowest so far.
    """
    scores = np.array([c.score for c in candidates], dtype=np.float64)
    finite = np.isfinite(scores)
    if not finite.any():
        return np.ones(len(scores))
    scores = np.minimum.accumulate(np.where(finite, scores, np.inf))
    scores[~np.isfinite(scores)] = scores[np.isfinite(scores)].max()
    spread = scores[0] - scores[-1]
    return (scores - scores[-1]) / spread if spread > 0.0 else np.ones(len(scores))
