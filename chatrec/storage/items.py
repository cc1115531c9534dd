"""The catalogue: the shop's own records, and price and stock as they stand now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from chatrec.domain.item import Attribute, Item, LiveRow, Variant
from chatrec.errors import UnknownItem
from chatrec.storage import schema
from chatrec.storage.codec import Codec
from chatrec.storage.connections import Connections

_ATTRIBUTES: Codec[tuple[Attribute, ...]] = Codec(tuple[Attribute, ...])
_PLAIN = ("item_id", "title", "description", "category", "brand", "price", "currency", "rating", "n_ratings", "stock", "image", "url")
# SQLite allows 32,766 bound values in a statement, PostgreSQL 65,535.
_MOST_IDS = 5_000
# Made once: several are run in every turn, and making a statement takes longer than running it.
_LIVE = select(schema.items.c.item_id, schema.items.c.price, schema.items.c.stock).where(
    schema.items.c.item_id.in_(bindparam("ids", expanding=True))
)


class ItemTable:
    """The items and their variants. Values in and out are :class:`chatrec.domain.item.Item`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def replace_all(self, items: Iterable[Item]) -> int:
        """Puts ``items`` in place of the whole catalogue, in their order; gives their number.

        One transaction: until it commits every reader sees the old rows, and a killed process leaves them. Ids must be unique.
        """
        rows = _rows(items, start=0)
        with self._connections.writing() as connection:
            connection.execute(delete(schema.items))
            _insert(connection, rows)
        return len(rows[0])

    def upsert(self, items: Iterable[Item]) -> int:
        """Adds items or replaces those of the same id, which keep their place; new ones come last. Gives their number."""
        chosen = {item.item_id: item for item in items}
        with self._connections.writing() as connection:
            places = _select_in(connection, select(schema.items.c.item_id, schema.items.c.position), list(chosen))
            known = {row.item_id: row.position for row in places}
            last: int = connection.execute(select(func.coalesce(func.max(schema.items.c.position), -1))).scalar_one()
            item_rows, variant_rows = _rows(chosen.values(), start=last + 1)
            for row in item_rows:
                row["position"] = known.get(row["item_id"], row["position"])
            for ids in _portions(known):
                connection.execute(delete(schema.items).where(schema.items.c.item_id.in_(ids)))
            _insert(connection, (item_rows, variant_rows))
        return len(chosen)

    def remove(self, item_ids: Iterable[str]) -> int:
        """Takes items out of the catalogue; unknown ids are fine. Gives how many went."""
        with self._connections.writing() as connection:
            gone = 0
            for ids in _portions(item_ids):
                gone += connection.execute(delete(schema.items).where(schema.items.c.item_id.in_(ids))).rowcount
        return gone

    def all(self) -> list[Item]:
        """Every item, in the order in which the shop gave them."""
        with self._connections.reading() as connection:
            rows = connection.execute(select(schema.items).order_by(schema.items.c.position, schema.items.c.item_id)).all()
            variants = connection.execute(select(schema.variants).order_by(schema.variants.c.item_id, schema.variants.c.position)).all()
        return _items(rows, variants)

    def get(self, item_id: str) -> Item:
        """One item. Raises :class:`UnknownItem`."""
        found = self.some([item_id])
        if not found:
            raise UnknownItem(f"the catalogue holds no item '{item_id}'; check the id, or ingest the item first")
        return found[0]

    def some(self, item_ids: Sequence[str]) -> list[Item]:
        """The items of these ids, in the catalogue's order; unknown ids are left out."""
        with self._connections.reading() as connection:
            rows = _select_in(connection, select(schema.items), item_ids)
            variants = _select_in(connection, select(schema.variants), item_ids, schema.variants)
        variants.sort(key=lambda row: (row.item_id, row.position))
        return _items(sorted(rows, key=lambda row: (row.position, row.item_id)), variants)

    def count(self) -> int:
        """How many items there are."""
        with self._connections.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(schema.items)).scalar_one())

    def live(self, item_ids: Sequence[str]) -> dict[str, LiveRow]:
        """Price and stock at this moment, by id; a deleted item is absent."""
        with self._connections.reading() as connection:
            rows = [row for ids in _portions(item_ids) for row in connection.execute(_LIVE, {"ids": ids})]
        return {row.item_id: LiveRow(row.item_id, row.price, row.stock) for row in rows}

    def set_live(self, item_id: str, price: Decimal | None, stock: int | None, variant_id: str | None = None) -> None:
        """Changes price and stock at once, without an ingest. With ``variant_id`` the variant's own; the item's stock is then the
        sum over its variants. Raises :class:`UnknownItem`, ``ValueError`` for a price or stock that cannot be."""
        if price is not None and not (isinstance(price, Decimal) and price.is_finite() and price >= 0):
            raise ValueError(f"a price is a Decimal of 0 or more, or None where there is none; got {price!r:.40}")
        if stock is not None and stock < 0:
            raise ValueError(f"stock is a count of 0 or more, or None where it is not counted; got {stock!r:.40}")
        with self._connections.writing() as connection:
            if variant_id is None:
                changed = connection.execute(update(schema.items).where(schema.items.c.item_id == item_id).values(price=price, stock=stock))
            else:
                c = schema.variants.c
                wanted = update(schema.variants).where(c.item_id == item_id, c.variant_id == variant_id)
                changed = connection.execute(wanted.values(price=price, stock=stock))
                total = select(func.sum(c.stock)).where(c.item_id == item_id).scalar_subquery()
                connection.execute(update(schema.items).where(schema.items.c.item_id == item_id).values(stock=total))
            if not changed.rowcount:
                name = f"'{item_id}'" if variant_id is None else f"'{item_id}' with variant '{variant_id}'"
                raise UnknownItem(f"the catalogue holds no item {name}; check the id, or ingest the item first")

    def digest(self) -> str:
        """SHA-256 (hex) over every record in order: equal digests mean equal catalogues."""
        return items_digest(self.all())


