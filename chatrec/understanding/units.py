"""Units of measure: which words name which unit, and conversion inside one dimension."""

from __future__ import annotations

# unit -> (dimension, factor to the dimension's base unit); SI and international yard and pound definitions (NIST SP 811).
_UNITS: dict[str, tuple[str, float]] = {
    "mg": ("mass", 0.001),
    "g": ("mass", 1.0),
    "kg": ("mass", 1000.0),
    "lb": ("mass", 453.59237),
    "oz": ("mass", 28.349523125),
    "t": ("mass", 1e6),
    "ml": ("volume", 0.001),
    "cl": ("volume", 0.01),
    "l": ("volume", 1.0),
    "gal": ("volume", 3.785411784),
    "qt": ("volume", 0.946352946),
    "pt": ("volume", 0.473176473),
    "mm": ("length", 0.001),
    "cm": ("length", 0.01),
    "m": ("length", 1.0),
    "km": ("length", 1000.0),
    "in": ("length", 0.0254),
    "ft": ("length", 0.3048),
    "yd": ("length", 0.9144),
    "mi": ("length", 1609.344),
    "s": ("time", 1.0),
    "min": ("time", 60.0),
    "h": ("time", 3600.0),
    "days": ("time", 86400.0),
    "weeks": ("time", 604800.0),
    "months": ("time", 2629746.0),
    "years": ("time", 31556952.0),
    "w": ("power", 1.0),
    "kw": ("power", 1000.0),
    "wh": ("energy", 1.0),
    "kwh": ("energy", 1000.0),
    "v": ("voltage", 1.0),
    "ma": ("current", 0.001),
    "a": ("current", 1.0),
    "mah": ("charge", 0.001),
    "ah": ("charge", 1.0),
    "lm": ("light", 1.0),
    "hz": ("frequency", 1.0),
    "khz": ("frequency", 1e3),
    "mhz": ("frequency", 1e6),
    "ghz": ("frequency", 1e9),
    "mb": ("data", 1.0),
    "gb": ("data", 1024.0),
    "tb": ("data", 1048576.0),
    "mp": ("pixels", 1.0),
    "c": ("temperature", 1.0),
    "f": ("temperature", 1.0),
    "persons": ("persons", 1.0),
    "stars": ("stars", 1.0),
    "percent": ("percent", 1.0),
}
_WORDS: dict[str, str] = {
    "milligram": "mg",
    "gram": "g",
    "gramme": "g",
    "gr": "g",
    "kilo": "kg",
    "kilogram": "kg",
    "kg": "kg",
    "pound": "lb",
    "lbs": "lb",
    "ounce": "oz",
    "tonne": "t",
    "millilitre": "ml",
    "centilitre": "cl",
    "litre": "l",
    "ltr": "l",
    "lt": "l",
    "gallon": "gal",
    "quart": "qt",
    "pint": "pt",
    "millimetre": "mm",
    "centimetre": "cm",
    "metre": "m",
    "kilometre": "km",
    "inch": "in",
    "inche": "in",
    '"': "in",
    "foot": "ft",
    "yard": "yd",
    "mile": "mi",
    "sec": "s",
    "minute": "min",
    "mins": "min",
    "hour": "h",
    "hr": "h",
    "hrs": "h",
    "day": "days",
    "week": "weeks",
    "month": "months",
    "year": "years",
    "yr": "years",
    "watt": "w",
    "kilowatt": "kw",
    "volt": "v",
    "amp": "a",
    "ampere": "a",
    "milliamp": "ma",
    "lumen": "lm",
    "hertz": "hz",
    "megabyte": "mb",
    "gigabyte": "gb",
    "gig": "gb",
    "terabyte": "tb",
    "megapixel": "mp",
    "celsius": "c",
    "centigrade": "c",
    "fahrenheit": "f",
    "degree": "c",
    "°": "c",
    "person": "persons",
    "people": "persons",
    "adult": "persons",
    "camper": "persons",
    "guest": "persons",
    "sleeper": "persons",
    "man": "persons",
    "berth": "persons",
    "seater": "persons",
    "kid": "persons",
    "child": "persons",
    "p": "persons",
    "star": "stars",
    "%": "percent",
}
# Letters that mean a unit only when they touch their figure: "15in" but not "50 in blue", "5a" but not "5 a day".
_ONLY_GLUED = {"in", "p", "a", "c", "f", "s", "t", "h", "pt", "mi", "v", "w"}


def unit_of(stem: str, glued: bool) -> str:
    """The unit that a word after a figure names, or an empty string."""
    if stem in _ONLY_GLUED and not glued:
        return stem if stem in ("v", "w", "h") else ""
    if stem == "s":  # "6s" is a model name far more often than six seconds
        return ""
    return stem if stem in _UNITS else _WORDS.get(stem, "")


def spellings_of(unit: str) -> tuple[str, ...]:
    """The words and signs that name a unit, its symbol first, each in the singular and the plural."""
    words = [word for word, known in _WORDS.items() if known == unit and word.isalpha() and word != "inche"]
    plurals = {"foot": "feet", "inch": "inches"}
    return (unit, *(form for word in words for form in (word, plurals.get(word, f"{word}s"))))


def dimension_of(unit: str) -> str:
    """What a unit measures ("g" -> "mass"), or an empty string for none."""
    known = _UNITS.get(_normal(unit))
    return known[0] if known else ""


def convert(value: float, source: str, target: str) -> float | None:
    """``value`` in another unit of the same dimension; ``None`` when the two do not measure the same thing."""
    source, target = _normal(source), _normal(target)
    if source == target:
        return value
    if {source, target} == {"c", "f"}:
        return (value - 32.0) / 1.8 if source == "f" else value * 1.8 + 32.0
    one, other = _UNITS.get(source), _UNITS.get(target)
    if one is None or other is None or one[0] != other[0]:
        return None
    return round(value * one[1] / other[1], 6)


def _normal(unit: str) -> str:
    unit = unit.lower().strip()
    return unit if unit in _UNITS else _WORDS.get(unit, unit)
