"""How well a ranked list finds what a shopper wanted.

All functions work on many shoppers at once. ``hits`` has shape ``(users, length)``: whether the item at that place of that
shopper's list is relevant. ``n_relevant`` has shape ``(users,)``: how many items are relevant to the shopper at all. They return
one float64 a shopper, shape ``(users,)``, so that methods can be compared shopper by shopper; the mean is the usual figure.
A list shorter than ``k`` counts as filled up with misses. A shopper with nothing relevant scores 0: leave such shoppers out before.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Hits = NDArray[np.bool_]


def hits_of(ranked: Sequence[Sequence[Hashable]], relevant: Sequence[Collection[Hashable]]) -> tuple[Hits, NDArray[np.int64]]:
    """Lists and relevant sets, shopper by shopper -> ``hits`` (users, longest list) and ``n_relevant`` (users,).

    An item that a list repeats is a hit only once. Raises :class:`ValueError` when the two have different lengths.
    """
    if len(ranked) != len(relevant):
        raise ValueError(f"{len(ranked)} ranked lists for {len(relevant)} shoppers: one list a shopper is needed")
    hits = np.zeros((len(ranked), max((len(r) for r in ranked), default=0)), dtype=np.bool_)
    for row, (items, wanted) in enumerate(zip(ranked, relevant, strict=True)):
        left = set(wanted)
        for place, item in enumerate(items):
            if item in left:
                hits[row, place] = True
                left.discard(item)
    return hits, np.array([len(set(w)) for w in relevant], dtype=np.int64)


def recall(hits: Hits, n_relevant: NDArray[np.int64], k: int) -> Floats:
    """Share of the relevant items that stand among the first ``k``."""
    return _share(_found(hits, k), n_relevant)


def precision(hits: Hits, n_relevant: NDArray[np.int64], k: int) -> Floats:
    """Share of the first ``k`` places that hold a relevant item; always divided by ``k``."""
    return _share(_found(hits, k), np.full(len(n_relevant), k))


def f1(hits: Hits, n_relevant: NDArray[np.int64], k: int) -> Floats:
    """Harmonic mean of precision and recall (van Rijsbergen, Information Retrieval, 1979)."""
    found = _found(hits, k)
    return _share(2.0 * found, n_relevant + k)


def hit_rate(hits: Hits, n_relevant: NDArray[np.int64], k: int) -> Floats:
    """1 where at least one of the first ``k`` is relevant, else 0."""
    return (_found(hits, k) > 0).astype(np.float64)


def mrr(hits: Hits, n_relevant: NDArray[np.int64], k: int) -> Floats:
    """1 / place of the first relevant item, 0 when none stands among the first ``k`` (Voorhees, TREC-8, 1999)."""
    top = _top(hits, k)
    if not top.shape[1]:
        return np.zeros(len(top))
    return np.where(top.any(axis=1), 1.0 / (top.argmax(axis=1) + 1.0), 0.0)


def ndcg(hits: Hits, n_relevant: NDArray[np.int64], k: int) -> Floats:
    """Discounted gain over that of the best possible list, binary relevance, log2 discount (Järvelin & Kekäläinen, TOIS 2002)."""
    top = _top(hits, k)
    discounts = 1.0 / np.log2(np.arange(k) + 2.0)
    best = np.concatenate(([0.0], np.cumsum(discounts)))[np.minimum(n_relevant, k)]
    return _share(top @ discounts[: top.shape[1]], best)


def average_precision(hits: Hits, n_relevant: NDArray[np.int64], k: int) -> Floats:
    """Mean over the relevant items of the precision at their place, 0 for those not among the first ``k``; its mean over shoppers is
    MAP@k (Buckley & Voorhees, SIGIR 2000). Divided by min(``n_relevant``, ``k``), so that the best possible list scores 1.
    """
    top = _top(hits, k)
    at_place = np.cumsum(top, axis=1) / np.arange(1, top.shape[1] + 1)
    return _share((at_place * top).sum(axis=1), np.minimum(n_relevant, k))


def _top(hits: Hits, k: int) -> Hits:
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    return np.asarray(hits, dtype=np.bool_)[:, :k]


def _found(hits: Hits, k: int) -> Floats:
    return np.asarray(_top(hits, k).sum(axis=1), dtype=np.float64)


def _share(part: NDArray[np.floating], whole: NDArray[np.number]) -> Floats:
    total = np.asarray(whole, dtype=np.float64)
    return np.asarray(np.divide(part, total, out=np.zeros(len(total)), where=total > 0), dtype=np.float64)
