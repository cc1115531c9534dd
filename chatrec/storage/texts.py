"""What the shop and its shoppers wrote: policies and reviews."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Row, delete, insert, select

from chatrec.domain.item import Review
from chatrec.storage import schema
from chatrec.storage.connections import Connections

_REVIEW = ("item_id", "user_id", "text", "rating", "timestamp")


class PolicyTable:
    """Shop knowledge, one topic a name ("returns" -> the text of returns.md)."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def replace_all(self, policies: Mapping[str, str]) -> int:
        """Puts these texts (name -> Markdown) in place of all; gives their number. One transaction."""
        rows = [{"name": name, "text": text} for name, text in policies.items()]
        with self._connections.writing() as connection:
            connection.execute(delete(schema.policies))
            if rows:
                connection.execute(insert(schema.policies), rows)
        return len(rows)

    def all(self) -> dict[str, str]:
        """Every text, by name, in alphabetical order."""
        with self._connections.reading() as connection:
            rows = connection.execute(select(schema.policies).order_by(schema.policies.c.name)).all()
        return {row.name: row.text for row in rows}


class ReviewTable:
    """Shoppers' opinions of items."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def replace_all(self, reviews: Iterable[Review]) -> int:
        """Puts these reviews in place of all; gives their number. One transaction."""
        rows = [{name: getattr(review, name) for name in _REVIEW} for review in reviews]
        with self._connections.writing() as connection:
            connection.execute(delete(schema.reviews))
            if rows:
                connection.execute(insert(schema.reviews), rows)
        return len(rows)

    def of_item(self, item_id: str) -> list[Review]:
        """The reviews of one item, in the order in which the shop gave them."""
        c = schema.reviews.c
        statement = select(*(c[name] for name in _REVIEW)).where(c.item_id == item_id).order_by(c.id)
        with self._connections.reading() as connection:
            return [_review(row) for row in connection.execute(statement)]

    def by_item(self) -> dict[str, list[Review]]:
        """All reviews, by item; items without any are absent."""
        c = schema.reviews.c
        found: dict[str, list[Review]] = {}
        with self._connections.reading() as connection:
            for row in connection.execute(select(*(c[name] for name in _REVIEW)).order_by(c.id)):
                found.setdefault(row.item_id, []).append(_review(row))
        return found


def _review(row: Row[Any]) -> Review:
    return Review(**row._mapping)
