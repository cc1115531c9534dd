"""The pictures of the analyst's page, as SVG drawn on the server: text as paths, no script, nothing from elsewhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from chatrec.dialogue.mood import MoodDay
from chatrec.service.analyst_figures import DayFigures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, MUTED, GRID = "#1d2733", "#5b6878", "#dfe5ea"
# Okabe & Ito's palette, which colour-blind readers can tell apart; every line has a mark of its own as well.
BLUE, ORANGE, PALE = "#0b5cad", "#d55e00", "#c9dcec"
# The same on dark paper: as far from it as those are from white.
_DARK = {INK: "#e6ebef", MUTED: "#a3afbb", GRID: "#313b45", BLUE: "#7db8ee", ORANGE: "#f0a173", PALE: "#2c4a66"}
# Three of them stand side by side: as wide as one is shown, so that its words are as large as those of the page.
_INCHES = (4.4, 2.4)
_MOST_TICKS = 6


def mood_plot(days: Sequence[MoodDay]) -> bytes:
    """Mean mood by day as a line, turns by day as bars behind it."""

    def draw(axes: Axes) -> None:
        places = range(len(days))
        behind = axes.twinx()
        behind.bar(places, [day.turns for day in days], color=PALE, width=0.7)
        behind.set_ylabel("turns", color=MUTED, fontsize=9)
        behind.tick_params(colors=MUTED, labelsize=9, length=0)
        behind.spines[:].set_visible(False)
        axes.set_zorder(behind.get_zorder() + 1)
        axes.patch.set_visible(False)
        axes.axhline(0, color=MUTED, linewidth=0.8, linestyle=":")
        axes.plot(places, [day.mean for day in days], color=BLUE, marker="o", markersize=4)
        axes.set_ylim(-1.05, 1.05)
        axes.set_ylabel("mean mood", color=BLUE, fontsize=9)
        _days(axes, [day.day for day in days])

    return _svg(draw)


def latency_plot(days: Sequence[DayFigures]) -> bytes:
    """Seconds to the first sentence by day: the median and the 95th percentile."""

    def draw(axes: Axes) -> None:
        places = range(len(days))
        axes.plot(places, [d.first_sentence_s[1] for d in days], color=ORANGE, marker="s", markersize=4, label="95 of 100 within")
        axes.plot(places, [d.first_sentence_s[0] for d in days], color=BLUE, marker="o", markersize=4, label="half within")
        axes.set_ylim(bottom=0)
        axes.set_ylabel("seconds", color=MUTED, fontsize=9)
        axes.legend(frameon=False, fontsize=9, labelcolor=INK)
        _days(axes, [day.day for day in days])

    return _svg(draw)


def diversity_plot(days: Sequence[DayFigures]) -> bytes:
    """How varied the lists shown were by day, as the mean normalised entropy in [0, 1]."""

    def draw(axes: Axes) -> None:
        told = [(place, day.entropy) for place, day in enumerate(days) if day.entropy is not None]
        axes.plot([place for place, _ in told], [entropy for _, entropy in told], color=BLUE, marker="o", markersize=4)
        axes.set_ylim(-0.02, 1.02)
        axes.set_ylabel("entropy", color=MUTED, fontsize=9)
        _days(axes, [day.day for day in days])

    return _svg(draw)


def in_the_dark(picture: bytes) -> bytes:
    """The same picture for a dark page."""
    for light, dark in _DARK.items():
        picture = picture.replace(light.encode(), dark.encode())
    return picture


def _days(axes: Axes, names: Sequence[str]) -> None:
    """Days below, as many as there is room for."""
    every = max(1, -(-len(names) // _MOST_TICKS))
    shown = range(0, len(names), every)
    axes.set_xticks(list(shown), [names[n][5:] for n in shown])
    axes.set_xlim(-0.6, len(names) - 0.4)


def _svg(draw: Callable[[Axes], None]) -> bytes:
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES, layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    draw(axes)
    axes.tick_params(colors=MUTED, labelsize=9, length=0)
    stream = io.BytesIO()
    figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
    return stream.getvalue()
