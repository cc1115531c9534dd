"""From the event log to weights: how much each kind of event says, and what a shopper makes of an item in all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from chatrec.domain.event import Event, EventKind

# Relative to a purchase. A view is weak and frequent, a like is as plain as a purchase; what was merely shown says nothing.
EVENT_WEIGHTS: Mapping[EventKind, float] = {
    EventKind.SHOWN: 0.0,
    EventKind.VIEW: 0.25,
    EventKind.CLICK: 0.4,
    EventKind.CART: 0.8,
    EventKind.LIKE: 1.0,
    EventKind.PURCHASE: 1.0,
    EventKind.DISLIKE: -1.0,
}
HALF_LIFE_DAYS = 90.0  # a season: what sold a quarter ago counts half
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class RatingScale:
    """The lowest and highest rating that a log holds. One star of five is a dislike, three weak interest, five a purchase's worth."""

    low: float = 1.0
    high: float = 5.0

    @classmethod
    def of(cls, values: Iterable[float]) -> RatingScale:
        """The scale that covers ``values``; at least 1 to 5 unless every value is within [0, 1]."""
        found = [v for v in values if math.isfinite(v)]
        if found and 0.0 <= min(found) and max(found) <= 1.0:
            return cls(0.0, 1.0)
        return cls(min([1.0, *found]), max([5.0, *found]))

    def weight(self, value: float) -> float:
        """-0.5 at the bottom of the scale, 1 at the top, 0 at a third: below that a rating speaks against the item."""
        if not math.isfinite(value):
            return 0.0
        share = (value - self.low) / (self.high - self.low)
        return 1.5 * min(1.0, max(0.0, share)) - 0.5


def event_weight(kind: EventKind, value: float = 1.0, scale: RatingScale = RatingScale()) -> float:
    """What one event says: 1 is a purchase, negative speaks against the item, 0 says nothing."""
    return scale.weight(value) if kind is EventKind.RATING else EVENT_WEIGHTS.get(kind, 0.0)


@dataclass(frozen=True, slots=True)
class Interactions:
    """The log as sparse triples: ``weights[n]`` > 0 is what shopper ``users[n]`` makes of item ``items[n]``, no pair twice.

    ``popularity`` has one figure an item: time-decayed weight of its events, by all shoppers.
    """

    user_ids: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    users: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    items: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    weights: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    popularity: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))


def gather(events: Iterable[Event], catalogue: Iterable[str], half_life_days: float = HALF_LIFE_DAYS) -> Interactions:
    """The interactions of a log, rows and columns in sorted order of their ids, so that one log always gives one result.

    Events of items outside ``catalogue`` and events that say nothing are left out. The weights of a pair add up with diminishing
    returns, log2(1 + sum); a pair whose newest judgement is negative is dropped.
    """
    known = frozenset(catalogue)
    useful = [e for e in events if e.item_id in known and e.kind is not EventKind.SHOWN]
    scale = RatingScale.of(e.value for e in useful if e.kind is EventKind.RATING)
    newest = max((e.timestamp for e in useful), default=0.0)
    pairs: dict[tuple[str, str], _Pair] = {}
    popularity: dict[str, float] = {}
    for event in useful:
        weight = event_weight(event.kind, event.value, scale)
        pairs.setdefault((event.user_id, event.item_id), _Pair()).add(weight, event.timestamp)
        decay = 0.5 ** ((newest - event.timestamp) / (half_life_days * _DAY_S))
        popularity[event.item_id] = popularity.get(event.item_id, 0.0) + max(0.0, weight) * decay
    return _triples({pair: p.weight() for pair, p in pairs.items() if p.weight() > 0.0}, popularity)


def _triples(pairs: Mapping[tuple[str, str], float], popularity: Mapping[str, float]) -> Interactions:
    user_ids = tuple(sorted({u for u, _ in pairs}))
    item_ids = tuple(sorted({i for _, i in pairs} | {i for i, p in popularity.items() if p > 0.0}))
    user_row = {u: n for n, u in enumerate(user_ids)}
    item_row = {i: n for n, i in enumerate(item_ids)}
    ordered: Sequence[tuple[int, int, float]] = sorted((user_row[u], item_row[i], w) for (u, i), w in pairs.items())
    return Interactions(
        user_ids,
        item_ids,
        np.array([u for u, _, _ in ordered], np.int32),
        np.array([i for _, i, _ in ordered], np.int32),
        np.array([w for _, _, w in ordered], np.float32),
        np.array([popularity.get(i, 0.0) for i in item_ids], np.float32),
    )


class _Pair:
    """What one shopper did with one item."""

    __slots__ = ("_judged_at", "_positive", "_refused")

    def __init__(self) -> None:
        self._positive = 0.0
        self._refused = False
        self._judged_at = -math.inf

    def add(self, weight: float, timestamp: float) -> None:
        self._positive += max(0.0, weight)
        if weight and timestamp >= self._judged_at:
            self._judged_at, self._refused = timestamp, weight < 0.0

    def weight(self) -> float:
        return 0.0 if self._refused else math.log2(1.0 + self._positive)
