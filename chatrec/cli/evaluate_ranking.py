"""``chatrec evaluate --protocol ranking``: tables on the screen, figures as JSON, pictures and a report."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table as Grid
from rich.text import Text

from chatrec.cli.screen import console, out, progress
from chatrec.errors import SettingsError
from chatrec.shops import resolve_shop

if TYPE_CHECKING:
    from chatrec.evaluation.ranking_figures import Table

SHOWN = ("ndcg@10", "recall@10", "hr@10", "mrr@10", "entropy", "ilad", "kl", "coverage", "gini", "small_brands", "rmse", "mae")
# Columns of the window that a method's name and a figure take; figures for which it is too narrow are left to the report.
_NAME_WIDTH, _FIGURE_WIDTH = 26, 16


def evaluate_ranking(
    shop: str, splits: tuple[str, ...], shoppers: int, seed: int, to: Path | None, report: Path | None, plots: Path | None
) -> None:
    """Measures and writes what was asked for. The figures go to standard output as JSON where it is no terminal and no file was named.

    Raises :class:`SettingsError` for a place that cannot be written or pictures that cannot be drawn, before anything is measured.
    """
    from chatrec.cli.evaluate import envelope
    from chatrec.evaluation.ranking import run_ranking, served_model
    from chatrec.evaluation.ranking_plots import draw_plots, require_matplotlib, write_plots
    from chatrec.evaluation.ranking_report import render_report
    from chatrec.evaluation.ranking_shop import load_shop
    from chatrec.evaluation.ranking_split import Plan
    from chatrec.settings import load_settings

    _check_places(to, report, plots)
    if report or plots:
        require_matplotlib()
    start = time.perf_counter()
    with progress() as told:
        folder = resolve_shop(shop, told)
        settings = load_settings(folder).train
        measured = load_shop(folder, settings)
        tables = run_ranking(measured, served_model(measured, settings), Plan(shoppers=shoppers, seed=seed), splits, told)
    figures = {key: value for table in tables for key, value in table.figures.items()}
    result = envelope("evaluate-ranking", seed, time.perf_counter() - start, figures)
    _show(tables)
    text = json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False)
    if to:
        to.write_text(text + "\n", encoding="utf-8")
    elif not out.is_terminal:
        out.print(text, markup=False, highlight=False)
    pictures = draw_plots(tables) if report or plots else {}
    if plots:
        write_plots(pictures, plots)
    if report:
        report.write_text(render_report(measured.name, tables, pictures, result), encoding="utf-8")
    for place in (to, report, plots):
        if place:
            console.print(f"written: {place}", markup=False, highlight=False)


def _check_places(to: Path | None, report: Path | None, plots: Path | None) -> None:
    for name, place in (("--json", to), ("--report", report)):
        if place and (place.is_dir() or not place.absolute().parent.is_dir()):
            why = "is a folder" if place.is_dir() else "lies in a folder that does not exist"
            raise SettingsError(f"{name} {place} {why}; name a file in a folder that does")
    if plots and plots.exists() and not plots.is_dir():
        raise SettingsError(f"--plots {plots} is a file; name a folder")


def _show(tables: Sequence[Table]) -> None:
    """A table a split, and one of its slices."""
    from chatrec.evaluation.ranking_words import headline

    for table in tables:
        if not table.shoppers:
            console.print(Text(f"\n{table.name}: {headline(table)}"))
        elif not table.whole:
            console.print(Text(f"\n{headline(table)}"))
            for note in table.notes:
                console.print(Text(f"note: {note}", style="dim"))
            console.print(_grid(table))
    slices = [table for table in tables if table.whole]
    if slices:
        console.print(_slices(slices))


def _grid(table: Table) -> Grid:
    from chatrec.evaluation.ranking_split import OURS
    from chatrec.evaluation.ranking_words import name_of

    methods = table.methods()
    shown = [m for m in SHOWN if any(table.value(method, m) is not None for method in methods)]
    shown = shown[: max(2, (console.width - _NAME_WIDTH) // _FIGURE_WIDTH)]
    grid = Grid(title=f"{table.name}: {table.shoppers:,} shoppers", title_justify="left")
    grid.add_column("method", no_wrap=True)
    for metric in shown:
        grid.add_column(name_of(metric), justify="right", no_wrap=True)
    for method in methods:
        cells = [_cell(table.value(method, metric)) for metric in shown]
        grid.add_row(method, *cells, style="bold" if method == OURS else None)
    return grid


def _slices(slices: Sequence[Table]) -> Grid:
    from chatrec.evaluation.ranking_figures import middle

    methods = list(dict.fromkeys(method for table in slices for method in table.methods()))
    grid = Grid(title="nDCG@10 of parts of the shoppers and items", title_justify="left")
    for heading in ("part", "shoppers", *methods):
        grid.add_column(heading, justify="left" if heading == "part" else "right", no_wrap=heading == "part")
    split = ""
    for table in slices:
        if table.whole != split:
            split = table.whole
            grid.add_section()
            grid.add_row(Text(split, style="bold"))
        values = (middle(table.value(method, "ndcg@10")) for method in methods)
        grid.add_row(f"  {table.part}", f"{table.shoppers:,}", *("" if v is None else f"{v:.3f}" for v in values))
    return grid


def _cell(figure: float | list[float] | None) -> str:
    if isinstance(figure, list):
        return f"{figure[1]:.3f} ±{(figure[2] - figure[0]) / 2:.3f}"
    return "" if figure is None else f"{figure:.3f}"
