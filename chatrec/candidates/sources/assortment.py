"""What the shop has, when nothing else is known: no words, no history, no popularity."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from chatrec.candidates.sources.admitted import FixedOrder
from chatrec.domain.candidate import Candidate, Query
from chatrec.domain.item import Item


class AssortmentSource:
    """Admitted items in turn from every category, in the shop's own order. It answers only where no words say what is sought.

    "Anything under 20" must find something in a shop without events and ratings.
    """

    name = "assortment"

    def __init__(self, items: Iterable[Item]) -> None:
        turns: dict[str, int] = {}
        placed: list[tuple[int, int, Item]] = []
        for number, item in enumerate(items):
            turns[item.category] = turns.get(item.category, 0) + 1
            placed.append((turns[item.category], number, item))
        self._items = [(item.item_id, item.category) for _, _, item in sorted(placed, key=lambda p: p[:2])]
        self._order = FixedOrder([item_id for item_id, _ in self._items])

    def candidates(self, query: Query, k: int) -> list[Candidate]:
        """At most ``k`` items; empty when words or items to search near were given."""
        if query.text.strip() or query.like_items or k < 1:
            return []
        chosen = (self._items[place] for place in islice(self._order.admitted(query), k))
        return [
            Candidate(item_id, 1.0 / (1 + n), self.name, f"from our range: {category}" if category else "from our range")
            for n, (item_id, category) in enumerate(chosen)
        ]
