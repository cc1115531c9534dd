"""What shoppers did, from event logs, rating files and sequence files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chatrec.catalog import cells
from chatrec.catalog.cells import Unusable
from chatrec.catalog.columns import EVENT_ALIASES, Columns, resolve, snake
from chatrec.catalog.mapping import NO_MAPPING, TableMapping
from chatrec.catalog.readers import KEY, SEQUENCE, Row, Table
from chatrec.catalog.rejects import FIELD, ROW, RejectBook
from chatrec.domain.event import Event, EventKind

_WORDS: Mapping[EventKind, Sequence[str]] = {
    EventKind.VIEW: ("view", "pageview", "page_view", "product_view", "view_item", "detail", "detail_view", "pv", "seen"),
    EventKind.CLICK: ("click", "select", "select_item", "open"),
    EventKind.CART: ("cart", "add_to_cart", "addtocart", "basket", "add_to_basket", "add"),
    EventKind.PURCHASE: ("purchase", "buy", "bought", "order", "ordered", "transaction", "sale", "sold", "checkout", "purchased"),
    EventKind.LIKE: ("like", "liked", "favorite", "favourite", "fav", "wishlist", "add_to_wishlist", "save"),
    EventKind.DISLIKE: ("dislike", "disliked", "hide", "not_interested"),
    EventKind.RATING: ("rating", "rate", "rated", "review", "reviewed"),
}
KINDS: Mapping[str, EventKind] = {word: kind for kind, words in _WORDS.items() for word in words}
MOST_UNKNOWN_NAMED = 10


@dataclass
class EventRows:
    """The events of a file, oldest first, and what became of the rest.

    ``unknown`` counts events of items that the catalogue does not hold; Of the ``cancellations``,
    ``loose_cancellations`` had no (or too small a) purchase to cancel; the others took back ``cancelled`` pieces, and with them
    ``withdrawn`` purchases as a whole. So ``read`` = events + merged + rejected + cancellations + withdrawn + unknown.
    """

    events: list[Event]
    columns: Columns
    rejects: RejectBook
    read: int = 0
    merged: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    cancellations: int = 0
    cancelled: int = 0
    withdrawn: int = 0
    loose_cancellations: int = 0
    notes: list[str] = field(default_factory=list)


def event_rows(table: Table, mapping: TableMapping = NO_MAPPING, known: Mapping[str, str] | None = None) -> EventRows:
    """Every usable event of a table. ``known`` maps item and variant ids to item ids; ``None`` takes every id.

    Without an event column a rating makes a RATING, a quantity a PURCHASE, and a bare sequence CLICKs; ``constants`` in the mapping
    says otherwise. A negative quantity cancels earlier purchases of the same shopper and item. Raises
    :class:`chatrec.errors.MissingColumn`, and :class:`chatrec.errors.RejectedRows` in strict mode. Unknown items are counted, never
    rejected: logs outlive products.
    """
    sequence = SEQUENCE in table.columns
    required = () if sequence else ("user_id", "item_id")
    columns = resolve(table.columns, mapping, EVENT_ALIASES, required, table.name)
    if "history" in columns.fields and not sequence:
        sequence = columns.fields["history"] not in columns.by_mapping and "timestamp" in columns.fields
        if sequence:  # a dated log with a column that happens to be called "items"
            columns.left_out[columns.fields.pop("history")] = "a dated log has one item a row; map it to use it"
    result = EventRows([], columns, table.rejects)
    reader = _Reader(columns, mapping, table.rejects)
    found: list[Event] = []
    for row in table.rows:
        result.read += 1
        for event in reader.events(row, result.read):
            found += _known(event, known, result)
    result.read += table.rejects.uncut
    result.events = _settled(found, result)
    result.notes += reader.notes()
    if result.cancellations:
        result.notes.append(
            f"{result.cancellations:,} cancellations took back {result.cancelled:,} pieces, {result.withdrawn:,} purchases as a whole; "
            f"{result.loose_cancellations:,} of them had too little to cancel"
        )
    if result.unknown:
        named = ", ".join(f"'{i}' ({n})" for i, n in result.unknown.most_common(MOST_UNKNOWN_NAMED))
        events, items = sum(result.unknown.values()), len(result.unknown)
        result.notes.append(f"{events:,} events of {items:,} items that the catalogue does not hold: {named}")
    return result


def _known(event: Event, known: Mapping[str, str] | None, result: EventRows) -> Iterator[Event]:
    if known is None:
        yield event
        return
    item_id = known.get(event.item_id)
    if item_id is None:
        result.unknown[event.item_id] += 1
    else:
        yield event if item_id == event.item_id else replace(event, item_id=item_id)


class _Reader:
    """Rows of one file to events. A cancellation is a PURCHASE with a negative value until all are settled."""

    def __init__(self, columns: Columns, mapping: TableMapping, rejects: RejectBook) -> None:
        self._columns, self._mapping, self._rejects = columns, mapping, rejects
        self._kinds = {str(w).strip().lower(): str(k) for w, k in mapping.values.get("event", {}).items()}
        said = self._constant_kind()
        self._bare_kind, self._guessed = said or EventKind.CLICK, said is None
        self._undated = self._bare = 0

    def events(self, row: Row, number: int) -> Iterator[Event]:
        """The events of one row; none when it was rejected."""
        try:
            user = cells.to_id(row.cells.get(KEY) if SEQUENCE in row.cells else self._cell(row, "user_id"))
        except Unusable as error:
            self._reject(row, "user_id", f"user id {error}")
            return
        if SEQUENCE in row.cells or "history" in self._columns.fields:
            yield from self._sequence(row, user)
            return
        try:
            item = cells.to_id(self._cell(row, "item_id"))
            stamp = self._time(row, number)
            kind, value = self._deed(row)
        except _Faulty as fault:
            self._reject(row, fault.column, str(fault))
        except Unusable as error:
            self._reject(row, "item_id", f"item id {error}")
        else:
            yield Event(user, item, kind, stamp, value, session_id=self._session(row))

    def notes(self) -> list[str]:
        """What the shop should know about the file as a whole."""
        found = []
        if self._undated:
            found.append("no times: the order of the file is taken as the order of events")
        if self._bare and self._guessed:
            kind = self._bare_kind.value
            found.append(f"no event column: every entry counts as '{kind}'; say constants.event in the mapping if it is another")
        return found

    def _sequence(self, row: Row, user: str) -> Iterator[Event]:
        """ "user item item ...": the place in the sequence is the time."""
        held = row.cells.get(SEQUENCE)
        if held is None:
            held = cells.structured(self._cell(row, "history"))
            held = held.replace(",", " ").split() if isinstance(held, str) else held
        items = list(held) if isinstance(held, (list, tuple)) else []
        last = self._cell(row, "item_id")
        if SEQUENCE not in row.cells and not cells.is_blank(last):
            items.append(last)
        if not items:
            self._reject(row, "history", "a sequence without items")
        self._undated += 1
        self._bare += 1
        for place, value in enumerate(items, start=1):
            try:
                yield Event(user, cells.to_id(value), self._bare_kind, float(place))
            except Unusable as error:
                self._rejects.add(row.line, "", value, f"item id {error}", FIELD)

    def _deed(self, row: Row) -> tuple[EventKind, float]:
        word = self._cell(row, "event")
        kind = self._kind(word) if not cells.is_blank(word) else None
        rating, quantity = self._cell(row, "rating"), self._cell(row, "quantity")
        if kind is EventKind.RATING or (kind is None and not cells.says_no_figure(rating)):
            figure = rating if not cells.says_no_figure(rating) else self._cell(row, "value")
            return EventKind.RATING, self._read("rating", figure, lambda v: cells.to_rating(v, self._mapping.rating_scale))
        if kind in (None, EventKind.PURCHASE) and not cells.says_no_figure(quantity):
            return EventKind.PURCHASE, self._read("quantity", quantity, _pieces)
        if kind is None:
            self._bare += 1
        value = self._cell(row, "value")
        weight = 1.0 if cells.says_no_figure(value) else self._read("value", value, cells.to_number)
        return kind or self._bare_kind, weight

    def _kind(self, word: Any) -> EventKind:
        text = str(word).strip().lower()
        text = self._kinds.get(text, text)
        kind = KINDS.get(snake(text))
        if kind is None:
            known = ", ".join(k.value for k in _WORDS)
            raise _Faulty("event", f"no kind of event; use one of {known}, or translate it in the mapping under values.event")
        return kind

    def _constant_kind(self) -> EventKind | None:
        constant = self._mapping.constants.get("event")
        return self._kind(constant) if constant is not None else None

    def _time(self, row: Row, number: int) -> float:
        value = self._cell(row, "timestamp")
        if cells.is_blank(value):
            self._undated += 1
            return float(number)
        return self._read("timestamp", value, lambda v: cells.to_time(v, self._mapping.timestamp_format))

    def _session(self, row: Row) -> str:
        value = self._cell(row, "session_id")
        try:
            return "" if cells.is_blank(value) else cells.to_id(value)
        except Unusable:
            return ""

    def _read(self, name: str, value: Any, read: Any) -> float:
        try:
            return float(read(value))
        except Unusable as error:
            raise _Faulty(name, f"{name}: {error}") from None

    def _cell(self, row: Row, name: str) -> Any:
        column = self._columns.fields.get(name)
        value = row.cells.get(column) if column is not None else None
        constant = self._mapping.constants.get(name)
        return constant if constant is not None and cells.is_blank(value) else value

    def _reject(self, row: Row, name: str, reason: str) -> None:
        column = self._columns.fields.get(name, name)
        self._rejects.add(row.line, column, row.cells.get(column), reason, ROW)


class _Faulty(Exception):
    """A cell that makes the whole event unusable."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def _pieces(value: Any) -> float:
    number = cells.to_number(value)
    if number == 0:
        raise Unusable("zero pieces")
    return number


