"""The picture of a training run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_WINDOW = 10  # steps of the running mean
_SCORES = (
    ("grounded", "sentences that pass the gate", "#22476e"),
    ("cited", "items cited", "#7a9a3a"),
    ("whole", "replies released whole", "#b8c4d6"),
    ("score", "mean of the three: the best step is chosen by it", "#c4541d"),
)


def draw_losses(history: Sequence[Mapping[str, float]], path: Path, *, title: str = "") -> None:
    """Draws training loss (each step, and its running mean) and evaluation loss over the steps, as a PNG; where replies were scored on
    the way, below it what stood of them."""
    from matplotlib.figure import Figure

    scored = [line for line in history if "score" in line]
    figure = Figure(figsize=(7, 6 if scored else 4), layout="constrained")
    upper, *lower = figure.subplots(2 if scored else 1, sharex=True, squeeze=False)[:, 0]
    steps = [(line["step"], line["loss"]) for line in history if "loss" in line]
    held_out = [(line["step"], line["eval_loss"]) for line in history if "eval_loss" in line]
    if steps:
        x, y = zip(*steps, strict=True)
        upper.plot(x, y, color="#b8c4d6", linewidth=0.8, label="training, each step")
        mean = [sum(y[max(0, n - _WINDOW + 1) : n + 1]) / min(n + 1, _WINDOW) for n in range(len(y))]
        upper.plot(x, mean, color="#22476e", linewidth=1.6, label=f"training, mean of {_WINDOW}")
    if held_out:
        upper.plot(*zip(*held_out, strict=True), color="#c4541d", marker="o", markersize=4, label="held-out rows")
    upper.set(ylabel="loss, nats per token", title=title, ylim=(0, None))
    for axes in lower:
        _draw_scores(axes, scored)
    for axes in (upper, *lower):
        axes.grid(alpha=0.25)
        if axes.lines:
            axes.legend(frameon=False)
    (lower or [upper])[-1].set_xlabel("step")
    figure.savefig(path, dpi=110, metadata={"Software": None})


def _draw_scores(axes: Any, scored: Sequence[Mapping[str, float]]) -> None:
    for name, label, colour in _SCORES:
        points = [(line["step"], line[name]) for line in scored if name in line]
        axes.plot(
            *zip(*points, strict=True), color=colour, marker="o", markersize=4, linewidth=2.0 if name == "score" else 1.0, label=label
        )
    axes.set(ylabel="replies to held-out prompts", ylim=(0, 1.02))


def draw_trials(trials: Sequence[tuple[str, Mapping[str, Any]]], path: Path) -> None:
    """Score (where replies were scored) and held-out loss of each trial, named, the best on top, as a PNG."""
    from matplotlib.figure import Figure

    done = list(trials)[::-1]
    figure = Figure(figsize=(9, 1.5 + 0.35 * len(done)), layout="constrained")
    for axes, key, label in zip(figure.subplots(1, 2, sharey=True), ("score", "loss"), ("score of replies", "held-out loss"), strict=True):
        axes.barh([name for name, _ in done], [line.get(key) or 0.0 for _, line in done], color="#22476e")
        axes.set_xlabel(label)
        axes.grid(alpha=0.25, axis="x")
    figure.savefig(path, dpi=110, metadata={"Software": None})
