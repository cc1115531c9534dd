"""Amazon tables of the accuracy benchmark: the newest purchase of every shopper is to be found among all items.

Leave-last-out, full ranking: nothing is sampled, only what the shopper had before is left out. Everything is learnt, and every
setting and weight chosen, on what is left; histories are in the order of the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from benchmarks.accuracy_measures import OWN, Table, fold_in_ms, measure, timed
from benchmarks.accuracy_movielens import popularity
from benchmarks.amazon_data import READERS, read, vectors_of
from chatrec.candidates.choose import choose
from chatrec.candidates.histories import Floats
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import PreferenceModel, Setting
from chatrec.candidates.models.registry import fit_model
from chatrec.candidates.splits import leave_last_out, some_shoppers
from chatrec.cli.screen import console
from chatrec.settings import TrainSettings

METRICS = ("hr@10", "ndcg@10", "hr@20", "ndcg@20", "hr@50", "mrr@20")
# Peers in their plain form first (every item of a history counts alike), then the parts of our blend at their defaults.
PEERS: Mapping[str, tuple[str, Mapping[str, Setting]]] = {
    "item_knn cosine": ("item_knn", {"shrink": 0.0, "source": 0.5, "target": 0.5, "recency": 0.0, "top_n": 100_000}),
    "ease": ("ease", {"l2": 50.0}),  # the best of 50, 200 and 800 on Scientific's validation; the defaults are for denser logs
    "ials": ("ials", {"unobserved": 0.03}),
    "rp3beta": ("rp3beta", {"recency": 0.0}),
    "item_knn": ("item_knn", {}),
    "transitions": ("transitions", {}),
    "slit": ("slit", {}),
    "content": ("content", {}),
}
# Of the S3-Rec repository (github.com/RUCAIBox/CIKM2020-S3Rec, all_rank.PNG), full ranking on exactly this set.
BEAUTY_PUBLISHED = {
    "PopRec/hr@10": 0.0152,
    "PopRec/ndcg@10": 0.0068,
    "GRU4Rec/hr@10": 0.0283,
    "GRU4Rec/ndcg@10": 0.0137,
    "BERT4Rec/hr@10": 0.0347,
    "BERT4Rec/ndcg@10": 0.0170,
    "HGN/hr@10": 0.0512,
    "HGN/ndcg@10": 0.0266,
    "SASRec/hr@10": 0.0605,
    "SASRec/ndcg@10": 0.0318,
    "S3-Rec/hr@10": 0.0647,
    "S3-Rec/ndcg@10": 0.0327,
}
GOALS: Mapping[str, Mapping[str, float]] = {
    "amazon_beauty_2014": {"hr@10": 0.075, "ndcg@10": 0.043, "stretch hr@10": 0.085, "stretch ndcg@10": 0.048},
    "amazon_scientific_2018": {"hr@10": 0.125, "ndcg@10": 0.085},
}
_QUICK = 400  # tested shoppers of a quick run


class Fitted(Mapping[str, PreferenceModel]):
    """Models by label, fitted when they are asked for and not held: several dense ones would not fit in memory. ``seconds`` of each."""

    def __init__(self, makers: Mapping[str, Callable[[], PreferenceModel]]) -> None:
        self._makers = makers
        self.seconds: dict[str, float] = {}

    def __getitem__(self, label: str) -> PreferenceModel:
        console.print(f"fitting {label}")
        found, self.seconds[f"{label}/fit_s"] = timed(self._makers[label])
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def run_table(name: str, seed: int, quick: bool) -> dict[str, Any]:
    """Figures of one set: our blend as ``chatrec train`` chooses it from the training part, and the peers fitted on that part."""
    log, items = read(name)
    split = leave_last_out(log, least=1)
    features = vectors_of(items)
    chosen, choose_s = timed(lambda: choose(split.train, TrainSettings(), features=features, progress=_told))
    if chosen.model is None:
        raise ValueError(f"{name}: the log is too thin to choose a model; is this the right file?")
    for note in chosen.notes:
        console.print(f"{name}: {note}")
    own, asked = chosen.model, some_shoppers(split, _QUICK, seed) if quick else split
    models = Fitted({OWN: lambda: own, "popularity": lambda: popularity(split.train), **_peers(split.train, features)})
    figures = measure(models, asked, METRICS, seed)
    figures |= {key: seconds for key, seconds in models.seconds.items() if key.partition("/")[0] in PEERS}
    figures |= {f"{OWN}/choose_s": choose_s, f"{OWN}/fold_in_p95_ms": fold_in_ms(own, split.inputs, seed)}
    return {**figures, "all/shoppers": len(asked.inputs), "all/items": len(items)}


def _peers(log: Interactions, features: Floats) -> dict[str, Callable[[], PreferenceModel]]:
    return {label: partial(fit_model, name, log, settings, features=features) for label, (name, settings) in PEERS.items()}


def _told(what: str, done: int, total: int) -> None:
    console.print(f"{what} {done}/{total}")


AMAZON: dict[str, Table] = {
    name: Table(partial(run_table, name), name, BEAUTY_PUBLISHED if name == "amazon_beauty_2014" else {}, GOALS.get(name, {}))
    for name in READERS
}
