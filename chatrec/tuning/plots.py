"""The picture of a training run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

_WINDOW = 10  # steps of the running mean


def draw_losses(history: Sequence[Mapping[str, float]], path: Path, *, title: str = "") -> None:
    """Draws training loss (each step, and its running mean) and evaluation loss over the steps, as a PNG."""
    from matplotlib.figure import Figure

    steps = [(line["step"], line["loss"]) for line in history if "loss" in line]
    held_out = [(line["step"], line["eval_loss"]) for line in history if "eval_loss" in line]
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    if steps:
        x, y = zip(*steps, strict=True)
        axes.plot(x, y, color="#b8c4d6", linewidth=0.8, label="training, each step")
        mean = [sum(y[max(0, n - _WINDOW + 1) : n + 1]) / min(n + 1, _WINDOW) for n in range(len(y))]
        axes.plot(x, mean, color="#22476e", linewidth=1.6, label=f"training, mean of {_WINDOW}")
    if held_out:
        axes.plot(*zip(*held_out, strict=True), color="#c4541d", marker="o", markersize=4, label="held-out rows")
    axes.set(xlabel="step", ylabel="loss, nats per token", title=title, ylim=(0, None))
    axes.grid(alpha=0.25)
    if steps or held_out:
        axes.legend(frameon=False)
    figure.savefig(path, dpi=110, metadata={"Software": None})
