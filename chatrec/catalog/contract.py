"""The capability contract: what this catalogue can be asked for, computed from its records.

Understanding, filters and questions read it, so nothing about a shop's fields or values is written into code.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from chatrec.catalog.everyday_names import synonyms_of_flag
from chatrec.catalog.synonyms import synonyms_of
from chatrec.domain.item import Item

MOST_VALUES = 5000
# A words field whose values almost never repeat (model numbers, notes) cannot narrow a choice.
UNIQUE_SHARE = 0.9
LEAST_HOLDERS = 20
MOST_FACET_WORDS = 6
QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)

CORE = ("price", "rating", "stock", "brand", "category")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a words field in its commonest spelling, and how many items hold it."""

    text: str
    count: int


@dataclass(frozen=True)
class Field:
    """One property that items of this shop have.

    ``kind`` is ``number``, ``words`` or ``yes_no``. ``coverage`` is the share of items that hold it, in [0, 1]. A number field has
    ``minimum``, ``maximum`` and ``quantiles`` (at :data:`QUANTILES`) in ``unit``; a words field has its ``values``, commonest
    first. ``facet`` says whether the values repeat enough to narrow a choice; where they do not, ``values`` is empty.
    ``origin`` is ``core``, ``attribute`` or ``option``. ``synonyms`` are other words for values ("wooden": the kinds of wood).
    """

    name: str
    kind: str
    origin: str = "attribute"
    unit: str = ""
    count: int = 0
    coverage: float = 0.0
    minimum: float | None = None
    maximum: float | None = None
    quantiles: tuple[float, ...] = ()
    values: tuple[Value, ...] = ()
    facet: bool = True
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def _spellings(self) -> dict[str, str]:
        return {v.text.casefold(): v.text for v in self.values}

    def spelling(self, value: str) -> str | None:
        """The catalogue's spelling of a value, whatever its case; ``None`` when no item holds it."""
        return self._spellings.get(value.strip().casefold())


