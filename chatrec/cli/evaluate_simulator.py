"""``chatrec evaluate --protocol simulator``: a table on the screen, figures and failure counts as JSON, a report with transcripts."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table as Grid
from rich.text import Text

from chatrec.cli.screen import console, out, progress
from chatrec.errors import SettingsError
from chatrec.shops import resolve_shop

if TYPE_CHECKING:
    from chatrec.cli.evaluate import Given
    from chatrec.evaluation.simulator.figures import Figure
    from chatrec.evaluation.simulator.running import Outcome

DIALOGUES = 500  # of the project's own reports
# Columns of the window that a method's name and a figure take; figures for which it is too narrow are left to the report.
_NAME_WIDTH, _FIGURE_WIDTH = 27, 16
_COLUMNS = ("success@5", "target_hit@5", "turns", "violations", "stated_needs_broken", "repeated_questions", "crashes")


def evaluate_simulator(given: Given) -> None:
    """Measures and writes what was asked for; exits with 1 where the bot crashed or a hard filter did not hold.

    Raises :class:`SettingsError` for a place that cannot be written, before anything is measured.
    """
    from chatrec.cli.evaluate import envelope
    from chatrec.evaluation.simulator.figures import OURS, figures_of
    from chatrec.evaluation.simulator.report import render_report
    from chatrec.evaluation.simulator.running import Plan, run_simulator, stage_counts

    _check_places(given.to, given.report)
    start = time.perf_counter()
    plan = Plan(
        given.dialogues or DIALOGUES, given.seed, given.hide, given.questions, given.engine or "template", given.reticent, given.history
    )
    with progress() as told:
        outcome = run_simulator(resolve_shop(given.shop, told), plan, told)
    if not outcome.played:
        raise SettingsError("no dialogue was played: either it was stopped at once, or no item of this shop can be told from most others")
    figures = figures_of(_table(outcome), outcome.played, plan.seed)
    result = envelope("evaluate-simulator", given.seed, time.perf_counter() - start, figures)
    result |= {
        "phrases_sha256": outcome.phrases.sha256,
        "stopped": outcome.stopped,
        "failures": stage_counts(outcome),
        "causes": _causes(outcome),
    }
    _show(outcome, figures)
    _write(given, result, render_report(outcome, _table(outcome), figures, result) if given.report else "")
    table = _table(outcome)
    broken = [name for name in ("crashes", "violations") if figures.get(f"{table}/{OURS}/{name}")]
    for name in broken:
        console.print(f"{name}: {figures[f'{table}/{OURS}/{name}']:g}; the report tells where", style="red")
    if broken:
        raise SystemExit(1)


def _table(outcome: Outcome) -> str:
    """The shop's name, with what was done to it or to the shoppers."""
    plan = outcome.plan
    hidden = f".hide{plan.hide:g}" if plan.hide else ""
    return f"{outcome.shop}{hidden}{'.reticent' if plan.reticent else ''}"


def _causes(outcome: Outcome) -> list[dict[str, Any]]:
    """Every failed dialogue of the bot: task, stage, what went wrong, and where to look."""
    return [
        {
            "task": dialogue.task.number,
            "stage": cause.stage,
            "what": cause.what,
            "look_at": cause.module,
            "roles": [w.role for w in cause.wishes],
        }
        for dialogue, cause in outcome.failures()
    ]


def _check_places(to: Path | None, report: Path | None) -> None:
    for name, place in (("--json", to), ("--report", report)):
        if place and (place.is_dir() or not place.absolute().parent.is_dir()):
            why = "is a folder" if place.is_dir() else "lies in a folder that does not exist"
            raise SettingsError(f"{name} {place} {why}; name a file in a folder that does")


def _write(given: Given, result: dict[str, Any], page: str) -> None:
    text = json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False)
    if given.to:
        given.to.write_text(text + "\n", encoding="utf-8")
    elif not out.is_terminal:
        out.print(text, markup=False, highlight=False)
    if given.report:
        given.report.write_text(page, encoding="utf-8")
    for place in (given.to, given.report):
        if place:
            console.print(f"written: {place}", markup=False, highlight=False)


def _show(outcome: Outcome, figures: dict[str, Figure]) -> None:
    from chatrec.evaluation.simulator.running import stage_counts

    table = _table(outcome)
    n = len(next(iter(outcome.played.values())))
    grid = Grid(title=f"{table}: {n:,} simulated shoppers{' (stopped)' if outcome.stopped else ''}", title_justify="left")
    grid.add_column("method", no_wrap=True)
    shown = _COLUMNS[: max(3, (console.width - _NAME_WIDTH) // _FIGURE_WIDTH)]
    for name in shown:
        grid.add_column(name, justify="right", no_wrap=True)
    for method in outcome.played:
        cells = [_cell(figures.get(f"{table}/{method}/{name}")) for name in shown]
        grid.add_row(method, *cells, style="bold" if method == "chatrec" else None)
    console.print(grid)
    for stage, count in stage_counts(outcome).items():
        console.print(Text(f"failed: {count} × {stage}"))


def _cell(figure: Figure | None) -> str:
    if isinstance(figure, list):
        return f"{figure[1]:.3f} ±{(figure[2] - figure[0]) / 2:.3f}"
    return "" if figure is None else f"{figure:g}"
