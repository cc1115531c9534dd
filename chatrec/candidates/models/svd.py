"""Truncated SVD as a recommender: PureSVD (Cremonesi, Koren & Turrin, RecSys 2010), a selectable baseline."""

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

_SMALL = 400  # up to this many rows or columns a full decomposition takes less than 0.1 s


@dataclass(frozen=True, slots=True)
class SvdSettings:
    """``factors``: how many right singular vectors are kept (Cremonesi et al. took 50 to 300)."""

    factors: int = 64

    def __post_init__(self) -> None:
        if self.factors < 1:
            raise SettingsError(f"truncated SVD wants factors of 1 or more, got {self.factors}")


@dataclass(frozen=True, slots=True)
class SvdModel:
    """Item ``factors`` with orthonormal columns, items x d; a history x is scored x V V'."""

    factors: Floats
    fitted: SvdSettings
    name: str = "svd"

    @property
    def n_items(self) -> int:
        """How many items it scores."""
        return len(self.factors)

    def scores(self, histories: Histories) -> Floats:
        """The projection of each history on the kept directions, shape (shoppers, n_items)."""
        return only_likers(np.asarray((histories.matrix(self.n_items) @ self.factors) @ self.factors.T, np.float32), histories)

    def shares(self, history: Histories, rows: NDArray[np.integer]) -> Floats:
        """What each entry adds, shape (rows, entries); the entries' sum is the score."""
        return np.asarray(self.factors[np.asarray(rows, np.intp)] @ (self.factors[history.items].T * history.weights), np.float32)

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """``factors``."""
        return {"factors": self.factors}

    def settings(self) -> Mapping[str, Setting]:
        """The settings of the fit."""
        return asdict(self.fitted)

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Setting]) -> Self:
        """The model again. Raises :class:`ValueError` where the parts do not fit together."""
        factors = arrays.get("factors")
        if factors is None or factors.ndim != 2:
            raise ValueError("a truncated SVD needs the array 'factors', items x dimensions")
        return cls(np.asarray(factors, np.float32), read_settings(SvdSettings, settings))


def fit(log: Interactions, settings: SvdSettings = SvdSettings(), progress: Progress | None = None) -> SvdModel:
    """The model of this log; the same log and settings give the same model. It keeps at most as many directions as the log has."""
    found = right_vectors(log, settings.factors)
    if progress:
        progress("fit", 1, 1)
    return SvdModel(found, settings)


def right_vectors(log: Interactions, factors: int) -> Floats:
    """The first right singular vectors of the log's matrix as columns, items x at most ``factors``; items x 0 without a liking."""
    matrix = log.matrix.astype(np.float32)
    if not matrix.nnz:
        return np.zeros((len(log.item_ids), 0), np.float32)
    least = min(matrix.shape)
    if least <= max(_SMALL, factors):
        _, values, across = np.linalg.svd(matrix.toarray(), full_matrices=False)
    else:
        from scipy.sparse.linalg import svds

        _, values, across = svds(matrix, k=factors, v0=np.ones(least, np.float32), solver="arpack")
        values, across = values[::-1], across[::-1]
    kept = values[:factors] > 1e-5 * values[0]
    return np.ascontiguousarray(across[:factors][kept].T, np.float32)
