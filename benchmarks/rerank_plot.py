"""``python -m benchmarks.rerank_plot RESULTS.json FIGURE.png``: what variety costs, as a picture of the kept figures."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

TABLE = "ml1m_genres"
SHOWN = {
    "chatrec": "chatrec",
    "steck": "calibration (Steck)",
    "xquad": "xQuAD",
    "mmr-facet": "MMR on genres",
    "msd-facet": "MSD on genres",
    "ssd-facet": "SSD on genres",
    "dpp-facet-sharp": "DPP on genres",
    "dpp-sharp": "DPP on vectors",
    "cover": "COVER on vectors",
    "random_subset": "random subsets",
}
MOST_LOSS = 5.0


def curves(figures: Mapping[str, float]) -> dict[str, list[tuple[float, float, float]]]:
    """By method: (nDCG loss, entropy gain, fall of KL) of every point, in per cent, by rising loss."""
    found: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for key, value in figures.items():
        table, _, rest = key.partition("/")
        point, _, metric = rest.partition("/")
        method, knob, _ = point.partition("@")
        if table == TABLE and knob and metric == "ndcg@10_change" and method in SHOWN:
            prefix = f"{table}/{point}"
            found[method].append((-value, figures[f"{prefix}/entropy_change"], -figures[f"{prefix}/kl_change"]))
    return {method: sorted([(0.0, 0.0, 0.0), *points]) for method, points in found.items()}


def draw(results: Path, picture: Path) -> None:
    """Writes the picture: nDCG loss against entropy gain, and against the fall of KL."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    found = curves(json.loads(results.read_text(encoding="utf-8"))["figures"])
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), sharex=True)
    for method, name in SHOWN.items():
        points = [p for p in found.get(method, ()) if p[0] <= MOST_LOSS]
        style = {"linewidth": 2.4, "color": "black", "zorder": 3} if method == "chatrec" else {"linewidth": 1.1}
        for axes, place in ((left, 1), (right, 2)):
            axes.plot([p[0] for p in points], [p[place] for p in points], marker=".", label=name, **style)
    left.set_ylabel("gain in genre entropy, %")
    right.set_ylabel("fall of KL from the shopper's genres, %")
    for axes in (left, right):
        axes.set_xlabel("loss of nDCG@10, %")
        axes.axvline(1.0, color="grey", linestyle=":", linewidth=0.8)
        axes.grid(visible=True, alpha=0.25)
        axes.set_xlim(-0.5, MOST_LOSS)
    left.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(picture, dpi=90)


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
