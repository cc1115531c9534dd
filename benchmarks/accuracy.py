"""Accuracy of what is recommended, beside the peers of the same run and the published figures of the same protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.accuracy_amazon import AMAZON
from benchmarks.accuracy_measures import Table
from benchmarks.accuracy_movielens import MOVIELENS
from benchmarks.catalogues import data_folder

REGISTERED: dict[str, Table] = {**MOVIELENS, **AMAZON}
TABLES: Sequence[str] = tuple(REGISTERED)


def run(seed: int, quick: bool, tables: Sequence[str] | None = None) -> dict[str, Any]:
    """Figures by table; a table whose data CHATREC_DATA does not hold is left out. ``goal`` and ``published NAME`` are methods, too."""
    figures: dict[str, Any] = {}
    for name in tables or TABLES:
        table, data = REGISTERED[name], data_folder()
        if data is None or not (data / table.folder).is_dir():
            continue
        found = {**table.run(seed, quick), **{f"published {key}": value for key, value in table.published.items()}}
        found |= {f"goal/{metric}": value for metric, value in table.goals.items()}
        figures |= {f"{name}/{key}": value for key, value in found.items()}
    return figures
