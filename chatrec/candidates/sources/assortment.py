"""What the shop has, when nothing else is known: no words, no history, no popularity."""

from __future__ import annotations

from collections.abc import Iterable

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
        self._order = [(item.item_id, item.category) for _, _, item in sorted(placed, key=lambda p: p[:2])]

    def candidates(self, query: Query, k: int) -> list[Candidate]:
        """At most ``k`` items; empty when words or items to search near were given."""
        if query.text.strip() or query.like_items or k < 1:
            return []
        found: list[Candidate] = []
        for item_id, category in self._order:
            if query.admits(item_id):
                found.append(
                    Candidate(item_id, 1.0 / (1 + len(found)), self.name, f"from our range: {category}" if category else "from our range")
                )
                if len(found) == k:
                    break
        return found
