"""Spherical k-means over item embeddings (Dhillon & Modha, Machine Learning 2001), small enough to run when a shop opens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SWEEPS = 10
MOST_CLUSTERS = 64
SAMPLE = 4_096  # centres learnt from this many items serve all of a larger catalogue
SEED = 7


def cluster(vectors: NDArray[np.float32], n_clusters: int = 0) -> NDArray[np.int32]:
    """A cluster number for every row. ``vectors`` are unit rows; ``n_clusters`` 0 means sqrt(rows / 2), at most 64. Deterministic."""
    rows = len(vectors)
    wanted = n_clusters or min(MOST_CLUSTERS, max(1, round((rows / 2) ** 0.5)))
    if rows == 0 or wanted <= 1:
        return np.zeros(rows, np.int32)
    chance = np.random.default_rng(SEED)
    sample = vectors if rows <= SAMPLE else vectors[np.sort(chance.choice(rows, SAMPLE, replace=False))]
    centres = _seeds(sample, min(wanted, len(sample)), chance)
    for _ in range(SWEEPS):
        nearest = (sample @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, sample)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        moved = np.where(norms > 0.0, sums / np.maximum(norms, 1e-12), centres)  # an empty cluster keeps its centre
        if np.allclose(moved, centres, atol=1e-4):
            break
        centres = moved
    return np.asarray((vectors @ centres.T).argmax(axis=1), dtype=np.int32)


def _seeds(vectors: NDArray[np.float32], wanted: int, chance: np.random.Generator) -> NDArray[np.float32]:
    """k-means++ seeding (Arthur & Vassilvitskii, SODA 2007) with cosine distance."""
    chosen = [int(chance.integers(len(vectors)))]
    distance = np.clip(1.0 - vectors @ vectors[chosen[0]], 0.0, 2.0)
    while len(chosen) < wanted and distance.sum() > 1e-6:
        chosen.append(int(chance.choice(len(vectors), p=distance / distance.sum())))
        distance = np.minimum(distance, np.clip(1.0 - vectors @ vectors[chosen[-1]], 0.0, 2.0))
    return vectors[chosen].copy()
