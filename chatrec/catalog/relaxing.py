"""What giving up a little would bring: the smallest ways to loosen hard constraints, with exact counts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from chatrec.catalog.filters import BOUNDS, Columns, Mask, bound_of, field_key, value_key
from chatrec.domain.figures import SYMBOLS, number_text
from chatrec.domain.need import Constraint, Need, Op, Relaxation

# What a shopper loses by giving up a kind of constraint: small for a taste, great for the kind of thing looked for. A widened
# bound costs its relative change instead, so "$12 more" on a budget of $200 comes before giving up a brand.
_COST = {"category": 1.5, "stock": 0.9, "price": 0.8, "title": 0.7, "rating": 0.6}
_COST_OF_A_VALUE = 0.5
_COST_OF_AN_EXCLUSION = 0.45
_COST_OF_THE_NEXT_LEVEL = 0.7
_COST_OF_A_SECOND_CHANGE = 0.5
# A level that holds nearly every item is no offer: it is the same as any category.
_WHOLE_SHOP = 0.8


@dataclass(frozen=True, slots=True)
class _Change:
    """One constraint given up (``replacement`` None) or weakened: its place in the list, words, cost and the rows it lets through."""

    place: int
    text: str
    cost: float
    rows: Mask | None = None
    replacement: Constraint | None = None


def relaxations(columns: Columns, need: Need, most: int = 3) -> list[Relaxation]:
    """The smallest ways to loosen the hard constraints of ``need``, cheapest first, each with its exact count.

    One constraint is given up, weakened to the nearest value that brings something, or lifted to the next category level; where no
    single change helps, two; where none does, as few as it takes. Each brings more than the constraints bring as they stand.
    """
    hard = need.hard()
    masks = [columns.mask(c) for c in hard]
    now = int(_all(masks, columns.size).sum())
    for size in (1, 2):
        found = list(_with_changes(columns, hard, masks, now, size))
        if found:
            best = sorted(found, key=lambda pair: (pair[0], -pair[1].count))
            return _distinct((r for _, r in best), most)
    return _by_rebuilding(columns, hard, masks) if len(hard) > 2 else []


def _with_changes(
    columns: Columns, hard: Sequence[Constraint], masks: Sequence[Mask], now: int, size: int
) -> Iterator[tuple[float, Relaxation]]:
    for places in combinations(range(len(hard)), size):
        rest = _all([m for n, m in enumerate(masks) if n not in places], columns.size)
        if int(rest.sum()) <= now:
            continue
        for changes in _ways(columns, hard, rest, places):
            count = int((rest & _all([c.rows for c in changes if c.rows is not None], columns.size)).sum())
            if count > now:
                cost = sum(c.cost for c in changes) + _COST_OF_A_SECOND_CHANGE * (size - 1)
                yield cost, _relaxation(hard, changes, count)


def _ways(columns: Columns, hard: Sequence[Constraint], rest: Mask, places: Sequence[int]) -> Iterator[tuple[_Change, ...]]:
    """Each way to change the constraints at ``places``: at most one is weakened, the others are given up."""
    given_up = {place: _given_up(place, hard[place]) for place in places}
    bounded = False
    for place in places:
        for weaker in _weaker(columns, place, hard[place], rest):
            bounded = bounded or hard[place].op in BOUNDS
            yield (*(c for p, c in given_up.items() if p != place), weaker)
    if not bounded:  # a budget that can be raised a little need not be given up
        yield tuple(given_up.values())


def _weaker(columns: Columns, place: int, constraint: Constraint, rest: Mask) -> Iterator[_Change]:
    if constraint.op in BOUNDS:
        widened = _widened(columns, constraint, rest)
        if widened is not None:
            scale = max(abs(bound_of(constraint)), _typical(columns, constraint.field), 1e-9)
            cost = min(1.0, abs(bound_of(widened) - bound_of(constraint)) / scale)
            yield _Change(place, _widened_words(columns, constraint, widened), cost, columns.mask(widened), widened)
    elif constraint.op is Op.IS and field_key(constraint.field) == "category" and len(constraint.values) == 1:
        parent = columns.parents.get(value_key(constraint.values[0]))
        if parent is not None:
            lifted = replace(constraint, values=(parent,), said="")
            rows = columns.mask(lifted)
            if rows.sum() < _WHOLE_SHOP * columns.size:
                yield _Change(place, f"anything in {parent}", _COST_OF_THE_NEXT_LEVEL, rows, lifted)


def _widened(columns: Columns, constraint: Constraint, rest: Mask) -> Constraint | None:
    """The constraint with its bound moved to the nearest figure that lets another row of ``rest`` through."""
    field, bound = field_key(constraint.field), bound_of(constraint)
    column = columns.numbers.get(field)
    if column is None or math.isnan(bound) or field == "stock":
        return None
    upward = constraint.op is Op.AT_MOST
    beyond = rest & columns.comparable(field, constraint.unit) & (column > bound if upward else column < bound)
    if not beyond.any():
        return None
    nearest = float(column[beyond].min() if upward else column[beyond].max())
    if field == "price":
        step = _round_step(abs(nearest - bound))
        nearest = max(nearest, bound + step) if upward else max(0.0, min(nearest, bound - step))
    return replace(constraint, number=nearest, said="")


def _round_step(step: float) -> float:
    """A step in money as a person says it: whole units from one unit on."""
    return float(math.ceil(step - 1e-9)) if step >= 1.0 else math.ceil(step * 100 - 1e-6) / 100


def _typical(columns: Columns, field: str) -> float:
    column = columns.numbers[field_key(field)]
    return float(np.nanmedian(np.abs(column)))


def _given_up(place: int, constraint: Constraint) -> _Change:
    field = field_key(constraint.field)
    cost = _COST.get(field, _COST_OF_AN_EXCLUSION if constraint.op is Op.IS_NOT else _COST_OF_A_VALUE)
    return _Change(place, _given_up_words(field, constraint), cost)


def _given_up_words(field: str, constraint: Constraint) -> str:
    values = [v for v in constraint.values if v]
    if field == "stock":
        return "including what is out of stock"
    if constraint.op is Op.IS_NOT:
        return f"including {' and '.join(values)}" if values else f"any {field}"
    if field in ("price", "rating"):
        return f"at any {field}" if field == "price" else "with any rating"
    if field == "title" and values:
        return f"without '{' or '.join(values)}' in the name"
    if values and all(value_key(v) in ("yes", "no") for v in values):
        return f"{field} or not"
    return f"any {field}"


def _widened_words(columns: Columns, old: Constraint, new: Constraint) -> str:
    field, upward = field_key(old.field), old.op is Op.AT_MOST
    if field == "price":
        unit = old.unit if len(old.unit) == 3 else columns.unit("price")
        return f"{'up to ' if upward else 'down to '}{money(abs(bound_of(new) - bound_of(old)), unit)} {'more' if upward else 'less'}"
    figure = f"{number_text(bound_of(new))} {old.unit or columns.unit(field)}".strip()
    return f"{field} {'up to' if upward else 'from'} {figure}"


def money(amount: float, currency: str) -> str:
    """An amount as a shop writes it: "$12", "£4.50", "30 SEK"; without a known currency the figure alone."""
    figure = f"{amount:,.0f}" if amount == int(amount) else f"{amount:,.2f}"
    sign = SYMBOLS.get(currency.upper())
    return f"{sign}{figure}" if sign else f"{figure} {currency.upper()}".strip()


def _relaxation(hard: Sequence[Constraint], changes: Sequence[_Change], count: int) -> Relaxation:
    ordered = sorted(changes, key=lambda c: c.place)
    replacement = next((c.replacement for c in ordered if c.replacement is not None), None)
    return Relaxation(tuple(hard[c.place].key for c in ordered), " and ".join(dict.fromkeys(c.text for c in ordered)), count, replacement)


def _by_rebuilding(columns: Columns, hard: Sequence[Constraint], masks: Sequence[Mask]) -> list[Relaxation]:
    """Keeps the dearest constraints that still go together and gives up the others."""
    kept = np.ones(columns.size, dtype=np.bool_)
    dropped: list[_Change] = []
    changes = [_given_up(place, constraint) for place, constraint in enumerate(hard)]
    for change in sorted(changes, key=lambda c: -c.cost):
        if (kept & masks[change.place]).any():
            kept &= masks[change.place]
        else:
            dropped.append(change)
    return [_relaxation(hard, dropped, int(kept.sum()))] if dropped and kept.any() else []


def _distinct(found: Iterable[Relaxation], most: int) -> list[Relaxation]:
    """The first way for each set of constraints."""
    first: dict[tuple[str, ...], Relaxation] = {}
    for relaxation in found:
        first.setdefault(relaxation.keys, relaxation)
    return list(first.values())[:most]


def _all(masks: Sequence[Mask], size: int) -> Mask:
    result = np.ones(size, dtype=np.bool_)
    for mask in masks:
        result &= mask
    return result
