"""Hard filters: the records as columns, and one meaning of a constraint for a whole catalogue and for a single record.

Both ways read a record through :func:`words_of` and :func:`numbers_of`, and both fail closed: a record that lacks the constrained
field does not match, whatever the comparison.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from copy import copy
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from chatrec.domain.figures import number_text
from chatrec.domain.item import Attribute, Item
from chatrec.domain.need import Constraint, Op
from chatrec.domain.things import THING, Naming, naming
from chatrec.domain.variants import variants_left
from chatrec.protocols import LiveRows

BOUNDS = (Op.AT_MOST, Op.AT_LEAST)
_TOKEN = re.compile(r"\w+")
_CURRENCY_CODE = re.compile(r"[a-zA-Z]{3}")
_IN_STOCK = ("yes", "in stock", "true")
_TITLE = "title:words"  # apart from a shop's own column of that name
_OUT_OF_STOCK = ("no", "out of stock", "false")

Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]


@lru_cache(maxsize=4_096)  # a catalogue has few names of fields, and the same values many times over
def field_key(name: str) -> str:
    """One spelling of a field name: ``Screen_Size`` and ``screen size`` are the same field."""
    return " ".join(name.replace("_", " ").casefold().split())


@lru_cache(maxsize=65_536)
def value_key(value: str) -> str:
    """One spelling of a value: case and spacing do not matter."""
    return " ".join(value.casefold().split())


def title_tokens(text: str) -> list[str]:
    """The words that a ``title`` constraint compares."""
    return _TOKEN.findall(text.casefold())


def words_of(item: Item) -> Iterator[tuple[str, str]]:
    """(field, value as spelled) pairs of a record: brand, every level of the category, stock in words, attributes, variant options."""
    if item.brand:
        yield "brand", item.brand
    for level in item.category_path:
        yield "category", level
    if item.category:
        yield "category", item.category
    if item.stock is not None:
        for word in _IN_STOCK if item.stock > 0 else _OUT_OF_STOCK:
            yield "stock", word
    for attribute in item.attributes:
        field = field_key(attribute.name)
        yield from ((field, value) for value in (*attribute.values, *_figure_words(attribute)))
    yield from _option_words(item)


def _option_words(item: Item) -> Iterator[tuple[str, str]]:
    for variant in item.variants:
        yield from ((field_key(name), value) for name, value in variant.options)


def _leaves_a_variant(item: Item, constraint: Constraint) -> bool:
    """Whether an exclusion that the item meets is met by its options alone, and not by all of them: "not red" leaves the blue one."""
    field, excluded = field_key(constraint.field), {value_key(v) for v in constraint.values}
    options = [value for name, value in _option_words(item) if name == field]
    words = [value for name, value in words_of(item) if name == field]
    fixed = words[: len(words) - len(options)]  # options come last
    figures = [n for f, n, unit in numbers_of(item) if f == field and _unit_fits(field, constraint.unit, unit)][:1]
    return (
        bool(options)
        and constraint.number not in figures
        and excluded.isdisjoint(value_key(v) for v in fixed)
        and bool(variants_left(item, constraint))
    )


def _figure_words(attribute: Attribute) -> tuple[str, ...]:
    if attribute.number is None or not math.isfinite(attribute.number):
        return ()
    figure = number_text(attribute.number)
    return (figure, f"{figure} {attribute.unit}") if attribute.unit else (figure,)


def numbers_of(item: Item) -> Iterator[tuple[str, float, str]]:
    """(field, number, unit) of a record, finite numbers only; of two entries of one field the first counts."""
    if item.price is not None and item.price.is_finite():
        yield "price", float(item.price), item.currency
    for field, value in (("rating", item.rating), ("n ratings", item.n_ratings), ("stock", item.stock)):
        if value is not None and math.isfinite(value):
            yield field, float(value), ""
    for attribute in item.attributes:
        if attribute.number is not None and math.isfinite(attribute.number):
            yield field_key(attribute.name), attribute.number, attribute.unit


def holds(item: Item, constraint: Constraint) -> bool:
    """Whether one record satisfies one constraint; the same answer as :meth:`Columns.mask` gives for its row."""
    field = field_key(constraint.field)
    number = next(((n, u) for f, n, u in numbers_of(item) if f == field), None)
    if constraint.op in BOUNDS:
        bound = bound_of(constraint)
        if number is None or not _unit_fits(field, constraint.unit, number[1]):
            return False
        return number[0] <= bound if constraint.op is Op.AT_MOST else number[0] >= bound
    if field == THING:
        known, same = True, naming(item.title, constraint.values) is Naming.THING
    elif field == "title":
        tokens = set(title_tokens(item.title))
        known, same = True, any(tokens.issuperset(wanted) for v in constraint.values if (wanted := title_tokens(v)))
    else:
        words = {value_key(value) for f, value in words_of(item) if f == field}
        known, same = bool(words) or number is not None, any(value_key(v) in words for v in constraint.values)
    if constraint.number is not None and number is not None and _unit_fits(field, constraint.unit, number[1]):
        same = same or number[0] == constraint.number
    if constraint.op is Op.IS:
        return same
    return known and (not same or _leaves_a_variant(item, constraint))


def bound_of(constraint: Constraint) -> float:
    """The number compared with; "in stock" without a number means at least one piece; otherwise nothing compares with NaN."""
    if constraint.number is not None:
        return float(constraint.number)
    return 1.0 if field_key(constraint.field) == "stock" and constraint.op is Op.AT_LEAST else math.nan


def _unit_fits(field: str, wanted: str, recorded: str) -> bool:
    if field == "price" and not _CURRENCY_CODE.fullmatch(wanted):
        return True  # a sign such as "$" does not say which currency
    return not wanted or not recorded or wanted.casefold() == recorded.casefold()


class Columns:
    """The records of one generation as columns: numbers as float64 with NaN for "not recorded", words as value -> rows.

    ``present`` are the rows that the shop still has: all, until :meth:`at` asks.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self.size = len(items)
        self.present: Mask = np.ones(self.size, dtype=np.bool_)
        self._items = tuple(items)
        self.numbers: dict[str, NDArray[np.float64]] = {}
        self.spellings: dict[str, dict[str, str]] = defaultdict(dict)
        self.parents: dict[str, str] = {}
        self._units: dict[str, dict[str, Mask]] = {}
        self._rows: dict[str, dict[str, Rows]] = {}
        self._known: dict[str, Mask] = {}
        self._read_numbers(items)
        self._read_words(items)

    def _read_numbers(self, items: Sequence[Item]) -> None:
        units: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for row, item in enumerate(items):
            for field, number, unit in numbers_of(item):
                column = self.numbers.get(field)
                if column is None:
                    column = self.numbers[field] = np.full(self.size, np.nan)
                if math.isnan(column[row]):
                    column[row] = number
                    units[field][unit].append(row)
        self._units = {f: {u: self._mask_of(rows) for u, rows in by.items()} for f, by in units.items()}

    def _read_words(self, items: Sequence[Item]) -> None:
        rows: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for row, item in enumerate(items):
            for field, value in words_of(item):
                key = value_key(value)
                held = rows[field][key]
                if not held or held[-1] != row:
                    held.append(row)
                self.spellings[field].setdefault(key, value)
            for token in set(title_tokens(item.title)):
                rows[_TITLE][token].append(row)
            for parent, child in pairwise(item.category_path):
                self.parents.setdefault(value_key(child), parent)
        self._rows = {f: {v: np.asarray(r, dtype=np.intp) for v, r in by.items()} for f, by in rows.items()}
        for field, by in self._rows.items():
            self._known[field] = self._mask_of(np.concatenate(list(by.values())))
        self._with_variants = self._mask_of([row for row, item in enumerate(items) if item.variants])
        self._known["title"] = self._known[_TITLE] = np.ones(self.size, dtype=np.bool_)

    def lists(self, field: str) -> bool:
        """Whether any record holds the field."""
        key = field_key(field)
        return key == "title" or key in self.numbers or bool(self._rows.get(key))

    def known(self, field: str) -> Mask:
        """Rows whose record holds the field, as words or as a number."""
        key = field_key(field)
        known = self._known.get(key, np.zeros(self.size, dtype=np.bool_))
        return known | np.isfinite(self.numbers[key]) if key in self.numbers else known

    def counts(self, field: str) -> dict[str, int]:
        """Value as first spelled -> number of records, commonest first."""
        key = field_key(field)
        counted = {spelled: len(self._rows[key][value]) for value, spelled in self.spellings.get(key, {}).items()}
        return dict(sorted(counted.items(), key=lambda pair: -pair[1]))

    def unit(self, field: str) -> str:
        """The commonest unit of a numeric field."""
        by = self._units.get(field_key(field), {})
        return max(by, key=lambda u: int(by[u].sum()), default="")

    def comparable(self, field: str, unit: str) -> Mask:
        """Rows whose number of this field may be compared with a figure in ``unit``."""
        key = field_key(field)
        fitting = [mask for recorded, mask in self._units.get(key, {}).items() if _unit_fits(key, unit, recorded)]
        return np.logical_or.reduce(fitting) if fitting else np.zeros(self.size, dtype=np.bool_)

    def mask(self, constraint: Constraint) -> Mask:
        """Rows that satisfy the constraint, shape ``(size,)``."""
        field = field_key(constraint.field)
        if constraint.op in BOUNDS:
            return self._within(field, constraint)
        same = self._same(field, constraint)
        if constraint.op is Op.IS:
            return same
        left = self.known(field) & ~same
        for row in np.flatnonzero(same & self._with_variants):
            left[row] = _leaves_a_variant(self._items[row], constraint)
        return left

    def at(self, live: LiveRows, rows: Mask | None = None) -> Columns:
        """These columns with price and stock of this moment in ``rows`` (without: in all); what left the shop is not ``present``."""
        wanted = np.flatnonzero(np.ones(self.size, dtype=np.bool_) if rows is None else rows)
        found = live.live([self._items[row].item_id for row in wanted])
        fresh = copy(self)
        fresh.numbers = {**self.numbers, **{f: self.numbers[f].copy() for f in ("price", "stock") if f in self.numbers}}
        fresh.present = self.present.copy()
        fresh._rows, fresh._known = dict(self._rows), dict(self._known)
        in_stock = self._mask_of(self._rows.get("stock", {}).get(_IN_STOCK[0], ()))
        counted = self.known("stock")
        for row in wanted:
            now = found.get(self._items[row].item_id)
            fresh.present[row] = now is not None
            if now is None:
                continue
            for name, value in (("price", now.price), ("stock", now.stock)):
                if name in fresh.numbers:
                    fresh.numbers[name][row] = math.nan if value is None else float(value)
            in_stock[row], counted[row] = bool(now.stock and now.stock > 0), now.stock is not None
        if "stock" in self.numbers:
            yes, no = np.flatnonzero(in_stock & counted), np.flatnonzero(counted & ~in_stock)
            fresh._rows["stock"] = {**dict.fromkeys(_IN_STOCK, yes), **dict.fromkeys(_OUT_OF_STOCK, no)}
            fresh._known["stock"] = counted
        return fresh

    def _within(self, field: str, constraint: Constraint) -> Mask:
        column = self.numbers.get(field)
        if column is None:
            return np.zeros(self.size, dtype=np.bool_)
        bound = bound_of(constraint)
        within = column <= bound if constraint.op is Op.AT_MOST else column >= bound  # NaN compares False
        return np.asarray(within & self.comparable(field, constraint.unit), dtype=np.bool_)

    def _same(self, field: str, constraint: Constraint) -> Mask:
        same = np.zeros(self.size, dtype=np.bool_)
        by = self._rows.get(field, {})
        if field == THING:
            return self._called(constraint.values)
        for value in constraint.values:
            if field == "title":
                same |= self._titled(value)
            else:
                same |= self._mask_of(by.get(value_key(value), ()))  # an empty tuple as an index would mean every row
        if constraint.number is not None and field in self.numbers:
            same |= (self.numbers[field] == constraint.number) & self.comparable(field, constraint.unit)
        return same

    def _called(self, names: tuple[str, ...]) -> Mask:
        titled = np.logical_or.reduce([self._titled(name) for name in names])
        return self._mask_of([row for row in np.flatnonzero(titled).tolist() if naming(self._items[row].title, names) is Naming.THING])

    def _titled(self, value: str) -> Mask:
        tokens = title_tokens(value)
        by = self._rows.get(_TITLE, {})
        held = [self._mask_of(by.get(token, ())) for token in tokens]
        return np.logical_and.reduce(held) if held else np.zeros(self.size, dtype=np.bool_)

    def _mask_of(self, rows: Rows | Sequence[int]) -> Mask:
        mask = np.zeros(self.size, dtype=np.bool_)
        mask[np.asarray(rows, dtype=np.intp)] = True
        return mask
