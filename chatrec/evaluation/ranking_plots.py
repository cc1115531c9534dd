"""The pictures of the ranking report, as PNG: methods with intervals, nDCG against entropy, accuracy by history length, exposure."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from chatrec.errors import SettingsError
from chatrec.evaluation.ranking_figures import KNOWN, Table, middle
from chatrec.evaluation.ranking_split import CONTROLS, KNOBS, OURS, reranked_name
from chatrec.metrics.exposure import lorenz

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

INK, MUTED, GRID = "#1d2733", "#5b6878", "#d9dfe6"
OWN, PEER, CONTROL = "#0b5cad", "#7fa8cf", "#c3c9d1"
# Okabe & Ito's palette, which colour-blind readers can tell apart; every line has a mark of its own as well.
LINES = ("#0b5cad", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#555555", "#000000")
MARKS = "osD^vPX*"
_DPI = 144
Given = TypeVar("Given")


def require_matplotlib() -> None:
    """Raises :class:`SettingsError` that says what to install, before an hour is spent on figures that cannot be drawn."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise SettingsError("--report and --plots draw with matplotlib, which is not installed; run: pip install matplotlib") from error


def draw_plots(tables: Sequence[Table]) -> dict[str, bytes]:
    """PNG files by name (``demo.time-methods.png``), those that the tables allow."""
    found: dict[str, bytes] = {}
    for table in tables:
        if table.curves:
            for kind, draw in _KINDS.items():
                found[f"{table.name}-{kind}.png"] = _png(draw, table)
        shorter = [part for part in tables if part.shortens and part.whole == table.name]
        if shorter:
            found[f"{table.name}-lengths.png"] = _png(_lengths, shorter)
    return found


def write_plots(pictures: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Writes the pictures into a folder (made if absent); gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in pictures]
    for path, data in zip(paths, pictures.values(), strict=True):
        path.write_bytes(data)
    return paths


def _png(draw: Callable[[Drawing, Given], None], given: Given) -> bytes:
    from matplotlib.figure import Figure as Drawing

    figure = Drawing(figsize=(7.2, 4.3), layout="constrained")
    draw(figure, given)
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=_DPI, metadata={"Software": None})
    return data.getvalue()


def _axes(figure: Drawing, x: str, y: str) -> Axes:
    axes = figure.subplots()
    axes.set_xlabel(x, color=MUTED)
    axes.set_ylabel(y, color=MUTED)
    axes.tick_params(colors=MUTED, labelcolor=INK)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GRID)
    return axes


def _methods(figure: Drawing, table: Table) -> None:
    """A bar a method with its interval, best first."""
    plain = [name for name in table.methods() if not name.startswith(f"{OURS}+")]
    found = {name: value for name in plain if isinstance(value := table.value(name, "ndcg@10"), list)}
    names = sorted(found, key=lambda name: found[name][1])
    axes = _axes(figure, "nDCG@10 (95% interval)", "")
    colours = [OWN if name == OURS else CONTROL if name in CONTROLS else PEER for name in names]
    values = [found[name][1] for name in names]
    errors = np.maximum(0.0, [[found[n][1] - found[n][0] for n in names], [found[n][2] - found[n][1] for n in names]])
    axes.barh(names, values, xerr=errors, color=colours, height=0.62, error_kw={"ecolor": INK, "elinewidth": 1.2, "capsize": 3})
    widest = max((found[name][2] for name in names), default=1.0)
    for place, name in enumerate(names):
        axes.annotate(
            f"{found[name][1]:.3f}", (found[name][2], place), (6, 0), textcoords="offset points", va="center", color=INK, fontsize=9
        )
    axes.set_xlim(0, max(widest * 1.14, 1e-3))
    axes.grid(axis="y", visible=False)


