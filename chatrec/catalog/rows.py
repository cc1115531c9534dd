"""Rows to items: the whole item file, validated, with every loss on the books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from chatrec.catalog.attributes import Labelled, typed_attributes
from chatrec.catalog.categories import separator_of, trim_paths
from chatrec.catalog.columns import ITEM_ALIASES, Columns, resolve
from chatrec.catalog.mapping import NO_MAPPING, TableMapping
from chatrec.catalog.prices import decimal_mark
from chatrec.catalog.readers import KEY, Row, Table
from chatrec.catalog.records import Draft, RecordReader
from chatrec.catalog.rejects import ROW, RejectBook
from chatrec.catalog.variants import join_variants, with_variants
from chatrec.domain.item import Item

# Properties that repeat a core field under another name; a shop's price must come from one place only.
_CORE = frozenset({"price", "rating", "stock", "brand", "category", "title", "currency", "description", "brand name"})
MOST_SAMPLED = 20_000


@dataclass
class ItemRows:
    """The items of a file and what became of its rows: ``read`` = ``len(items)`` + variant rows + ``merged`` + rejected rows."""

    items: list[Item]
    columns: Columns
    rejects: RejectBook
    read: int = 0
    merged: int = 0
    variant_rows: int = 0
    nested_brands: int = 0
    notes: list[str] = field(default_factory=list)


def item_rows(table: Table, mapping: TableMapping = NO_MAPPING, currency: str = "") -> ItemRows:
    """Every usable item of a table. ``currency`` stands where neither the record nor the mapping names one.

    A row without id or title, and a second row of an id that says something else, is rejected; identical rows are merged; an
    unusable optional cell is rejected alone. Raises :class:`chatrec.errors.MissingColumn`,
    :class:`chatrec.errors.SettingsError` for a mapping that does not fit, and :class:`chatrec.errors.RejectedRows` in strict mode.
    """
    keyed = KEY in table.columns or bool(mapping.id_from)
    columns = resolve(table.columns, mapping, ITEM_ALIASES, ("title",) if keyed else ("item_id", "title"), table.name)
    if mapping.id_from and "item_id" in columns.fields:
        columns.left_out[columns.fields.pop("item_id")] = "the mapping takes ids from elsewhere"
    if "item_id" not in columns.fields and not isinstance(mapping.id_from, tuple) and mapping.id_from != "position":
        columns.fields["item_id"] = KEY
    rows = list(table.rows)
    reader = _reader(rows, columns, mapping, table.rejects, currency)
    result = ItemRows([], columns, table.rejects, read=len(rows) + table.rejects.uncut)
    drafts = _unique((reader.draft(row, n) for n, row in enumerate(rows, start=1)), result)
    items, variants = join_variants(drafts, mapping.options, mapping.orphans == "group", table.rejects)
    result.variant_rows = sum(len(v) for v in variants.values())
    typed = typed_attributes([_own_words(d, result) for d in items.values()], columns.attributes)
    built = []
    for draft, attributes in zip(items.values(), typed, strict=True):
        item = replace(_item(draft, currency), attributes=attributes)
        built.append(with_variants(item, draft, variants.get(draft.item_id, ()), reader.decimal, table.rejects))
    result.items = trim_paths(built)
    result.notes += _notes(reader, result, currency)
    return result


def _reader(rows: list[Row], columns: Columns, mapping: TableMapping, rejects: RejectBook, currency: str) -> RecordReader:
    sample = rows[:MOST_SAMPLED]
    price, category = columns.fields.get("price"), columns.fields.get("category")
    decimal = mapping.decimal or (decimal_mark(row.cells.get(price) for row in sample) if price else ".")
    separator = mapping.category_separator or (separator_of(row.cells.get(category) for row in sample) if category else "")
    return RecordReader(columns, mapping, rejects, decimal, separator, currency or "USD")


def _unique(drafts: Iterable[Draft | None], result: ItemRows) -> dict[str, Draft]:
    found: dict[str, Draft] = {}
    for draft in drafts:
        if draft is None:
            continue
        first = found.get(draft.item_id)
        if first is None:
            found[draft.item_id] = draft
        elif first == draft:
            result.merged += 1
        else:
            column = result.columns.fields.get("item_id", "")
            result.rejects.add(draft.line, column, draft.item_id, "the id of an earlier row that says something else", ROW)
    return found


def _own_words(draft: Draft, result: ItemRows) -> Labelled:
    """The draft's words without those that repeat a core field; a brand told only there becomes the brand."""
    words = draft.words
    for label in [w for w in words.values if w not in words.columns and w.strip().lower() in _CORE]:
        values = words.values.pop(label)
        if label.strip().lower() in ("brand", "brand name") and not draft.brand:
            draft.brand = values[0]
            result.nested_brands += 1
    return words


def _item(draft: Draft, currency: str) -> Item:
    return Item(
        item_id=draft.item_id,
        title=draft.title,
        description=draft.description,
        category=draft.path[-1] if draft.path else "",
        category_path=draft.path,
        brand=draft.brand,
        price=draft.price,
        currency="" if draft.price is None and draft.currency == "" else draft.currency or currency,
        rating=draft.rating,
        n_ratings=draft.n_ratings,
        stock=draft.stock,
        image=draft.image,
        url=draft.url,
    )


def _notes(reader: RecordReader, result: ItemRows, currency: str) -> list[str]:
    notes = []
    priced = [i for i in result.items if i.price is not None]
    if priced and reader.decimal == ",":
        notes.append("prices are read with a decimal comma")
    assumed = sum(i.currency == currency for i in priced) if currency else 0
    if assumed and "currency" not in result.columns.fields and "currency" not in reader.mapping.constants:
        notes.append(f"{assumed} prices are in {currency}: by their sign, or because the shop's setting says so")
    if reader.mapping.id_from == "position":
        notes.append("an item's id is its place in the file: it changes when rows are added before it")
    elif isinstance(reader.mapping.id_from, tuple):
        notes.append(f"ids are made from: {', '.join(reader.mapping.id_from)}")
    if reader.separator:
        notes.append(f"category paths are cut at '{reader.separator}'")
    if result.nested_brands:
        notes.append(f"the brand of {result.nested_brands} items is taken from their nested properties")
    return notes
