"""What the tuned encoder is stopped by: recall on items that training has not seen, and on each shopper's last liking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.bilinear import tastes
from chatrec.candidates.splits import Split, hold_items_out, leave_last_out
from chatrec.metrics.ranking import hits_of, recall

K = 10
SHARE = 0.2  # and at most this share of what is ranked, so that a small shop is a task, too
MOST_SHOPPERS = 2_000


@dataclass(frozen=True, slots=True)
class Validation:
    """``train`` is what is left to learn from; ``cold`` are the rows of the items kept out of it, in rising order."""

    train: Interactions
    cold: NDArray[np.int64]
    cold_split: Split
    warm_split: Split

    @classmethod
    def of(cls, log: Interactions, share: float, seed: int) -> Validation:
        """Keeps a ``share`` of the items that anybody likes, and then the last liking of every shopper, out of ``log``."""
        cold_split, drawn = hold_items_out(log, share, seed)
        liked = np.bincount(log.items, minlength=len(log.item_ids))
        warm_split = leave_last_out(cold_split.train)
        return cls(warm_split.train, drawn[liked[drawn] > 0].astype(np.int64), _some(cold_split, seed), _some(warm_split, seed))

    def recalls(self, vectors: NDArray[np.float32], across: NDArray[np.float32], recency: float) -> dict[str, float]:
        """``warm_recall`` among all items and ``cold_recall`` among the cold ones, at 10 (in a small shop a fifth of what is ranked),
        for those that have a shopper to ask."""
        found = {}
        if len(self.warm_split.inputs):
            found["warm_recall"] = _recall(self.warm_split, np.arange(len(vectors)), vectors, across, recency)
        if len(self.cold_split.inputs):
            found["cold_recall"] = _recall(self.cold_split, self.cold, vectors, across, recency)
        return found


def _recall(split: Split, among: NDArray[np.integer], vectors: NDArray[np.float32], across: NDArray[np.float32], recency: float) -> float:
    shares = []
    place = np.full(len(vectors), -1)
    place[among] = np.arange(len(among))
    for start in range(0, len(split.inputs), 500):
        part = split.inputs.take(np.arange(start, min(start + 500, len(split.inputs))))
        scores = tastes(part, vectors, recency) @ across @ vectors[among].T
        known = place[part.items] >= 0
        scores[part.owners[known], place[part.items[known]]] = -np.inf
        k = max(1, min(K, int(SHARE * len(among))))
        best = among[np.argpartition(-scores, k - 1, axis=1)[:, :k]]
        hits, wanted = hits_of(best.tolist(), [rows.tolist() for rows in split.relevant[start : start + 500]])
        shares.append(recall(hits, wanted, k))
    return float(np.concatenate(shares).mean())


def _some(split: Split, seed: int) -> Split:
    if len(split.inputs) <= MOST_SHOPPERS:
        return split
    chosen = np.sort(np.random.default_rng(seed).choice(len(split.inputs), MOST_SHOPPERS, replace=False))
    return Split(split.train, split.inputs.take(chosen), tuple(split.relevant[n] for n in chosen))
