"""The columns beyond the core: cells to labelled words, and, once all rows are seen, words to typed attributes.

A column's kind is decided over the whole file: ``00178`` in a column of model numbers is a word, ``950`` in ``weight_g`` a number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatrec.catalog.cells import clean_text, cut, is_blank, structured
from chatrec.catalog.columns import snake
from chatrec.domain.item import Attribute

MOST_ATTRIBUTES = 80
MOST_VALUES = 50
MOST_VALUE_CHARS = 500
MOST_LABEL_CHARS = 60
# A list of this many numbers is an embedding, not a property.
_MOST_FIGURES = 16
# A column is of a kind when nearly all of its values are; a few blanks in words ("n/a") do not change it.
_SHARE = 0.9

UNITS = {
    "g": "g", "kg": "kg", "mg": "mg", "l": "L", "ml": "ml", "cm": "cm", "mm": "mm", "m": "m", "km": "km", "in": "in", "c": "C", "w": "W",
    "v": "V",
    "a": "A", "ah": "Ah", "h": "h", "min": "min", "s": "s", "lm": "lm", "mah": "mAh", "years": "years", "wh": "Wh", "hz": "Hz",
}  # fmt: skip
# Words for units inside a value ("9.5 gm", "14 inch"), with the unit they mean.
_WORDS = {
    **UNITS,
    "gm": "g", "gms": "g", "grams": "g", "gram": "g", "kgs": "kg", "litre": "L", "litres": "L", "liter": "L", "liters": "L", "ltr": "L",
    "inch": "in", "inches": "in", '"': "in", "cms": "cm", "mtr": "m", "hours": "h", "hrs": "h", "hour": "h", "watt": "W", "watts": "W",
    "volts": "V",
    "minutes": "min", "mins": "min", "year": "years", "lumens": "lm", "oz": "oz", "ounces": "oz", "ounce": "oz", "lb": "lb", "lbs": "lb",
    "pounds": "lb",
    "ft": "ft", "feet": "ft", "gb": "GB", "mb": "MB", "tb": "TB", "mp": "MP", "ghz": "GHz", "mhz": "MHz", "carat": "ct", "ct": "ct",
    "dpi": "dpi",
}  # fmt: skip
# Within a family the figures of a column are brought to its commonest unit.
_FAMILIES = {
    "mg": ("mass", 0.001), "g": ("mass", 1.0), "kg": ("mass", 1000.0), "oz": ("mass", 28.349523), "lb": ("mass", 453.59237),
    "mm": (
        "length", 0.1), "cm": ("length", 1.0), "m": ("length", 100.0), "km": ("length", 100_000.0), "in": ("length", 2.54), "ft":
        ("length", 30.48,
    ),
    "ml": ("volume", 1.0), "L": ("volume", 1000.0), "MB": ("memory", 0.001), "GB": ("memory", 1.0), "TB": ("memory", 1000.0),
}  # fmt: skip
_TRUE, _FALSE = frozenset({"true", "yes", "y"}), frozenset({"false", "no", "n"})
_NUMBER = re.compile(r"[-+]?(?:0|[1-9]\d*)(?:\.\d+)?|[-+]?\.\d+")
_MEASURE = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*([a-z]+|\")\.?")
_PER = re.compile(r"(.+)_([a-z]+)_per")
_ADDRESS = re.compile(r"(?:https?:)?//\S+|www\.\S+", re.IGNORECASE)


@dataclass
class Labelled:
    """The words of one item in their own spelling, by label: the file's column for a plain cell, the key for a nested one.

    ``columns`` are labels that are whole columns (their names may carry a unit); ``lost`` are (label, value, why)."""

    values: dict[str, list[str]] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)
    lost: list[tuple[str, Any, str]] = field(default_factory=list)

    def add(self, label: str, cell: Any, separator: str = "", column: bool = True) -> None:
        """Takes one cell: a word, a list, a nested object, or any of these written as text."""
        if is_blank(cell) or (isinstance(cell, float) and cell != cell):
            return
        cell = structured(cell)
        if isinstance(cell, Mapping):
            self._nested(label, cell, separator)
        elif isinstance(cell, (list, tuple)):
            self._list(label, cell, separator, column)
        else:
            self._words(label, _split(cell, separator), column)

    def _nested(self, label: str, cell: Mapping[Any, Any], separator: str) -> None:
        pair = _pair(cell)
        if pair:
            self.add(pair[0], pair[1], separator, column=False)
            return
        for key, value in list(cell.items())[: MOST_ATTRIBUTES + 1]:
            self.add(label if len(cell) == 1 and isinstance(value, (list, tuple)) else str(key), value, separator, column=False)

    def _list(self, label: str, cell: Sequence[Any], separator: str, column: bool) -> None:
        if len(cell) > _MOST_FIGURES and all(isinstance(v, (int, float)) for v in cell[:64]):
            self.lost.append((label, f"{len(cell)} numbers", "a list of numbers, not a property"))
            return
        plain = [v for v in cell if not isinstance(v, (Mapping, list, tuple))]
        self._words(label, plain, column)
        for value in cell:
            if isinstance(value, Mapping):
                alone = [v for k, v in value.items() if str(k).lower() == "value"]
                self.add("features", alone[0], "", column=False) if alone and len(value) == 1 else self._nested(label, value, separator)
            elif isinstance(value, (list, tuple)):
                self._words(label, list(value), column)

    def _words(self, label: str, values: Sequence[Any], column: bool) -> None:
        label = label if column else cut(clean_text(label), MOST_LABEL_CHARS)
        if column:
            self.columns.add(label)
        if not label or (label not in self.values and len(self.values) >= MOST_ATTRIBUTES):
            self.lost.append((label, values, f"more than {MOST_ATTRIBUTES} attributes"))
            return
        held = self.values.setdefault(label, [])
        for value in values:
            self._word(label, value, held)
        if not held:
            del self.values[label]

    def _word(self, label: str, value: Any, held: list[str]) -> None:
        text = clean_text(value)
        if not text:
            return
        if _ADDRESS.fullmatch(text):
            self.lost.append((label, value, "a web address, not a property"))
            return
        if len(text) > MOST_VALUE_CHARS:
            self.lost.append((label, value, f"cut to {MOST_VALUE_CHARS} characters"))
            text = cut(text, MOST_VALUE_CHARS)
        if text.lower() not in (h.lower() for h in held):
            if len(held) == MOST_VALUES:
                self.lost.append((label, value, f"more than {MOST_VALUES} values"))
            elif len(held) < MOST_VALUES:
                held.append(text)


def _pair(cell: Mapping[Any, Any]) -> tuple[str, Any] | None:
    """Label and value of ``{"key": ..., "value": ...}`` and its sisters."""
    names = {str(k).lower(): k for k in cell}
    key = next((names[n] for n in ("key", "name", "attribute", "label", "title") if n in names), None)
    value = next((names[n] for n in ("value", "values", "text") if n in names), None)
    return (str(cell[key]), cell[value]) if key is not None and value is not None else None


def _split(cell: Any, separator: str) -> list[Any]:
    if not isinstance(cell, str):
        return [cell]
    separator = separator or ("|" if "|" in cell else "; " if "; " in cell and len(cell) <= MOST_VALUE_CHARS else "")
    return [p for p in cell.split(separator) if p.strip()] if separator else [cell]


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one label's words become an attribute."""

    name: str
    make: Callable[[str, tuple[str, ...]], Attribute]


