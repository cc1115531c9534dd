"""Matrix factorisation with a diversity term in its loss, a selectable baseline.

To the loss of iALS the term ``diversity`` / 2n x sum_ij d_ij ||v_i - v_j||^2 is added, d_ij the distance of two items: unlike items
are drawn together, so that they reach one list. It is the Laplacian regulariser over item distances of Wasilewski & Hurley
(Incorporating Diversity in a Learning to Rank Recommender System, FLAIRS 2016), here on the pointwise loss.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from chatrec.candidates.histories import Floats
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import Progress
from chatrec.candidates.models.ials import FactorModel, IalsSettings
from chatrec.candidates.models.svd import right_vectors
from chatrec.errors import SettingsError

_DEFAULTS = IalsSettings(diversity=10.0, factors=64)


def fit(
    log: Interactions, settings: IalsSettings = _DEFAULTS, progress: Progress | None = None, features: Floats | None = None
) -> FactorModel:
    """The model of this log, by alternating least squares; deterministic on one BLAS thread.

    ``features`` are unit vectors of the items, shape (items, f): d_ij = 1 - their cosine. Without them the items' places in a
    truncated SVD of the log are taken. Raises :class:`SettingsError` where they are not one row an item.
    """
    n_users, n_items = len(log.user_ids), len(log.item_ids)
    if features is not None and len(features) != n_items:
        raise SettingsError(f"{len(features)} vectors for {n_items} items: diverse_mf wants one an item, in the log's order")
    width = min(settings.factors, n_users, n_items)
    if not len(log.weights) or not width:
        return FactorModel(np.zeros((n_items, 0), np.float32), settings)
    likings = log.matrix.tocsr()
    by_item = likings.T.tocsr()
    distance = _Distance(_unit(right_vectors(log, width) if features is None else features))
    chance = np.random.default_rng(settings.seed)
    shoppers = np.zeros((n_users, width), np.float32)
    items = (0.1 / np.sqrt(width) * chance.standard_normal((n_items, width))).astype(np.float32)
    for epoch in range(settings.epochs):
        shoppers = _half_step(likings, items, settings)
        items = _half_step(by_item, shoppers, settings, settings.diversity * distance.degrees, settings.diversity * distance.sums(items))
        if progress:
            progress("fit", epoch + 1, settings.epochs)
    return FactorModel(items, settings)


class _Distance:
    """The distances 1 - f_i f_j of all items over the number of items, without the matrix."""

    def __init__(self, features: Floats) -> None:
        self._features = features
        self.degrees = np.asarray(1.0 - features @ features.mean(axis=0), np.float32)

    def sums(self, items: Floats) -> Floats:
        """For every item the mean of the others' factors weighed by their distance, shape of ``items``."""
        return np.asarray(items.mean(axis=0) - self._features @ (self._features.T @ items) / len(items), np.float32)


def _half_step(
    likings: csr_matrix, other: Floats, settings: IalsSettings, pull: Floats | None = None, towards: Floats | None = None
) -> Floats:
    """The least-squares solution of every row given the other side's factors; ``pull`` (rows,) draws each row towards ``towards``."""
    n_rows, width = likings.shape[0], other.shape[1]
    base = settings.unobserved * (other.T @ other)
    lengths = np.diff(likings.indptr)
    ridge = settings.regularisation * (lengths + settings.unobserved * len(other)) ** settings.power
    found = np.zeros((n_rows, width), np.float32)
    eye = np.eye(width, dtype=np.float32)
    for row in range(n_rows):
        part = slice(likings.indptr[row], likings.indptr[row + 1])
        known, weights = other[likings.indices[part]], likings.data[part]
        system = base + (known.T * weights) @ known + (ridge[row] + (pull[row] if pull is not None else 0.0)) * eye
        wanted = known.T @ weights + (towards[row] if towards is not None else 0.0)
        found[row] = np.linalg.solve(system, wanted)
    return found


def _unit(features: Floats) -> Floats:
    return np.asarray(features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12), np.float32)
