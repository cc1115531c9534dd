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

    ``columns`` (rows x width) number the labels that occur here, ``labels`` are their numbers in ``facets`` and ``owner`` their facets; the
    column ``len(labels)`` stands for "no value". ``shares`` say how an item's weight spreads over its labels; they are
    ``facets.share_sizes[share_numbers]``. ``vectors`` are unit rows. ``worth`` (n,) is relevance in [0, 1].
    """

    def __init__(self, facets: Facets, candidates: Sequence[Candidate], shown: Sequence[str] = ()) -> None:
        rows = facets.find([*(c.item_id for c in candidates), *shown])
        columns = facets.columns[rows]
        used = np.zeros(len(facets.labels) + 1, dtype=np.bool_)
        used[columns] = True  # -1, the empty place, marks the last
        used[-1] = False
        self.labels = np.flatnonzero(used)
        numbers = np.full(len(used), len(self.labels))
        numbers[self.labels] = np.arange(len(self.labels))
        self.columns: NDArray[np.intp] = numbers[columns]
        self.share_numbers = facets.share_numbers[rows]
        self.shares = facets.share_sizes[self.share_numbers]
        self.owner = facets.facet_of[self.labels]
        self.vectors = facets.vectors[rows]
        self.facets, self.n = facets, len(candidates)
        self.worth = relevance(candidates)


def relevance(candidates: Sequence[Candidate]) -> Floats:
    """Scores as relevance in [0, 1], never rising along the list: the input order is the order of relevance.

    Scores within [0, 1] keep their size: where a source is unsure of all, a swap costs little, and the list is varied more. Larger ones
    are divided by their range from zero. Only differences count, so that negative scores are moved up to zero. A score
    that is higher than one before it (a pinned item stands first), or no number, counts as much as the lowest so far.
    """
    scores = np.array([c.score for c in candidates], dtype=np.float64)
    finite = np.isfinite(scores)
    if not finite.all():
        if not finite.any():
            return np.ones(len(scores))
        scores = np.where(finite, scores, np.inf)
    scores = np.minimum.accumulate(scores)
    if scores.size and scores[0] == np.inf:
        scores[scores == np.inf] = scores[scores < np.inf].max()
    elif not scores.size:
        return scores
    scores -= min(0.0, float(scores[-1]))
    return np.asarray(scores / max(1.0, float(scores[0])))
