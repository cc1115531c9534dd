"""One split of one shop: fits what the shop would serve, ranks with it and its peers, and measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import PreferenceModel
from chatrec.candidates.splits import Split, cold_items, only_items, with_history_of, with_lengths
from chatrec.evaluation.ranking_figures import KNOWN, Columns, Table, summarise
from chatrec.evaluation.ranking_measures import Figure, Variety, accuracy_columns
from chatrec.evaluation.ranking_methods import KeywordSearch, Lists, Popularity, RandomOrder, Scorer, rank, rerank, told
from chatrec.evaluation.ranking_shop import RankingShop
from chatrec.metrics.diversity import coverage, gini
from chatrec.metrics.exposure import small_brand_parity
from chatrec.ranking.factory import reranker
from chatrec.ranking.profile import profile_of
from chatrec.shops import Progress

OURS = "chatrec"
CONTROLS = ("random", "popularity", "keyword")
KNOBS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
COLD_ITEM_LIKINGS = 5  # fewer in training make an item cold
COLD_SHOPPER_ITEMS = 2  # at most so many known items make a shopper cold
HISTORIES = {"0": (0, 0), "1-2": (1, 2), "3-5": (3, 5), "6-10": (6, 10), "11-20": (11, 20), "21+": (21, 10**9)}
LENGTHS = (0, 1, 3, 5, 10)  # how many of the newest items are known, for accuracy by history length
SLICE_METRICS = ("ndcg", "recall", "hr")
LEAST_SLICE = 10  # shoppers; a slice of fewer says nothing


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a shop would serve after training: ``None`` where the log is too thin, then popularity is served. ``parts`` are the models
    inside, to be measured beside it; ``notes`` say for a person what was chosen."""

    served: PreferenceModel | None
    parts: Sequence[PreferenceModel] = ()
    notes: tuple[str, ...] = ()

    def scorers(self, popularity: Popularity) -> dict[str, Scorer]:
        """What is served as ``chatrec``, and every part under its own name; parts of one name are numbered."""
        found: dict[str, Scorer] = {OURS: popularity if self.served is None else self.served}
        for part in self.parts:
            name, number = part.name, 2
            while name in found:
                name, number = f"{part.name}-{number}", number + 1
            found[name] = part
        return found


Fit = Callable[[Interactions, Progress | None], Fitted]
"""Fits on the training part of a split what the shop would serve."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: at most ``shoppers`` tested a split, drawn with ``seed``; ``knobs`` of the re-ranker; bootstrap ``draws``."""

    shoppers: int = 2_000
    seed: int = 7
    knobs: tuple[float, ...] = KNOBS
    draws: int = 2_000


def _between(lengths: str) -> str:
    return "no item known" if lengths == "0" else f"{lengths} items known"


def _known(length: int) -> str:
    return {0: "nothing known", 1: "the newest item known"}.get(length, f"the {length} newest items known")


def reranked_name(knob: float) -> str:
    """The method's name with the re-ranker at this knob."""
    return f"{OURS}+entropy@{knob:g}"


