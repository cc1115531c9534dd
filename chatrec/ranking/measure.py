"""What the receipt keeps of a list: its entropies before and after, and how relevance is scaled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatrec.domain.candidate import Candidate, Ranked
from chatrec.metrics.diversity import entropy, list_entropy, softmax
from chatrec.ranking.facets import Facets

TEMPERATURE = 1.0
Floats = NDArray[np.float64]


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


def weigh(facets: Facets, candidates: Sequence[Candidate], rows: Sequence[int], propensity: Sequence[float]) -> Ranked:
    """The chosen rows as a :class:`Ranked`, with the figures of the list and of the top of the input of the same length."""
    worth = relevance(candidates)
    meter = EntropyMeter(facets, [c.item_id for c in candidates])
    return Ranked(
        tuple(candidates[row] for row in rows),
        tuple(propensity),
        meter.of(range(len(rows)), worth[: len(rows)]),
        meter.of(rows, worth[list(rows)]),
        entropy(softmax(worth[list(rows)], TEMPERATURE)),
    )


class EntropyMeter:
    """Mean normalised facet entropy of lists drawn from one candidate set."""

    def __init__(self, facets: Facets, item_ids: Sequence[str]) -> None:
        columns, shares, _ = facets.gather(item_ids)
        present = columns >= 0
        labels, local = np.unique(columns[present], return_inverse=True)
        where, _ = np.nonzero(present)
        spread = np.zeros((len(item_ids), len(labels)))
        spread[where, local] = shares[present]
        owner = facets.facet_of[labels] if len(labels) else np.zeros(0, np.int32)
        self._spreads = [spread[:, owner == facet] for facet in np.unique(owner)]

    def of(self, rows: Sequence[int], worth: Floats) -> float:
        """The entropy in [0, 1] of the list of these rows, with the relevance ``worth`` of each."""
        chosen = list(rows)
        p = softmax(worth, TEMPERATURE)
        return list_entropy(p, [s[chosen] for s in self._spreads], [s.shape[1] for s in self._spreads])
