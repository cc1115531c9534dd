"""Bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

DRAWS = 2_000


def interval(values: Sequence[float], statistic: Callable[[NDArray[np.float64]], float], seed: int = 0) -> list[float]:
    """``[low, value, high]``: the statistic with its 95% percentile bootstrap interval (Efron, 1979)."""
    data = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(seed)
    drawn = [statistic(data[rng.integers(0, len(data), len(data))]) for _ in range(DRAWS)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return [round(float(v), 4) for v in (low, statistic(data), high)]


def percentile(q: float) -> Callable[[NDArray[np.float64]], float]:
    """The statistic "q-th percentile"."""
    return lambda data: float(np.percentile(data, q))
