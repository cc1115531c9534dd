"""What tuning the text encoder on behaviour brings: on items that nobody bought yet, and on what is chosen next.

One split serves both: a fifth of the items is unknown, and of every shopper the last liking of the others. Settings stand fixed (they were
chosen on validation parts of the training data, docs/decisions/0008); nothing that is to be found is seen before. The first run tunes the
encoder twice, which takes most of an hour on one core; both are kept in the cache folder, and a stopped run goes on where it was.
``--quick`` leaves the tuning out: W alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.amazon_data import read, vectors_of
from benchmarks.intervals import resample
from chatrec.candidates.cold import ColdStart
from chatrec.candidates.cold_map import fit_cold
from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.item_features import ItemFeatures
from chatrec.candidates.models.base import PreferenceModel
from chatrec.candidates.models.bilinear import SemanticModel, SemanticSettings, fit
from chatrec.candidates.models.registry import fit_model
from chatrec.candidates.rank import best
from chatrec.candidates.splits import Split, hold_items_out, leave_last_out
from chatrec.cli.screen import console
from chatrec.domain.item import Item
from chatrec.metrics.ranking import hits_of, ndcg, recall
from chatrec.resources import cache_folder
from chatrec.tuning.semantic import item_text, tune_encoder
from chatrec.tuning.semantic_settings import EncoderSettings

TABLES = ("amazon_scientific_2018",)
TUNED = EncoderSettings()
DISTILLED = replace(TUNED, distil=0.5)
TEACHER = ("ease", {"l2": 100.0})
WARM_RECENCY, COLD_RECENCY = 0.6, 1.0  # by validation, for every method alike: the next choice follows the newest, taste is older
K = 10
SHOPPERS = 3_000
FOLDER = "benchmark-semantic"
_AT_ONCE = 500
Scorer = Callable[[Histories], Floats]


def run(seed: int, quick: bool, tables: Sequence[str] | None = None) -> dict[str, Any]:
    """Figures of the tables ``NAME-warm`` (the next choice, among all items) and ``NAME-cold`` (among the items nobody bought)."""
    figures: dict[str, Any] = {}
    for name in tables or TABLES:
        try:
            log, items = read(name)
        except FileNotFoundError as missing:
            console.print(f"{name}: left out ({missing})")
            continue
        cold, rows, warm = splits_of(log, seed)
        cold, warm = (_some(split, seed, SHOPPERS) for split in (cold, warm))
        methods = _methods(warm.train, items, quick, cache_folder() / FOLDER / name)
        figures |= measure(f"{name}-warm", {m: s for m, (s, _) in methods.items()}, warm, np.arange(len(items)), seed)
        figures |= measure(f"{name}-cold", {m: s for m, (_, s) in methods.items()}, cold, rows, seed)
    return figures


def splits_of(log: Interactions, seed: int) -> tuple[Split, NDArray[np.int32], Split]:
    """Cold items, their rows, and the last choice among the others; the second split's training part serves both."""
    cold, rows = hold_items_out(log, 0.2, seed)
    return cold, rows, leave_last_out(cold.train)


def _some(split: Split, seed: int, most: int) -> Split:
    """The same task for at most ``most`` of its shoppers, drawn at random."""
    n_tested = len(split.inputs)
    chosen = np.sort(np.random.default_rng(seed).choice(n_tested, min(most, n_tested), replace=False))
    return Split(split.train, split.inputs.take(chosen), tuple(split.relevant[n] for n in chosen))


def teacher_of(train: Interactions) -> PreferenceModel:
    """The collaborative model whose scores the distilled student learns."""
    return fit_model(TEACHER[0], train, TEACHER[1])


def encoders_of(train: Interactions, items: Sequence[Item], quick: bool, folder: Path) -> dict[str, Floats]:
    """The items' vectors by encoder: as it is, tuned, tuned with a teacher. Tuned once, then taken from ``folder``."""
    if quick:
        return {"untuned": vectors_of(items)}
    texts, found = [item_text(item) for item in items], {}
    for name, settings in {"lora": TUNED, "distilled": DISTILLED}.items():
        teacher = teacher_of(train) if settings.distil else None
        tuned = tune_encoder(
            train, texts, folder / name, settings=settings, teacher=teacher, checkpoint_folder=folder, progress=console.print
        )
        found |= {"untuned": tuned.vectors_before, name: tuned.vectors}
    return found


