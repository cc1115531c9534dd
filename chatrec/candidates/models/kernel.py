"""Kernel ridge regression over shoppers: like histories, like futures. A smooth, many-shopper nearest-neighbour model in closed form.

A history x becomes the unit vector y of its weights over popularity^``discount``; the kernel of two shoppers is
k = exp(sharpness (cos - 1)), a Gaussian on the sphere. The scores are k(x, X) (K + l2 I)^-1 X over the learnt shoppers X. With the
cosine itself as kernel this is ridge regression, the linear models' dual; the exponential adds all products of items, as wide
autoencoders do (Sachdeva et al., Infinite Recommendation Networks, NeurIPS 2022, whose arc-cosine kernel this replaces).

Where there are more shoppers than ``landmarks``, so many of them, drawn at random, carry the kernel and all are learnt from: the
subset of regressors, (K_mn K_nm + l2 K_mm)^-1 K_mn X (Rasmussen & Williams, Gaussian Processes for Machine Learning, 8.3.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import Progress, Setting
from chatrec.candidates.models.likings import only_likers
from chatrec.candidates.models.linear import gram
from chatrec.candidates.models.settings import read_settings
from chatrec.errors import SettingsError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_BLOCK = 1_024
_JITTER = 1e-6  # of the landmarks: K_mn K_nm grows with their number and float32 holds seven digits


@dataclass(frozen=True, slots=True)
class KernelSettings:
    """``sharpness`` and ``l2`` above 0, ``discount`` of popularity in [0, 1], ``landmarks`` as above, drawn with ``seed``.
    ``memory_gb``: what the fit may use at most."""

    sharpness: float = 4.0
    l2: float = 0.4
    discount: float = 0.25
    landmarks: int = 8_000
    seed: int = 7
    memory_gb: float = 4.0

    def __post_init__(self) -> None:
        if self.sharpness <= 0.0 or self.l2 <= 0.0 or not 0.0 <= self.discount <= 1.0 or self.landmarks < 1:
            raise SettingsError(f"a kernel wants sharpness and l2 above 0, discount in [0, 1], landmarks of 1 or more: {self}")


def needed_gb(n_users: int, n_items: int, settings: KernelSettings) -> float:
    """Peak memory of :func:`fit` beside the log, in GB: two matrices of landmarks x landmarks and three of landmarks x items. A model
    keeps landmarks x items; a shopper costs one pass over that."""
    m = min(n_users, settings.landmarks)
    return 4.0 * m * (2 * m + 3 * n_items + 2 * _BLOCK) / 1e9


@dataclass(frozen=True, slots=True)
class KernelModel:
    """``learnt``: the landmarks' unit vectors, sparse, items x landmarks. ``duals``, landmarks x items: the scores are k(x, learnt)
    ``duals``. ``scale`` (items,) is popularity^-discount."""

    learnt: csr_matrix
    duals: Floats
    scale: Floats
    fitted: KernelSettings
    name: str = "kernel"

    @property
    def n_items(self) -> int:
        """How many items it scores."""
        return len(self.scale)

    def scores(self, histories: Histories) -> Floats:
        """Shape (shoppers, n_items)."""
        return only_likers(np.asarray(self._near(histories) @ self.duals, np.float32), histories)

    def _near(self, histories: Histories) -> Floats:
        """The kernel of each history with each landmark."""
        return near((unit(histories.matrix(self.n_items), self.scale) @ self.learnt).toarray(), self.fitted.sharpness)

    def shares(self, history: Histories, rows: NDArray[np.integer]) -> Floats:
        """How much the score of each row falls when an entry is left out, shape (rows, entries). The model is not linear: they do not
        sum to the score."""
        n = len(history.items)
        kept = ~np.eye(n, dtype=np.bool_)
        starts = np.arange(n + 1, dtype=np.int64) * (n - 1 if n else 0)
        without = Histories(starts, np.tile(history.items, (n, 1))[kept], np.tile(history.weights, (n, 1))[kept])
        wanted = self.duals[:, np.asarray(rows, np.intp)]
        whole = only_likers(self._near(history) @ wanted, history)
        return np.asarray((whole - only_likers(self._near(without) @ wanted, without)).T, np.float32)

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """``duals``, ``scale`` and the three parts of ``learnt``."""
        sparse = {"data": self.learnt.data, "indices": self.learnt.indices, "starts": self.learnt.indptr}
        return {"duals": self.duals, "scale": self.scale, **sparse}

    def settings(self) -> Mapping[str, Setting]:
        """The settings of the fit."""
        return asdict(self.fitted)

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Setting]) -> Self:
        """The model again. Raises :class:`ValueError` where the parts do not fit together."""
        from scipy.sparse import csr_matrix

        try:
            duals, scale = arrays["duals"], arrays["scale"]
            learnt = csr_matrix((arrays["data"], arrays["indices"], arrays["starts"]), shape=duals.shape[::-1])
        except KeyError as error:
            raise ValueError(f"a kernel model needs all of its arrays; {error} is missing") from None
        if scale.shape != (duals.shape[1],):
            raise ValueError(f"duals {duals.shape} and scale {scale.shape} do not fit together")
        return cls(learnt, duals, scale, read_settings(KernelSettings, settings))


def fit(log: Interactions, settings: KernelSettings = KernelSettings(), progress: Progress | None = None) -> KernelModel:
    """The model of this log; the same log and settings give the same model (BLAS threads may differ in the last digits).

    Shoppers without a liking are left out. Raises :class:`SettingsError` where the fit would need more than ``memory_gb``.
    """
    from scipy.sparse import csr_matrix

    n_items, wanted = len(log.item_ids), needed_gb(len(log.user_ids), len(log.item_ids), settings)
    if wanted > settings.memory_gb:
        raise SettingsError(
            f"a kernel of {n_items:,} items and {min(len(log.user_ids), settings.landmarks):,} landmarks needs {wanted:.1f} GB, "
            f"memory_gb is {settings.memory_gb:g}: lower landmarks or raise memory_gb"
        )
    x = log.matrix.astype(np.float32)
    counts = np.asarray(x.sum(axis=0), np.float32).ravel()
    scale = np.maximum(counts / max(float(counts.sum()) / max(n_items, 1), 1e-6), 1e-3) ** np.float32(-settings.discount)
    x = x[np.flatnonzero(np.diff(x.indptr) > 0)]
    if not x.shape[0]:
        return KernelModel(csr_matrix((n_items, 0), dtype=np.float32), np.zeros((0, n_items), np.float32), scale, settings)
    if x.shape[0] <= settings.landmarks:
        learnt = unit(x, scale).T.tocsr()
        system, wanted_duals = _kernel_of(learnt, settings), x.toarray(order="F")
        system[np.diag_indices_from(system)] += np.float32(settings.l2)
    else:
        learnt, system, wanted_duals = _on_landmarks(x, scale, settings)
    duals = _solved(system, wanted_duals)
    if progress:
        progress("fit", 1, 1)
    return KernelModel(learnt, duals, scale, settings)


def _kernel_of(learnt: csr_matrix, settings: KernelSettings) -> Floats:
    found = gram(learnt)
    for start in range(0, len(found), _BLOCK):
        found[start : start + _BLOCK] = near(found[start : start + _BLOCK], settings.sharpness)
    return found


def _on_landmarks(x: csr_matrix, scale: Floats, settings: KernelSettings) -> tuple[csr_matrix, Floats, Floats]:
    """The landmarks, K_mn K_nm + l2 K_mm and K_mn X, summed over blocks of shoppers."""
    from scipy.linalg.blas import ssyrk

    drawn = np.sort(np.random.default_rng(settings.seed).choice(x.shape[0], settings.landmarks, replace=False))
    learnt = unit(x[drawn], scale).T.tocsr()
    system = np.asfortranarray(_kernel_of(learnt, settings) * np.float32(settings.l2))
    system[np.diag_indices_from(system)] += np.float32(_JITTER * settings.landmarks)
    wanted = np.zeros((x.shape[1], settings.landmarks), np.float32)
    for start in range(0, x.shape[0], _BLOCK):
        part = x[start : start + _BLOCK]
        close = near((unit(part, scale) @ learnt).toarray(), settings.sharpness)
        system = ssyrk(1.0, close.T, beta=1.0, c=system, lower=1, overwrite_c=1)
        wanted += part.T @ close
    return learnt, system, wanted.T


def _solved(system: Floats, wanted: Floats) -> Floats:
    """system^-1 wanted by Cholesky, C-ordered; only the lower triangle of a Fortran-ordered ``system`` is read, both are overwritten."""
    from scipy.linalg.lapack import spotrf, spotrs

    factor, wrong = spotrf(system.T if system.flags.c_contiguous else system, lower=1, overwrite_a=1, clean=0)
    if wrong:
        raise SettingsError(f"the kernel of {len(system):,} landmarks is not positive definite in float32: raise l2")
    duals, _ = spotrs(factor, np.asfortranarray(wanted), lower=1, overwrite_b=1)
    return np.ascontiguousarray(duals)


def near(cosines: Floats, sharpness: float) -> Floats:
    """exp(sharpness (cos - 1)), in the memory of ``cosines``."""
    cosines -= np.float32(1.0)
    cosines *= np.float32(sharpness)
    return np.asarray(np.exp(cosines, out=cosines), np.float32)


def unit(histories: csr_matrix, scale: Floats) -> csr_matrix:
    """Rows scaled by item, then to length 1 of what is liked (so that a dislike takes nothing from the likings beside it); an empty row
    stays empty."""
    found = histories.astype(np.float32).tocsr(copy=True)
    found.data *= scale[found.indices]
    liked = found.maximum(0.0)
    lengths = np.sqrt(np.asarray(liked.multiply(liked).sum(axis=1)).ravel())
    found.data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(found.indptr)).astype(np.float32)
    return found
