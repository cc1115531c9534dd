"""Cold start: products without events, products with few, and shoppers without a history, against what could be done without a map.

Settings are chosen inside the training part of the first seed; nothing that is to be found is seen before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.cold_data import ColdTable, read_table
from benchmarks.intervals import mean_interval, ratio_interval
from chatrec.candidates.blend import Blend
from chatrec.candidates.choose import choose
from chatrec.candidates.cold import ColdStart
from chatrec.candidates.cold_map import ColdSettings, fit_cold
from chatrec.candidates.cold_tuning import tune_cold, withhold
from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.registry import fit_model
from chatrec.candidates.priors import ShopperPriors, fit_priors
from chatrec.candidates.rank import best
from chatrec.candidates.splits import Split, hold_items_out, hold_shoppers_out, with_lengths
from chatrec.cli.screen import console
from chatrec.metrics.ranking import hit_rate, hits_of, ndcg, recall
from chatrec.settings import TrainSettings

TABLES = ("amazon_scientific_2018", "movielens_1m")
OWN = "chatrec"
N_SEEDS = 5
OWN_EVENTS = (0, 1, 3, 10)
LENGTHS = (0, 1, 3, 10)
K = 10
_AT_ONCE = 250
_QUICK = 1_000
Columns = dict[str, list[NDArray[np.float64]]]
Scorer = Callable[[Histories], Floats]
Fit = Callable[[Interactions], Blend]


def run(seed: int, quick: bool, tables: Sequence[str] | None = None) -> dict[str, Any]:
    """Figures of the tables ``NAME-items`` (ranked among the cold items), ``NAME-items-all`` (among all), ``NAME-events-N`` (items with N
    events of their own, among all), ``NAME-everything`` (any newest item) and ``NAME-shoppers-N`` (N likings known)."""
    figures: dict[str, Any] = {}
    for name in tables or TABLES:
        table = read_table(name)
        if table is None:
            continue
        first = hold_items_out(table.log, 0.2, seed)[0].train
        fit = choose_warm(table, first, quick)
        chosen = tune_cold(first, table.features, fit, seed=seed)
        console.print(f"{name}: {chosen.settings}; {dict(chosen.tried)}")
        figures |= {f"{name}-chosen/{OWN}/{key}": value for key, value in asdict(chosen.settings).items()}
        figures |= measure_items(table, fit, chosen.settings, seed, quick)
        figures |= measure_events(table, fit, chosen.settings, seed, quick)
        if table.attributes:
            figures |= measure_shoppers(table, fit, seed, quick)
    return figures


def measure_items(table: ColdTable, fit: Fit, settings: ColdSettings, seed: int, quick: bool) -> dict[str, Any]:
    """Fifths of the items, drawn with several seeds, of which nothing is known; all methods meet the same shoppers."""
    among: Columns = {}
    in_all: Columns = {}
    for drawn in range(seed, seed + (2 if quick else N_SEEDS)):
        split, cold = hold_items_out(table.log, 0.2, drawn)
        split = _few(split, quick, drawn)
        for method, scorer in _methods(table, split.train, fit, settings, drawn).items():
            one, other = ranked(scorer, split, cold, np.arange(len(split.train.item_ids)))
            _add(among, method, one, split)
            _add(in_all, method, other, split)
    name = f"{table.name}-items"
    return {**_figures(name, among, seed), **_figures(f"{name}-all", in_all, seed)}


def _methods(table: ColdTable, train: Interactions, fit: Fit, settings: ColdSettings, seed: int) -> dict[str, Scorer]:
    n_items, texts = len(train.item_ids), table.features.texts
    events = np.bincount(train.items, minlength=n_items)
    chance = np.random.default_rng(seed)
    fixed = {
        "random": chance.random(n_items, np.float32),
        "popularity_category": _mean_events(table.categories, events),
        "popularity_brand": _mean_events(table.brands, events),
    }
    served = ColdStart(fit(train), fit_cold(table.features, np.arange(n_items), events, settings))
    return {
        **{name: partial(_the_same, row) for name, row in fixed.items()},
        "content_mean": lambda asked: np.asarray((asked.matrix(n_items) @ texts) @ texts.T, np.float32),
        "content_max": lambda asked: np.stack([
            (texts[asked.items[start:stop]] @ texts.T).max(axis=0) for start, stop in zip(asked.starts[:-1], asked.starts[1:], strict=True)
        ]),
        OWN: served.scores,
    }  # fmt: skip


def measure_events(table: ColdTable, fit: Fit, settings: ColdSettings, seed: int, quick: bool) -> dict[str, Any]:
    """The shrinking curve (the choice of items with N events, among their like and among all), and what cold start costs or brings when
    everything may be the next choice."""
    figures: dict[str, Any] = {}
    everything: Columns = {}
    every = np.arange(len(table.log.item_ids))
    for own in OWN_EVENTS:
        held = withhold(table.log, 0.2, (own,) if own else (), seed)
        split = _few(held.split, quick, seed)
        limited = np.flatnonzero(held.quota == own)
        asked = np.flatnonzero([held.quota[rows[0]] == own for rows in split.relevant])
        like: Columns = {}
        in_all: Columns = {}
        for way, scorer in _ways(table, split.train, fit, settings, limited).items():
            one, other = ranked(scorer, split, limited, every)
            _add(like, way, [one[n] for n in asked], _take(split, asked))
            _add(in_all, way, [other[n] for n in asked], _take(split, asked))
            if way != "prior":
                _add(everything, way, other, split)
        figures |= {**_figures(f"{table.name}-events-{own}", like, seed), **_figures(f"{table.name}-events-{own}-all", in_all, seed)}
    return {**figures, **_figures(f"{table.name}-everything", everything, seed)}


def _ways(table: ColdTable, train: Interactions, fit: Fit, settings: ColdSettings, limited: NDArray[np.integer]) -> dict[str, Scorer]:
    """The model's own scores, with the prior alone for the ``limited`` items, and shrunk."""
    model, events = fit(train), np.bincount(train.items, minlength=len(train.item_ids))
    unseen = events.copy()
    unseen[limited] = 0
    served = {way: fit_cold(table.features, np.arange(len(events)), counts, settings) for way, counts in ((OWN, events), ("prior", unseen))}
    return {"own": model.scores, **{way: ColdStart(model, cold).scores for way, cold in served.items()}}


