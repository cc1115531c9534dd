"""Which wishes an item breaks, in words with its own values: "$19.00 above your limit", "green, not purple"."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from chatrec.dialogue.weighing import figure_of
from chatrec.dialogue.wording import figure_words
from chatrec.domain.figures import money
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Op
from chatrec.domain.plain import plain
from chatrec.protocols import Shelf

MOST_VALUES = 3
_NAMED_BY_VALUE = frozenset({"category", "brand", "colour", "color"})


def breaches(item: Item, hard: Sequence[Constraint], shelf: Shelf, currency: str) -> tuple[str, ...]:
    """The hard limits that this record breaks, each in words; empty where it keeps them all."""
    return tuple(breach_words(item, c, currency) for c in hard if not shelf.satisfies(item, (c,)))


def breach_words(item: Item, constraint: Constraint, currency: str) -> str:
    """How a record breaks one limit. Whatever is said of the item is the record's value; a silent record is said to be silent."""
    field = constraint.field
    if field == "stock":
        return "out of stock" if item.stock == 0 else "its stock is not listed" if item.stock is None else f"only {item.stock} in stock"
    if constraint.op in (Op.AT_MOST, Op.AT_LEAST):
        return _off_bound(item, constraint, currency)
    wanted = _word(min(constraint.values, key=len, default=""))  # "leather" stands for "full-grain leather" beside it
    held = held_values(item, field)
    if constraint.values in (("yes",), ("no",)):
        return _off_flag(field, constraint, held)
    own = " and ".join(_word(v) for v in held[:MOST_VALUES])
    if constraint.op is Op.IS_NOT:
        shared = [_word(v) for v in held if v.casefold() in {w.casefold() for w in constraint.values}]
        return f"{_named(field, ' and '.join(shared) or wanted)}, which you ruled out" if held else f"its {field} is not listed"
    if not held:
        return f"its {field} is not listed, you asked for {wanted}"
    return f"{_named(field, own)}, not {wanted}"


def held_values(item: Item, field: str) -> tuple[str, ...]:
    """The words that a record holds for a field."""
    if field in ("brand", "category", "title"):
        value = str(getattr(item, field))
        return (value,) if value else ()
    attribute = item.attribute(field)
    return (*(attribute.values if attribute else ()), *item.options().get(field, ()))


def _word(value: str) -> str:
    """A value of the catalogue inside a sentence of code's own, where square brackets would read as a citation."""
    return plain(value, 40).replace("[", "(").replace("]", ")")


def _named(field: str, values: str) -> str:
    return values if field in _NAMED_BY_VALUE else f"{field} {values}"


def _off_flag(field: str, constraint: Constraint, held: tuple[str, ...]) -> str:
    wanted = (constraint.values == ("yes",)) == (constraint.op is Op.IS)
    if not held:
        return f"whether it is {field} is not listed" if wanted else f"{field} is not ruled out by its listing"
    return f"not {field}" if wanted else f"it is {field}"


def _off_bound(item: Item, constraint: Constraint, currency: str) -> str:
    value, unit = figure_of(item, constraint.field)
    bound = constraint.number if constraint.number is not None else 0.0
    side = "above" if constraint.op is Op.AT_MOST else "below"
    if value is None:
        return f"its {constraint.field} is not listed"
    if constraint.field == "price":
        sign = item.currency or currency
        off = abs(Decimal(str(value)) - Decimal(str(bound))).quantize(Decimal("0.01"))
        return f"{money(off, sign).removesuffix('.00')} {side} your limit"
    return f"{constraint.field} {figure_words(value, unit)}, {side} your {figure_words(bound, constraint.unit or unit)}"
