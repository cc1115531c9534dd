"""Chooses the settings of cold items inside a log: what is hidden there plays the product that was added a minute ago."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.cold import ColdStart
from chatrec.candidates.cold_map import ColdSettings, fit_cold
from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.item_features import ItemFeatures
from chatrec.candidates.models.base import PreferenceModel
from chatrec.candidates.rank import best
from chatrec.candidates.splits import Split, leave_last_out
from chatrec.metrics.ranking import hits_of, ndcg

Ints = NDArray[np.integer]
Counts = NDArray[np.int64]
# Half of the items that are held back keep none of their events, the others one of these numbers.
KEPT_EVENTS = (1, 2, 3, 5, 10)
# One setting after the other, the rest held: likeness first among the items without events, then among all items.
LIKENESS_GRID: Mapping[str, tuple[float, ...]] = {
    "likeness": (5.0, 10.0, 20.0, 40.0, 80.0),
    "sharpness": (1.0, 2.0, 4.0),
    "noise": (0.3, 1.0, 3.0),
    "labels": (0.0, 0.3, 1.0),
}
RANKING_GRID: Mapping[str, tuple[float, ...]] = {
    "scale": (0.03, 0.07, 0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 1.0, 1.5),
    "half": (0.0, 1.0, 3.0, 6.0, 10.0),
}
# What new products may cost of the accuracy on all choices: accuracy alone would hardly ever show what nobody bought yet.
MOST_COST = 0.01
DEFAULTS = ColdSettings()
LEAST_TESTED = 30
_PLACES = 10
# Other draws than those of the splits of the same seed, inside which this is called.
_STREAM = 1
_NOTHING = 1e-6
# Scores held at once: 200 MB.
_MOST_FIGURES = 50_000_000


@dataclass(frozen=True, slots=True)
class Withheld:
    """A log with some items held back: ``quota`` (items,) is the number of events that each may keep, -1 for all. ``split`` asks for the
    newest item of every shopper."""

    split: Split
    quota: Counts

    @property
    def fresh(self) -> Ints:
        """The items that keep no event."""
        return np.flatnonzero(self.quota == 0)


@dataclass(frozen=True, slots=True)
class ColdChoice:
    """What was chosen, and the nDCG@10 of each value that was tried: among the items without events ("likeness=5": ...), and of the choice
    of new and thin items among all ("scale=0.7", "half=3"), less than 0 where that cost the other choices more than ``MOST_COST``."""

    settings: ColdSettings
    tried: Mapping[str, float] = field(default_factory=dict)


def withhold(log: Interactions, share: float = 0.2, kept: Sequence[int] = KEPT_EVENTS, seed: int = 0) -> Withheld:
    """The newest item of every shopper is to be found; of a random ``share`` of the items half keep no event in what is learnt from, half
    a random choice of as many as one of ``kept`` says (all of them where it is empty keep none)."""
    chance = np.random.default_rng((seed, _STREAM))
    asked = leave_last_out(log)
    n_items = len(log.item_ids)
    liked = np.unique(log.items)
    chosen = chance.choice(liked, round(share * len(liked)), replace=False)
    quota = np.full(n_items, -1, np.int64)
    quota[chosen] = 0
    if kept:
        some = chosen[: len(chosen) // 2]
        quota[some] = chance.choice(np.asarray(kept), len(some))
    train = asked.train
    order = np.lexsort((chance.random(len(train.items)), train.items))
    first = np.searchsorted(train.items[order], np.arange(n_items))
    turn = np.empty(len(order), np.int64)
    turn[order] = np.arange(len(order)) - first[train.items[order]]
    allowed = quota[train.items]
    train = train.where((allowed < 0) | (turn < allowed))
    histories = log.histories()
    tested = np.flatnonzero(histories.lengths >= 3)  # those of leave_last_out, in its order
    inputs = train.histories().take(tested)
    told = np.flatnonzero(inputs.lengths > 0)
    return Withheld(Split(train, inputs.take(told), tuple(asked.relevant[t] for t in told)), quota)


def tune_cold(
    log: Interactions,
    features: ItemFeatures,
    fit: Callable[[Interactions], PreferenceModel],
    *,
    start: ColdSettings = DEFAULTS,
    seed: int = 0,
    most_shoppers: int = 1_000,
) -> ColdChoice:
    """The settings for a model that ``fit`` makes; ``features`` are those of ``log.item_ids``, in their order.

    Fits one model, on a part of the log. With fewer than ``LEAST_TESTED`` shoppers to ask it keeps ``start``. The same log gives the same
    choice. Raises :class:`ValueError` where there are not features for every item.
    """
    if len(features) != len(log.item_ids):
        raise ValueError(f"features of {len(features)} items for a log of {len(log.item_ids)}: one an item is needed")
    held = withhold(log, seed=seed)
    is_fresh = held.quota == 0
    asking = np.flatnonzero([bool(is_fresh[rows].any()) for rows in held.split.relevant])
    if len(asking) < LEAST_TESTED:
        return ColdChoice(start)
    chance = np.random.default_rng(seed)
    most = min(most_shoppers, max(LEAST_TESTED, _MOST_FIGURES // len(log.item_ids)))
    model = fit(held.split.train)
    tried: dict[str, float] = {}
    fresh = _Trial.of(model, features, held.split, chance.permutation(asking)[:most], held.fresh)
    chosen = _descend(start, LIKENESS_GRID, fresh.ndcg, tried)
    everyone = _Trial.of(model, features, held.split, chance.permutation(len(held.split.relevant))[:most])
    thin = _Trial.of(
        model, features, held.split, chance.permutation(np.flatnonzero([held.quota[r].max() >= 0 for r in held.split.relevant]))[:most]
    )
    least = (1.0 - MOST_COST) * everyone.ndcg(replace(chosen, scale=_NOTHING, half=0.0))

    def worth(settings: ColdSettings) -> float:
        """nDCG on the choice of new and thin items; where that costs the others too much, how much it costs."""
        whole = everyone.ndcg(settings)
        return thin.ndcg(settings) if whole >= least else whole - 1.0

    return ColdChoice(_descend(replace(chosen, scale=min(RANKING_GRID["scale"])), RANKING_GRID, worth, tried), tried)


def _descend(
    start: ColdSettings, grid: Mapping[str, tuple[float, ...]], score: Callable[[ColdSettings], float], tried: dict[str, float]
) -> ColdSettings:
    """Coordinate by coordinate the best value; ties keep what stands."""
    chosen, most = start, score(start)
    for name, values in grid.items():
        standing = chosen
        tried[f"{name}={getattr(standing, name):g}"] = most
        for value in (v for v in values if v != getattr(standing, name)):
            candidate = replace(standing, **{name: value})  # type: ignore[arg-type]  # the grids name only settings of this kind
            found = tried[f"{name}={value:g}"] = score(candidate)
            if found > most:
                chosen, most = candidate, found
    return chosen


@dataclass(frozen=True, slots=True)
class _Trial:
    """Shoppers with what the model says to each, which no setting changes, and what is to be found for them ``among`` some items."""

    model: PreferenceModel
    features: ItemFeatures
    events: Ints
    inputs: Histories
    own: Floats
    relevant: tuple[NDArray[np.int32], ...]
    among: Ints

    @classmethod
    def of(cls, model: PreferenceModel, features: ItemFeatures, split: Split, shoppers: Ints, among: Ints | None = None) -> _Trial:
        n_items = len(split.train.item_ids)
        inputs, allowed = split.inputs.take(shoppers), np.arange(n_items) if among is None else among
        relevant = tuple(np.intersect1d(split.relevant[int(s)], allowed) for s in shoppers)
        events = np.bincount(split.train.items, minlength=n_items)
        return cls(model, features, events, inputs, model.scores(inputs), relevant, allowed)

    def ndcg(self, settings: ColdSettings) -> float:
        """Mean nDCG@10 with these settings."""
        cold = fit_cold(self.features, np.arange(len(self.events)), self.events, settings)
        scores = ColdStart(self.model, cold).extended(self.own, self.inputs)
        scores[self.inputs.owners, self.inputs.items] = -np.inf
        ranked = [self.among[best(row, _PLACES)].tolist() for row in scores[:, self.among]]
        return float(ndcg(*hits_of(ranked, [rows.tolist() for rows in self.relevant]), _PLACES).mean())
