"""The figures of ``diversity`` for many lists at once.

``shown`` are item numbers, shape ``(lists, places)``, -1 where a list has no item at a place. ``spread`` is a sparse matrix (items x
labels): how an item's weight spreads over the values of all facets (its row sums to 1 for each facet it has a value of); ``facet_of``
is the facet of each label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_BATCH = 256  # lists whose vectors or labels are dense at one time
SMOOTHING = 0.01  # Steck, RecSys 2018


def list_weights(shown: ArrayLike, scores: ArrayLike, temperature: float = 1.0) -> Floats:
    """The softmax of the scores over each list, 0 where it has no item; shape ``(lists, places)``."""
    held = np.asarray(shown) >= 0
    x = np.where(held, np.asarray(scores, dtype=np.float64) / temperature, -np.inf)
    top = x.max(axis=1, keepdims=True, initial=-np.inf)
    e = np.where(held, np.exp(np.where(held, x - np.where(np.isfinite(top), top, 0.0), 0.0)), 0.0)
    total = e.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(e, total, out=np.zeros_like(e), where=total > 0.0))


def item_entropies(weights: ArrayLike) -> Floats:
    """-sum p log p of each list's items, in nats; ``weights`` as of :func:`list_weights`."""
    p = np.asarray(weights, dtype=np.float64)
    logs = np.log(p, out=np.zeros_like(p), where=p > 0.0)
    return np.asarray(np.maximum(0.0, -(p * logs).sum(axis=1)))


def label_mass(shown: ArrayLike, weights: ArrayLike, spread: csr_matrix) -> csr_matrix:
    """How much of each list's weight lies on each label: sparse, shape (lists, labels)."""
    from scipy.sparse import csr_matrix

    lists, p = np.asarray(shown, dtype=np.int64), np.asarray(weights, dtype=np.float64)
    held = lists >= 0
    rows = np.broadcast_to(np.arange(len(lists))[:, None], lists.shape)[held]
    return csr_matrix((p[held], (rows, lists[held])), shape=(len(lists), spread.shape[0])) @ spread


def facet_values(shown: ArrayLike, spread: csr_matrix, facet_of: ArrayLike) -> Ints:
    """How many values of each facet occur in each list: shape (lists, facets)."""
    lists = np.asarray(shown)
    mass = label_mass(lists, np.ones(lists.shape), spread).tocoo()
    owner = np.asarray(facet_of, dtype=np.int64)
    n_facets = int(owner.max(initial=-1)) + 1
    cells = mass.row.astype(np.int64) * n_facets + owner[mass.col]
    found = np.bincount(cells[mass.data > 0.0], minlength=len(lists) * n_facets)
    return np.asarray(found.reshape(len(lists), n_facets), dtype=np.int64)


def facet_entropies(shown: ArrayLike, weights: ArrayLike, spread: csr_matrix, facet_of: ArrayLike, n_values: ArrayLike) -> Floats:
    """Entropy of each facet over each list, divided by log(min(list length, ``n_values``)): in [0, 1], shape (lists, facets).

    ``n_values`` (lists, facets) is how many values of the facet occur in each list's whole candidate set. NaN when a facet cannot
    vary or no item of the list has a value of it: as ``diversity.facet_entropy`` gives ``None``.
    """
    lists, wanted = np.asarray(shown), np.asarray(n_values, dtype=np.int64)
    owner, (n, n_facets) = np.asarray(facet_of, dtype=np.int64), wanted.shape
    mass = label_mass(lists, weights, spread).tocoo()
    positive = mass.data > 0.0
    cells, data = (mass.row.astype(np.int64) * n_facets + owner[mass.col])[positive], mass.data[positive]
    totals = np.bincount(cells, data, n * n_facets)
    p = data / totals[cells]
    entropies = np.bincount(cells, -p * np.log(p), n * n_facets).reshape(n, n_facets)
    most = np.minimum((lists >= 0).sum(axis=1)[:, None], wanted)
    can = (most >= 2) & (totals.reshape(n, n_facets) > 0.0)
    shares = np.divide(entropies, np.log(np.maximum(most, 2)), out=np.full((n, n_facets), np.nan), where=can)
    return np.asarray(np.clip(shares, 0.0, 1.0))


