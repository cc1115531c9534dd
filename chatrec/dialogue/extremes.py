"""For "the cheapest": what stands at the end of a field, and how many stand there together."""

from __future__ import annotations

from collections.abc import Sequence

from chatrec.dialogue.parts import Parts
from chatrec.dialogue.wording import extreme_words
from chatrec.domain.candidate import Candidate, Query
from chatrec.domain.item import Item


def rank_extremes(order_by: tuple[str, int], query: Query, parts: Parts) -> list[Candidate]:
    """For "the cheapest": the extremes of the shop in their order, and nothing else moves them. A price is that of this moment."""
    field, direction = order_by
    ids = [i for i in parts.shelf.extremes(field, direction, query.allowed, parts.limits.pool) if query.admits(i)]
    if field == "price":
        rows = parts.live.live(ids)
        priced = {i: price for i in ids if i in rows and (price := rows[i].price) is not None}
        ids = sorted(priced, key=lambda i: direction * -priced[i])
    reason = f"among {extreme_words(field, direction)} that fit"
    return [Candidate(i, 1.0 - n / max(len(ids), 1), "extreme", reason) for n, i in enumerate(ids)]


def tied(items: Sequence[Item], name: str) -> int:
    """How many of the items, from the first on, share its figure."""
    figures = [
        {"price": i.price, "rating": i.rating, "stock": i.stock}.get(name) or getattr(i.attribute(name), "number", None) for i in items
    ]
    return next((n for n, figure in enumerate(figures) if figure != figures[0]), len(figures))
