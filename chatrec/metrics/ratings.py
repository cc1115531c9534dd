"""How far predicted ratings lie from those that were given; lower is better."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def squared_errors(given: ArrayLike, predicted: ArrayLike) -> Floats:
    """(given - predicted)^2, one a rating. Raises :class:`ValueError` when the two have different lengths."""
    errors = _errors(given, predicted)
    return np.asarray(errors * errors)


def rmse(given: ArrayLike, predicted: ArrayLike) -> float:
    """Root of the mean squared error, in units of the rating; NaN without ratings."""
    squared = squared_errors(given, predicted)
    return float(np.sqrt(squared.mean())) if squared.size else float("nan")


def mae(given: ArrayLike, predicted: ArrayLike) -> float:
    """Mean absolute error, in units of the rating; NaN without ratings."""
    errors = _errors(given, predicted)
    return float(np.abs(errors).mean()) if errors.size else float("nan")


def _errors(given: ArrayLike, predicted: ArrayLike) -> Floats:
    told, said = np.asarray(given, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if told.shape != said.shape:
        raise ValueError(f"{told.size} ratings and {said.size} predictions: one a rating is needed")
    return told - said
