"""Shoppers, reviews, orders and policies from a shop's files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from chatrec.catalog import cells
from chatrec.catalog.cells import Unusable
from chatrec.catalog.columns import ORDER_ALIASES, REVIEW_ALIASES, USER_ALIASES, Aliases, Columns, resolve
from chatrec.catalog.encodings import decode, read_bytes
from chatrec.catalog.mapping import NO_MAPPING, TableMapping
from chatrec.catalog.readers import Row, Table
from chatrec.catalog.rejects import FIELD, PART, ROW, RejectBook
from chatrec.domain.item import Order, Review
from chatrec.errors import UnreadableFile

MOST_REVIEW_CHARS = 5_000
MOST_WORD_CHARS = 500
MOST_POLICY_CHARS = 200_000

T = TypeVar("T")


@dataclass
class SideRows(Generic[T]):
    """The records of a file and what became of its rows; ``unknown`` counts rows that name an item the catalogue does not hold."""

    records: list[T]
    columns: Columns
    rejects: RejectBook
    read: int = 0
    merged: int = 0
    unknown: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Cells:
    """One row by field name."""

    row: Row
    columns: Columns
    mapping: TableMapping

    def get(self, name: str) -> Any:
        column = self.columns.fields.get(name)
        value = self.row.cells.get(column) if column is not None else None
        constant = self.mapping.constants.get(name)
        return constant if constant is not None and cells.is_blank(value) else value

    def text(self, name: str, limit: int = MOST_WORD_CHARS) -> str:
        return cells.cut(cells.clean_text(self.get(name)), limit)


def user_rows(table: Table, mapping: TableMapping = NO_MAPPING) -> SideRows[tuple[str, dict[str, str]]]:
    """(user_id, attributes) of every shopper; a second row of an id is merged when it says the same, else rejected."""
    result: SideRows[tuple[str, dict[str, str]]] = _start(table, mapping, USER_ALIASES, ("user_id",))
    seen: dict[str, dict[str, str]] = {}

    def read(row: _Cells) -> None:
        user = cells.to_id(row.get("user_id"))
        words = {c: cells.cut(cells.clean_text(row.row.cells.get(c)), MOST_WORD_CHARS) for c in result.columns.attributes}
        attributes = {name: text for name, text in words.items() if text}
        if user not in seen:
            seen[user] = attributes
        elif seen[user] == attributes:
            result.merged += 1
        else:
            raise Unusable("is that of an earlier row that says something else")

    _each(table, result, mapping, "user_id", "user id", read)
    result.records = list(seen.items())
    return result


def review_rows(
    table: Table,
    mapping: TableMapping = NO_MAPPING,
    known: Mapping[str, str] | None = None,
) -> SideRows[Review]:
    """Every usable review. One without text is rejected; an unusable rating or time is left out alone."""
    result: SideRows[Review] = _start(table, mapping, REVIEW_ALIASES, ("item_id", "text"))

    def read(row: _Cells) -> None:
        item = _known_item(cells.to_id(row.get("item_id")), known, result)
        if item is None:
            return
        text = cells.clean_text(row.get("text"))
        if not text:
            result.rejects.add(row.row.line, "text", row.get("text"), "a review without text", ROW)
            return
        if len(text) > MOST_REVIEW_CHARS:
            result.rejects.add(row.row.line, "text", text, f"cut to {MOST_REVIEW_CHARS} characters", PART)
        user = "" if cells.is_blank(row.get("user_id")) else cells.to_id(row.get("user_id"))
        rating = _optional(row, "rating", lambda v: cells.to_rating(v, mapping.rating_scale), result.rejects)
        stamp = _optional(row, "timestamp", lambda v: cells.to_time(v, mapping.timestamp_format), result.rejects)
        result.records.append(Review(item, user, cells.cut(text, MOST_REVIEW_CHARS), rating, stamp))

    _each(table, result, mapping, "item_id", "item id", read)
    unique = list(dict.fromkeys(result.records))
    result.merged, result.records = len(result.records) - len(unique), unique
    return result


def order_rows(table: Table, mapping: TableMapping = NO_MAPPING, known: Mapping[str, str] | None = None) -> SideRows[Order]:
    """Every usable order line. Lines of items that left the catalogue are kept: their shoppers still ask for them."""
    result: SideRows[Order] = _start(table, mapping, ORDER_ALIASES, ("order_id", "user_id", "status"))

    def read(row: _Cells) -> None:
        order_id, user = cells.to_id(row.get("order_id")), cells.to_id(row.get("user_id"))
        status = row.text("status", 100)
        if not status:
            raise Unusable("has no status")
        item = "" if cells.is_blank(row.get("item_id")) else cells.to_id(row.get("item_id"))
        if item and known is not None and item not in known:
            result.unknown += 1
        item = item if known is None else known.get(item, item)
        result.records.append(Order(order_id, user, item, status, row.text("placed_at", 40), row.text("eta", 40)))

    _each(table, result, mapping, "order_id", "order, or its shopper,", read)
    unique = list(dict.fromkeys(result.records))
    result.merged, result.records = len(result.records) - len(unique), unique
    if result.unknown:
        result.notes.append(f"{result.unknown} order lines name items that the catalogue does not hold; they were kept")
    return result


def _start(table: Table, mapping: TableMapping, aliases: Aliases, required: tuple[str, ...]) -> SideRows[Any]:
    return SideRows([], resolve(table.columns, mapping, aliases, required, table.name), table.rejects)


def _each(table: Table, result: SideRows[Any], mapping: TableMapping, name: str, what: str, read: Callable[[_Cells], None]) -> None:
    for row in table.rows:
        result.read += 1
        try:
            read(_Cells(row, result.columns, mapping))
        except Unusable as error:
            column = result.columns.fields.get(name, name)
            result.rejects.add(row.line, column, row.cells.get(column), f"{what} {error}", ROW)
    result.read += table.rejects.uncut
    if result.unknown and not result.notes:
        result.notes.append(f"{result.unknown} rows name items that the catalogue does not hold")


def _known_item(item: str, known: Mapping[str, str] | None, result: SideRows[Any]) -> str | None:
    if known is None or item in known:
        return item if known is None else known[item]
    result.unknown += 1
    return None


def _optional(row: _Cells, name: str, read: Callable[[Any], float], rejects: RejectBook) -> float | None:
    value = row.get(name)
    if cells.says_no_figure(value):
        return None
    try:
        return read(value)
    except Unusable as error:
        rejects.add(row.row.line, name, value, f"{name}: {error}", FIELD)
        return None


def policy_texts(place: Path) -> tuple[dict[str, str], list[str]]:
    """(name -> Markdown, notes) of the ``*.md`` files of a folder, or of one file. Raises :class:`UnreadableFile`.

    An empty file is left out and noted; a text beyond :data:`MOST_POLICY_CHARS` is cut and noted.
    """
    if not place.exists():
        raise UnreadableFile(f"the policies {place} do not exist; check the name")
    files = sorted(p for p in place.iterdir() if p.suffix.lower() in (".md", ".markdown") and p.is_file()) if place.is_dir() else [place]
    if not files:
        raise UnreadableFile(f"the folder {place} holds no Markdown files (*.md)")
    found: dict[str, str] = {}
    notes: list[str] = []
    for path in files:
        if not path.read_bytes().strip():
            notes.append(f"{path.name} is empty and was left out")
            continue
        decoded = decode(read_bytes(path), str(path))
        text = decoded.text.replace("\r\n", "\n").replace("\x00", "")
        if decoded.note:
            notes.append(f"{path.name}: {decoded.note}")
        if len(text) > MOST_POLICY_CHARS:
            notes.append(f"{path.name} was cut to {MOST_POLICY_CHARS} characters")
        found[path.stem] = text[:MOST_POLICY_CHARS]
    return found, notes