def typed_attributes(items: Sequence[Labelled], labels: Mapping[str, str]) -> list[tuple[Attribute, ...]]:
    """Typed attributes for each item, in the order of its labels. ``labels`` renames columns."""
    held: dict[str, list[list[str]]] = {}
    columns: set[str] = set()
    lowered = [{label: [v.lower() for v in values] for label, values in item.values.items()} for item in items]
    for item, own in zip(items, lowered, strict=True):
        columns |= item.columns
        for label, values in own.items():
            held.setdefault(label, []).append(values)
    for column in held.values():
        if _is_comma_list(column):
            for words in column:
                words[:] = dict.fromkeys(p.strip() for w in words for p in w.split(",") if p.strip())
    kinds = _kinds(held, columns, labels)
    return [tuple(_joined(kinds[label].make(kinds[label].name, tuple(v)) for label, v in own.items())) for own in lowered]


def _is_comma_list(values: list[list[str]]) -> bool:
    """Whether commas separate values here ("casual, party"): most parts then stand on their own in other records, and are short."""
    several = [words for words in values if any(", " in w for w in words)]
    if len(several) < max(2, 0.05 * len(values)):
        return False
    held = [{p.strip() for w in words for p in w.split(",") if p.strip()} for words in values]
    counts = Counter(p for parts in held for p in parts)
    parts = [p for words in several for w in words for p in (q.strip() for q in w.split(",")) if p]
    short = sum(len(p.split()) <= 3 for p in parts)
    return short >= _SHARE * len(parts) and sum(counts[p] > 1 for p in parts) >= 0.7 * len(parts)


def _joined(attributes: Iterable[Attribute]) -> Iterator[Attribute]:
    """Attributes of one name as one: a nested "Color" and a column "color" say the same property."""
    found: dict[str, Attribute] = {}
    for a in attributes:
        other = found.get(a.name)
        if other is None:
            found[a.name] = a
        elif other.number is None and a.number is None:
            found[a.name] = Attribute(a.name, tuple(dict.fromkeys((*other.values, *a.values)))[:MOST_VALUES])
    yield from found.values()


