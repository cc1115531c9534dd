"""Amounts that measure a property: which numeric field is meant, and the bound in the catalogue's own unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatrec.catalog.contract import Field
from chatrec.domain.need import Constraint, Op
from chatrec.understanding.amounts import AROUND_SHARE, FIRST_YEAR, LAST_YEAR, Amount
from chatrec.understanding.concepts import CONCEPTS, HINTS
from chatrec.understanding.lists import stop_words
from chatrec.understanding.text import Message
from chatrec.understanding.units import convert, dimension_of
from chatrec.understanding.vocabulary import Vocabulary

_PACKED = {"collapsed": "packed", "folded": "packed", "rolled": "packed"}  # how a thing is made small, as fields name it
_COMPARED = {"wider", "narrower", "taller", "longer", "shorter", "heavier", "lighter", "thicker", "thinner", "deeper", "higher", "lower"}
_DATA = {"tb": 1024.0, "mb": 1 / 1024}
_WINDOW = 4  # tokens on each side that can say which property is meant
LEAST_COVERAGE = 0.5  # a bound on a field that fewer items of the category hold only moves the ranking
_DIMENSION_WORDS = {"high", "tall", "long", "wide", "deep", "thick", "heavy", "broad", "bright", "-", "old"}
_BREAKS = {",", ".", ";", "!", "?", "but"}
# What a bare figure of this dimension mostly means.
_PLAIN_NAMES = {"mass": ("weight",), "volume": ("capacity",), "power": ("power",), "time": ("warranty",)}
_ENOUGH = frozenset({"storage", "memory", "ram"})  # more of it does no harm
MOST_PERSONS = 20
SCREEN_SHARE = 0.05  # a 14 inch screen is no 13 and no 15
_DEGREES = {"temperature", "temp", "freezing", "frost"}
_COUNTED = ("persons",)
_UP = frozenset({"person", "people", "sleep", "seat", "berth"})


@dataclass(frozen=True, slots=True)
class Measured:
    """Constraints that an amount stands for, and the tokens that said so."""

    constraints: tuple[Constraint, ...]
    first: int
    last: int


class Measures:
    """Resolves amounts against the numeric fields of a catalogue."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def resolve(
        self, message: Message, amount: Amount, categories: Sequence[str], limits: tuple[int, int], claimed: frozenset[int] = frozenset()
    ) -> Measured | None:
        """What the amount bounds, or ``None`` when no field of this catalogue fits. Tokens ``claimed`` by other amounts say nothing."""
        if amount.unit in _DATA:  # columns without a unit count gigabytes
            by = _DATA[amount.unit]
            low, high = (None if b is None else b * by for b in (amount.low, amount.high))
            amount = replace(amount, unit="gb", value=amount.value * by, low=low, high=high)
        before, after = _window(message, amount, limits, claimed)
        if not amount.unit and (amount.value < 0 or _DEGREES & {*before, *after}):
            amount = replace(amount, unit="c")  # nothing else a shop sells by goes below zero
        scored = [
            (score, field.name, field)
            for field in self._vocabulary.numbers.values()
            if (score := self._score(field, amount, before, after, categories)) > 0
        ]
        if not scored:
            return None
        field = max(scored, key=lambda s: (s[0], self._vocabulary.coverage(s[2].name), s[1]))[2]
        return self._measured(message, amount, field, before, after, categories)

    def _score(self, field: Field, amount: Amount, before: list[str], after: list[str], categories: Sequence[str]) -> float:
        """How likely this field is meant; 0 when it cannot be."""
        names = self._vocabulary.name_stems[field.name]
        if categories and not self._vocabulary.coverage(field.name, categories) and self._vocabulary.rows(categories):
            return 0.0  # "boots for 2 kids": no boot says for how many it is
        named = self._named(names, before, after, amount)
        unit = 0.0
        if amount.unit:
            known = field.unit.lower() if field.unit else _unit_in_name(names, amount.unit)
            if not known or convert(1.0, amount.unit, known) is None:
                return named if named >= 4 and not dimension_of(field.unit) and amount.unit in ("in",) else 0.0
            unit = 2.2 if known == amount.unit else 2.0 - 0.3 * (dimension_of(known) == "time")
            unit += 0.5 * (names == _PLAIN_NAMES.get(dimension_of(known)))
            if amount.unit == "persons":
                unit = 3.0
        elif dates := self._dates(field, amount, before, after):
            named = dates
        elif named < 2.0 or amount.currency:
            return 0.0
        if dimension_of(field.unit) and not amount.unit and named < 4:
            return 0.0
        hinted = 1.5 * any(_concept_has(c, names) for w in (*before, *after) for c in HINTS.get(w, ()))
        if dimension_of(amount.unit) == "time" and not (named or hinted or self._only_duration(field, amount, categories)):
            return 0.0  # "a three day hike" is no battery life
        return named + unit + hinted + self._vocabulary.coverage(field.name, categories) + self._in_range(field, amount)

    def _named(self, names: tuple[str, ...], before: list[str], after: list[str], amount: Amount) -> float:
        """4 when the whole name stands beside the figure, 2 for a plain count noun right after it ("4 pockets")."""
        around = {*before, *after}
        if len(names) > 1 and all(n in around for n in names):
            return 4.0 + 0.1 * len(names)
        if len(names) == 1 and names[0] in around:
            return 4.0
        if before[:1] == ["than"] and not (amount.unit or amount.currency) and before[1] in _COMPARED and len(names) == 1:
            # "not wider than 200": the adjective says which property, the shop in which unit
            return 4.0 if any(_concept_has(c, names) for c in HINTS.get(before[1], ())) else 0.0
        if before and not amount.unit and any(_concept_has(c, names) for c in HINTS.get(before[0], ()) if c in _COUNTED):
            return 3.0  # "sleeps 4", "that seat 6"
        if (
            before[:1] == ["for"]
            and not set(after) - stop_words()
            and not amount.unit
            and set(names) & _UP
            and amount.value <= MOST_PERSONS
        ):
            return 3.0  # "a tent for two"
        head = after[:1]
        return 2.0 if head and head[0] in names and not amount.unit else 0.0

    def _only_duration(self, field: Field, amount: Amount, categories: Sequence[str]) -> bool:
        """ "A phone with a good battery, 24h+": hours can only mean the one property of such things that is told in hours."""
        if amount.unit not in ("h", "min") or not categories:
            return False
        timed = [f.name for f in self._vocabulary.numbers.values() if dimension_of(f.unit) == "time" and f.unit in ("h", "min")]
        held = [name for name in timed if self._vocabulary.coverage(name, categories) >= LEAST_COVERAGE]
        return held == [field.name]

    def _dates(self, field: Field, amount: Amount, before: list[str], after: list[str]) -> float:
        """ "Published after 2020", "before 1990": a year on its own means a field of years."""
        told = amount.dated or any("year" in HINTS.get(w, ()) for w in (*before, *after))
        year = told and FIRST_YEAR <= amount.value <= LAST_YEAR and _concept_has("year", self._vocabulary.name_stems[field.name])
        return 3.0 if year and self._in_range(field, amount) else 0.0

    def counting_people(self) -> list[str]:
        """The fields that say for how many people a thing is."""
        return [name for name in self._vocabulary.numbers if _UP & set(self._vocabulary.name_stems[name])]

    def fits(self, constraint: Constraint) -> bool:
        """Whether a bound lies where the figures of its field lie, or not too far beside them."""
        field = self._vocabulary.fields[constraint.field]
        if field.minimum is None or field.maximum is None or constraint.number is None:
            return False
        return min(field.minimum * 0.5, field.minimum) <= constraint.number <= field.maximum * 2

    def _in_range(self, field: Field, amount: Amount) -> float:
        """1 for a figure among those of the field, 0.5 for one not far beside them."""
        unit = field.unit or amount.unit
        value = convert(amount.value, amount.unit or unit, unit) if amount.unit else amount.value
        if value is None or field.minimum is None or field.maximum is None:
            return 0.0
        if field.minimum <= value <= field.maximum:
            return 1.0
        return 0.5 * (min(field.minimum * 0.5, field.minimum) <= value <= field.maximum * 2)

    def _measured(
        self, message: Message, amount: Amount, field: Field, before: list[str], after: list[str], categories: Sequence[str]
    ) -> Measured:
        names = self._vocabulary.name_stems[field.name]
        low, high = bounds_of(amount, names, field.unit)
        said = message.words(amount.start, amount.last)
        constraints = []
        for op, bound in ((Op.AT_LEAST, low), (Op.AT_MOST, high)):
            if bound is not None:
                converted = convert(bound, amount.unit, field.unit) if amount.unit and field.unit else bound
                if converted is not None:
                    constraints.append(Constraint(field.name, op, number=round(converted, 4), unit=field.unit, said=said))
        first, last = amount.start, amount.last
        while last < len(message.tokens) and message.tokens[last].stem in names:
            last += 1
        while last < len(message.tokens) and message.tokens[last].text in _DIMENSION_WORDS:
            last += 1
        while first and (
            message.tokens[first - 1].stem in names
            or (message.tokens[first - 1].text in ("of", "is", "-") and first > 1 and message.tokens[first - 2].stem in names)
        ):
            first -= 1
        return Measured(tuple(constraints), first, last)


