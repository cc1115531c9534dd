"""Plain formulas of the field, as selectable baselines: choice probabilities, and a bilinear preference with a text similarity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import Progress, Setting
from chatrec.candidates.models.likings import only_likers
from chatrec.candidates.models.settings import read_settings
from chatrec.errors import SettingsError


def choice_probabilities(scores: Floats, temperature: float = 1.0) -> Floats:
    """p_ij = exp(s_ij / T) / sum_l exp(s_il / T) (multinomial logit; Luce, 1959): rows sum to 1, order kept. Shape as given."""
    if temperature <= 0.0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    if not scores.size:
        return scores
    powers = np.exp((scores - scores.max(axis=-1, keepdims=True)) / np.float32(temperature))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def with_similarity(preference: Floats, similarity: Floats, weight: float) -> Floats:
    """z' = (z + weight y) / sqrt(1 + weight^2), z the preference u'Wv and y a similarity of the same shape: of uncorrelated z and y of
    unit variance the mix has unit variance whatever the weight."""
    return np.asarray((preference + np.float32(weight) * similarity) / np.float32(np.sqrt(1.0 + weight**2)), np.float32)


@dataclass(frozen=True, slots=True)
class BilinearSettings:
    """``l2`` of both sides' ridge, in shares of the mean variance of a direction."""

    l2: float = 0.1

    def __post_init__(self) -> None:
        if self.l2 <= 0.0:
            raise SettingsError(f"a bilinear model wants l2 above 0, got {self.l2}")


@dataclass(frozen=True, slots=True)
class BilinearModel:
    """z = u'Wv: v the item's vector (``features``, items x f), u the weighted mean of the history's, W learnt from behaviour."""

    features: Floats
    across: Floats
    fitted: BilinearSettings
    name: str = "bilinear"

    @property
    def n_items(self) -> int:
        """How many items it scores."""
        return len(self.features)

    def scores(self, histories: Histories) -> Floats:
        """u'Wv, shape (shoppers, n_items)."""
        return only_likers(np.asarray(shoppers_of(histories, self.features) @ self.across @ self.features.T, np.float32), histories)

    def shares(self, history: Histories, rows: NDArray[np.integer]) -> Floats:
        """What each entry adds, shape (rows, entries); the entries' sum is the score."""
        part = self.features[history.items].T * (history.weights / max(float(np.maximum(history.weights, 0.0).sum()), 1e-12))
        return np.asarray(self.features[np.asarray(rows, np.intp)] @ (self.across.T @ part), np.float32)

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """``features`` and W as ``across``."""
        return {"features": self.features, "across": self.across}

    def settings(self) -> Mapping[str, Setting]:
        """The settings of the fit."""
        return asdict(self.fitted)

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Setting]) -> Self:
        """The model again. Raises :class:`ValueError` where the parts do not fit together."""
        features, across = arrays.get("features"), arrays.get("across")
        if features is None or across is None or across.shape != (features.shape[1], features.shape[1]):
            raise ValueError("a bilinear model needs 'features', items x f, and 'across', f x f")
        return cls(np.asarray(features, np.float32), np.asarray(across, np.float32), read_settings(BilinearSettings, settings))


def shoppers_of(histories: Histories, features: Floats) -> Floats:
    """The weighted mean of the vectors that each history likes, less what it dislikes, shape (shoppers, f); zeros for an empty one."""
    held = histories.matrix(len(features))
    sizes = np.maximum(np.asarray(held.maximum(0.0).sum(axis=1)), 1e-12)
    return np.asarray((held @ features) / sizes, np.float32)


def fit(
    log: Interactions, settings: BilinearSettings = BilinearSettings(), progress: Progress | None = None, features: Floats | None = None
) -> BilinearModel:
    """W in closed form: the ridge solution of U W V' = X, W = (U'U + aI)^-1 U'XV (V'V + bI)^-1 (a Kronecker system that factorises).

    ``features`` are the items' vectors, shape (items, f). Raises :class:`SettingsError` without one row an item.
    """
    if features is None or len(features) != len(log.item_ids):
        raise SettingsError(f"bilinear wants vectors of the {len(log.item_ids)} items, one row each in the log's order (features)")
    vectors = np.asarray(features, np.float32)
    shoppers = shoppers_of(log.histories(), vectors)
    joint = shoppers.T @ (log.matrix @ vectors)
    left = np.linalg.solve(_ridge(shoppers, settings.l2), joint)
    across = np.linalg.solve(_ridge(vectors, settings.l2), left.T).T
    if progress:
        progress("fit", 1, 1)
    return BilinearModel(vectors, np.ascontiguousarray(across, np.float32), settings)


def _ridge(rows: Floats, l2: float) -> NDArray[np.float64]:
    found = np.asarray(rows.T @ rows, np.float64)
    return found + (l2 * max(float(found.trace()) / max(len(found), 1), 1e-6)) * np.eye(len(found))
