"""Variants: rows that name their item, lists inside a row, and options spelled out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chatrec.catalog import cells
from chatrec.catalog.attributes import plain_label
from chatrec.catalog.cells import Unusable
from chatrec.catalog.prices import parse_price
from chatrec.catalog.records import Draft
from chatrec.catalog.rejects import FIELD, PART, ROW, RejectBook
from chatrec.domain.item import Item, Variant

MOST_VARIANTS = 500
_ID = ("variant_id", "id", "sku", "item_id")


def join_variants(
    drafts: dict[str, Draft], options: Sequence[str], group: bool, rejects: RejectBook
) -> tuple[dict[str, Draft], dict[str, list[Draft]]]:
    """(items, variant rows by item id). A variant of an unknown item is rejected, or with ``group`` makes the item itself; a variant
    of a variant is rejected."""
    items = {i: d for i, d in drafts.items() if not d.variant_of or d.variant_of == i}
    found: dict[str, list[Draft]] = {}
    for draft in drafts.values():
        if draft.item_id in items:
            continue
        parent = draft.variant_of
        if parent in drafts and parent not in items:
            rejects.add(draft.line, "variant_of", parent, "a variant of a variant", ROW)
        elif parent not in items and not (group and draft.title):
            rejects.add(draft.line, "variant_of", parent, "a variant of an item that no row holds", ROW)
        else:
            if parent not in items:
                items[parent] = replace(draft, item_id=parent, variant_of="", price=None, stock=None)
            found.setdefault(parent, []).append(draft)
    for parent, rows in found.items():
        _take_options(items[parent], rows, options)
    return items, found


def _take_options(item: Draft, rows: Sequence[Draft], named: Sequence[str]) -> None:
    """Moves the columns that tell the variants apart from words to options."""
    labels = list(dict.fromkeys(label for row in rows for label in row.words.values))
    for label in labels:
        values = [row.words.values.get(label, []) for row in rows]
        told_apart = len({tuple(v) for v in values}) > 1 or values[0] != item.words.values.get(label, [])
        if label in named or (not named and told_apart and all(values)):
            for row in rows:
                if label in row.words.values:
                    row.options[plain_label(label)] = row.words.values.pop(label)
            item.words.values.pop(label, None)


def with_variants(item: Item, draft: Draft, rows: Sequence[Draft], decimal: str, rejects: RejectBook) -> Item:
    """The item with its variants. Its stock is the sum of theirs where they count their own; an item without a price takes the
    lowest of theirs."""
    variants = [_of_row(row) for row in rows]
    variants += [v for n, cell in enumerate(draft.variants) if (v := _of_cell(item, n, cell, draft.line, decimal, rejects))]
    variants += _combinations(draft, rejects)
    if len(variants) > MOST_VARIANTS:
        rejects.add(draft.line, "variants", str(len(variants)), f"more than {MOST_VARIANTS} variants; the rest was left out", PART)
        variants = variants[:MOST_VARIANTS]
    if not variants:
        return item
    counted = [v.stock for v in variants if v.stock is not None]
    prices = [v.price for v in variants if v.price is not None]
    stock = sum(counted) if counted else item.stock
    price = item.price if item.price is not None or not prices else min(prices)
    return replace(item, variants=tuple(variants), stock=stock, price=price)


def _of_row(row: Draft) -> Variant:
    options = tuple((name, value) for name, values in row.options.items() for value in values[:1])
    return Variant(row.item_id, options, row.price, row.stock)


def _of_cell(item: Item, number: int, cell: dict[str, Any], line: int, decimal: str, rejects: RejectBook) -> Variant | None:
    """One object of a ``variants`` list: an id, price and stock where given, and the options."""
    names = {plain_label(k).replace(" ", "_"): k for k in cell}
    key = next((names[n] for n in _ID if n in names), None)
    price = stock = None
    try:
        variant_id = f"{item.item_id}/{number + 1}" if key is None or cells.is_blank(cell[key]) else cells.to_id(cell[key])
        if "price" in names and not cells.says_no_figure(cell[names["price"]]):
            price = parse_price(cell[names["price"]], decimal)[0]
        if "stock" in names and not cells.says_no_figure(cell[names["stock"]]):
            stock = cells.to_count(cell[names["stock"]])
    except Unusable as error:
        rejects.add(line, "variants", cell, f"a variant that cannot be used: {error}", FIELD)
        return None
    options = cell[names["options"]] if isinstance(cell.get(names.get("options", "")), dict) else cell
    told = {plain_label(str(k)): cells.clean_text(v) for k, v in options.items() if k not in (key, names.get("price"), names.get("stock"))}
    return Variant(variant_id, tuple((k, v) for k, v in told.items() if v), price, stock)


def _combinations(draft: Draft, rejects: RejectBook) -> list[Variant]:
    """``options: {size: [S, M], colour: [red]}`` spelled out: every combination can be bought, at the item's own price."""
    if not draft.options or draft.variants or draft.variant_of:
        return []
    lists = [[(name, value) for value in values] for name, values in draft.options.items() if values]
    chosen = list(itertools.islice(itertools.product(*lists), MOST_VARIANTS + 1)) if lists else []
    return [Variant("/".join((draft.item_id, *(value.lower() for _, value in combination))), combination) for combination in chosen]