def _window(message: Message, amount: Amount, limits: tuple[int, int], claimed: frozenset[int]) -> tuple[list[str], list[str]]:
    """The stems before and after the amount, up to punctuation or another figure."""
    before: list[str] = []
    for index in range(amount.first - 1, max(limits[0], amount.first - _WINDOW - 2) - 1, -1):
        token = message.tokens[index]
        if token.text in _BREAKS or token.number is not None or index in claimed:
            break
        before.append(_PACKED.get(token.stem, token.stem))
    after: list[str] = []
    start = amount.last - amount.judged
    for token in message.tokens[start : min(limits[1], start + _WINDOW)]:
        if token.text in _BREAKS or token.number is not None or token.text in ("and", "with", "under", "for", "in"):
            break
        if token.text != "-":
            after.append(_PACKED.get(token.stem, token.stem))
    return before, after


def bounds_of(amount: Amount, names: tuple[str, ...], unit: str) -> tuple[float | None, float | None]:
    """Lower and upper bound. A bare figure means what shoppers mean by it: a tent "for 3" sleeps three or more, a bag "down to -5"
    is good for -5 or colder, and any other bare figure is a wish for about that much."""
    if dimension_of(unit) == "temperature" and (amount.cue in ("", "most", "about") or amount.value < 0):
        return None, amount.value
    if not amount.cue and ((_UP | _ENOUGH) & set(names) or amount.unit == "persons"):
        return amount.value, None
    if amount.cue:
        if amount.cue == "about" and _UP & set(names):
            return amount.value, None
        return amount.low, amount.high
    if unit == "years" or "age" in names:
        return amount.value, None
    if unit == "" and float(amount.value).is_integer() and amount.value <= 12:
        return amount.value, amount.value
    slack = (SCREEN_SHARE if unit.lower() == "in" else AROUND_SHARE) * abs(amount.value)
    return round(amount.value - slack, 4), round(amount.value + slack, 4)


def _concept_has(concept: str, names: tuple[str, ...]) -> bool:
    known = (*CONCEPTS[concept].names, *CONCEPTS[concept].inverse)
    return any(set(name.split()) <= set(names) for name in known)


def _unit_in_name(names: tuple[str, ...], unit: str) -> str:
    """A column without a unit may carry it in its name: "lumens", "persons", "megapixels"."""
    words = {
        "persons": CONCEPTS["persons"].names,
        "lm": ("lumen",),
        "mp": ("megapixel",),
        "gb": ("storage", "memory", "ram"),
        "in": ("screen", "display", "inch"),
    }
    return unit if any(set(w.split()) <= set(names) for w in words.get(unit, ())) else ""
