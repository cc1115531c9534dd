"""Bootstrap intervals (Efron, 1979): of any statistic, of a mean, of a paired difference, of a ratio of means.

All resample shoppers (or whatever one value stands for) with replacement, with a seed, and take percentiles. ``[low, value, high]``
is the form in which every result file keeps a figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
DRAWS = 2_000
LEVEL = 0.95
_BATCH_CELLS = 4_000_000  # draws are made in batches of so many counts: 32 MB


def interval(
    values: Sequence[float] | Floats, statistic: Callable[[Floats], float], seed: int = 0, draws: int = DRAWS, digits: int = 4
) -> list[float]:
    """``[low, value, high]``: any statistic of the values with its 95% percentile bootstrap interval.

    Raises :class:`ValueError` for no values: there is nothing to say about them.
    """
    data = np.asarray(values, dtype=np.float64)
    if not len(data):
        raise ValueError("no values: an interval needs at least one")
    rng = np.random.default_rng(seed)
    drawn = [statistic(data[rng.integers(0, len(data), len(data))]) for _ in range(draws)]
    return _rounded(*_bounds(np.array(drawn)), statistic(data), digits)


def percentile(q: float) -> Callable[[Floats], float]:
    """The statistic "q-th percentile"."""
    return lambda data: float(np.percentile(data, q))


@dataclass(frozen=True, slots=True)
class Resampled:
    """Means of several columns over the same shoppers, as measured and in every resample: what is compared is paired.

    ``means`` has shape ``(columns,)``, ``drawn`` has shape ``(draws, columns)``.
    """

    means: Floats
    drawn: Floats

    def mean(self, column: int, digits: int = 4) -> list[float]:
        """``[low, mean, high]`` of a column."""
        return _rounded(*_bounds(self.drawn[:, column]), float(self.means[column]), digits)

    def difference(self, column: int, other: int, digits: int = 4) -> list[float]:
        """``[low, difference, high]`` of the mean of ``column`` less that of ``other``, in the same resamples."""
        return _rounded(*_bounds(self.drawn[:, column] - self.drawn[:, other]), float(self.means[column] - self.means[other]), digits)

    def ratio(self, column: int, other: int, digits: int = 4) -> list[float] | None:
        """``[low, ratio, high]`` of the two means; ``None`` where there is nothing to divide by, as measured or in so many resamples that
        an end of the interval would lie among them."""
        whole = self.drawn[:, other]
        positive = whole > 0.0
        if not self.means[other] > 0.0 or positive.mean() <= 0.5 * (1.0 + LEVEL):
            return None
        low, high = _bounds(self.drawn[positive, column] / whole[positive])
        return _rounded(low, high, float(self.means[column] / self.means[other]), digits)


def resample(columns: ArrayLike, seed: int = 0, draws: int = DRAWS) -> Resampled:
    """Resamples the rows of ``columns``, shape ``(shoppers, columns)``; every column meets the same shoppers.

    NaN marks a shopper for whom a column says nothing: its mean, in each resample, is over the others (NaN where there are none).
    Raises :class:`ValueError` where there are no rows.
    """
    data = np.asarray(columns, dtype=np.float64)
    if data.ndim != 2 or not len(data):
        raise ValueError(f"columns of shape {data.shape}: one row a shopper, at least one, is needed")
    known = (~np.isnan(data)).astype(np.float64)
    filled = np.nan_to_num(data, nan=0.0)
    both = np.hstack([filled, known])
    sums = np.concatenate([counts @ both for counts in _counts(len(data), seed, draws)]) if draws else np.zeros((0, both.shape[1]))
    width = data.shape[1]
    return Resampled(_shares(filled.sum(axis=0), known.sum(axis=0)), _shares(sums[:, :width], sums[:, width:]))


def mean_interval(values: ArrayLike, seed: int = 0, draws: int = DRAWS, digits: int = 4) -> list[float]:
    """``[low, mean, high]`` of one value a shopper."""
    return resample(np.asarray(values, dtype=np.float64)[:, None], seed, draws).mean(0, digits)


def difference_interval(values: ArrayLike, others: ArrayLike, seed: int = 0, draws: int = DRAWS, digits: int = 4) -> list[float]:
    """``[low, difference, high]`` of the means of two figures of the same shoppers, paired: above 0 where ``values`` is better."""
    return _pair(values, others, seed, draws).difference(0, 1, digits)


def ratio_interval(values: ArrayLike, others: ArrayLike, seed: int = 0, draws: int = DRAWS, digits: int = 4) -> list[float] | None:
    """``[low, ratio, high]`` of the means of two figures of the same shoppers, paired; ``None`` where it is not defined."""
    return _pair(values, others, seed, draws).ratio(0, 1, digits)


def _pair(values: ArrayLike, others: ArrayLike, seed: int, draws: int) -> Resampled:
    first, second = np.asarray(values, dtype=np.float64), np.asarray(others, dtype=np.float64)
    if first.shape != second.shape:
        raise ValueError(f"{len(first)} values and {len(second)} others: a pair a shopper is needed")
    return resample(np.stack([first, second], axis=1), seed, draws)


def _counts(n: int, seed: int, draws: int) -> Iterator[Floats]:
    """How often each of n rows is drawn, batch by batch of the draws: shape (draws of the batch, n)."""
    rng = np.random.default_rng(seed)
    size = max(1, _BATCH_CELLS // n)

    for start in range(0, draws, size):
        rows = min(size, draws - start)
        cells = rng.integers(0, n, (rows, n)) + np.arange(rows)[:, None] * n
        yield np.bincount(cells.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)


def _shares(sums: Floats, counts: Floats) -> Floats:
    return np.asarray(np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0.0))


def _bounds(drawn: Floats) -> tuple[float, float]:
    """The two percentiles that leave out as much below as above; resamples that say nothing are left out."""
    found = drawn[~np.isnan(drawn)]
    if not len(found):
        return float("nan"), float("nan")
    low, high = np.percentile(found, [50.0 * (1.0 - LEVEL), 50.0 * (1.0 + LEVEL)], method="linear")
    return float(low), float(high)


def _rounded(low: float, high: float, value: float, digits: int) -> list[float]:
    return [round(float(v), digits) for v in (low, value, high)]