def _pareto(figure: Drawing, table: Table) -> None:
    """nDCG against entropy: the knob of the re-ranker as a curve, single methods as points."""
    axes = _axes(figure, "normalised facet entropy of the first 10", "nDCG@10")
    knobs = [0.0, *(knob for knob in KNOBS if table.value(reranked_name(knob), "ndcg@10") is not None)]
    points = [
        (_at(table, OURS if not k else reranked_name(k), "entropy"), _at(table, OURS if not k else reranked_name(k), "ndcg@10"))
        for k in knobs
    ]
    x, y = zip(*points, strict=True)
    axes.plot(x, y, color=OWN, marker="o", markersize=6, linewidth=1.8, label="chatrec, diversity knob 0 to 1")
    for number, name in enumerate((n for n in table.methods() if not n.startswith(OURS) and n != "random"), start=1):
        colour, mark = LINES[number % len(LINES)], MARKS[number % len(MARKS)]
        place = _at(table, name, "entropy"), _at(table, name, "ndcg@10")
        axes.plot(*place, label=name, marker=mark, color=colour, linestyle="none", markersize=8, clip_on=False)
    axes.set_ylim(0, max(1e-3, 1.12 * axes.get_ylim()[1]))
    _knob_labels(axes, knobs, points)
    figure.legend(frameon=False, labelcolor=INK, fontsize=9, loc="outside upper center", ncols=4)


def _knob_labels(axes: Axes, knobs: Sequence[float], points: Sequence[tuple[float, float]]) -> None:
    """The knob beside its point, where the one before leaves room for it."""
    left, right = axes.get_xlim()
    free = -np.inf
    for knob, (x, y) in zip(knobs, points, strict=True):
        if np.isfinite(x) and x >= free:
            axes.annotate(f"{knob:g}", (x, y), (0, 8), textcoords="offset points", color=OWN, fontsize=9, ha="center")
            free = x + 0.04 * (right - left)


def _at(table: Table, method: str, metric: str) -> float:
    value = middle(table.value(method, metric))
    return float("nan") if value is None else value


def _exposure(figure: Drawing, table: Table) -> None:
    """Lorenz curves: which share of the places goes to which share of the items."""
    axes = _axes(figure, "share of the catalogue, least shown first", "share of all places in the lists")
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (2, 3)), label="every item alike")
    chosen = [name for name in (OURS, reranked_name(0.3), reranked_name(0.7), "popularity", "keyword", "random") if name in table.curves]
    for number, name in enumerate(chosen):
        x, y = lorenz(table.curves[name])
        gini = _at(table, name, "gini")
        axes.plot(
            x,
            y,
            color=LINES[number],
            linewidth=1.8,
            label=f"{name} (Gini {gini:.2f})",
            marker=MARKS[number],
            markevery=(0.05 * number, 0.2),
        )
    axes.set(xlim=(0, 1.01), ylim=(-0.01, 1.01))
    axes.legend(frameon=False, labelcolor=INK, fontsize=9, loc="upper left")


def _lengths(figure: Drawing, tables: Sequence[Table]) -> None:
    """nDCG by how many of a shopper's newest items are known, for the same shoppers."""
    axes = _axes(figure, "newest items known of the same shoppers", "nDCG@10")
    labels = [table.part.removeprefix(KNOWN) for table in tables]
    for number, name in enumerate(tables[0].methods()):
        values = [value if isinstance(value := table.value(name, "ndcg@10"), list) else [np.nan] * 3 for table in tables]
        low, middle_, high = np.array(values).T
        colour = LINES[number % len(LINES)]
        axes.plot(labels, middle_, color=colour, marker=MARKS[number % len(MARKS)], linewidth=2.4 if name == OURS else 1.5, label=name)
        if name == OURS:
            axes.fill_between(labels, low, high, color=colour, alpha=0.14, linewidth=0)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, labelcolor=INK, fontsize=9)


_KINDS: Mapping[str, Callable[[Drawing, Table], None]] = {"methods": _methods, "pareto": _pareto, "exposure": _exposure}
