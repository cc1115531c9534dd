"""Cold shoppers: what those who share an attribute with a shopper, or shop at this time of the day or year, choose more than others do.

For every value of an attribute (and of the calendar) and every item a log-lift, log P(item | value) / P(item), from counts of shoppers:
the item's own where many of the value's likings were to be expected, that of its category where few, none where that is thin, too.
The lifts of a shopper's values add up (naive Bayes), tempered by one exponent, since attributes overlap. What was learnt of half of the
shoppers, or of every other day, week or year, must make the choices of the other half likelier; an attribute that does not is left out.
Kept are lifts of groups alone: what fewer than ``least_shoppers`` of a value chose counts as not told apart (k-anonymity, Sweeney, 2002).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.attributes import Bands, calendar_value, columns_of
from chatrec.candidates.histories import Floats
from chatrec.candidates.interactions import EVENT_WEIGHTS, Interactions
from chatrec.candidates.models.base import Setting
from chatrec.candidates.models.settings import read_settings
from chatrec.domain.context import Context
from chatrec.domain.event import EventKind
from chatrec.errors import SettingsError

Doubles = NDArray[np.float64]
Codes = NDArray[np.int64]
STRENGTHS = (0.3, 0.5, 0.7, 1.0)
# Standard errors by which a gain must lie above nothing (97.5 of 100 times, were it by chance).
_SURE = 2.0
# Likings of a category to be expected before its own lift counts half.
_GROUP_HALF = 5.0


@dataclass(frozen=True, slots=True)
class PriorSettings:
    """``least_shoppers`` of a value make a group that is spoken of at all. With ``half`` likings to be expected, an item's own lift and
    that of its category weigh the same."""

    least_shoppers: int = 5
    half: float = 30.0

    def __post_init__(self) -> None:
        if self.least_shoppers < 1 or self.half <= 0.0:
            raise SettingsError(f"shopper priors want least_shoppers of 1 or more and half above 0: {self}")


@dataclass(frozen=True, slots=True)
class ShopperPriors:
    """``lifts`` (values, items) are the log-lifts of ``values``, (attribute, value) pairs, calendar ones included; ``strength`` tempers
    their sum. ``bands`` cut numbers (an age) into values. ``gains`` tell, by attribute that was looked at, how much likelier (nats a
    liking) it made choices that it was not learnt from; those without a certain gain are not among ``values``."""

    values: tuple[tuple[str, str], ...]
    lifts: Floats
    strength: float
    bands: Bands
    fitted: PriorSettings
    gains: Mapping[str, float] = field(default_factory=dict)
    _rows: dict[tuple[str, str], int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.lifts.ndim != 2 or len(self.values) != len(self.lifts):
            raise ValueError(f"{len(self.values)} values of attributes with lifts of shape {self.lifts.shape}: one row a value is needed")
        object.__setattr__(self, "_rows", {value: row for row, value in enumerate(self.values)})

    @property
    def n_items(self) -> int:
        """How many items it has lifts of."""
        return int(self.lifts.shape[1])

    def lift(self, attributes: Iterable[tuple[str, str]] = (), moment: float | None = None) -> Floats:
        """The log-lift of every item for a shopper, shape (items,); zeros where nothing that is told was learnt of."""
        told = [*self.bands.values(dict(attributes)), *calendar_values(moment)]
        rows = [self._rows[pair] for pair in told if pair in self._rows]
        return np.asarray(self.strength * self.lifts[rows].sum(axis=0), np.float32)

    def personal(self, popularity: Floats, attributes: Iterable[tuple[str, str]] = (), moment: float | None = None) -> Floats:
        """Popularity among those who are like the shopper, shape (items,); of the same sum as ``popularity``. Put in the place of
        a blend's prior it fades as popularity does with the length of the shopper's own history."""
        lifted = popularity * np.exp(self.lift(attributes, moment))
        whole = float(lifted.sum())
        return np.asarray(lifted * (float(popularity.sum()) / whole) if whole > 0.0 else popularity, np.float32)

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """``lifts``."""
        return {"lifts": self.lifts}

    def settings(self) -> Mapping[str, Setting]:
        """All else, as JSON values; what is not a number is JSON text."""
        texts = {"values": self.values, "edges": self.bands.edges, "gains": dict(self.gains)}
        return {**asdict(self.fitted), "strength": self.strength, **{name: json.dumps(value) for name, value in texts.items()}}

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Setting]) -> Self:
        """The priors again. Raises :class:`ValueError` where the parts do not fit together."""
        own = dict(settings)
        try:
            values = tuple((str(n), str(v)) for n, v in json.loads(str(own.pop("values"))))
            edges = {str(n): tuple(e) for n, e in json.loads(str(own.pop("edges"))).items()}
            gains, strength = json.loads(str(own.pop("gains"))), float(own.pop("strength"))
            lifts = np.asarray(arrays["lifts"], np.float32)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"shopper priors need lifts, values, edges, gains and strength; {error} is missing or wrong") from None
        return cls(values, lifts, strength, Bands(edges), read_settings(PriorSettings, own), gains)


def context_entries(context: Context) -> tuple[tuple[str, float], ...]:
    """The page and the cart as weak ends of a history: (item id, weight), oldest first; the page's items are what is looked at now, and
    weigh as an opened page does in the log."""
    in_cart = dict.fromkeys(context.cart, EVENT_WEIGHTS[EventKind.CART])
    return (*in_cart.items(), *((i, EVENT_WEIGHTS[EventKind.VIEW]) for i in context.page if i not in in_cart))


def calendar_values(moment: float | None) -> list[tuple[str, str]]:
    """Month, weekday and hour of a moment as (attribute, value)."""
    return [] if moment is None else [(name, str(int(calendar_value(name, np.array([moment]))[0][0]))) for name in CALENDAR]


CALENDAR = ("calendar:month", "calendar:weekday", "calendar:hour")


def fit_priors(
    log: Interactions,
    attributes: Mapping[str, Mapping[str, str]],
    groups: Sequence[str] = (),
    settings: PriorSettings = PriorSettings(),
) -> ShopperPriors:
    """Learns from the log; ``attributes`` are what the shop says by shopper id, ``groups`` the category of each of ``log.item_ids``.

    A shopper without attributes teaches only the calendar, and moments count only where they are times (not mere places in an order).
    The same log gives the same priors. Raises :class:`ValueError` where there are groups, but not one an item.
    """
    n_items = len(log.item_ids)
    if len(groups) not in (0, n_items):
        raise ValueError(f"{len(groups)} groups for {n_items} items: one an item is needed, or none")
    _, group = np.unique(np.asarray(groups if len(groups) else [""] * n_items, dtype=np.str_), return_inverse=True)
    bands, columns = columns_of(log.user_ids, attributes, settings.least_shoppers)
    looked_at: list[_Column] = []
    halves = np.arange(len(log.user_ids)) % 2
    looked_at += [_Column(name, values, codes[log.users], halves[log.users]) for name, (values, codes) in columns.items()]
    for name in CALENDAR:
        numbers, periods = calendar_value(name, log.when)
        values, codes = np.unique(numbers, return_inverse=True)
        if len(values) > 1 and len(np.unique(periods)) > 1:
            looked_at.append(_Column(name, tuple(str(v) for v in values), codes, periods % 2))
    counts = _Counts(log, group, settings)
    gains = {column.name: counts.gain([column], 1.0) for column in looked_at}
    kept = [column for column in looked_at if gains[column.name][1] > 0.0]
    strength = max(STRENGTHS, key=lambda s: counts.gain(kept, s)[0]) if kept else 1.0
    everything = np.ones(len(log.items), np.bool_)
    lifts = [counts.lifts(column, everything) for column in kept]
    return ShopperPriors(
        tuple((column.name, value) for column in kept for value in column.values),
        np.concatenate(lifts).astype(np.float32) if lifts else np.zeros((0, n_items), np.float32),
        strength,
        bands,
        settings,
        {name: round(gain, 5) for name, (gain, _) in gains.items()},
    )


@dataclass(frozen=True, slots=True)
class _Column:
    """One attribute: its values, and for every liking of the log the code of its value (-1: not told) and the half that it is in."""

    name: str
    values: tuple[str, ...]
    codes: Codes
    halves: Codes


@dataclass(frozen=True, slots=True)
class _Counts:
    log: Interactions
    group: Codes
    settings: PriorSettings

    def lifts(self, column: _Column, some: NDArray[np.bool_]) -> Doubles:
        """The log-lifts of the values of a column, shape (values, items), from ``some`` of the likings."""
        n_items, n_groups = len(self.log.item_ids), int(self.group.max(initial=0)) + 1
        told = some & (column.codes >= 0)
        share = self._shares(some)
        found = np.zeros((len(column.values), n_items))
        shoppers = np.unique(np.stack([column.codes[told], self.log.users[told]]), axis=1)[0]
        for value in np.flatnonzero(np.bincount(shoppers, minlength=len(column.values)) >= self.settings.least_shoppers):
            chosen = np.bincount(self.log.items[told & (column.codes == value)], minlength=n_items).astype(np.float64)
            expected = chosen.sum() * share
            few = chosen < self.settings.least_shoppers
            # told only that they are few: as many as was to be expected, at most half of what would have been told
            chosen[few] = np.minimum(expected[few], self.settings.least_shoppers / 2.0)
            by_group = np.bincount(self.group, chosen, n_groups) + _GROUP_HALF
            lift = (by_group / (np.bincount(self.group, expected, n_groups) + _GROUP_HALF))[self.group]
            found[value] = np.log((chosen + self.settings.half * lift) / (expected + self.settings.half))
        return found

    def gain(self, columns: Sequence[_Column], strength: float) -> tuple[float, float]:
        """How much likelier, in nats, the likings of either half are by the lifts learnt of the other: the mean over shoppers, and what of
        it is certain (less ``_SURE`` standard errors); (0, 0) where nothing can be told."""
        won = np.zeros(len(self.log.items))
        for half in (0, 1):
            for column, share in [(c, self._shares(c.halves == half)) for c in columns]:
                asked = (column.halves != half) & (column.codes >= 0)
                lifts = strength * self.lifts(column, column.halves == half)
                lifts -= np.log(np.exp(lifts) @ share)[:, None]
                won[asked] += lifts[column.codes[asked], self.log.items[asked]]
        asked = np.any([c.codes >= 0 for c in columns], axis=0) if columns else np.zeros(len(won), np.bool_)
        by_shopper = np.bincount(self.log.users[asked], minlength=len(self.log.user_ids))
        active = by_shopper > 0
        if active.sum() < 2:
            return 0.0, 0.0
        mean = np.bincount(self.log.users, won, len(self.log.user_ids))[active] / by_shopper[active]
        return float(mean.mean()), float(mean.mean() - _SURE * mean.std(ddof=1) / np.sqrt(len(mean)))

    def _shares(self, some: NDArray[np.bool_]) -> Doubles:
        """The share of every item in the likings, kept above 0."""
        chosen = np.bincount(self.log.items[some], minlength=len(self.log.item_ids)) + 0.5
        return np.asarray(chosen / chosen.sum(), np.float64)
