"""From the log to weights."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from chatrec.candidates.interactions import EventWeights, RatingScale, gather
from chatrec.domain.event import Event, EventKind
from chatrec.storage.database import Database

Write = Callable[[list[Event]], Database]
KNOWN = frozenset({"camping-0", "camping-1", "kitchen-0"})


def event(user: str, item: str, kind: EventKind, when: float = 1000.0, value: float = 1.0) -> Event:
    return Event(user, item, kind, when, value)


def pairs(database: Database) -> dict[tuple[str, str], float]:
    found = gather(database.events.arrays(), KNOWN)
    return {(found.user_ids[u], found.item_ids[i]): float(w) for u, i, w in zip(found.users, found.items, found.weights, strict=True)}


def test_kinds_weigh_what_they_say(log: Write) -> None:
    database = log(
        [event("a", "camping-0", EventKind.PURCHASE), event("b", "camping-0", EventKind.VIEW), event("c", "camping-0", EventKind.SHOWN)]
    )
    found = pairs(database)
    assert found == {("a", "camping-0"): pytest.approx(1.0), ("b", "camping-0"): pytest.approx(math.log2(1.25))}


def test_repeated_events_add_up_with_diminishing_returns(log: Write) -> None:
    found = pairs(log([event("a", "camping-0", EventKind.PURCHASE, 1000.0 + n) for n in range(3)]))
    assert found == {("a", "camping-0"): pytest.approx(2.0)}


def test_the_newest_judgement_counts(log: Write) -> None:
    database = log(
        [
            event("a", "camping-0", EventKind.LIKE, 10.0),
            event("a", "camping-0", EventKind.DISLIKE, 20.0),
            event("a", "camping-1", EventKind.LIKE, 40.0),
            event("a", "camping-1", EventKind.DISLIKE, 30.0),
        ]
    )
    assert list(pairs(database)) == [("a", "camping-1")]


def test_items_outside_the_catalogue_are_left_out(log: Write) -> None:
    assert pairs(log([event("a", "gone", EventKind.PURCHASE)])) == {}


def test_ratings_only(log: Write) -> None:
    stars = {1: "camping-0", 3: "camping-1", 5: "kitchen-0"}
    found = pairs(log([event("a", item, EventKind.RATING, value=float(v)) for v, item in stars.items()]))
    assert found == {("a", "camping-1"): pytest.approx(math.log2(1.25)), ("a", "kitchen-0"): pytest.approx(1.0)}


def test_rating_scales() -> None:
    five, ten, unit = RatingScale.of(np.array([2.0, 4.0])), RatingScale.of(np.array([1.0, 10.0])), RatingScale.of(np.array([0.0, 1.0]))
    assert (five.low, five.high, ten.high, unit.high) == (1.0, 5.0, 10.0, 1.0)
    assert EventWeights(scale=five).weight(EventKind.RATING, 5.0) == 1.0
    assert EventWeights(scale=five).weight(EventKind.RATING, 1.0) == -0.5
    assert EventWeights(scale=five).weight(EventKind.RATING, float("nan")) == 0.0
    assert EventWeights().weight(EventKind.DISLIKE) < 0.0 == EventWeights().weight(EventKind.SHOWN)


def test_popularity_decays_and_ignores_dislikes(log: Write) -> None:
    day = 86_400.0
    database = log(
        [
            event("a", "camping-0", EventKind.PURCHASE, 0.0),
            event("b", "camping-1", EventKind.PURCHASE, 90 * day),
            event("c", "camping-1", EventKind.DISLIKE, 90 * day),
        ]
    )
    found = gather(database.events.arrays(), KNOWN)
    assert dict(zip(found.item_ids, found.popularity.tolist(), strict=True)) == {"camping-0": 0.5, "camping-1": 1.0}


def test_order_of_the_log_does_not_matter(log: Write, tmp_path_factory: pytest.TempPathFactory) -> None:
    events = [event(u, i, EventKind.CLICK, 5.0) for u in ("z", "a") for i in ("kitchen-0", "camping-1")]
    first = gather(log(events).events.arrays(), KNOWN)
    with Database.open(tmp_path_factory.mktemp("other")) as other:
        other.events.append(events[::-1])
        second = gather(other.events.arrays(), KNOWN)
    assert first.user_ids == second.user_ids == ("a", "z")
    assert first.item_ids == second.item_ids
    assert (first.weights == second.weights).all()
    assert (first.items == second.items).all()


def test_an_empty_log(log: Write) -> None:
    found = gather(log([]).events.arrays(), KNOWN)
    assert found.user_ids == found.item_ids == ()
    assert len(found.weights) == len(found.popularity) == 0
