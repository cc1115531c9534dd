"""The ranking protocol: how well a shop's trained model finds what shoppers chose, and how varied and fair its lists are.

The model is fitted anew on the training part of each split, in memory; nothing of the shop changes.
"""

from __future__ import annotations

import numpy as np

from chatrec.candidates.choose import choose
from chatrec.candidates.cold import ColdStart
from chatrec.candidates.cold_map import ColdSettings, fit_cold
from chatrec.candidates.cold_tuning import tune_cold
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.item_features import ItemFeatures
from chatrec.candidates.splits import Split, hold_shoppers_out, leave_last_out, moment_after, some_shoppers, split_by_time
from chatrec.evaluation.ranking_figures import Table
from chatrec.evaluation.ranking_methods import told
from chatrec.evaluation.ranking_shop import RankingShop
from chatrec.evaluation.ranking_split import OURS, Fit, Fitted, MeasuredSplit, Plan
from chatrec.evaluation.rating_errors import rating_figures
from chatrec.settings import TrainSettings
from chatrec.shops import Progress

RATINGS = "Ratings"  # the title of the table of rating errors
LAST, TIME, STRONG = "leave-last-out", "time", "strong"
SPLITS = (LAST, TIME, STRONG)
TIME_SHARE = 0.8  # of the likings that lie before the moment of the time split
STRONG_SHARE = 0.2  # of the shoppers, held out whole
TITLES = {LAST: "The newest item", TIME: "Before and after", STRONG: "New shoppers"}
WHAT = {
    LAST: "The newest item of every shopper is to be found from the older ones, among all items of the log that the shopper does not have.",
    TIME: "What shoppers chose after a moment is to be found from what everybody did before it: the test closest to what a shop does.",
    STRONG: "Nothing of these shoppers was learnt from. A fifth of each history is to be found from the rest, folded in.",
}


def run_ranking(shop: RankingShop, fit: Fit, plan: Plan, splits: tuple[str, ...] = SPLITS, progress: Progress | None = None) -> list[Table]:
    """The tables of the splits, each followed by its slices; a last one of ratings where the log holds any.

    A split that the log does not allow (no times, nobody with enough history) gives a table that says so in a note and counts no
    shopper. Raises :class:`ValueError` for a split that there is not.
    """
    found: list[Table] = []
    for name in splits:
        split, notes = make_split(shop, name, plan)
        table = f"{shop.name}.{name}"
        if split is None:
            found.append(Table(table, TITLES[name], WHAT[name], 0, {f"{table}/{OURS}/shoppers": 0.0}, notes))
        else:
            found += MeasuredSplit(shop, split, plan, table, progress).tables(TITLES[name], WHAT[name], fit, notes, lengths=name == STRONG)
    return [*found, *_ratings(shop, plan, progress)]


def served_model(shop: RankingShop, settings: TrainSettings) -> Fit:
    """Fits as ``chatrec train`` does with these settings: models, their settings and their blend are chosen inside the training part, and
    items that it hardly knows are scored by those that are like them. What the shop knows of its shoppers (attributes, the moment) is not
    used: the log does not say what it was when they chose."""
    features = ItemFeatures.of([shop.items[place] for place in shop.place_of], shop.facets.vectors[shop.place_of])

    def fit(log: Interactions, progress: Progress | None) -> Fitted:
        chosen = choose(log, settings, features=features.texts, progress=progress)
        blend = chosen.model
        if blend is None:
            return Fitted(None, (), chosen.notes)
        cold, notes = ColdSettings(), chosen.notes
        if settings.search == "wide" and blend.models:
            cold = tune_cold(log, features, lambda part: chosen.fitted(part, features.texts)).settings
            notes = (*notes, f"cold items: {cold}")
        events = np.bincount(log.items, minlength=len(log.item_ids))
        served = ColdStart(blend, fit_cold(features, np.arange(len(events)), events, cold))
        return Fitted(served, (blend, *blend.models), notes)

    return fit


def make_split(shop: RankingShop, name: str, plan: Plan) -> tuple[Split | None, tuple[str, ...]]:
    """A split of the shop's log for at most the plan's number of shoppers, with notes for a person; ``None`` and why there is none."""
    log = shop.log
    if name not in SPLITS:
        raise ValueError(f"there is no split '{name}': take one of {', '.join(SPLITS)}")
    if not len(log.items):
        return None, ("the log holds no liking of an item of this catalogue: there is nothing to be found",)
    if name == TIME and not shop.dated:
        return None, ("the log does not say when things happened: there is no before and after",)
    split = some_shoppers(_split(shop, name, plan), plan.shoppers, plan.seed)
    if not len(split.inputs):
        return None, ("no shopper has enough history to be tested this way",)
    if not len(split.train.items):
        return None, (f"nothing is left to learn from when what {len(split.inputs)} shoppers are to find is taken out",)
    undated = name == LAST and not shop.dated
    return split, ("the log does not say when things happened: what is newest is told by the order of its rows",) if undated else ()


def _split(shop: RankingShop, name: str, plan: Plan) -> Split:
    if name == LAST:
        return leave_last_out(shop.log, least=0)  # shoppers of whom nothing else is known are tested, too: they are the cold ones
    if name == TIME:
        return split_by_time(shop.log, moment_after(shop.log, TIME_SHARE))
    return hold_shoppers_out(shop.log, STRONG_SHARE, seed=plan.seed)


def _ratings(shop: RankingShop, plan: Plan, progress: Progress | None) -> list[Table]:
    told(progress, "ratings", 0, 1)
    table = f"{shop.name}.ratings"
    figures, tested = rating_figures(shop.events, table, plan.seed)
    told(progress, "ratings", 1, 1)
    if not figures:
        return []
    return [Table(table, RATINGS, "The newest rating of each shopper is predicted from all the others; lower is better.", tested, figures)]
