"""Bootstrap intervals: they cover what they should, pair what is paired, and repeat themselves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import bootstrap

from chatrec.metrics import intervals


def sample(n: int = 400, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).exponential(2.0, n)


def test_the_interval_of_a_mean_agrees_with_scipy_and_with_the_normal_one() -> None:
    data = sample()
    low, value, high = intervals.mean_interval(data)
    assert value == pytest.approx(data.mean(), abs=1e-4)
    theirs = bootstrap((data,), np.mean, method="percentile", n_resamples=4000, rng=np.random.default_rng(0)).confidence_interval
    spread = data.std() / math.sqrt(len(data))
    assert low == pytest.approx(theirs.low, abs=0.2 * spread) and high == pytest.approx(theirs.high, abs=0.2 * spread)
    assert high - low == pytest.approx(2 * 1.96 * spread, rel=0.1)
    assert intervals.interval(data, lambda x: float(x.mean())) == pytest.approx([low, value, high], abs=0.2 * spread)


def test_the_same_seed_gives_the_same_interval_and_batches_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    data = sample(50)
    first = intervals.mean_interval(data, seed=3)
    assert first == intervals.mean_interval(data, seed=3) != intervals.mean_interval(data, seed=4)
    monkeypatch.setattr(intervals, "_BATCH_CELLS", 500)
    assert first == intervals.mean_interval(data, seed=3)


def test_a_mean_is_covered_about_as_often_as_said() -> None:
    covered = 0
    for seed in range(200):
        low, _, high = intervals.mean_interval(np.random.default_rng(seed).normal(1.0, 1.0, 60), seed, draws=400)
        covered += low <= 1.0 <= high
    assert 0.88 <= covered / 200 <= 0.99


def test_pairing_sees_a_difference_that_single_intervals_hide() -> None:
    data = sample()
    other = data + np.random.default_rng(2).normal(0.05, 0.1, len(data))
    low, value, high = intervals.difference_interval(other, data)
    assert 0.0 < low < value < high
    single, against = intervals.mean_interval(data), intervals.mean_interval(other)
    assert single[2] > against[0]  # alone they overlap
    assert intervals.difference_interval(data, data) == [0.0, 0.0, 0.0]


def test_ratio() -> None:
    data = sample()
    assert intervals.ratio_interval(3 * data, data) == pytest.approx([3.0, 3.0, 3.0])
    low, value, high = intervals.ratio_interval(sample(seed=5), data) or [0.0, 0.0, 0.0]
    assert low < value < high and value == pytest.approx(sample(seed=5).mean() / data.mean(), abs=1e-4)
    assert intervals.ratio_interval(data, np.zeros(len(data))) is None
    assert intervals.ratio_interval([1.0, 1.0, 1.0], [0.0, 0.0, 1.0]) is None  # many resamples have nothing to divide by


def test_what_is_not_known_of_a_shopper_is_left_out() -> None:
    data = sample(60)
    holes = data.copy()
    holes[::3] = np.nan
    found = intervals.resample(np.stack([holes, data, np.full(60, np.nan)], axis=1))
    assert found.means[:2].tolist() == pytest.approx([data[np.arange(60) % 3 > 0].mean(), data.mean()])
    assert np.isnan(found.means[2]) and all(np.isnan(found.mean(2)))
    low, value, high = found.mean(0)
    assert low < value < high


def test_bad_input() -> None:
    assert intervals.mean_interval([0.5]) == [0.5, 0.5, 0.5]
    with pytest.raises(ValueError, match="at least one"):
        intervals.mean_interval([])
    with pytest.raises(ValueError, match="at least one"):
        intervals.interval([], float)
    with pytest.raises(ValueError, match="a pair a shopper"):
        intervals.difference_interval([1.0], [1.0, 2.0])


def test_percentiles() -> None:
    low, value, high = intervals.interval(list(range(101)), intervals.percentile(95))
    assert low <= value == 95.0 <= high