def _settled(found: list[Event], result: EventRows) -> list[Event]:
    """The events in time order, each once, with cancellations taken off the purchases that they cancel."""
    unique = dict.fromkeys(found)
    result.merged = len(found) - len(unique)
    ordered = sorted(unique, key=lambda e: e.timestamp)
    if not any(e.value < 0 and e.kind is EventKind.PURCHASE for e in ordered):
        return ordered
    pieces: dict[tuple[str, str], list[int]] = {}
    left = [e.value for e in ordered]
    for n, event in enumerate(ordered):
        if event.kind is not EventKind.PURCHASE:
            continue
        bought = pieces.setdefault((event.user_id, event.item_id), [])
        if event.value > 0:
            bought.append(n)
            continue
        back = -event.value
        result.cancellations += 1
        while back > 0 and bought:
            taken = min(back, left[bought[-1]])
            left[bought[-1]] -= taken
            back -= taken
            result.cancelled += int(taken)
            if left[bought[-1]] <= 0:
                bought.pop()
                result.withdrawn += 1
        result.loose_cancellations += back > 0
    kept = [(e, v) for e, v in zip(ordered, left, strict=True) if e.kind is not EventKind.PURCHASE or v > 0]
    return [e if v == e.value else replace(e, value=v) for e, v in kept]
