"""What giving up a little would bring: the smallest ways to loosen hard constraints, with exact counts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from chatrec.catalog.filters import BOUNDS, Columns, Mask, bound_of, field_key, value_key
from chatrec.domain.figures import SYMBOLS, number_text
from chatrec.domain.need import Constraint, Need, Op, Relaxation
from chatrec.domain.things import THING
from chatrec.protocols import LiveRows

# What a shopper loses by giving up a kind of constraint: small for a taste, great for the kind of thing looked for. A widened
# bound costs its relative change instead, so "$12 more" on a budget of $200 comes before giving up a brand.
_COST = {"category": 1.5, "stock": 0.9, "price": 0.8, "title": 0.7, "rating": 0.6}
_COST_OF_A_VALUE = 0.5
_COST_OF_AN_EXCLUSION = 0.45
_COST_OF_THE_NEXT_LEVEL = 0.7
_COST_OF_A_SECOND_CHANGE = 0.5
# A level that holds nearly every item is no offer: it is the same as any category.
_WHOLE_SHOP = 0.8
# A bound moved by more than its whole figure is hardly what was asked for: two smaller changes may be nearer.
_DEAR = 1.0


@dataclass(frozen=True, slots=True)
class _Change:
    """One constraint given up (``replacement`` None) or weakened: its place in the list, words, cost and the rows it lets through."""

    place: int
    text: str
    cost: float = field(compare=False)
    rows: Mask | None = field(default=None, compare=False)
    replacement: Constraint | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class _Way:
    """One or two changes that bring something."""

    cost: float
    changes: tuple[_Change, ...]
    relaxation: Relaxation


def relaxations(columns: Columns, need: Need, most: int = 3, live: LiveRows | None = None) -> list[Relaxation]:
    """The smallest ways to loosen the hard constraints of ``need``, cheapest first, each with its exact count.

    One constraint is given up, weakened to the nearest value that brings something, or lifted to the next category level; where that
    would take a large step, two; where nothing helps, as few as it takes. The kind of thing looked for is given up only where nothing
    else helps. Each brings more than the constraints bring as they stand. With ``live`` the counts are those of this moment's prices
    and stock.
    """
    hard = need.hard()
    kinds = [c for c in hard if _is_kind(c)]
    near = columns.at(live, _all([_with_next_level(columns, c) for c in kinds], columns)) if live else columns
    found = _found(near, hard, kept=frozenset(c.key for c in kinds))
    if not found:
        columns = columns.at(live) if live else columns
        found = _found(columns, hard) if kinds or live else []
    if found:
        return _distinct((w.relaxation for w in sorted(found, key=lambda w: (w.cost, -w.relaxation.count))), most)
    return _by_rebuilding(columns, hard, [columns.mask(c) for c in hard]) if len(hard) > 2 else []


def _is_kind(constraint: Constraint) -> bool:
    return constraint.op is Op.IS and field_key(constraint.field) in ("category", THING)


def _with_next_level(columns: Columns, kind: Constraint) -> Mask:
    lifted = _lifted(columns, kind)
    return columns.mask(kind) | columns.mask(lifted) if lifted else columns.mask(kind)


def _found(columns: Columns, hard: Sequence[Constraint], kept: frozenset[str] = frozenset()) -> list[_Way]:
    """The ways of one change, and of two where one does not help or is dear; no constraint of ``kept`` (keys) is given up."""
    masks = [columns.mask(c) for c in hard]
    single = list(_with_changes(columns, hard, masks, 1, kept))
    if single and min(way.cost for way in single) <= _DEAR:
        return single
    helping = {change for way in single for change in way.changes}
    return [*single, *(w for w in _with_changes(columns, hard, masks, 2, kept) if helping.isdisjoint(w.changes))]


def _with_changes(columns: Columns, hard: Sequence[Constraint], masks: Sequence[Mask], size: int, kept: frozenset[str]) -> Iterator[_Way]:
    now = int(_all(masks, columns).sum())
    for places in combinations(range(len(hard)), size):
        rest = _all([m for n, m in enumerate(masks) if n not in places], columns)
        if int(rest.sum()) <= now:
            continue
        for changes in _ways(columns, hard, rest, places):
            if any(c.replacement is None and hard[c.place].key in kept for c in changes):
                continue
            count = int((rest & _all([c.rows for c in changes if c.rows is not None], columns)).sum())
            if count > now:
                cost = sum(c.cost for c in changes) + _COST_OF_A_SECOND_CHANGE * (size - 1)
                yield _Way(cost, changes, _relaxation(hard, changes, count))


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
            cost = abs(bound_of(widened) - bound_of(constraint)) / scale
            yield _Change(place, _widened_words(columns, constraint, widened), cost, columns.mask(widened), widened)
    elif lifted := _lifted(columns, constraint):
        rows = columns.mask(lifted)
        if rows.sum() < _WHOLE_SHOP * columns.size:
            yield _Change(place, f"anything in {lifted.values[0]}", _COST_OF_THE_NEXT_LEVEL, rows, lifted)


def _lifted(columns: Columns, constraint: Constraint) -> Constraint | None:
    """The constraint on a category at the next level up."""
    if not _is_kind(constraint) or len(constraint.values) != 1:
        return None
    parent = columns.parents.get(value_key(constraint.values[0]))
    return replace(constraint, values=(parent,), said="") if parent is not None else None


def _widened(columns: Columns, constraint: Constraint, rest: Mask) -> Constraint | None:
    """The constraint with its bound moved to the nearest figure that lets another row of ``rest`` through."""
    name, bound = field_key(constraint.field), bound_of(constraint)
    column = columns.numbers.get(name)
    if column is None or math.isnan(bound) or name == "stock":
        return None
    upward = constraint.op is Op.AT_MOST
    beyond = rest & columns.comparable(name, constraint.unit) & (column > bound if upward else column < bound)
    if not beyond.any():
        return None
    nearest = float(column[beyond].min() if upward else column[beyond].max())
    if name == "price":
        step = _round_step(abs(nearest - bound))
        nearest = max(nearest, bound + step) if upward else max(0.0, min(nearest, bound - step))
    return replace(constraint, number=nearest, said="")


def _round_step(step: float) -> float:
    """A step in money as a person says it: whole units from one unit on."""
    return float(math.ceil(step - 1e-9)) if step >= 1.0 else math.ceil(step * 100 - 1e-6) / 100


def _typical(columns: Columns, name: str) -> float:
    column = columns.numbers[field_key(name)]
    return float(np.nanmedian(np.abs(column)))


def _given_up(place: int, constraint: Constraint) -> _Change:
    name = field_key(constraint.field)
    cost = _COST_OF_AN_EXCLUSION if constraint.op is Op.IS_NOT else _COST.get(name, _COST_OF_A_VALUE)
    return _Change(place, _given_up_words(name, constraint), cost)


def _given_up_words(name: str, constraint: Constraint) -> str:
    values = [v for v in constraint.values if v]
    if name == "stock":
        return "including what is out of stock"
    if constraint.op is Op.IS_NOT:
        return f"including {' and '.join(values)}" if values else f"any {name}"
    if name in ("price", "rating"):
        return f"at any {name}" if name == "price" else "with any rating"
    if name == "title" and values:
        return f"without '{' or '.join(values)}' in the name"
    if values and all(value_key(v) in ("yes", "no") for v in values):
        return f"{name} or not"
    return f"any {name}"


def _widened_words(columns: Columns, old: Constraint, new: Constraint) -> str:
    name, upward = field_key(old.field), old.op is Op.AT_MOST
    if name == "price":
        unit = old.unit if len(old.unit) == 3 else columns.unit("price")
        return f"{'up to ' if upward else 'down to '}{money(abs(bound_of(new) - bound_of(old)), unit)} {'more' if upward else 'less'}"
    figure = f"{number_text(bound_of(new))} {old.unit or columns.unit(name)}".strip()
    return f"{name} {'up to' if upward else 'from'} {figure}"


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
    kept = columns.present.copy()
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


def _all(masks: Sequence[Mask], columns: Columns) -> Mask:
    result = columns.present.copy()
    for mask in masks:
        result &= mask
    return result
