"""Figures with units in a question or a record, made comparable."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """``kind``: mass (g), volume (ml), length (mm), temperature (C), hours, lumens or count; ``amount`` in that unit; ``words`` as
    written."""

    kind: str
    amount: float
    words: str


# Unit as written -> (kind, factor to the unit of the kind).
_UNITS: dict[str, tuple[str, float]] = {}
for _kind, _factor, _names in (
    ("mass", 1.0, "g gram grams"),
    ("mass", 1000.0, "kg kgs kilo kilos kilogram kilograms"),
    ("mass", 28.3495, "oz ounce ounces"),
    ("mass", 453.592, "lb lbs pound pounds"),
    ("volume", 1.0, "ml"),
    ("volume", 10.0, "cl"),
    ("volume", 1000.0, "l litre litres liter liters"),
    ("volume", 3785.41, "gallon gallons"),
    ("length", 1.0, "mm"),
    ("length", 10.0, "cm centimetre centimetres centimeter centimeters"),
    ("length", 1000.0, "m metre metres meter meters"),
    ("length", 25.4, "in inch inches"),
    ("length", 304.8, "ft foot feet"),
    ("temperature", 1.0, "c °c degrees degree celsius"),
    ("hours", 1.0, "h hr hrs hour hours"),
    ("hours", 24.0, "day days"),
    ("lumens", 1.0, "lumen lumens lm"),
    ("count", 1.0, "people persons person adults sleepers kids children"),
):
    _UNITS |= dict.fromkeys(_names.split(), (_kind, _factor))
_FIGURE = re.compile(
    r"(?P<minus>(?:(?<=\s)|^)[-−]\s?|\bminus\s+)?(?<![\w.,])(?P<number>\d+(?:[.,]\d+)?)\s*-?\s*"
    r"(?P<unit>°\s?c|[a-z]+)(?![a-z])|(?P<feet>\d)\s?(?:'|ft|foot|feet)\s?(?P<inches>\d{1,2})\s?(?:\"|''|in|inch|inches)?(?!\w)",
    re.IGNORECASE,
)
_COUNTED = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_IN_WORDS = re.compile(r"\b(two|three|four|five|six|seven|eight)\s+(?:people|persons|adults|sleepers|kids|children|of us)\b", re.IGNORECASE)


def measures_of(text: str) -> list[Measure]:
    """The figures of a text that carry a unit, in order: "fits a 2 l bottle of 1.5 kg" gives a volume and a mass."""
    found: list[Measure] = []
    for match in _FIGURE.finditer(text[:500]):
        if match["feet"]:
            amount = int(match["feet"]) * 304.8 + int(match["inches"]) * 25.4
            found.append(Measure("length", amount, match[0].strip()))
            continue
        kind, factor = _UNITS.get(match["unit"].lower().replace(" ", ""), ("", 0.0))
        if not kind:
            continue
        number = float(match["number"].replace(",", "."))
        if match["minus"]:
            if kind != "temperature":
                continue
            number = -number
        sign = "-" if match["minus"] else ""
        found.append(Measure(kind, number * factor, f"{sign}{match['number']} {_short(match['unit'])}"))
    found += [Measure("count", _COUNTED[m[1].lower()], m[0]) for m in _IN_WORDS.finditer(text)]
    return found


def _short(unit: str) -> str:
    return unit.upper() if unit.lower() in ("c", "°c") else unit
