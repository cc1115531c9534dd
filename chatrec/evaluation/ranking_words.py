"""What the ranking report says in words: names of figures, what they mean, and what a comparison amounts to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chatrec.evaluation.ranking_figures import MINUS, Table, middle
from chatrec.evaluation.ranking_split import OURS, reranked_name

KEPT = 0.99  # of nDCG: what variety may cost to be called cheap


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure's name for a person, whether more of it is better (``None``: neither), and what it means."""

    name: str
    better: bool | None
    meaning: str


MEASURES: Mapping[str, Measure] = {
    "ndcg": Measure("nDCG", True, "how high in the list what was sought stands; 1 is the best possible list"),
    "recall": Measure("Recall", True, "share of what was sought that is in the list"),
    "precision": Measure("Precision", True, "share of the list's places that hold something sought"),
    "f1": Measure("F1", True, "harmonic mean of precision and recall"),
    "map": Measure("MAP", True, "mean over what was sought of the precision at its place"),
    "mrr": Measure("MRR", True, "1 divided by the place of the first item found"),
    "hr": Measure("Hit rate", True, "share of shoppers for whom the list holds at least one item sought"),
    "entropy": Measure(
        "Facet entropy",
        True,
        "how evenly a list spreads over categories, brands, price bands and kinds of text; 0 all alike, 1 as varied as can be",
    ),
    "item_entropy": Measure(
        "−Σ p log p", None, "plain entropy of the list's relevance over its items, in nats; highest where all are alike relevant"
    ),
    "ilad": Measure("ILAD", True, "mean distance (1 − cosine of the text vectors) between two items of a list"),
    "ilmd": Measure("ILMD", True, "distance of the two items of a list that are closest to each other; near 0 it holds near-duplicates"),
    "kl": Measure(
        "Calibration KL", False, "how far the list's mix of facets lies from that of the shopper's history, in nats; 0 is the same mix"
    ),
    "novelty": Measure("Novelty", True, "how little known the items are, in bits: −log2 of the share of shoppers who had them"),
    "small_brands": Measure(
        "Small brands", None, "share of places with items of small brands: the smallest that together hold at most half of the catalogue"
    ),
    "coverage": Measure("Coverage", True, "share of the catalogue that appears in any list"),
    "gini": Measure("Gini", False, "how unevenly items are shown: 0 all alike, 1 one item takes every place"),
    "rmse": Measure("RMSE", False, "root of the mean squared error of predicted ratings"),
    "mae": Measure("MAE", False, "mean absolute error of predicted ratings"),
}
METHODS: Mapping[str, str] = {
    OURS: "what the shop would serve, trained on this split's training part: a blend of models, and for items that it hardly knows those "
    "that are like them",
    "blend": "the same without the help of like items",
    "random": "control: items drawn by chance",
    "popularity": "control: what was liked most, the same for all",
    "keyword": "control: keyword search (BM25) with the titles of the newest items of the history",
    "mean": "the mean of all ratings",
    "bias": "mean, shopper's bias and item's bias",
    "factors": "biases and factors by alternating least squares",
}


def name_of(metric: str) -> str:
    """``ndcg@10`` as a person reads it."""
    base, at, k = metric.partition("@")
    return f"{MEASURES[base].name}{at}{k}" if base in MEASURES else metric


def better_of(metric: str) -> bool | None:
    """Whether more of the figure is better; ``None`` where neither is."""
    measure = MEASURES.get(metric.partition("@")[0])
    return measure.better if measure else None


def about_method(name: str) -> str:
    """What a method is."""
    if name.startswith(f"{OURS}+"):
        return f"{OURS}, its first 10 places re-ranked for variety; after the @ stands the diversity knob"
    return METHODS.get(name, "one of the models of the blend")


def verdict(figure: list[float], metric: str) -> str:
    """What a paired difference amounts to: better, worse, no clear difference, or merely more or less."""
    low, _, high = figure
    if low <= 0.0 <= high:
        return "no clear difference"
    better = better_of(metric)
    if better is None:
        return "more" if low > 0.0 else "less"
    return "better" if (low > 0.0) == better else "worse"


def signed(value: float, digits: int = 3) -> str:
    """A difference with its sign, a true minus."""
    return f"{value:+.{digits}f}".replace("-", "\N{MINUS SIGN}")


def headline(table: Table) -> str:
    """The result of a split in one or two sentences."""
    if not table.shoppers:
        return "Nothing could be measured: " + "; ".join(table.notes) + "."
    found, popular = table.value(OURS, "hr@10"), table.value(f"{OURS}{MINUS}popularity", "hr@10")
    if not isinstance(found, list):
        return ""
    said = f"For {found[1]:.1%} of {table.shoppers:,} shoppers the first ten of {OURS} hold something that they went on to choose"
    if isinstance(popular, list):
        lift = f"{abs(popular[1]) * 100:.1f} points {'more' if popular[1] >= 0 else 'fewer'} than popularity"
        said += f", {lift} (95% interval of the difference {signed(popular[0] * 100, 1)} to {signed(popular[2] * 100, 1)})"
    return f"{said}. {_variety(table)}".strip()


def _variety(table: Table) -> str:
    """What the re-ranker brings at the widest knob that keeps nearly all of the nDCG."""
    best: tuple[float, str, float] | None = None
    found, before = middle(table.value(OURS, "ndcg@10")), middle(table.value(OURS, "entropy"))
    for name in table.methods():
        left, gain = middle(table.value(name, "ndcg@10")), table.value(f"{name}{MINUS}{OURS}", "entropy")
        if not found or left is None or not isinstance(gain, list) or gain[0] <= 0.0:
            continue
        if left / found >= KEPT and (best is None or gain[1] > best[0]):
            best = gain[1], name, left / found
    if best is None or before is None:
        return ""
    knob = best[1].removeprefix(reranked_name(0.0).removesuffix("0"))
    change = f"entropy {before:.2f} to {before + best[0]:.2f}"
    return f"With the diversity knob at {knob} the lists are more varied ({change}) and keep {best[2]:.0%} of the nDCG."
