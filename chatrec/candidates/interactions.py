"""From the event log to weights: how much each kind of event says, and what a shopper makes of an item in all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Histories
from chatrec.domain.event import EventKind
from chatrec.storage.events import EventArrays

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Ints = NDArray[np.intp]

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
    def of(cls, values: NDArray[np.float64]) -> RatingScale:
        """The scale that covers ``values``; at least 1 to 5 unless every value is within [0, 1]."""
        found = values[np.isfinite(values)]
        if found.size and found.min() >= 0.0 and found.max() <= 1.0:
            return cls(0.0, 1.0)
        return cls(float(found.min(initial=1.0)), float(found.max(initial=5.0)))

    def weights(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """-0.5 at the bottom of the scale, 1 at the top, 0 at a third: below that a rating speaks against the item. NaN says nothing."""
        share = np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)
        return np.nan_to_num(1.5 * share - 0.5, nan=0.0)


@dataclass(frozen=True, slots=True)
class EventWeights:
    """What one event says: 1 is a purchase, negative speaks against the item, 0 says nothing. A rating says what its place on the
    scale says."""

    by_kind: Mapping[EventKind, float] = field(default_factory=lambda: EVENT_WEIGHTS)
    scale: RatingScale = RatingScale()

    @classmethod
    def of(cls, told: Mapping[str, float], scale: RatingScale = RatingScale()) -> EventWeights:
        """The usual weights with those of ``told`` (by event name) in place of theirs."""
        return cls({**EVENT_WEIGHTS, **{EventKind(kind): float(weight) for kind, weight in told.items()}}, scale)

    def weight(self, kind: EventKind, value: float = 1.0) -> float:
        """The weight of one event."""
        return float(self.scale.weights(np.array([value]))[0]) if kind is EventKind.RATING else self.by_kind.get(kind, 0.0)


@dataclass(frozen=True, slots=True)
class Interactions:
    """The log as sparse triples: ``weights[n]`` > 0 is what shopper ``users[n]`` makes of item ``items[n]``, no pair twice.

    The triples stand in the order of the shopper and, for one shopper, of the pair's newest event: ``when``, unix seconds, not
    falling, and for events of one moment the item.
    ``popularity`` has one figure an item: time-decayed weight of its events, by all shoppers. ``scale`` is that of the ratings.
    """

    user_ids: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    users: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    items: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    weights: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    popularity: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    when: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0, np.float64))
    scale: RatingScale = RatingScale()

    @property
    def matrix(self) -> csr_matrix:
        """The likings, sparse float32, shape (shoppers, items)."""
        from scipy.sparse import csr_matrix

        return csr_matrix((self.weights, (self.users, self.items)), shape=(len(self.user_ids), len(self.item_ids)))

    @property
    def events(self) -> NDArray[np.int32]:
        """How many shoppers like each item, shape (items,)."""
        return np.bincount(self.items, minlength=len(self.item_ids)).astype(np.int32)

    def histories(self) -> Histories:
        """Every shopper's likings, oldest first; its entries are the triples, in their order."""
        starts = np.concatenate(([0], np.cumsum(np.bincount(self.users, minlength=len(self.user_ids))))).astype(np.int64)
        return Histories(starts, self.items, self.weights)

    def where(self, kept: NDArray[np.bool_]) -> Interactions:
        """Only the triples for which ``kept`` is true. All shoppers and items keep their rows; popularity is counted again from what
        is left, undecayed."""
        users, items, weights = self.users[kept], self.items[kept], self.weights[kept]
        counted = np.bincount(items, weights, len(self.item_ids)).astype(np.float32)
        return Interactions(self.user_ids, self.item_ids, users, items, weights, counted, self.when[kept], self.scale)

    @classmethod
    def of_lists(cls, histories: Sequence[Sequence[int] | NDArray[np.integer]], n_items: int = 0) -> Interactions:
        """From item rows in the order of time, one sequence a shopper: every item is liked with weight 1 (the first time counts).
        Ids are the rows as text, ``n_items`` 0 means up to the highest row."""
        lists = [np.fromiter(dict.fromkeys(int(row) for row in rows), np.int32) for rows in histories]
        items = np.concatenate(lists) if lists else np.zeros(0, np.int32)
        most = max(n_items, int(items.max(initial=-1)) + 1)
        return cls(
            tuple(str(n) for n in range(len(lists))),
            tuple(str(n) for n in range(most)),
            np.repeat(np.arange(len(lists), dtype=np.int32), [len(rows) for rows in lists]),
            items,
            np.ones(len(items), np.float32),
            np.bincount(items, minlength=most).astype(np.float32),
            np.concatenate([np.arange(len(rows), dtype=np.float64) for rows in lists]) if lists else np.zeros(0),
        )


