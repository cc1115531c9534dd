"""Small shops for the ranking protocol: two tastes, and logs as odd as they come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import numpy as np

from chatrec.candidates.interactions import Interactions, gather
from chatrec.candidates.models.base import Progress
from chatrec.candidates.models.registry import fit_model
from chatrec.catalog.text_index import TextIndex
from chatrec.domain.event import Event, EventKind
from chatrec.domain.item import Item
from chatrec.evaluation.ranking_shop import RankingShop
from chatrec.evaluation.ranking_split import Fitted
from chatrec.ranking.facets import facets_of
from chatrec.storage.events import EventArrays

MAY = 1_746_000_000.0  # 30 April 2025
DAY_S = 86_400.0
TASTES = ("camping", "kitchen")


def items(n: int = 40) -> list[Item]:
    """Half for camping, half for the kitchen; one big brand, some small ones."""
    made = []
    for number in range(n):
        taste = TASTES[number % 2]
        brand = "Big" if number < n // 2 else f"Small {number % 6}"
        made.append(Item(f"i{number:02d}", f"{taste} thing {number}", category=taste, brand=brand, price=Decimal(5 + number)))
    return made


def arrays(events: Sequence[Event]) -> EventArrays:
    users = {user: n for n, user in enumerate(dict.fromkeys(e.user_id for e in events))}
    known = {item: n for n, item in enumerate(dict.fromkeys(e.item_id for e in events))}
    kinds = tuple(EventKind)
    return EventArrays(
        tuple(users),
        tuple(known),
        kinds,
        np.array([users[e.user_id] for e in events], np.int32),
        np.array([known[e.item_id] for e in events], np.int32),
        np.array([kinds.index(e.kind) for e in events], np.int8),
        np.array([e.value for e in events], np.float32),
        np.array([e.timestamp for e in events], np.float64),
    )


def shop_of(events: Iterable[Event], catalogue: Sequence[Item] | None = None, name: str = "toy") -> RankingShop:
    """A shop with this log; vectors tell camping from kitchen."""
    records = list(catalogue or items())
    log = arrays(list(events))
    chance = np.random.default_rng(0)
    vectors = chance.normal(0.0, 0.4, (len(records), 16)).astype(np.float32)
    vectors[:, 0] += [1.0 if item.category == TASTES[0] else -1.0 for item in records]
    likings = gather(log, frozenset(item.item_id for item in records))
    return RankingShop(name, tuple(records), facets_of(records, vectors), TextIndex.build(records), likings, log)


def purchases(shoppers: int = 60, seed: int = 1, start_s: float = MAY, step_s: float = DAY_S) -> list[Event]:
    """Every shopper has a taste and buys one to nine things of it, a step of time apart; some things sell much more than others."""
    chance, likely = np.random.default_rng(seed), 1.0 / np.arange(1, 21)
    events = []
    for shopper in range(shoppers):
        own = np.arange(shopper % 2, 40, 2)
        bought = chance.choice(own, chance.integers(1, 10), replace=False, p=likely / likely.sum())
        first = chance.integers(0, 30)
        for place, item in enumerate(bought):
            events.append(Event(f"u{shopper:02d}", f"i{item:02d}", EventKind.PURCHASE, start_s + (first + place) * step_s))
    return events


def fit(log: Interactions, progress: Progress | None) -> Fitted:
    """A plain model, so that a test does not wait for a search of settings."""
    return Fitted(fit_model("ials", log, {"factors": 8}, progress=progress), (), ("fitted for a test",))
