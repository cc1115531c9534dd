"""Which models a log is given to, and which settings of each are tried on held-out choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import Setting
from chatrec.settings import TrainSettings

Trial = Mapping[str, Setting]


@dataclass(frozen=True, slots=True)
class Family:
    """A model by its name, and what is tried of it: ``quick`` settings around its defaults, ``wide`` ones beyond.

    ``dense`` tells that it compares every item with every other, ``sparse`` that it stands in for those that do where the catalogue
    is too large for them, ``features`` that it needs the items' vectors.
    """

    name: str
    quick: tuple[Trial, ...] = ()
    wide: tuple[Trial, ...] = ()
    dense: bool = False
    sparse: bool = False
    features: bool = False

    def trials(self, settings: TrainSettings) -> list[Trial]:
        """The settings to try, the shop's own over each; at least one, none twice."""
        found = [*self.quick, *(self.wide if settings.search == "wide" else ())] if settings.search != "none" else []
        own = settings.settings.get(self.name, {})
        told = [{**trial, **own} for trial in found or [{}]]
        return [trial for place, trial in enumerate(told) if trial not in told[:place]]


# In the order of what they ask of a log: the last asks least, and is taken where there are too few choices to compare them.
FAMILIES: tuple[Family, ...] = (
    Family(
        "edlae",
        quick=({}, {"l2": 200.0}),
        wide=({"dropout": 0.5}, {"dropout": 0.2}, {"l2": 1500.0}, {"activity": 0.5, "spread": 1.0}),
        dense=True,
    ),
    Family("slit", quick=({}, {"l2": 100.0}), wide=({"l2": 1000.0}, {"recency": 1.0}), dense=True),
    Family("kernel", quick=({}, {"l2": 0.3}), wide=({"sharpness": 2.0}, {"sharpness": 8.0}, {"l2": 3.0})),
    Family("content", quick=({},), wide=({"sharpness": 2.0}, {"sharpness": 8.0}), dense=True, features=True),
    Family("semantic", quick=({},), wide=({"popularity": 0.0}, {"recency": 0.6}), dense=True, features=True),
    Family("item_knn", quick=({}, {"target": 0.5}), wide=({"shrink": 20.0}, {"recency": 0.0}), sparse=True),
    Family(
        "transitions",
        quick=({}, {"backward": 1.0, "recency": 0.25}),
        wide=({"target": 0.5}, {"backward": 1.0, "recency": 0.0}, {"recency": 1.0}),
    ),
    Family(
        "ials",
        quick=({}, {"unobserved": 0.03}, {"regularisation": 0.03}),
        wide=({"factors": 256}, {"factors": 64}, {"unobserved": 0.3}, {"regularisation": 0.003}),
    ),
)


def families_for(log: Interactions, settings: TrainSettings, has_features: bool) -> tuple[list[Family], list[str]]:
    """The families to try on this log, and for a person why others are left out."""
    large = len(log.item_ids) > settings.dense_items
    wanted = [_named(name) for name in settings.models] or [family for family in FAMILIES if large or not family.sparse]
    kept, why = [], []
    for family in wanted:
        if family.dense and large:
            why.append(f"{family.name}: {len(log.item_ids):,} items are more than train.dense_items = {settings.dense_items:,}")
        elif family.features and not has_features:
            why.append(f"{family.name}: it needs the items' vectors")
        else:
            kept.append(family)
    return kept, why


def _named(name: str) -> Family:
    return next((family for family in FAMILIES if family.name == name), Family(name))


def told(trial: Trial) -> str:
    """ "l2 200, dropout 0.33", or "defaults"."""
    return ", ".join(f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in trial.items()) or "defaults"
