"""How varied lists are, singly and over all shoppers.

``p`` are the weights of the items of one list (sum 1). ``spread`` has shape ``(items, values)``: how an item's weight spreads over
the values of one facet (rows sum to 1; an item without a value of this facet has a row of zeros).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def softmax(scores: ArrayLike, temperature: float = 1.0) -> Floats:
    """Weights proportional to exp(score / temperature), summing to 1; empty for no scores.

    Raises :class:`ValueError` for a temperature that is not positive.
    """
    if not temperature > 0.0:
        raise ValueError(f"temperature must be positive, got {temperature}")
    x = np.asarray(scores, dtype=np.float64) / temperature
    if not x.size:
        return x
    e = np.exp(x - x.max())
    return np.asarray(e / e.sum(), dtype=np.float64)


def entropy(p: ArrayLike) -> float:
    """-sum p log p in nats; weights are scaled to sum 1, an empty or zero vector has entropy 0 (Shannon, 1948)."""
    w = np.asarray(p, dtype=np.float64)
    total = w.sum()
    if w.size == 0 or total <= 0.0:
        return 0.0
    w = w[w > 0.0] / total
    return float(max(0.0, -(w * np.log(w)).sum()))


def facet_entropy(p: ArrayLike, spread: ArrayLike, n_values: int) -> float | None:
    """Entropy of one facet over a list, divided by log(min(list length, ``n_values``)): in [0, 1].

    ``n_values`` is how many values of the facet occur in the whole candidate set. ``None`` when the facet cannot vary (one place,
    or fewer than two values), or no item of the list has a value of it.
    """
    weights, rows = np.asarray(p, dtype=np.float64), np.asarray(spread, dtype=np.float64)
    most = min(len(weights), n_values)
    mass = weights @ rows if len(weights) else np.zeros(0)
    if most < 2 or mass.sum() <= 0.0:
        return None
    return min(1.0, entropy(mass) / float(np.log(most)))


def list_entropy(p: ArrayLike, spreads: Sequence[ArrayLike], n_values: Sequence[int]) -> float:
    """Mean of :func:`facet_entropy` over the facets that can vary, in [0, 1]; 0 when none can."""
    found = [facet_entropy(p, s, n) for s, n in zip(spreads, n_values, strict=True)]
    measured = [f for f in found if f is not None]
    return float(np.mean(measured)) if measured else 0.0


def kl(target: ArrayLike, p: ArrayLike, smoothing: float = 0.01) -> float:
    """Kullback-Leibler divergence of a list's facet distribution from the wanted one, in nats; 0 is perfectly calibrated.

    As in Steck (RecSys 2018, Calibrated Recommendations) ``p`` is mixed with ``smoothing`` of the target so that it stays finite.
    """
    t, q = _distribution(target), _distribution(p)
    mixed = (1.0 - smoothing) * q + smoothing * t
    held = t > 1e-12  # smaller shares add nothing and overflow
    return float(max(0.0, (t[held] * np.log(t[held] / mixed[held])).sum()))


def ilad(vectors: ArrayLike) -> float:
    """Intra-list average distance: mean of 1 - cosine over all pairs; 0 for fewer than two items (Ziegler et al., WWW 2005)."""
    distances = _pair_distances(vectors)
    return float(distances.mean()) if distances.size else 0.0


def ilmd(vectors: ArrayLike) -> float:
    """Intra-list minimal distance: 1 - cosine of the two items closest to each other; 0 for fewer than two items."""
    distances = _pair_distances(vectors)
    return float(distances.min()) if distances.size else 0.0


def coverage(shown: ArrayLike, n_items: int) -> float:
    """Share of the catalogue that appears in any list; ``shown`` are item numbers (Ge et al., RecSys 2010)."""
    if n_items < 1:
        raise ValueError(f"a catalogue has at least one item, got {n_items}")
    return float(len(np.unique(np.asarray(shown))) / n_items)


def gini(exposure: ArrayLike) -> float:
    """Inequality of exposure: 0 all items are shown equally often, near 1 a few get everything (Gini, 1912).

    ``exposure`` are counts, one an item of the catalogue, items never shown included.
    """
    x = np.sort(np.asarray(exposure, dtype=np.float64))
    total = x.sum()
    if x.size == 0 or total <= 0.0:
        return 0.0
    places = np.arange(1, x.size + 1)
    return float(max(0.0, ((2 * places - x.size - 1) * x).sum() / (x.size * total)))


def _distribution(weights: ArrayLike) -> Floats:
    w = np.asarray(weights, dtype=np.float64)
    total = w.sum()
    return w / total if total > 0.0 else np.full(w.shape, 1.0 / max(1, w.size))


def _pair_distances(vectors: ArrayLike) -> Floats:
    x = np.asarray(vectors, dtype=np.float64)
    if x.ndim != 2 or len(x) < 2:
        return np.zeros(0)
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    unit = np.divide(x, norms, out=np.zeros_like(x), where=norms > 0.0)
    return np.asarray(np.clip(1.0 - (unit @ unit.T), 0.0, 2.0)[np.triu_indices(len(x), 1)], dtype=np.float64)
