"""One row of an item file as a draft record: each core cell read, each unusable one rejected with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from chatrec.catalog import cells
from chatrec.catalog.attributes import Labelled
from chatrec.catalog.categories import parse_path
from chatrec.catalog.cells import Unusable
from chatrec.catalog.columns import Columns
from chatrec.catalog.digests import digest_id
from chatrec.catalog.mapping import TableMapping
from chatrec.catalog.prices import currency_code, parse_price, to_minor
from chatrec.catalog.readers import Row
from chatrec.catalog.rejects import FIELD, PART, ROW, RejectBook

MOST_TITLE_CHARS = 500
MOST_DESCRIPTION_CHARS = 20_000
MOST_NAME_CHARS = 200
MOST_ADDRESS_CHARS = 2_000
_GONE = frozenset({"out of stock", "out_of_stock", "outofstock", "sold out", "no", "false", "unavailable", "discontinued"})

T = TypeVar("T")


@dataclass(eq=True)
class Draft:
    """A record before the file is seen as a whole. Two drafts are equal when their rows say the same (the place does not count)."""

    line: int = field(compare=False)
    item_id: str = ""
    title: str = ""
    description: str = ""
    path: tuple[str, ...] = ()
    brand: str = ""
    price: Decimal | None = None
    currency: str = ""
    rating: float | None = None
    n_ratings: int | None = None
    stock: int | None = None
    image: str = ""
    url: str = ""
    variant_of: str = ""
    words: Labelled = field(default_factory=Labelled)
    options: dict[str, list[str]] = field(default_factory=dict)
    variants: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class RecordReader:
    """Reads rows of one file. ``decimal`` and ``separator`` were found by looking at the whole columns; ``dollar`` is the shop's
    currency where prices only say ``$``."""

    columns: Columns
    mapping: TableMapping
    rejects: RejectBook
    decimal: str = "."
    separator: str = ""
    dollar: str = "USD"

    def draft(self, row: Row, position: int) -> Draft | None:
        """The record of a row; ``None`` when the row was rejected as a whole."""
        draft = Draft(row.line)
        try:
            draft.item_id = self._id(row, position)
        except Unusable as error:
            self._reject(row, "item_id", f"item id {error}", ROW)
            return None
        draft.variant_of = self._usable(row, "variant_of", cells.to_id) or ""
        draft.title = self._text(row, "title", MOST_TITLE_CHARS)
        if not draft.title and not draft.variant_of:
            self._reject(row, "title", "title missing", ROW)
            return None
        if not self._read_price(row, draft):
            return None
        self._read_core(row, draft)
        self._read_rest(row, draft)
        return draft

    def _id(self, row: Row, position: int) -> str:
        source = self.mapping.id_from
        if source == "position":
            return str(position)
        if isinstance(source, tuple) and source:
            return digest_id([row.cells.get(c) for c in source])
        return cells.to_id(self._cell(row, "item_id"))

    def _read_core(self, row: Row, draft: Draft) -> None:
        draft.description = self._text(row, "description", MOST_DESCRIPTION_CHARS, one_line=False)
        draft.brand = self._text(row, "brand", MOST_NAME_CHARS)
        draft.path = parse_path(self._cell(row, "category"), self.separator)
        draft.rating = self._figure(row, "rating", lambda v: cells.to_rating(v, self.mapping.rating_scale))
        draft.n_ratings = self._figure(row, "n_ratings", cells.to_count)
        draft.stock = self._figure(row, "stock", _stock)
        draft.image = self._usable(row, "image", _picture) or ""
        draft.url = self._usable(row, "url", _address) or ""

    def _read_price(self, row: Row, draft: Draft) -> bool:
        draft.currency = self._usable(row, "currency", currency_code) or ""
        value = self._cell(row, "price")
        if cells.says_no_figure(value):
            return True
        try:
            amount, said = parse_price(value, self.decimal, draft.currency or self.dollar)
            draft.currency = draft.currency or said
            draft.price = to_minor(amount, draft.currency)
        except Unusable as error:
            lost = ROW if self.mapping.bad_price == "reject" else FIELD
            self._reject(row, "price", str(error), lost)
            return lost == FIELD
        return True

    def _read_rest(self, row: Row, draft: Draft) -> None:
        options = cells.structured(self._cell(row, "options"))
        if isinstance(options, Mapping):
            for name, values in options.items():
                several = values if isinstance(values, (list, tuple)) else [values]
                draft.options[cells.clean_text(name).lower()] = [t for t in (cells.clean_text(v) for v in several) if t]
        elif not cells.is_blank(options):
            self._reject(row, "options", "not an object of option names and values", FIELD)
        variants = cells.structured(self._cell(row, "variants"))
        if isinstance(variants, (list, tuple)) and all(isinstance(v, Mapping) for v in variants):
            draft.variants = [{str(k): v for k, v in variant.items()} for variant in variants]
        elif not cells.is_blank(variants):
            self._reject(row, "variants", "not a list of variants", FIELD)
        for column in self.columns.attributes:
            value = self._translated(column, row.cells.get(column))
            draft.words.add(column, value, self.mapping.list_separators.get(column, ""))
        for label, value, reason in draft.words.lost:
            self.rejects.add(row.line, label, value, reason, PART)

    def _cell(self, row: Row, name: str) -> Any:
        """The cell of a field, with the mapping's words and constants put in."""
        column = self.columns.fields.get(name)
        value = row.cells.get(column) if column is not None else None
        value = self._translated(name, value)
        constant = self.mapping.constants.get(name)
        return constant if constant is not None and cells.is_blank(value) else value

    def _translated(self, name: str, value: Any) -> Any:
        """The value that the mapping gives to the file's word."""
        words = self.mapping.values.get(name)
        return words.get(str(value).strip(), value) if words and isinstance(value, (str, bool, int)) else value

    def _text(self, row: Row, name: str, limit: int, one_line: bool = True) -> str:
        value = self._cell(row, name)
        if isinstance(value, str) and value[:1] == "[":
            value = cells.structured(value)
        if isinstance(value, Mapping):
            value = value.get("name") or value.get("title") or value.get("value")
        text = cells.clean_text(value, one_line)
        if len(text) > limit:
            self._reject(row, name, f"cut to {limit} characters", PART)
            text = cells.cut(text, limit)
        return text

    def _usable(self, row: Row, name: str, read: Callable[[Any], str]) -> str | None:
        value = self._cell(row, name)
        if cells.is_blank(value) or (isinstance(value, float) and value != value):
            return None
        return self._tried(row, name, value, read)

    def _figure(self, row: Row, name: str, read: Callable[[Any], T]) -> T | None:
        value = self._cell(row, name)
        return None if cells.says_no_figure(value) else self._tried(row, name, value, read)

    def _tried(self, row: Row, name: str, value: Any, read: Callable[[Any], T]) -> T | None:
        try:
            return read(value)
        except Unusable as error:
            self._reject(row, name, f"{name}: {error}", FIELD)
            return None

    def _reject(self, row: Row, name: str, reason: str, lost: str) -> None:
        column = self.columns.fields.get(name, name)
        self.rejects.add(row.line, column, row.cells.get(column), reason, lost)


def _stock(value: Any) -> int:
    if isinstance(value, (str, bool)) and str(value).strip().lower().rpartition("/")[2] in _GONE:
        return 0
    try:
        return cells.to_count(value)
    except Unusable as error:
        if str(error).endswith("not a number"):
            raise Unusable("no count of pieces; give the word a count in the mapping, under values.stock") from None
        raise


def _picture(value: Any) -> str:
    value = cells.first_of(value)
    if isinstance(value, Mapping):
        value = next((value[k] for k in ("large", "hi_res", "url", "src", "link", "thumb") if isinstance(value.get(k), str)), None)
    if isinstance(value, str) and " " in value.strip() and "//" in value:
        value = value.replace(",", " ").replace("|", " ").split()[0]
    return "" if value is None else _address(value)


def _address(value: Any) -> str:
    text = str(value).strip()
    scheme = text.partition(":")[0].lower() if ":" in text.partition("/")[0] else ""
    if scheme not in ("", "http", "https") or any(ord(c) <= 32 for c in text):
        raise Unusable("not a web address")
    if len(text) > MOST_ADDRESS_CHARS:
        raise Unusable(f"longer than {MOST_ADDRESS_CHARS} characters")
    return text
