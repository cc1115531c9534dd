"""What most shoppers choose."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import islice

from chatrec.candidates.model import CollaborativeModel
from chatrec.candidates.sources.admitted import FixedOrder
from chatrec.domain.candidate import Candidate, Query
from chatrec.domain.item import Item

# Ratings only order what no event speaks for: together they weigh less than one event does.
RATED_SHARE = 0.01


class PopularitySource:
    """Items by time-decayed events; those without events follow by rating x log(1 + number of ratings); others are not offered."""

    name = "popularity"

    def __init__(self, items: Iterable[Item], model: CollaborativeModel | None = None) -> None:
        catalogue = list(items)
        counted = dict(zip(model.item_ids, model.popularity.tolist(), strict=True)) if model else {}
        rated = {i.item_id: _rated(i) for i in catalogue}
        most, best = max(counted.values(), default=0.0), max(rated.values(), default=0.0)
        scored = []
        for item in catalogue:
            events = counted.get(item.item_id, 0.0) / most if most > 0.0 else 0.0
            stars = rated[item.item_id] / best if best > 0.0 else 0.0
            score = (1.0 - RATED_SHARE) * events + RATED_SHARE * stars if most > 0.0 else stars
            if score > 0.0:
                scored.append(Candidate(item.item_id, score, self.name, _reason(item, events > 0.0)))
        self._best: Sequence[Candidate] = sorted(scored, key=lambda c: (-c.score, c.item_id))
        self._order = FixedOrder([c.item_id for c in self._best])

    def candidates(self, query: Query, k: int) -> list[Candidate]:
        """The ``k`` most popular admitted items; empty when the shop has neither events nor ratings."""
        return [self._best[place] for place in islice(self._order.admitted(query), max(0, k))]


def _rated(item: Item) -> float:
    if item.rating is None or not math.isfinite(item.rating) or item.rating <= 0.0:
        return 0.0
    return item.rating * math.log1p(item.n_ratings if item.n_ratings is not None else 1)


def _reason(item: Item, chosen: bool) -> str:
    if chosen:
        return "popular with other shoppers"
    if item.n_ratings:
        return f"rated {item.rating:g} by {item.n_ratings} shoppers"
    return f"rated {item.rating:g}"
