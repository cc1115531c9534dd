"""Dialogues to figures: success, turns, violations and the rest, with bootstrap intervals, paired where methods met the same shoppers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

import numpy as np

from chatrec.evaluation.simulator.playing import Dialogue
from chatrec.evaluation.simulator.shopper import MOST_TURNS
from chatrec.metrics.intervals import Resampled, resample

Figure = float | list[float]
OURS = "chatrec"
NAN = float("nan")

# One value a dialogue; NaN: it says nothing of this.
MEASURES: Mapping[str, Callable[[Dialogue], float]] = {
    "success@5": lambda d: float(d.success_turn > 0),
    "target_hit@5": lambda d: float(d.target_turn > 0),
    "turns": lambda d: float(d.success_turn or MOST_TURNS),
    "turns_to_success": lambda d: float(d.success_turn) if d.success_turn else NAN,
    "questions": lambda d: float(d.questions),
    "gave_up": lambda d: float(d.gave_up),
}
COMPARED = ("success@5", "target_hit@5", "turns")


def figures_of(table: str, played: Mapping[str, Sequence[Dialogue]], seed: int) -> dict[str, Figure]:
    """The flat figures of one shop: for all dialogues, and for those of real shoppers and of drawn targets apart (``TABLE.users``,
    ``TABLE.sampled``). All methods met the same shoppers; differences to each control are paired."""
    found: dict[str, Figure] = {}
    everyone = len(next(iter(played.values()), ()))
    for name, of_log in ((table, None), (f"{table}.users", True), (f"{table}.sampled", False)):
        chosen = {method: _those(dialogues, of_log) for method, dialogues in played.items()}
        some = len(next(iter(chosen.values()), ()))
        if some and (of_log is None or some < everyone):
            found |= _table(name, chosen, seed)
    return found


def _those(dialogues: Sequence[Dialogue], of_log: bool | None) -> list[Dialogue]:
    """Dialogues whose target is a later choice of the log (``False``: is not; ``None``: all)."""
    return [d for d in dialogues if of_log is None or (d.task.user_id is not None) is of_log]


def _table(name: str, played: Mapping[str, Sequence[Dialogue]], seed: int) -> dict[str, Figure]:
    found: dict[str, Figure] = {}
    methods = list(played)
    rows = len(next(iter(played.values())))
    columns = np.full((rows, len(methods) * len(MEASURES)), NAN)
    for m, method in enumerate(methods):
        for k, measure in enumerate(MEASURES.values()):
            values = [measure(d) for d in played[method]]
            columns[: len(values), m * len(MEASURES) + k] = values
    drawn = resample(columns, seed)
    for m, method in enumerate(methods):
        for k, metric in enumerate(MEASURES):
            value = drawn.mean(m * len(MEASURES) + k)
            if not any(np.isnan(value)):
                found[f"{name}/{method}/{metric}"] = value
        found |= {f"{name}/{method}/{metric}": value for metric, value in _counted(played[method]).items()}
    found |= _differences(name, methods, drawn)
    return found


def _differences(name: str, methods: Sequence[str], drawn: Resampled) -> dict[str, Figure]:
    found: dict[str, Figure] = {}
    names = list(MEASURES)
    for m, method in enumerate(methods[1:], start=1):
        for metric in COMPARED:
            k = names.index(metric)
            found[f"{name}/{methods[0]} minus {method}/{metric}"] = drawn.difference(k, m * len(names) + k)
    return found


def _counted(dialogues: Sequence[Dialogue]) -> dict[str, Figure]:
    """Counts over all dialogues: what must be none."""
    turns = [t for d in dialogues for t in d.turns]
    shown = sum(len(t.replied.items) - len(t.replied.marked) for t in turns)
    asked = sum(bool(t.replied.question) for t in turns)
    breaking = sum(len(t.breaking) for t in turns)
    return {
        "dialogues": float(len(dialogues)),
        "violations": float(sum(len(t.violating) for t in turns)),
        "stated_needs_broken": round(breaking / shown, 4) if shown else 0.0,
        "repeated_questions": round(sum(t.repeated for t in turns) / asked, 4) if asked else 0.0,
        "without_recommendation": float(sum(not d.recommended for d in dialogues)),
        "crashes": float(sum(bool(d.crash) for d in dialogues)),
        "shown_a_turn": round(fmean(len(t.replied.items) for t in turns), 3) if turns else 0.0,
    }


def success_by_turn(dialogues: Sequence[Dialogue]) -> list[float]:
    """The share of dialogues that had succeeded by each turn, from the first."""
    n = max(1, len(dialogues))
    return [sum(0 < d.success_turn <= turn for d in dialogues) / n for turn in range(1, MOST_TURNS + 1)]
