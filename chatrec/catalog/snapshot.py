"""The snapshot inside a generation: ``items.jsonl`` and ``facts.jsonl``, one line a record, rows in one order everywhere.

Fields that hold their default are left out, prices are written as text so that no cent is lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.item import Attribute, Item, Variant
from chatrec.errors import GenerationError

ITEMS = "items.jsonl"
FACTS = "facts.jsonl"
_PLAIN = ("title", "description", "category", "brand", "currency", "rating", "n_ratings", "stock", "image", "url")


def item_record(item: Item) -> dict[str, Any]:
    """The JSON-ready form of an item, without empty fields."""
    record: dict[str, Any] = {"item_id": item.item_id}
    for name in _PLAIN:
        value = getattr(item, name)
        if value is not None and value != "":
            record[name] = value
    if item.price is not None:
        record["price"] = str(item.price)
    if item.category_path:
        record["category_path"] = item.category_path
    if item.attributes:
        record["attributes"] = [(a.name, a.values, a.number, a.unit) for a in item.attributes]
    if item.variants:
        record["variants"] = [(v.variant_id, v.options, None if v.price is None else str(v.price), v.stock) for v in item.variants]
    return record


def item_of(record: dict[str, Any]) -> Item:
    """The item of a record that :func:`item_record` wrote."""
    price = record.pop("price", None)
    path = record.pop("category_path", ())
    attributes = record.pop("attributes", ())
    variants = record.pop("variants", ())
    return Item(
        price=None if price is None else Decimal(price),
        category_path=tuple(path),
        attributes=tuple(Attribute(name, tuple(values), number, unit) for name, values, number, unit in attributes),
        variants=tuple(_variant(*v) for v in variants),
        **record,
    )


def _variant(variant_id: str, options: Sequence[Sequence[str]], price: str | None, stock: int | None) -> Variant:
    return Variant(variant_id, tuple((n, v) for n, v in options), None if price is None else Decimal(price), stock)


def write_lines(path: Path, records: Iterable[Any]) -> int:
    """Writes one JSON document a line; returns how many."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count


def read_items(path: Path) -> list[Item]:
    """All items, in row order. Raises :class:`GenerationError` naming the line that cannot be read."""
    found: list[Item] = []
    for number, line in enumerate(_lines(path), start=1):
        try:
            found.append(item_of(json.loads(line)))
        except (ValueError, TypeError, KeyError, ArithmeticError) as error:
            raise GenerationError(f"{path}, line {number}: not an item record ({error}); build the generation again") from error
    return found


def fact_records(facts: Iterable[Fact]) -> list[tuple[Any, ...]]:
    """The JSON-ready form of the facts of one item."""
    return [(f.kind.value, f.name, f.text, f.value, f.number, f.unit, f.source) for f in facts]


def facts_of(line: bytes) -> tuple[Fact, ...]:
    """The facts of one line of ``facts.jsonl``."""
    return tuple(
        Fact(FactKind(kind), name, text, value, number, unit, source) for kind, name, text, value, number, unit, source in json.loads(line)
    )


def read_fact_lines(path: Path) -> list[bytes]:
    """The undecoded lines of ``facts.jsonl``: a turn needs the facts of a few items, never of all."""
    return list(_lines(path))


def _lines(path: Path) -> Iterator[bytes]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GenerationError(f"{path} cannot be read ({error.strerror}); build the generation again") from error
    lines = data.split(b"\n")
    yield from lines[:-1] if lines and not lines[-1] else lines