def list_entropies(shown: ArrayLike, weights: ArrayLike, spread: csr_matrix, facet_of: ArrayLike, n_values: ArrayLike) -> Floats:
    """Mean of :func:`facet_entropies` over the facets that can vary, in [0, 1], 0 where none can; shape (lists,)."""
    return np.nan_to_num(row_means(facet_entropies(shown, weights, spread, facet_of, n_values)), nan=0.0)


def calibration(target: csr_matrix, mass: csr_matrix, facet_of: ArrayLike) -> Floats:
    """Kullback-Leibler divergence of each list's facet values from the wanted ones (Steck, RecSys 2018), in nats, the mean over the
    facets of which both hold a value; 0 is perfectly calibrated, NaN where there is nothing to compare. Shape (lists,).

    ``target`` and ``mass`` are masses on labels, shape (lists, labels); each facet is scaled to sum 1, and the list's mixed with
    ``SMOOTHING`` of the target so that the figure stays finite.
    """
    owner = np.asarray(facet_of, dtype=np.int64)
    n_facets = int(owner.max(initial=-1)) + 1
    parts = [_calibration(target[s : s + _BATCH], mass[s : s + _BATCH], owner, n_facets) for s in range(0, target.shape[0], _BATCH)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _calibration(target: csr_matrix, mass: csr_matrix, owner: Ints, n_facets: int) -> Floats:
    n, wanted = target.shape[0], target.tocoo()
    held = wanted.data > 0.0
    rows, labels, t = wanted.row[held].astype(np.int64), wanted.col[held], wanted.data[held]
    there = mass.tocoo()
    total_t = np.bincount(rows * n_facets + owner[labels], t, n * n_facets)
    total_q = np.bincount(there.row.astype(np.int64) * n_facets + owner[there.col], there.data, n * n_facets)
    cells = rows * n_facets + owner[labels]
    t = t / total_t[cells]
    q = np.divide(mass.toarray()[rows, labels], total_q[cells], out=np.zeros(len(t)), where=total_q[cells] > 0.0)
    divergence = np.bincount(cells, t * np.log(t / ((1.0 - SMOOTHING) * q + SMOOTHING * t)), n * n_facets)
    known = (total_t > 0.0) & (total_q > 0.0)
    return row_means(np.where(known, np.maximum(0.0, divergence), np.nan).reshape(n, n_facets))


def distances(shown: ArrayLike, vectors: ArrayLike) -> tuple[Floats, Floats]:
    """Mean and least 1 - cosine over the pairs of each list (ILAD and ILMD, as ``diversity.ilad`` and ``ilmd``); 0 for fewer than two
    items. ``vectors`` (items, d) are unit rows, zero where unknown."""
    lists, known = np.asarray(shown, dtype=np.int64), np.asarray(vectors)
    means, leasts = np.zeros(len(lists)), np.zeros(len(lists))
    first, second = np.triu_indices(lists.shape[1] if lists.ndim == 2 else 0, 1)
    if not len(first) or not known.size:
        return means, leasts
    for start in range(0, len(lists), _BATCH):
        some = lists[start : start + _BATCH]
        rows = known[some].astype(np.float64)
        apart = np.clip(1.0 - rows @ rows.transpose(0, 2, 1), 0.0, 2.0)[:, first, second]
        paired = (some[:, first] >= 0) & (some[:, second] >= 0)
        counts = paired.sum(axis=1)
        sums = np.where(paired, apart, 0.0).sum(axis=1)
        means[start : start + _BATCH] = np.divide(sums, counts, out=np.zeros(len(some)), where=counts > 0)
        leasts[start : start + _BATCH] = np.where(counts > 0, np.where(paired, apart, np.inf).min(axis=1), 0.0)
    return means, leasts


def row_means(values: Floats) -> Floats:
    """The mean of each row without its NaN; NaN for a row without anything else."""
    known = ~np.isnan(values)
    counts = known.sum(axis=1)
    return np.asarray(np.divide(np.where(known, values, 0.0).sum(axis=1), counts, out=np.full(len(values), np.nan), where=counts > 0))