def measure_shoppers(table: ColdTable, fit: Fit, seed: int, quick: bool) -> dict[str, Any]:
    """A fifth of the shoppers held out, with few or no likings known: the blend with popularity as its prior, and with that among those who
    share their attributes."""
    whole = hold_shoppers_out(table.log, 0.2, 0.2, seed)
    learnt = np.bincount(whole.train.users, minlength=len(table.log.user_ids)) > 0
    drawn = _drawn(whole, quick, seed)
    owners = np.flatnonzero(~learnt)[drawn]  # the held-out shoppers stand in rising order
    split = _take(whole, drawn)
    blend = fit(split.train)
    told = {table.log.user_ids[u]: table.attributes[u] for u in np.flatnonzero(learnt)}
    priors = fit_priors(split.train, told, table.categories)
    figures: dict[str, Any] = {f"{table.name}-attributes/{OWN}/{name}": gain for name, gain in priors.gains.items()}
    popular = Blend((), blend.prior, np.zeros(1, np.float32), np.ones((1, 1), np.float32))
    for length in LENGTHS:
        asked = with_lengths(split, length)
        columns: Columns = {}
        _add(columns, "popularity", _in_all(popular.scores, asked), asked)
        _add(columns, "blend", _in_all(blend.scores, asked), asked)
        _add(columns, OWN, _with_priors(blend, priors, asked, [table.attributes[u] for u in owners]), asked)
        figures |= _figures(f"{table.name}-shoppers-{length}", columns, seed)
    return figures