def gather(
    events: EventArrays,
    catalogue: Collection[str],
    weights: Mapping[EventKind, float] = EVENT_WEIGHTS,
    *,
    popularity_days: float = HALF_LIFE_DAYS,
    likings_days: float = 0.0,
) -> Interactions:
    """The interactions of a log, shoppers and items in sorted order of their ids, so that one log always gives one result.

    Events of items outside ``catalogue`` and events that say nothing are left out. The weights of a pair add up with diminishing
    returns, log2(1 + sum); a pair whose newest judgement speaks against the item is dropped. After ``popularity_days`` an event
    counts half for popularity, after ``likings_days`` half for the liking (0: it never fades), counted from the newest event.
    """
    user_place, user_ids = _sorted_places(events.user_ids)
    item_place, item_ids = _sorted_places(events.item_ids)
    says, scale = _weights(events, weights)
    known = np.array([i in catalogue for i in events.item_ids], dtype=np.bool_)
    useful = np.flatnonzero((says != 0.0) & known[events.item] & np.isfinite(events.timestamp)) if len(events) else np.zeros(0, np.intp)
    says, when = says[useful], events.timestamp[useful]
    user, item = user_place[events.user[useful]], item_place[events.item[useful]]

    popularity = np.bincount(item, np.maximum(says, 0.0) * _fading(when, popularity_days), len(item_ids))
    user, item, weight, when = _pairs(user, item, says * _fading(when, likings_days), when)
    users, user = np.unique(user, return_inverse=True)
    items = np.union1d(item, np.flatnonzero(popularity > 0.0)).astype(np.intp)
    return Interactions(
        tuple(user_ids[u] for u in users),
        tuple(item_ids[i] for i in items),
        user.astype(np.int32),
        np.searchsorted(items, item).astype(np.int32),
        weight.astype(np.float32),
        popularity[items].astype(np.float32),
        when,
        scale,
    )


def _fading(when: NDArray[np.float64], half_life_days: float) -> NDArray[np.float64]:
    """The share of its weight that each event still has at the newest one."""
    if half_life_days <= 0.0:
        return np.ones(len(when))
    return np.asarray(0.5 ** ((when.max(initial=0.0) - when) / (half_life_days * _DAY_S)))


def _weights(events: EventArrays, by_kind: Mapping[EventKind, float]) -> tuple[NDArray[np.float64], RatingScale]:
    """What each event says, and the scale of the ratings."""
    says = np.array([by_kind.get(kind, 0.0) for kind in events.kinds])[events.kind]
    rated = events.kind == events.kinds.index(EventKind.RATING)
    stars = events.value[rated].astype(np.float64)
    scale = RatingScale.of(stars)
    says[rated] = scale.weights(stars)
    return says, scale


def _pairs(
    user: Ints, item: Ints, says: NDArray[np.float64], when: NDArray[np.float64]
) -> tuple[Ints, Ints, NDArray[np.float64], NDArray[np.float64]]:
    """User, item, weight and newest moment of every pair that is liked in all, in the order of user, then of that moment."""
    order = np.lexsort((when, item, user))
    user, item, says, when = user[order], item[order], says[order], when[order]
    fresh = np.ones(len(order), dtype=np.bool_)
    fresh[1:] = (user[1:] != user[:-1]) | (item[1:] != item[:-1])
    starts = np.flatnonzero(fresh)
    if not len(starts):
        return user, item, says, when
    ends = np.append(starts[1:], len(order)) - 1
    weight = np.log2(1.0 + np.add.reduceat(np.maximum(says, 0.0), starts))
    liked = np.flatnonzero((says[ends] > 0.0) & (weight > 0.0))
    liked = liked[np.lexsort((when[ends][liked], user[ends][liked]))]  # stable: of one moment the items in their order
    return user[ends][liked], item[ends][liked], weight[liked], when[ends][liked]


def _sorted_places(ids: Sequence[str]) -> tuple[Ints, list[str]]:
    """For every id its place in sorted order, and the sorted ids."""
    order = sorted(range(len(ids)), key=ids.__getitem__)
    places = np.empty(len(ids), dtype=np.intp)
    places[order] = np.arange(len(ids))
    return places, [ids[n] for n in order]