def _methods(train: Interactions, items: Sequence[Item], quick: bool, folder: Path) -> dict[str, tuple[Scorer, Scorer]]:
    """What scores the next choice and what scores cold items, by method.

    NAME is the plain cosine of an encoder, NAME_w has W on top, NAME_w_taught W that half follows the teacher; these compare an item with
    the mean of the history, NAME_nearest with each of its items. NAME_map and NAME_w_map are the ridge map from such vectors to iALS.
    """
    teacher = teacher_of(train)
    methods: dict[str, tuple[Scorer, Scorer]] = {TEACHER[0]: (teacher.scores,) * 2}
    events = np.bincount(train.items, minlength=len(items))
    collaborative = fit_model("ials", train)
    for name, vectors in encoders_of(train, items, quick, folder).items():
        plain = SemanticModel(
            vectors, np.zeros(vectors.shape[1], np.float32), np.eye(vectors.shape[1], dtype=np.float32), SemanticSettings()
        )
        learnt = fit(train, features=vectors)
        for way, model in (("", plain), ("_w", learnt)):
            methods |= {f"{name}{way}": _by_mean(model), f"{name}{way}_nearest": (model.scores,) * 2}
        if name == "untuned":
            methods["untuned_w_taught"] = _by_mean(fit(train, SemanticSettings(distil=0.5), features=vectors, teacher=teacher))
        for served, features in ((f"{name}_map", vectors), (f"{name}_w_map", learnt.features())):
            cold_map = fit_cold(ItemFeatures.of(items, features), np.arange(len(items)), events)
            methods[served] = (ColdStart(collaborative, cold_map).scores,) * 2
    return methods


def _by_mean(model: SemanticModel) -> tuple[Scorer, Scorer]:
    ways = (replace(model, fitted=replace(model.fitted, sharpness=0.0, recency=r)) for r in (WARM_RECENCY, COLD_RECENCY))
    warm, cold = ways
    return warm.scores, cold.scores


def measure(table: str, methods: Mapping[str, Scorer], split: Split, among: NDArray[np.integer], seed: int) -> dict[str, Any]:
    """Recall and nDCG at 10 of every method with intervals, and its paired difference from the untuned encoder's cosine."""
    measured = {name: _measured(scorer, split, among) for name, scorer in methods.items()}
    names = [(name, metric) for name, found in measured.items() for metric in found]
    drawn = resample(np.stack([measured[name][metric] for name, metric in names], axis=1), seed)
    figures: dict[str, Any] = {f"{table}/shoppers": len(split.inputs)}
    for place, (name, metric) in enumerate(names):
        figures[f"{table}/{name}/{metric}"] = drawn.mean(place)
        peer = next((f"untuned{way}" for way in ("_map", "_nearest") if name.endswith(way)), "untuned")
        if name != peer:
            figures[f"{table}/{name} less {peer}/{metric}"] = drawn.difference(place, names.index((peer, metric)))
    return figures


def _measured(scorer: Scorer, split: Split, among: NDArray[np.integer]) -> dict[str, NDArray[np.float64]]:
    closed = np.ones(len(split.train.item_ids), np.bool_)
    closed[among] = False
    ranked: list[list[int]] = []
    for batch in split.inputs.batches(_AT_ONCE):
        scores = scorer(batch).copy()
        scores[:, closed] = -np.inf
        scores[batch.owners, batch.items] = -np.inf
        ranked += [best(row, K).tolist() for row in scores]
    hits, wanted = hits_of(ranked, [rows.tolist() for rows in split.relevant])
    return {f"recall@{K}": recall(hits, wanted, K), f"ndcg@{K}": ndcg(hits, wanted, K)}
