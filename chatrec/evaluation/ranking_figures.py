"""Columns of figures, one a shopper, into means with intervals and paired differences: the flat map that every evaluation writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from chatrec.evaluation.ranking_measures import Figure
from chatrec.metrics.intervals import resample

Columns = Mapping[str, NDArray[np.float64]]
MINUS = " minus "
KNOWN = "known-"  # begins the names of tables of shortened histories
CATALOGUE = "catalogue"  # not a method: what the catalogue itself would give
# What is compared shopper by shopper: how much is found, and what it costs or brings in variety.
COMPARED = ("ndcg@10", "ndcg@20", "recall@10", "recall@20", "hr@10", "mrr@10", "map@10", "entropy", "ilad", "kl")


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of one split, or of one slice of it, under the name that they have in the flat map.

    ``curves`` are, for the picture of exposure, how often each item of the catalogue is shown by a method. ``whole`` is the name of the
    table that this one is a slice of, "" for a whole split.
    """

    name: str
    title: str
    what: str
    shoppers: int
    figures: Mapping[str, Figure]
    notes: tuple[str, ...] = ()
    curves: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    whole: str = ""

    @property
    def part(self) -> str:
        """Which slice it is, "" for a whole split."""
        return self.name.removeprefix(f"{self.whole}.") if self.whole else ""

    @property
    def shortens(self) -> bool:
        """Whether it measures the same shoppers with shorter histories."""
        return self.part.startswith(KNOWN)

    def value(self, method: str, metric: str) -> Figure | None:
        """A figure, with its interval where it has one; ``None`` where it was not measured."""
        return self.figures.get(f"{self.name}/{method}/{metric}")

    def methods(self) -> list[str]:
        """The methods measured, in their order, without the comparisons of two."""
        return [name for name in self._names() if MINUS not in name and name != CATALOGUE]

    def comparisons(self) -> list[tuple[str, str]]:
        """The pairs of methods that are compared, in their order."""
        return [(name.partition(MINUS)[0], name.partition(MINUS)[2]) for name in self._names() if MINUS in name]

    def _names(self) -> list[str]:
        """What stands between the table and the metric, in the order of the figures."""
        return list(dict.fromkeys(key.removeprefix(f"{self.name}/").partition("/")[0] for key in self.figures))


def summarise(
    table: str, columns: Mapping[str, Columns], pairs: Iterable[tuple[str, str]] = (), seed: int = 0, draws: int = 2_000
) -> dict[str, Figure]:
    """``table/method/metric`` -> ``[low, mean, high]`` and ``table/method minus other/metric`` -> the paired difference.

    All methods meet the same resampled shoppers. A figure that no shopper defines is left out, and everything where there is no shopper.
    """
    keys = [(method, metric) for method, named in columns.items() for metric in named]
    if not keys or not len(columns[keys[0][0]][keys[0][1]]):
        return {}
    places = {key: n for n, key in enumerate(keys)}
    found = resample(np.stack([columns[method][metric] for method, metric in keys], axis=1), seed, draws)
    defined = ~np.isnan(found.means)
    figures: dict[str, Figure] = {f"{table}/{m}/{name}": found.mean(places[m, name]) for m, name in keys if defined[places[m, name]]}
    for method, other in pairs:
        for metric in COMPARED:
            own, its = places.get((method, metric)), places.get((other, metric))
            if own is not None and its is not None and defined[own] and defined[its]:
                figures[f"{table}/{method}{MINUS}{other}/{metric}"] = found.difference(own, its)
    return figures


def middle(figure: Figure | None) -> float | None:
    """The value of a figure, without its interval."""
    return figure[1] if isinstance(figure, list) else figure
