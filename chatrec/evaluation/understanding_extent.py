"""When two constraints are the same: when they admit the same items of that catalogue and are as strong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from chatrec.domain.need import Constraint, Op, Strength
from chatrec.errors import ScriptError
from chatrec.evaluation.understanding_labels import EITHER, Wanted

if TYPE_CHECKING:
    from chatrec.catalog.shelf import CatalogueShelf

BOUNDS = (Op.AT_MOST, Op.AT_LEAST)
# Two figures this near are one ("under 3 lb" is 1,361 g or 1,360 g); where they admit the same items, they may lie further apart.
NEAR, FAR = 0.02, 0.3
WIDEST = 0.5  # of its middle: a wider window is not "around"


class Extent:
    """The meaning of constraints in one catalogue."""

    def __init__(self, shelf: CatalogueShelf, families: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        self._shelf = shelf
        self._families = families
        self._ids = lru_cache(maxsize=20_000)(self._matching)

    def ids(self, constraint: Constraint) -> frozenset[str]:
        """The items that it admits, taken as a hard filter."""
        return self._ids(replace(constraint, strength=Strength.MUST, turn=0, said=""))

    def _matching(self, constraint: Constraint) -> frozenset[str]:
        return frozenset(self._shelf.matching((constraint,)) or ())

    def same(self, said: Constraint, wanted: Wanted) -> bool:
        """Whether what was understood is this way of what was wanted."""
        said = _as_wish(said)
        if said.field.replace("_", " ").casefold() != wanted.field:
            return False
        if said.strength not in ({Strength.PREFER} if wanted.strengths == {Strength.AVOID} else wanted.strengths):
            return False
        if wanted.op in BOUNDS or said.op in BOUNDS:
            return said.op is wanted.op and said.number is not None and self._same_bound(said, wanted)
        narrow, wide = self._limits(wanted)
        return narrow <= self.ids(said) <= wide

    def _same_bound(self, said: Constraint, wanted: Wanted) -> bool:
        number = said.number or 0.0
        if wanted.low is None or wanted.high is None:
            return True
        if wanted.low * (1 - NEAR) - 1e-9 <= number <= wanted.high * (1 + NEAR) + 1e-9:
            return self.ids(said) != frozenset() or self.ids(replace(said, unit="")) == frozenset()
        near = min(abs(number - wanted.low), abs(number - wanted.high)) <= FAR * max(abs(wanted.low), 1.0) + 1.0
        return near and self.ids(said) == self.ids(Constraint(said.field, said.op, number=wanted.low))

    def _limits(self, wanted: Wanted) -> tuple[frozenset[str], frozenset[str]]:
        """The fewest and the most items that a good reading admits."""
        op = Op.IS_NOT if wanted.strengths == {Strength.AVOID} else wanted.op
        values = self.spelled(wanted)
        strict, lenient = (self.ids(self._exactly(wanted.field, op, v)) for v in (values, values + self._alike(wanted.field, values)))
        return strict & lenient, strict | lenient

    def _exactly(self, field: str, op: Op, values: tuple[str, ...]) -> Constraint:
        number = float(values[0]) if values and self.is_number(field) else None
        return Constraint(field, op, () if number is not None else values, number=number)

    def is_number(self, field: str) -> bool:
        """Whether the catalogue records figures for this field."""
        held = self._shelf.contract.field(field)
        return held is not None and held.kind == "number"

    def spelled(self, wanted: Wanted) -> tuple[str, ...]:
        """The values of a label, ``word*`` spelled out. Raises :class:`ScriptError` for one that the catalogue does not hold."""
        held = self._shelf.contract.field(wanted.field)
        if wanted.field == "title":
            return wanted.values
        if held is None:
            raise ScriptError(f"a label names the field {wanted.field!r}, which this catalogue does not record")
        if held.kind == "number" or wanted.op in BOUNDS:
            return wanted.values
        found: list[str] = []
        for value in wanted.values:
            named = self._with_word(wanted.field, value[:-1]) if value.endswith("*") else [held.spelling(value) or ""]
            if not all(named) or not named:
                raise ScriptError(f"a label names {wanted.field} {value!r}, which no item of this catalogue has")
            found += named
        return tuple(found)

    def _alike(self, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
        held = self._shelf.contract.field(field)
        if held is None or held.kind != "words" or field in ("category", "brand", "size"):
            return ()
        family = [v for value in values for v in self._families.get(field, {}).get(value, ())]
        return (*(v for value in values for v in self._with_word(field, value)), *family)

    def _with_word(self, field: str, word: str) -> list[str]:
        held = self._shelf.contract.field(field)
        pattern = re.compile(rf"\b{re.escape(word)}\b", re.I)
        return [v.text for v in held.values if pattern.search(v.text)] if held else []

    def pair(self, said: Iterable[Constraint], wanted: Wanted) -> tuple[Constraint, ...]:
        """Two bounds that together admit just the items with the wanted figure ("3 to 3"), or nothing."""
        if wanted.op is not Op.IS or not self.is_number(wanted.field):
            return ()
        mine = [c for c in said if c.field.replace("_", " ") == wanted.field and c.strength in wanted.strengths]
        low, high = (next((c for c in mine if c.op is op), None) for op in (Op.AT_LEAST, Op.AT_MOST))
        if low is None or high is None or self.ids(low) & self.ids(high) != self._limits(wanted)[0]:
            return ()
        return low, high

    def check(self, wanted: Wanted) -> None:
        """Raises :class:`ScriptError` for a way that this catalogue cannot express."""
        if wanted.op in BOUNDS and not self._shelf.lists(wanted.field):
            raise ScriptError(f"a label names the field {wanted.field!r}, which this catalogue does not record")
        self.spelled(wanted)


def _as_wish(said: Constraint) -> Constraint:
    """ "Rather not red", however it is written, is the wish for anything but red."""
    if said.strength is Strength.AVOID and said.op not in BOUNDS:
        return replace(said, op=Op.IS_NOT, strength=Strength.PREFER)
    return said


def window(said: Iterable[Constraint], wanted: Wanted) -> tuple[Constraint, ...]:
    """The two bounds that make a good window around the wanted figure, or nothing."""
    middle = wanted.around or 0.0
    mine = [c for c in said if c.field.replace("_", " ") == wanted.field and c.strength in EITHER and c.number is not None]
    low = next((c for c in mine if c.op is Op.AT_LEAST and (c.number or 0.0) <= middle), None)
    high = next((c for c in mine if c.op is Op.AT_MOST and (c.number or 0.0) >= middle), None)
    if low is None or high is None:
        return ()
    return (low, high) if (high.number or 0.0) - (low.number or 0.0) <= WIDEST * middle + 1e-9 else ()
