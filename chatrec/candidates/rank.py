"""The head of a model's ranking, for many shoppers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.models.base import PreferenceModel

_BATCH = 256


def top_rows(
    model: PreferenceModel, histories: Histories, k: int, *, among: NDArray[np.integer] | None = None, keep_history: bool = False
) -> list[NDArray[np.intp]]:
    """The ``k`` best rows for every shopper, best first, ties by row; without the items of their history unless ``keep_history``.

    ``among`` are the rows that may be ranked (default: all). Lists are shorter where fewer rows are left.
    """
    allowed = np.ones(model.n_items, np.bool_) if among is None else np.isin(np.arange(model.n_items), among)
    found: list[NDArray[np.intp]] = []
    for batch in histories.batches(_BATCH):
        scores = model.scores(batch).copy()
        scores[:, ~allowed] = -np.inf
        if not keep_history:
            scores[batch.owners, batch.items] = -np.inf
        found.extend(best(row, k) for row in scores)
    return found


def best(scores: Floats, k: int) -> NDArray[np.intp]:
    """The rows of the ``k`` highest scores above -inf, best first, ties by row."""
    most = min(k, len(scores))
    if most <= 0:
        return np.zeros(0, np.intp)
    floor = np.partition(scores, len(scores) - most)[len(scores) - most]
    rows = np.flatnonzero((scores >= floor) & (scores > -np.inf))
    return rows[np.argsort(-scores[rows], kind="stable")][:most]
