"""Which buyable versions of an item an exclusion leaves: "not red" of a mug in red and blue leaves the blue one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chatrec.domain.item import Item, Variant
from chatrec.domain.need import Constraint, Op


def key(text: str) -> str:
    """One spelling of a field name or value: case, spacing and underscores do not matter."""
    return " ".join(text.replace("_", " ").casefold().split())


def variants_left(item: Item, constraint: Constraint) -> tuple[Variant, ...]:
    """The variants without the excluded values; of them what can be bought, as long as anything of the item can."""
    field, excluded = key(constraint.field), {key(v) for v in constraint.values}
    can_be_bought = tuple(v for v in item.variants if v.stock is None or v.stock > 0) or item.variants
    return tuple(v for v in can_be_bought if not any(key(name) == field and key(value) in excluded for name, value in v.options))


def without_excluded(item: Item, constraints: Iterable[Constraint]) -> Item:
    """The item with only those variants that the exclusions among ``constraints`` leave; price and stock stay the item's own."""
    left = item
    for constraint in constraints:
        if constraint.op is Op.IS_NOT and any(key(name) == key(constraint.field) for v in item.variants for name, _ in v.options):
            left = replace(left, variants=variants_left(left, constraint))
    return left if left.variants else item