class MeasuredSplit:
    """The tables of one split. ``table`` is their name in the flat map of figures; slices append to it."""

    def __init__(self, shop: RankingShop, split: Split, plan: Plan, table: str, progress: Progress | None) -> None:
        self._shop, self._split, self._plan, self._table, self._progress = shop, split, plan, table, progress
        self._n_items = len(shop.log.item_ids)

    def tables(self, title: str, what: str, fit: Fit, notes: tuple[str, ...] = (), *, lengths: bool = False) -> list[Table]:
        """The table of all tested shoppers, then those of its slices; with ``lengths`` also those of shortened histories."""
        fitted = fit(self._split.train, self._stage)
        models = fitted.scorers(Popularity(self._split.train.popularity))
        plain = self._rank({**models, **self._controls()})
        reranked = self._rerank(plain[OURS])
        main = self._all_shoppers(title, what, plain, reranked, (*notes, *fitted.notes))
        return [main, *self._slices(plain), *(self._lengths(models, plain) if lengths else [])]

    def _controls(self) -> dict[str, Scorer]:
        shop = self._shop
        titles = [shop.items[place].title for place in shop.place_of]
        random, popularity, keyword = CONTROLS
        return {
            random: RandomOrder(self._n_items, self._plan.seed),
            popularity: Popularity(self._split.train.popularity),
            keyword: KeywordSearch(shop.text, titles, shop.log.item_ids),
        }

    def _rank(self, scorers: Mapping[str, Scorer]) -> dict[str, Lists]:
        found = {}
        for number, (name, scorer) in enumerate(scorers.items(), start=1):
            found[name] = rank(scorer, self._split.inputs, self._split.train.popularity)
            self._stage("ranking", number, len(scorers))
        return found

    def _rerank(self, ours: Lists) -> dict[str, Lists]:
        shop = self._shop
        found = rerank(
            ours,
            reranker("entropy", shop.facets),
            self._plan.knobs,
            shop.log.item_ids,
            self._profiles(),
            lambda done, total: self._stage("re-ranking", done, total),
        )
        return {reranked_name(knob): lists for knob, lists in zip(self._plan.knobs, found, strict=True)}

    def _profiles(self) -> list[Mapping[str, float]]:
        """What each shopper's history says of their taste in facets, as the service computes it."""
        told, ids = self._split.inputs, self._shop.log.item_ids
        pairs = [(ids[item], float(weight)) for item, weight in zip(told.items, told.weights, strict=True)]
        edges = zip(told.starts[:-1], told.starts[1:], strict=True)
        return [profile_of(self._shop.facets, pairs[start:stop]) for start, stop in edges]

    def _all_shoppers(
        self, title: str, what: str, plain: Mapping[str, Lists], reranked: Mapping[str, Lists], notes: tuple[str, ...]
    ) -> Table:
        variety = Variety.of(self._shop, self._split)
        lists = {OURS: plain[OURS], **reranked, **plain}
        columns: dict[str, Columns] = {}
        figures: dict[str, Figure] = {}
        curves = {}
        for number, (name, made) in enumerate(lists.items(), start=1):
            columns[name] = {**accuracy_columns(made.items, self._split.relevant, self._n_items), **variety.columns(made)}
            curves[name] = variety.exposure(made)
            shown = np.flatnonzero(curves[name])
            figures[f"{self._table}/{name}/coverage"] = round(coverage(shown, len(curves[name])), 4)
            figures[f"{self._table}/{name}/gini"] = round(gini(curves[name]), 4)
            self._stage("measuring", number, len(lists) + 1)
        parity = small_brand_parity(self._shop.brand_of)
        if np.isfinite(parity):
            figures[f"{self._table}/catalogue/small_brands"] = round(parity, 4)
        figures[f"{self._table}/{OURS}/shoppers"] = float(len(self._split.inputs))
        pairs = [(OURS, name) for name in plain if name != OURS] + [(name, OURS) for name in reranked]
        figures |= summarise(self._table, columns, pairs, self._plan.seed, self._plan.draws)
        self._stage("measuring", len(lists) + 1, len(lists) + 1)
        return Table(self._table, title, what, len(self._split.inputs), figures, notes, curves)

    def _slices(self, plain: Mapping[str, Lists]) -> list[Table]:
        """The same lists, by how much is known of the shopper and for items that training hardly knows."""
        split, found = self._split, []
        cold = with_history_of(split, 0, COLD_SHOPPER_ITEMS)
        relevant = [split.relevant[n] for n in cold]
        found.append(self._slice("cold-shoppers", f"cold shoppers: at most {COLD_SHOPPER_ITEMS} items known", plain, cold, relevant))
        sought, tested = only_items(split, cold_items(split, COLD_ITEM_LIKINGS))
        title = f"cold items: only items with fewer than {COLD_ITEM_LIKINGS} likings in training are to be found"
        found.append(self._slice("cold-items", title, plain, tested, sought.relevant))
        for name, (least, most) in HISTORIES.items():
            rows = with_history_of(split, least, most)
            relevant = [split.relevant[n] for n in rows]
            found.append(self._slice(f"history-{name}", _between(name), plain, rows, relevant))
        return [table for table in found if table is not None]

    def _slice(self, name: str, title: str, lists: Mapping[str, Lists], rows: np.ndarray, relevant: Sequence[np.ndarray]) -> Table | None:
        if len(rows) < LEAST_SLICE:
            return None
        table = f"{self._table}.{name}"
        columns = {
            method: accuracy_columns(made.items[rows], relevant, self._n_items, names=SLICE_METRICS) for method, made in lists.items()
        }
        pairs = [(OURS, other) for other in lists if other != OURS]
        figures = {
            **summarise(table, columns, pairs, self._plan.seed, self._plan.draws),
            f"{table}/{OURS}/shoppers": float(len(rows)),
        }
        return Table(table, title, "", len(rows), figures, whole=self._table)

    def _lengths(self, models: Mapping[str, Scorer], plain: Mapping[str, Lists]) -> list[Table]:
        """The same shoppers and the same items to be found with only the newest few items known. The items left out are no candidates:
        they would stand in the way of those to be found."""
        split, found = self._split, []
        scorers: dict[str, Scorer] = {**models, **self._controls()}
        del scorers["random"], scorers["keyword"]
        for number, length in enumerate(LENGTHS, start=1):
            inputs = with_lengths(split, length).inputs
            lists = {name: rank(scorer, inputs, split.train.popularity, known=split.inputs) for name, scorer in scorers.items()}
            found.append(self._slice(f"{KNOWN}{length}", _known(length), lists, np.arange(len(inputs)), split.relevant))
            self._stage("shorter histories", number, len(LENGTHS))
        everything = {name: plain[name] for name in scorers}
        found.append(self._slice(f"{KNOWN}all", "all items known", everything, np.arange(len(split.inputs)), split.relevant))
        return [table for table in found if table is not None]

    def _stage(self, stage: str, done: int, total: int) -> None:
        told(self._progress, f"{self._table.rpartition('.')[2]}: {stage}", done, total)
