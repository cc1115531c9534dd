"""Linear item-item models in closed form: EASE and EDLAE, in primal and dual form, dense or cut to the strongest weights.

A score is the sum of the weights from the items of the history: s = x B with a diagonal of exact zeros. With the weighted Gram
matrix G = X'WX and a diagonal L, B_ij = -P_ij / P_jj for P = (G + L)^-1.

- EASE (Steck, Embarrassingly shallow autoencoders, WWW 2019, equation 8): W = I, L = l2.
- EDLAE (Steck, Autoencoders that don't overfit towards the identity, NeurIPS 2020, section 3): L = l2 + p/(1-p) diag(G) for
  dropout p, at full rank with the diagonal held at zero.
- ``activity`` b weights each shopper by (length / mean length)^-b, so that few heavy shoppers do not decide every weight.
- ``spread`` a divides by P_jj^a in place of P_jj: 1 is EASE. Nearer 0 an item that is well explained by others counts more; 0 gives
  the order of ridge regression without the constraint (what is left of s = xG(G + l2)^-1 on unseen items is -l2 xP).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import Progress, Setting
from chatrec.candidates.models.likings import only_likers
from chatrec.candidates.models.settings import read_settings
from chatrec.errors import SettingsError

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix, csr_matrix

_BLOCK = 1_024  # columns (or shoppers) at a time: 1,024 columns of 100,000 items are 0.4 GB
_DENSE_SHARE = 0.005  # above this share of filled cells blocked BLAS beats the sparse product (590,000 events of ML-1M: 0.9 s to 2.4 s)


@dataclass(frozen=True, slots=True)
class LinearSettings:
    """``l2`` > 0 in units of G's diagonal (events an item), ``dropout`` in [0, 1), ``activity`` and ``spread`` as above.

    ``form``: primal inverts items x items, dual shoppers x shoppers, auto takes the smaller. ``top_n`` > 0 keeps the weights of
    largest size into each item (columns of B), 0 all. ``memory_gb``: what the fit may use at most.
    """

    l2: float = 500.0
    dropout: float = 0.0
    activity: float = 0.0
    spread: float = 1.0
    form: str = "auto"
    top_n: int = 0
    memory_gb: float = 4.0

    def __post_init__(self) -> None:
        if not (self.l2 > 0.0 and 0.0 <= self.dropout < 1.0 and self.top_n >= 0):
            raise SettingsError(f"l2 {self.l2}, dropout {self.dropout}, top_n {self.top_n}: give l2 > 0, dropout in [0, 1), top_n >= 0")
        if self.form not in ("auto", "primal", "dual"):
            raise SettingsError(f"a linear model has no form '{self.form}': take auto, primal or dual")


def needed_gb(n_users: int, n_items: int, settings: LinearSettings) -> float:
    """Peak memory of :func:`fit` beside the log, in GB: primal the matrix that is inverted in place and one more block, dual
    shoppers x shoppers and blocks; the kept weights where they are not those of the inverted matrix."""
    block = 4.0 * n_items * min(_BLOCK, n_items) * 3
    square = n_users if _is_dual(n_users, n_items, settings) else n_items
    own = _is_dual(n_users, n_items, settings) or settings.top_n
    kept = n_items * (12.0 * min(settings.top_n, n_items) if settings.top_n else 4.0 * n_items) if own else 0.0
    return (4.0 * square**2 + block + kept) / 1e9


@dataclass(frozen=True, slots=True)
class LinearModel:
    """``weights[i, j]``, dense float32 or sparse, is what liking item i adds to the score of item j; the diagonal is zero."""

    weights: Floats | csr_matrix
    fitted: LinearSettings

    @property
    def name(self) -> str:
        """ "edlae" where inputs were dropped out, else "ease"."""
        return "edlae" if self.fitted.dropout else "ease"

    @property
    def n_items(self) -> int:
        """How many items it scores."""
        return int(self.weights.shape[0])

    def scores(self, histories: Histories) -> Floats:
        """The sum of the weights of each history, shape (shoppers, n_items)."""
        found = histories.matrix(self.n_items) @ self.weights
        return only_likers(np.asarray(found if isinstance(found, np.ndarray) else found.toarray(), dtype=np.float32), histories)

    def shares(self, history: Histories, rows: NDArray[np.integer]) -> Floats:
        """What each entry adds, shape (rows, entries); the entries' sum is the score."""
        part = self.weights[history.items] if isinstance(self.weights, np.ndarray) else self.weights[history.items].toarray()
        return np.asarray(part[:, np.asarray(rows, np.intp)].T * history.weights, dtype=np.float32)

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """``weights``, or its three sparse parts."""
        if isinstance(self.weights, np.ndarray):
            return {"weights": self.weights}
        return {"data": self.weights.data, "indices": self.weights.indices, "starts": self.weights.indptr}

    def settings(self) -> Mapping[str, Setting]:
        """The settings of the fit."""
        return asdict(self.fitted)

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Setting]) -> Self:
        """The model again. Raises :class:`ValueError` where the parts do not fit together."""
        from scipy.sparse import csr_matrix

        try:
            dense = arrays.get("weights")
            if dense is None:
                n_items = len(arrays["starts"]) - 1
                parts = (arrays["data"], arrays["indices"], arrays["starts"])
                weights: Floats | csr_matrix = csr_matrix(parts, shape=(n_items, n_items))
            else:
                weights = dense
        except KeyError as error:
            raise ValueError(f"a linear model needs its weights; {error} is missing") from None
        if weights.ndim != 2 or weights.shape[0] != weights.shape[1]:
            raise ValueError(f"weights of shape {weights.shape} are not items x items")
        return cls(weights, read_settings(LinearSettings, settings))


