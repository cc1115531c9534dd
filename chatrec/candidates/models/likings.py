"""Whose history says what they want."""

from __future__ import annotations

import numpy as np

from chatrec.candidates.histories import Floats, Histories


def n_likings(histories: Histories) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """How many items each shopper likes, shape (shoppers,)."""
    return np.bincount(histories.owners[histories.weights > 0.0], minlength=len(histories))


def only_likers(scores: Floats, histories: Histories) -> Floats:
    """``scores`` with rows of zeros for shoppers without a liking: what somebody dislikes alone does not tell what to offer."""
    silent = n_likings(histories) == 0
    if silent.any():
        scores[silent] = 0.0
    return scores
