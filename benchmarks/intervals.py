"""Bootstrap intervals, as the package computes them."""

from __future__ import annotations

from chatrec.metrics.intervals import (
    DRAWS,
    Resampled,
    difference_interval,
    interval,
    mean_interval,
    percentile,
    ratio_interval,
    resample,
)

__all__ = ["DRAWS", "Resampled", "difference_interval", "interval", "mean_interval", "percentile", "ratio_interval", "resample"]
