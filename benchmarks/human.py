"""Dialogues between people: their shoppers' turns said to the bot, and what people recommended looked for among what it would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.catalogues import data_folder, shops_folder
from chatrec.cli.screen import console, progress
from chatrec.evaluation.human import TABLES as TABLES
from chatrec.evaluation.human import run_human

QUICK_DIALOGUES = 50


def run(seed: int, quick: bool, tables: Sequence[str] | None = None, dialogues: int | None = None) -> dict[str, Any]:
    """The figures of ``chatrec evaluate --protocol dialogues``, a set at a time; ``dialogues`` of each, drawn by chance."""
    data = data_folder()
    if data is None:
        console.print("human: left out, CHATREC_DATA names no folder")
        return {}
    with progress() as report:
        figures, problems = run_human(QUICK_DIALOGUES if quick else dialogues, seed, report, data=data, shops=shops_folder(), tables=tables)
    for problem in problems:
        console.print(problem, markup=False, highlight=False)
    return figures