@dataclass(frozen=True)
class Contract:
    """What a catalogue of ``n_items`` records can be asked for.

    ``fields`` maps a field name to its :class:`Field`: attributes and options by their own names, and ``price``, ``rating``,
    ``stock``, ``brand`` and ``category`` where any record holds them. ``categories`` are the most specific names, commonest first;
    ``category_parts`` every name on any path, with the items below it. Lists are bounded (:data:`MOST_VALUES` values a field).
    """

    n_items: int = 0
    currency: str = ""
    fields: Mapping[str, Field] = field(default_factory=dict)
    categories: tuple[Value, ...] = ()
    category_parts: tuple[Value, ...] = ()
    brands: tuple[Value, ...] = ()

    @classmethod
    def of(cls, items: Iterable[Item]) -> Contract:
        """The contract of these records; an empty catalogue gives an empty contract."""
        records = list(items)
        fields = {f.name: f for f in (*_core_fields(records), *_own_fields(records))}
        return cls(
            n_items=len(records),
            currency=_commonest(i.currency for i in records if i.price is not None and i.currency),
            fields=fields,
            categories=_values([(i.category,) for i in records]),
            category_parts=_values([i.category_path or (i.category,) for i in records]),
            brands=_values([(i.brand,) for i in records]),
        )

    @property
    def has_prices(self) -> bool:
        """Whether any record lists a price."""
        return "price" in self.fields

    @property
    def has_stock(self) -> bool:
        """Whether any record says how many pieces there are."""
        return "stock" in self.fields

    @property
    def has_ratings(self) -> bool:
        """Whether any record is rated."""
        return "rating" in self.fields

    @property
    def has_brands(self) -> bool:
        """Whether any record names a brand."""
        return bool(self.brands)

    def lists(self, name: str) -> bool:
        """Whether this shop records the field at all."""
        return name == "title" or name in self.fields

    def field(self, name: str) -> Field | None:
        """The field of this name, or ``None``."""
        return self.fields.get(name)

    def facets(self) -> list[Field]:
        """Fields whose values can narrow a choice, the widest coverage first."""
        return sorted((f for f in self.fields.values() if f.facet), key=lambda f: (-f.coverage, f.name))

    def to_json(self) -> str:
        """The contract as JSON text."""
        body = asdict(self)
        body["fields"] = [asdict(f) for f in self.fields.values()]
        return json.dumps(body, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Contract:
        """The contract that :meth:`to_json` wrote. Raises ``ValueError``, ``KeyError`` or ``TypeError`` for any other text."""
        body: dict[str, Any] = json.loads(text)
        fields = [
            Field(**{**f, "quantiles": tuple(f["quantiles"]), "values": _read(f["values"]), "synonyms": _synonyms(f)})
            for f in body.pop("fields")
        ]
        return cls(
            n_items=int(body["n_items"]),
            currency=str(body["currency"]),
            fields={f.name: f for f in fields},
            categories=_read(body["categories"]),
            category_parts=_read(body["category_parts"]),
            brands=_read(body["brands"]),
        )


def _read(values: Sequence[Mapping[str, Any]]) -> tuple[Value, ...]:
    return tuple(Value(str(v["text"]), int(v["count"])) for v in values)


def _synonyms(body: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Those of a stored field; a contract stored before there were any gets them now."""
    known = body.get("synonyms")
    if known is None:
        words = [str(v["text"]) for v in body["values"]]
        return synonyms_of_flag(str(body["name"])) if body["kind"] == "yes_no" else synonyms_of(str(body["name"]), words) if words else {}
    return {str(word): tuple(values) for word, values in known.items()}


def _core_fields(records: Sequence[Item]) -> list[Field]:
    currency = _commonest(i.currency for i in records if i.price is not None and i.currency)
    n = len(records)
    numbers: dict[str, tuple[list[float], str]] = {
        "price": ([float(i.price) for i in records if i.price is not None], currency),
        "rating": ([i.rating for i in records if i.rating is not None], ""),
        "stock": ([float(i.stock) for i in records if i.stock is not None], "pieces"),
    }
    found = [_number_field(name, unit, figures, n, "core") for name, (figures, unit) in numbers.items() if figures]
    words: dict[str, list[tuple[str, ...]]] = {
        "brand": [(i.brand,) for i in records],
        "category": [i.category_path or (i.category,) for i in records],
    }
    for name, held in words.items():
        held = [h for h in held if any(h)]
        if held:
            values = _values(held)
            found.append(Field(name, "words", "core", count=len(held), coverage=len(held) / n, values=values, facet=True))
    return found


class _Column:
    """What all records together say about one attribute or option."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.numbers: list[float] = []
        self.units: Counter[str] = Counter()
        self.words: list[tuple[str, ...]] = []
        self.holders: set[str] = set()


def _own_fields(records: Sequence[Item]) -> list[Field]:
    columns: dict[str, _Column] = {}
    for item in records:
        for attribute in item.attributes:
            column = columns.setdefault(attribute.name, _Column("attribute"))
            column.holders.add(item.item_id)
            if attribute.number is not None:
                column.numbers.append(attribute.number)
                column.units[attribute.unit] += 1
            else:
                column.words.append(attribute.values)
        for name, values in item.options().items():
            column = columns.setdefault(name, _Column("option"))
            column.origin = "option"
            column.holders.add(item.item_id)
            column.words.append(values)
    # A name that a core field has already would shadow it.
    return [_field(name, column, len(records)) for name, column in columns.items() if name not in CORE]


def _field(name: str, column: _Column, n: int) -> Field:
    if len(column.numbers) > len(column.words):
        return _number_field(name, column.units.most_common(1)[0][0], column.numbers, n, column.origin)
    holders = len(column.holders)
    base = Field(name, "words", column.origin, count=holders, coverage=holders / n)
    values = _values(column.words)
    if values and {v.text for v in values} <= {"yes", "no"}:
        other = synonyms_of_flag(name)
        return Field(name, "yes_no", column.origin, count=holders, coverage=base.coverage, values=values, synonyms=other)
    if _narrows(values, holders, column.origin):
        other = synonyms_of(name, [v.text for v in values])
        return Field(name, "words", column.origin, count=holders, coverage=base.coverage, values=values, synonyms=other)
    return Field(name, "words", column.origin, count=holders, coverage=base.coverage, facet=False)


def _narrows(values: Sequence[Value], holders: int, origin: str) -> bool:
    if origin == "option":
        return True
    if not values:
        return False
    short = sum(len(v.text.split()) <= MOST_FACET_WORDS for v in values)
    if short < len(values) / 2:
        return False
    return holders < LEAST_HOLDERS or sum(v.count == 1 for v in values) < UNIQUE_SHARE * len(values)


def _number_field(name: str, unit: str, figures: list[float], n: int, origin: str) -> Field:
    ordered = sorted(figures)
    last = len(ordered) - 1
    quantiles = tuple(ordered[round(q * last)] for q in QUANTILES)
    count = len(ordered)
    return Field(name, "number", origin, unit, count, min(1.0, count / n), ordered[0], ordered[-1], quantiles)


def _values(held: Iterable[Sequence[str]]) -> tuple[Value, ...]:
    """Values over all items, counted once an item whatever the case, commonest first."""
    counts: Counter[str] = Counter()
    spellings: dict[str, Counter[str]] = {}
    for words in held:
        for key, text in {w.strip().casefold(): w.strip() for w in words if w.strip()}.items():
            counts[key] += 1
            spellings.setdefault(key, Counter())[text] += 1
    top = sorted(counts.items(), key=lambda c: (-c[1], c[0]))[:MOST_VALUES]
    return tuple(Value(min(spellings[key].items(), key=lambda s: (-s[1], s[0]))[0], count) for key, count in top)


def _commonest(words: Iterable[str]) -> str:
    counts = Counter(words)
    return min(counts.items(), key=lambda c: (-c[1], c[0]))[0] if counts else ""