def _kinds(held: Mapping[str, list[list[str]]], columns: set[str], labels: Mapping[str, str]) -> dict[str, _Kind]:
    names = {label: labels.get(label) or plain_label(label) for label in held}
    bases: dict[str, str] = {}
    for label, values in held.items():
        base, unit = _unit_of(label) if label in columns and not labels.get(label) else ("", "")
        if unit and _share(values, _is_number) >= _SHARE:
            bases[label] = base
    taken = Counter([*bases.values(), *(name for label, name in names.items() if label not in bases)])
    found: dict[str, _Kind] = {}
    for label, values in held.items():
        if label in bases:
            # "weight_g" beside "weight_kg": two properties must not share a name, so the whole column name stays.
            name = bases[label] if taken[bases[label]] == 1 else _rated(bases[label], label, held, names) or names[label]
            found[label] = _Kind(name, _number_maker(_unit_of(label)[1]))
        else:
            found[label] = _kind(names[label], values)
    return found


def _rated(base: str, label: str, held: Mapping[str, list[list[str]]], names: Mapping[str, str]) -> str:
    """ "waterproof rating" for ``waterproof_mm`` beside the yes/no column ``waterproof``; "" where the other column is no such one."""
    others = [other for other, name in names.items() if name == base and other != label]
    flags = [other for other in others if all(v in _TRUE or v in _FALSE for words in held[other] for v in words)]
    return f"{base} rating" if others and flags == others and f"{base} rating" not in names.values() else ""


def _kind(name: str, values: list[list[str]]) -> _Kind:
    if all(v in _TRUE or v in _FALSE for words in values for v in words[:1]) and all(len(words) == 1 for words in values):
        return _Kind(name.removeprefix("is ") or name, _yes_no)
    if name.startswith("is ") and all(words in (["0"], ["1"]) for words in values):
        return _Kind(name.removeprefix("is ") or name, _yes_no)
    if _share(values, _is_number) >= _SHARE:
        return _Kind(name, _number_maker(""))
    unit = _common_unit(values)
    return _Kind(name, _measure_maker(unit) if unit else _words)


def _share(values: list[list[str]], test: Callable[[str], bool]) -> float:
    return sum(len(words) == 1 and test(words[0]) for words in values) / len(values)


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text))


def _unit_of(label: str) -> tuple[str, str]:
    """("comfort temperature", "C") of ``comfort_temperature_c``; no unit where the name carries none."""
    base, _, suffix = snake(label).rpartition("_")
    per = _PER.fullmatch(base)
    if per and per[2] in UNITS and suffix in UNITS:  # "boil_min_per_l"
        return per[1].replace("_", " "), f"{UNITS[per[2]]} per {UNITS[suffix]}"
    return (base.replace("_", " "), UNITS[suffix]) if base and suffix in UNITS else ("", "")


def plain_label(label: str) -> str:
    """A column name or key as words: ``max_load_kg`` is "max load kg"."""
    return cut(snake(label).replace("_", " "), MOST_LABEL_CHARS) or label.strip().lower()


def _common_unit(values: list[list[str]]) -> str:
    """The unit of a column of measures ("9.5 g", "0.2 kg"); ``""`` when it is none."""
    units = Counter(unit for words in values if len(words) == 1 for unit in [measured(words[0])[1]] if unit)
    if not units:
        return ""
    unit, _ = units.most_common(1)[0]
    family = _FAMILIES.get(unit, (unit, 1.0))[0]
    related = sum(n for u, n in units.items() if _FAMILIES.get(u, (u, 1.0))[0] == family)
    return unit if related >= _SHARE * len(values) else ""


def measured(text: str) -> tuple[float, str]:
    """The figure and the unit of "9.5 gm" in small letters: (9.5, "g"); (0.0, "") where it is no measure."""
    found = _MEASURE.fullmatch(text)
    return (float(found.group(1)), _WORDS.get(found.group(2), "")) if found else (0.0, "")


def _words(name: str, values: tuple[str, ...]) -> Attribute:
    return Attribute(name, values)


def _yes_no(name: str, values: tuple[str, ...]) -> Attribute:
    return Attribute(name, ("yes",) if values[0] in _TRUE or values[0] == "1" else ("no",))


def _number_maker(unit: str) -> Callable[[str, tuple[str, ...]], Attribute]:
    def make(name: str, values: tuple[str, ...]) -> Attribute:
        if len(values) == 1 and _is_number(values[0]):
            return Attribute(name, values, float(values[0]), unit)
        return Attribute(name, values)

    return make


def _measure_maker(unit: str) -> Callable[[str, tuple[str, ...]], Attribute]:
    def make(name: str, values: tuple[str, ...]) -> Attribute:
        figure, own = measured(values[0]) if len(values) == 1 else (0.0, "")
        if not own:
            return Attribute(name, values)
        factor = 1.0 if own == unit else _FAMILIES.get(own, ("", 1.0))[1] / _FAMILIES.get(unit, ("", 1.0))[1]
        return Attribute(name, values, round(figure * factor, 4), unit)

    return make