def fit(log: Interactions, settings: LinearSettings = LinearSettings(), progress: Progress | None = None) -> LinearModel:
    """The model of this log; the same log and settings give the same model (BLAS threads may differ in the last digits).

    Time: one inverse (items^3 or shoppers^3 multiplications) and the Gram matrix; memory: :func:`needed_gb`. An item without events
    has zero weights in both directions. Raises :class:`SettingsError` where the fit would need more than ``settings.memory_gb``.
    """
    n_users, n_items = len(log.user_ids), len(log.item_ids)
    wanted = needed_gb(n_users, n_items, settings)
    if wanted > settings.memory_gb:
        raise SettingsError(
            f"a linear model of {n_items:,} items by {n_users:,} shoppers needs {wanted:.1f} GB, memory_gb is {settings.memory_gb:g}: "
            "raise memory_gb, set top_n, or take the model item_knn"
        )
    x = _weighted(log, settings.activity)
    ridge = (settings.l2 + settings.dropout / (1.0 - settings.dropout) * np.asarray(x.multiply(x).sum(axis=0)).ravel()).astype(np.float32)
    if not n_items or not n_users:
        return LinearModel(np.zeros((n_items, n_items), np.float32), settings)
    if _is_dual(n_users, n_items, settings):
        blocks, diagonal = _dual(x, ridge)
        return LinearModel(_kept(blocks, diagonal, settings, n_items, progress), settings)
    inverse = inverted(gram(x), ridge)
    diagonal = inverse.diagonal().copy()
    if settings.top_n:
        parts = ((start, inverse[:, start : start + _BLOCK]) for start in range(0, n_items, _BLOCK))
        return LinearModel(_kept(parts, diagonal, settings, n_items, progress), settings)
    for start in range(0, n_items, _BLOCK):  # row by row in the memory of the inverse itself, which is symmetric
        inverse[start : start + _BLOCK] /= -(diagonal**settings.spread)
    np.fill_diagonal(inverse, 0.0)
    if progress:
        progress("fit", 1, 1)
    return LinearModel(inverse, settings)


def gram(x: csr_matrix) -> Floats:
    """X'X, dense float32 and symmetric, shape (items, items), in blocks of shoppers or columns."""
    n_users, n_items = x.shape
    if x.nnz > _DENSE_SHARE * n_users * n_items:
        from scipy.linalg.blas import ssyrk

        total: Floats = np.zeros((n_items, n_items), np.float32, order="F")
        for start in range(0, n_users, _BLOCK):
            total = ssyrk(1.0, x[start : start + _BLOCK].toarray().T, beta=1.0, c=total, lower=1, overwrite_c=1)
        return _mirrored(total)
    total = np.empty((n_items, n_items), np.float32)
    across, columns = x.T.tocsr(), x.tocsc()
    for start in range(0, n_items, _BLOCK):
        total[:, start : start + _BLOCK] = (across @ columns[:, start : start + _BLOCK]).toarray()
    return total