def _with_priors(blend: Blend, priors: ShopperPriors, asked: Split, told: Sequence[Mapping[str, str]]) -> list[list[int]]:
    found = []
    for n, attributes in enumerate(told):
        known = asked.inputs.take(np.array([n]))
        own = replace(blend, prior=priors.personal(blend.prior, attributes.items()))
        found += _in_all(own.scores, Split(asked.train, known, (asked.relevant[n],)))
    return found


def ranked(scorer: Scorer, split: Split, *among: NDArray[np.integer]) -> list[list[list[int]]]:
    """The ten best items of every tested shopper, without those of the history: a list for every set of rows that may be ranked."""
    found: list[list[list[int]]] = [[] for _ in among]
    for known in split.inputs.batches(_AT_ONCE):
        scores = scorer(known).copy()
        scores[known.owners, known.items] = -np.inf
        for lists, rows in zip(found, among, strict=True):
            lists += [rows[best(row[rows], K)].tolist() for row in scores]
    return found


def _in_all(scorer: Scorer, split: Split) -> list[list[int]]:
    return ranked(scorer, split, np.arange(len(split.train.item_ids)))[0]


def choose_warm(table: ColdTable, train: Interactions, quick: bool) -> Fit:
    """How the warm model is fitted: its weights by history length are chosen on ``train`` once, and hold for every other part."""
    chosen = choose(train, TrainSettings(models=table.models[: 1 if quick else None], search="quick")).model
    if chosen is None:
        raise ValueError(f"the log of {table.name} is too thin: is this the right file?")
    return lambda log: chosen.with_models([fit_model(m.name, log, m.settings()) for m in chosen.models], log.popularity)


def _the_same(row: Floats, asked: Histories) -> Floats:
    return np.tile(row, (len(asked), 1))


def _mean_events(groups: Sequence[str], events: NDArray[np.integer]) -> Floats:
    """The mean number of events of the known items of an item's group."""
    _, group = np.unique(np.asarray(groups, np.str_), return_inverse=True)
    known = np.bincount(group, events > 0)
    return np.asarray((np.bincount(group, events) / np.maximum(known, 1))[group], np.float32)


def _drawn(split: Split, quick: bool, seed: int) -> NDArray[np.integer]:
    shoppers = np.arange(len(split.relevant))
    return np.sort(np.random.default_rng(seed).permutation(shoppers)[:_QUICK]) if quick else shoppers


def _few(split: Split, quick: bool, seed: int) -> Split:
    return _take(split, _drawn(split, quick, seed)) if quick else split


def _take(split: Split, shoppers: NDArray[np.integer]) -> Split:
    return Split(split.train, split.inputs.take(shoppers), tuple(split.relevant[int(s)] for s in shoppers))


def _add(columns: Columns, method: str, found: Sequence[Sequence[int]], split: Split) -> None:
    hits, wanted = hits_of(found, [rows.tolist() for rows in split.relevant])
    for metric, measure in (("ndcg@10", ndcg), ("recall@10", recall), ("hr@10", hit_rate)):
        columns.setdefault(f"{method}/{metric}", []).append(measure(hits, wanted, K))


def _figures(table: str, columns: Columns, seed: int) -> dict[str, Any]:
    """Means with intervals over shoppers (of all seeds), and our nDCG as a ratio to every other method's, paired."""
    whole = {key: np.concatenate(parts) for key, parts in columns.items()}
    figures: dict[str, Any] = {f"{table}/{key}": mean_interval(values, seed) for key, values in whole.items() if len(values)}
    own = whole.get(f"{OWN}/ndcg@10")
    for key, values in whole.items():
        method, _, metric = key.partition("/")
        if own is not None and len(own) and metric == "ndcg@10" and method not in (OWN, "random"):
            figures[f"{table}/{OWN}/ratio_{method}"] = ratio_interval(own, values, seed)
    return figures