def items_digest(items: Iterable[Item]) -> str:
    """SHA-256 (hex) over these records in this order."""
    state = hashlib.sha256()
    for item in items:
        state.update(_ITEM.text(item).encode("ascii"))
        state.update(b"\n")
    return state.hexdigest()


_ITEM: Codec[Item] = Codec(Item)


def item_json(item: Item) -> str:
    """One item as a line of JSON."""
    return _ITEM.text(item)


def item_from_json(text: str) -> Item:
    """The item of a line of JSON. Raises ``ValueError`` when it is none."""
    return _ITEM.value(text)


def _rows(items: Iterable[Item], start: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    item_rows: list[dict[str, Any]] = []
    variant_rows: list[dict[str, Any]] = []
    for position, item in enumerate(items, start):
        row: dict[str, Any] = {name: getattr(item, name) for name in _PLAIN}
        row.update(position=position, category_path=json.dumps(item.category_path), attributes=_ATTRIBUTES.text(item.attributes))
        item_rows.append(row)
        variant_rows.extend(_variant_row(item.item_id, n, variant) for n, variant in enumerate(item.variants))
    return item_rows, variant_rows


def _variant_row(item_id: str, position: int, variant: Variant) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "position": position,
        "variant_id": variant.variant_id,
        "options": json.dumps(variant.options),
        "price": variant.price,
        "stock": variant.stock,
    }


def _insert(connection: Connection, rows: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    for table, some in zip((schema.items, schema.variants), rows, strict=True):
        if some:
            connection.execute(insert(table), some)


def _items(rows: Sequence[Row[Any]], variants: Iterable[Row[Any]]) -> list[Item]:
    by_item: dict[str, list[Variant]] = {}
    for row in variants:
        options = tuple((str(name), str(value)) for name, value in json.loads(row.options))
        by_item.setdefault(row.item_id, []).append(Variant(row.variant_id, options, row.price, row.stock))
    return [_item(row, tuple(by_item.get(row.item_id, ()))) for row in rows]


def _item(row: Row[Any], variants: tuple[Variant, ...]) -> Item:
    values = row._mapping
    return Item(
        **{name: values[name] for name in _PLAIN},
        category_path=tuple(json.loads(row.category_path)),
        attributes=_ATTRIBUTES.value(row.attributes),
        variants=variants,
    )


def _select_in(connection: Connection, statement: Any, item_ids: Sequence[str], table: Any = schema.items) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for ids in _portions(item_ids):
        found.extend(connection.execute(statement.where(table.c.item_id.in_(ids))).all())
    return found


def _portions(item_ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(dict.fromkeys(item_ids))
    while portion := list(islice(rest, _MOST_IDS)):
        yield portion