def _is_dual(n_users: int, n_items: int, settings: LinearSettings) -> bool:
    return settings.form == "dual" or (settings.form == "auto" and n_users < n_items)


def _weighted(log: Interactions, activity: float) -> csr_matrix:
    """W^1/2 X."""
    x = log.matrix.astype(np.float32)
    if not activity or not x.nnz:
        return x
    lengths = np.maximum(np.diff(x.indptr), 1)
    per_row = (lengths / lengths.mean()) ** (-activity / 2.0)
    x.data *= np.repeat(per_row, np.diff(x.indptr)).astype(np.float32)
    return x


def inverted(symmetric: Floats, ridge: Floats | float) -> Floats:
    """(symmetric + diag(ridge))^-1, C-ordered, in the memory of ``symmetric``, by Cholesky (LAPACK potrf, potri)."""
    from scipy.linalg.lapack import spotrf, spotri

    places = np.diag_indices_from(symmetric)
    symmetric[places] += ridge
    factor, wrong = spotrf(symmetric.T if symmetric.flags.c_contiguous else symmetric, lower=1, overwrite_a=1, clean=0)
    if not wrong:
        found, wrong = spotri(factor, lower=1, overwrite_c=1)
    if wrong:
        raise SettingsError(f"the item-item system is not positive definite in float32 (at row {wrong}): raise l2")
    return _mirrored(found)


def _mirrored(lower: Floats) -> Floats:
    """A Fortran-ordered matrix with a valid lower triangle -> C-ordered and symmetric, in the same memory."""
    n = len(lower)
    for start in range(0, n, _BLOCK):
        stop = min(start + _BLOCK, n)
        lower[start:stop, stop:] = lower[stop:, start:stop].T
        tile = lower[start:stop, start:stop]
        tile[...] = np.tril(tile) + np.tril(tile, -1).T
    return np.ascontiguousarray(lower.T)


def _dual(x: csr_matrix, ridge: Floats) -> tuple[Iterator[tuple[int, Floats]], Floats]:
    """Columns of P in blocks, and its diagonal, by Woodbury's identity: P = L^-1 - L^-1 X' (I + X L^-1 X')^-1 X L^-1."""
    from scipy.sparse import diags

    scaled: csc_matrix = (x @ diags(1.0 / ridge)).tocsc()  # X L^-1
    inner = inverted(gram((x @ diags(1.0 / np.sqrt(ridge))).T.tocsr().astype(np.float32)), 1.0)
    back = scaled.T.tocsr()
    n_items = x.shape[1]

    def blocks() -> Iterator[tuple[int, Floats]]:
        for start in range(0, n_items, _BLOCK):
            columns = scaled[:, start : start + _BLOCK].toarray()
            found = -np.asarray(back @ (inner @ columns), dtype=np.float32)
            inside = np.arange(found.shape[1])
            found[start + inside, inside] += 1.0 / ridge[start + inside]
            yield start, found

    diagonal = np.empty(n_items, np.float32)
    for start in range(0, n_items, _BLOCK):
        columns = scaled[:, start : start + _BLOCK].toarray()
        diagonal[start : start + _BLOCK] = 1.0 / ridge[start : start + _BLOCK] - np.einsum("ui,ui->i", columns, inner @ columns)
    return blocks(), diagonal


def _kept(
    blocks: Iterator[tuple[int, Floats]], diagonal: Floats, settings: LinearSettings, n_items: int, progress: Progress | None
) -> Floats | csr_matrix:
    """B from columns of P: dense, or sparse with the ``top_n`` weights of largest size in each column."""
    from scipy.sparse import csc_matrix, hstack

    dense = None if settings.top_n else np.empty((n_items, n_items), np.float32)
    parts = []
    for start, block in blocks:
        stop = start + block.shape[1]
        block = block / -(diagonal[start:stop] ** settings.spread)
        inside = np.arange(block.shape[1])
        block[start + inside, inside] = 0.0
        if dense is not None:
            dense[:, start:stop] = block
        else:
            parts.append(csc_matrix(_strongest(block, settings.top_n)))
        if progress:
            progress("fit", stop, n_items)
    return hstack(parts).tocsr() if dense is None else dense


def _strongest(block: Floats, top_n: int) -> Floats:
    if top_n >= len(block):
        return block
    least = -np.partition(-np.abs(block), top_n - 1, axis=0)[top_n - 1]
    return np.where(np.abs(block) >= least, block, 0.0).astype(np.float32)
