"""One candidate list as arrays: gathered once, used by the objective and by the measures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from chatrec.domain.candidate import Candidate
from chatrec.ranking.facets import Facets

Floats = NDArray[np.float64]


class Pool:
    """The candidates (first ``n`` rows) and the items shown before them (the rows after).

    ``columns`` (rows x width) number the labels that occur here, ``labels`` are their numbers in ``facets``; the column ``len(labels)``
    stands for "no value". ``owner`` (one more than labels) are their facets, "no value" having one of its own, the last. ``shares`` say
    how an item's weight spreads over its labels; they are ``facets.share_sizes[share_numbers]``. ``sizes`` count the labels of each
    facet. ``vectors`` are unit rows. ``worth`` (n,) is relevance in [0, 1].
    """

    def __init__(self, facets: Facets, candidates: Sequence[Candidate], shown: Sequence[str] = ()) -> None:
        self._rows = rows = facets.find([*[c.item_id for c in candidates], *shown])
        columns = facets.columns.take(rows, axis=0)
        used = np.zeros(len(facets.labels) + 1, dtype=np.bool_)
        used[columns] = True
        used[-1] = True  # the place of -1, "no value"
        labels = used.nonzero()[0]
        numbers = used.cumsum() - 1
        self.labels, self.columns = labels[:-1], numbers.take(columns)
        self.share_numbers = facets.share_numbers.take(rows, axis=0)
        self.owner = facets.owner_of.take(labels)
        self.sizes: list[int] = np.bincount(self.owner).tolist()[:-1]
        self.facets, self.n = facets, len(candidates)
        self.worth = relevance(candidates)

    @cached_property
    def shares(self) -> Floats:
        """As ``columns``, 0 where there is no value."""
        return self.facets.share_sizes.take(self.share_numbers)

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """One row an item, gathered when first asked for: a list in the order of relevance needs none."""
        return self.facets.vectors.take(self._rows, axis=0)


def relevance(candidates: Sequence[Candidate]) -> Floats:
    """Scores as relevance in [0, 1], never rising along the list: the input order is the order of relevance.

    Scores within [0, 1] keep their size: where a source is unsure of all, a swap costs little, and the list is varied more. Larger ones
    are divided by their range from zero. Only differences count, so that negative scores are moved up to zero. A score
    that is higher than one before it (a pinned item stands first), or no number, counts as much as the lowest so far.
    """
    scores = np.array([c.score for c in candidates], dtype=np.float64)
    if not scores.size:
        return scores
    finite = np.isfinite(scores)
    if not finite.all():
        if not finite.any():
            return np.ones(len(scores))
        scores = np.where(finite, scores, np.inf)
    scores = np.minimum.accumulate(scores)
    if scores[0] == np.inf:
        scores[scores == np.inf] = scores[scores < np.inf].max()
    if scores[-1] < 0.0:
        scores -= scores[-1]
    if scores[0] > 1.0:
        scores /= scores[0]
    return scores
