"""Who gets to be seen: how a method's lists, taken together, share out the places among items and brands.

``shown`` are item numbers, shape ``(lists, places)``, -1 where a list has no item at a place.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
HALF = 0.5


def exposure_counts(shown: ArrayLike, n_items: int) -> NDArray[np.int64]:
    """How often each item of a catalogue of ``n_items`` is shown, items never shown included; shape ``(n_items,)``."""
    flat = np.asarray(shown, dtype=np.int64).ravel()
    return np.asarray(np.bincount(flat[flat >= 0], minlength=n_items), dtype=np.int64)


def lorenz(exposure: ArrayLike) -> tuple[Floats, Floats]:
    """The Lorenz curve (Lorenz, 1905): share of the items, least shown first, and share of all places that they get; both start at 0
    and end at 1. The diagonal is equality; the area between it and the curve is half the Gini coefficient."""
    counts = np.sort(np.asarray(exposure, dtype=np.float64))
    total = counts.sum()
    items = np.linspace(0.0, 1.0, len(counts) + 1)
    if total <= 0.0:
        return items, items.copy()
    return items, np.concatenate(([0.0], np.cumsum(counts) / total))


def self_information(shown: ArrayLike, n_shoppers_of: ArrayLike, n_shoppers: int) -> Floats:
    """Novelty of each list, in bits: the mean of -log2 of the share of shoppers who had the item in training (Zhou et al., PNAS 2010).

    ``n_shoppers_of`` counts the shoppers of each item. One more shopper who had everything is counted in, so that an item without
    any is finite. NaN for an empty list; shape ``(lists,)``.
    """
    chance = (np.asarray(n_shoppers_of, dtype=np.float64) + 1.0) / (n_shoppers + 1.0)
    return _mean_over_list(shown, -np.log2(np.minimum(chance, 1.0)))


def small_brands(brand_of: ArrayLike) -> NDArray[np.bool_]:
    """Which brands are small: the smallest ones that together hold at most half of the catalogue's branded items.

    ``brand_of`` is the brand number of each item, -1 without one; the result has one truth value a brand. Brands of one size are
    small together or not at all: where all have the same size, none is.
    """
    numbers = np.asarray(brand_of, dtype=np.int64)
    sizes = np.bincount(numbers[numbers >= 0])
    if not len(sizes):
        return np.zeros(0, np.bool_)
    held = np.bincount(sizes, weights=sizes).cumsum()  # by all brands of this size and smaller
    return np.asarray((held[sizes] <= HALF * sizes.sum()) & (sizes > 0), dtype=np.bool_)


def small_brand_share(shown: ArrayLike, brand_of: ArrayLike) -> Floats:
    """The share of each list's branded places that items of small brands hold (see :func:`small_brands`); shape ``(lists,)``.

    To be compared with :func:`small_brand_parity`. NaN for a list without branded items, and everywhere when no brand is small.
    """
    numbers = np.asarray(brand_of, dtype=np.int64)
    small = small_brands(numbers)
    if not small.any():
        return np.full(len(np.asarray(shown)), np.nan)
    worth = np.where(numbers >= 0, np.append(small, False)[numbers].astype(np.float64), np.nan)
    return _mean_over_list(shown, worth)


def small_brand_parity(brand_of: ArrayLike) -> float:
    """The share of the catalogue's branded items that small brands hold: what they would get if all items were shown alike; NaN when
    no brand is small."""
    numbers = np.asarray(brand_of, dtype=np.int64)
    small = small_brands(numbers)
    branded = numbers[numbers >= 0]
    return float(small[branded].mean()) if small.any() else float("nan")


def _mean_over_list(shown: ArrayLike, worth: Floats) -> Floats:
    """The mean of ``worth`` over the items of each list, without those that are NaN."""
    lists = np.asarray(shown, dtype=np.int64)
    if not lists.size or not len(worth):
        return np.full(len(lists), np.nan)
    values = np.where(lists >= 0, worth[lists], np.nan)
    known = ~np.isnan(values)
    counts = known.sum(axis=1)
    sums = np.where(known, values, 0.0).sum(axis=1)
    return np.asarray(np.divide(sums, counts, out=np.full(len(lists), np.nan), where=counts > 0))
