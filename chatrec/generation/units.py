"""Units of measure: spellings brought to one name, and values to one base, so that "1.2 kg" and "1200 grams" are seen as equal."""

from __future__ import annotations

import re
from collections.abc import Iterable

# canonical name -> (dimension, factor to the dimension's base, spellings)
_UNITS: dict[str, tuple[str, float, str]] = {
    "mg": ("mass", 0.001, "mg milligram milligrams"),
    "g": ("mass", 1.0, "g gr gram grams gramme grammes"),
    "kg": ("mass", 1000.0, "kg kgs kilo kilos kilogram kilograms"),
    "oz": ("ounces", 1.0, "oz ounce ounces"),
    "lb": ("ounces", 16.0, "lb lbs pound pounds"),
    "ml": ("volume", 1.0, "ml millilitre millilitres milliliter milliliters"),
    "cl": ("volume", 10.0, "cl centilitre centilitres"),
    "l": ("volume", 1000.0, "l litre litres liter liters ltr"),
    "gal": ("gallons", 1.0, "gal gallon gallons"),
    "mm": ("length", 1.0, "mm millimetre millimetres millimeter millimeters"),
    "cm": ("length", 10.0, "cm centimetre centimetres centimeter centimeters"),
    "m": ("length", 1000.0, "m metre metres meter meters"),
    "km": ("length", 1_000_000.0, "km kilometre kilometres kilometer kilometers"),
    "in": ("inches", 1.0, "inch inches"),
    "ft": ("inches", 12.0, "ft foot feet"),
    "c": ("celsius", 1.0, "c °c celsius degrees degree °"),
    "f": ("fahrenheit", 1.0, "f °f fahrenheit"),
    "%": ("percent", 1.0, "% percent per-cent"),
    "s": ("time", 1.0, "s sec secs second seconds"),
    "min": ("time", 60.0, "min mins minute minutes"),
    "h": ("time", 3600.0, "h hr hrs hour hours"),
    "day": ("days", 1.0, "day days"),
    "week": ("days", 7.0, "week weeks"),
    "month": ("months", 1.0, "month months"),
    "year": ("months", 12.0, "year years yr yrs"),
    "w": ("power", 1.0, "w watt watts"),
    "kw": ("power", 1000.0, "kw kilowatt kilowatts"),
    "v": ("voltage", 1.0, "v volt volts"),
    "mah": ("charge", 1.0, "mah"),
    "ah": ("charge", 1000.0, "ah"),
    "wh": ("energy", 1.0, "wh"),
    "hz": ("frequency", 1.0, "hz hertz"),
    "khz": ("frequency", 1000.0, "khz"),
    "mhz": ("frequency", 1e6, "mhz"),
    "ghz": ("frequency", 1e9, "ghz"),
    "mb": ("bytes", 1.0, "mb megabyte megabytes"),
    "gb": ("bytes", 1000.0, "gb gigabyte gigabytes"),
    "tb": ("bytes", 1e6, "tb terabyte terabytes"),
    "lm": ("light", 1.0, "lm lumen lumens"),
    "db": ("noise", 1.0, "db decibel decibels"),
    "mp": ("pixels", 1.0, "mp megapixel megapixels"),
    "rpm": ("rpm", 1.0, "rpm"),
    "person": ("persons", 1.0, "person persons people"),
    "piece": ("pieces", 1.0, "piece pieces pcs pc"),
}
_CANONICAL = {spelling: name for name, (_, _, spellings) in _UNITS.items() for spelling in spellings.split()}
# "in" is a preposition far more often than an inch, so only records may use it as a unit (see canonical_unit)


def canonical_unit(unit: str) -> str:
    """One name for all spellings of a unit; "" for an unknown one. Takes "in" for inches: only for a record's unit field."""
    unit = unit.strip().lower().rstrip(".")
    return "in" if unit == "in" else _CANONICAL.get(unit, "")


def spoken_unit(word: str) -> str:
    """The unit that a word of running text names; "" when it names none."""
    return _CANONICAL.get(word.lower().rstrip("."), "")


def base_value(value: float, unit: str) -> tuple[float, str]:
    """A value in the base of its dimension, and the dimension; an unknown unit is its own dimension."""
    name = canonical_unit(unit)
    if not name:
        return value, unit.strip().lower()
    dimension, factor, _ = _UNITS[name]
    return value * factor, dimension


def in_base_unit(value: float, unit: str, target: str) -> float | None:
    """``value`` expressed in the unit ``target``; ``None`` when the two measure different things."""
    (base, dimension), (one, wanted) = base_value(value, unit), base_value(1.0, target)
    return base / one if dimension == wanted else None


def same_quantity(value: float, unit: str, other: float, other_unit: str) -> bool:
    """Whether two measured values are equal once brought to one unit."""
    converted = in_base_unit(value, unit, other_unit)
    return converted is not None and abs(converted - other) <= 1e-6 * max(1.0, abs(other))


def number_text(number: float) -> str:
    """A figure as a person writes it: 950, 4.5, -5."""
    return str(int(number)) if number == int(number) else f"{number:.3f}".rstrip("0").rstrip(".")


_MEASURED = re.compile(r"(?<![\w.,])(\d+(?:\.\d+)?)\s?([A-Za-z°%]+)")


_OF_THE_WHOLE = frozenset({"mass", "ounces", "volume", "gallons"})


def says_again(predicate: str, told: Iterable[str]) -> bool:
    """Whether one of those told says the same with the same figures in another unit: "weighs 1700 g" after "weighs 1.7 kg"."""
    figures = _figures(predicate)
    words = set(_MEASURED.sub("", predicate).split())
    return bool(figures) and any(figures <= _figures(other) and words <= set(_MEASURED.sub("", other).split()) for other in told)


def weighs_again(predicate: str, told: Iterable[str]) -> bool:
    """Whether it gives a mass or a volume that one of those told gave: "weighs 3200 g" after "is 3.2 kg and a car bag".

    A thing has one weight; of lengths it has several, so that equal ones may be two facts."""
    own = {figure for figure in _figures(predicate) if figure[1] in _OF_THE_WHOLE}
    return bool(own) and any(own <= _figures(other) for other in told)


def _figures(text: str) -> set[tuple[float, str]]:
    found = (base_value(float(number), unit) for number, unit in _MEASURED.findall(text) if spoken_unit(unit))
    return {(round(value, 6), dimension) for value, dimension in found}
