"""What the records say of every item, as numbers: how alike two items are before anyone has chosen either."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chatrec.domain.item import Item

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]
Rows = NDArray[np.integer]
# Two items of one price band differ by less than a factor of two.
_BANDS_A_DOUBLING = 1.0


@dataclass(frozen=True, slots=True)
class ItemFeatures:
    """The features of n items, in row order.

    ``texts`` are unit text vectors, shape (n, d), or zeros for an item without a usable one. ``labels`` are unit rows too: one column for
    every category on the path, brand and price band; zeros for an item of which none of these is known.
    """

    texts: Floats
    labels: csr_matrix

    def __post_init__(self) -> None:
        if len(self.texts) != self.labels.shape[0]:
            raise ValueError(f"{len(self.texts)} text vectors for {self.labels.shape[0]} items: one an item is needed")

    def __len__(self) -> int:
        return len(self.texts)

    @classmethod
    def of(cls, items: Sequence[Item], vectors: Floats) -> ItemFeatures:
        """The features of these records and their text vectors, shape (n, d), of any length. A vector that is not finite counts as none.

        Raises :class:`ValueError` where there is not one vector an item.
        """
        return cls(_units(np.asarray(vectors, np.float32)), _labels(items))

    @classmethod
    def of_vectors(cls, vectors: Floats) -> ItemFeatures:
        """From text vectors alone."""
        return cls.of((), vectors) if not len(vectors) else cls(_units(np.asarray(vectors, np.float32)), _empty(len(vectors)))

    def likeness(self, rows: Rows, others: Rows, labels: float) -> Floats:
        """How alike items are, shape (rows, others), float32 in [-1, 1]: the cosine of the texts and, with the weight ``labels``
        against 1, that of the labels."""
        alike: Floats = self.texts[rows] @ self.texts[others].T
        if labels > 0.0 and self.labels.nnz:
            shared = (self.labels[rows] @ self.labels[others].T).toarray().astype(np.float32, copy=False)
            alike = (alike + np.float32(labels) * shared) / np.float32(1.0 + labels)
        return alike

    def likeness_within(self, sets: Rows, labels: float) -> Floats:
        """How alike the items of every set are among each other, as in :meth:`likeness`: sets (s, k) -> (s, k, k)."""
        texts = self.texts[sets]
        alike: Floats = np.asarray(texts @ texts.transpose(0, 2, 1), np.float32)
        if labels > 0.0 and self.labels.nnz:
            one, other = np.broadcast_arrays(sets[:, :, None], sets[:, None, :])
            shared = np.asarray(self.labels[one.ravel()].multiply(self.labels[other.ravel()]).sum(axis=1)).reshape(alike.shape)
            alike = np.asarray((alike + labels * shared) / (1.0 + labels), np.float32)
        return alike


def _units(vectors: Floats) -> Floats:
    """Every row with norm 1; a row that is not finite, or is all zero, as zeros."""
    kept = np.where(np.isfinite(vectors).all(axis=1, keepdims=True), vectors, np.float32(0.0))
    norms = np.linalg.norm(kept, axis=1, keepdims=True)
    return np.asarray(np.divide(kept, norms, out=np.zeros_like(kept), where=norms > 0.0), np.float32)


def _labels(items: Sequence[Item]) -> csr_matrix:
    from scipy.sparse import csr_matrix

    columns: dict[tuple[str, str], int] = {}
    found = [[columns.setdefault(label, len(columns)) for label in _labels_of(item)] for item in items]
    starts = np.cumsum([0, *(len(row) for row in found)])
    values = np.repeat([1.0 / math.sqrt(len(row)) if row else 0.0 for row in found], np.diff(starts)).astype(np.float32)
    return csr_matrix((values, np.array([c for row in found for c in row], np.int32), starts), shape=(len(items), max(1, len(columns))))


def _empty(n_items: int) -> csr_matrix:
    from scipy.sparse import csr_matrix

    return csr_matrix((n_items, 1), dtype=np.float32)


def _labels_of(item: Item) -> Iterator[tuple[str, str]]:
    """Kind and value of all that is listed: every category from the root down, brand, price band. None twice."""
    path = item.category_path or ((item.category,) if item.category else ())
    yield from (("category", "/".join(path[: depth + 1])) for depth in range(len(path)))
    if item.brand:
        yield "brand", item.brand.casefold()
    if item.price is not None and item.price > 0:
        yield "price", f"{item.currency} {math.floor(_BANDS_A_DOUBLING * math.log2(float(item.price)))}"
