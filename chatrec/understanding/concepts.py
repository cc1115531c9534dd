"""Everyday words for properties: which words ask about which kind of field, and which way they pull.

Fields are found by the words of their names, so that "lighter" works on any catalogue that has a weight, and on none that has not.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concept:
    """``names``: field names that carry it, best first (each a set of stems that must all be in the name). ``inverse`` names pull the
    other way (a lower comfort temperature is warmer). ``hints``: words beside a figure that point at it. ``less`` and ``more``:
    adjectives toward the low and the high end (positive forms)."""

    names: tuple[str, ...]
    hints: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    inverse: tuple[str, ...] = ()


CONCEPTS: dict[str, Concept] = {
    "price": Concept(("price",), ("price", "cost", "pay", "spend", "budget"), ("cheap", "inexpensive", "affordable"), ("expensive", "pricey", "luxurious", "fancy")),
    "rating": Concept(("rating",), ("rating", "rated", "star", "review"), (), ("popular",)),
    "weight": Concept(("weight", "item weight", "net weight"), ("weight", "weigh", "heavy", "light"), ("light", "lightweight", "featherweight"), ("heavy",)),
    "packed": Concept(
        ("packed length", "packed size", "packed volume", "pack size"), ("packed", "folded", "pack"), ("packable", "compact"), (),
    ),
    "size": Concept(
        ("capacity", "volume", "storage capacity", "person", "seat", "screen size", "display size", "screen", "display", "diameter", "length", "width", "height", "size"),
        ("capacity", "hold", "volume", "fit", "size", "big", "large", "storage"),
        ("small", "compact", "little", "tiny"), ("big", "large", "roomy", "spacious", "huge"),
    ),
    "persons": Concept(("person", "people", "sleep", "seat", "capacity person", "berth", "serving"), ("person", "people", "sleep", "man", "adult", "berth", "seat")),
    "length": Concept(("length",), ("long", "length", "short"), ("short",), ("long",)),
    "height": Concept(("height",), ("tall", "high", "height"), ("low",), ("tall", "high")),
    "width": Concept(("width",), ("wide", "width", "narrow"), ("narrow",), ("wide", "broad")),
    "thickness": Concept(("thickness", "depth"), ("thick", "thickness", "deep", "depth"), ("thin", "flat"), ("thick", "deep")),
    "warmth": Concept(
        ("r value", "warmth", "fill power", "tog"), ("cold", "warm", "comfort", "temperature", "degree", "freeze"), ("cool", "cold"), ("warm", "toasty"),
        ("comfort temperature", "comfort temp", "comfort", "temperature rating", "temperature"),
    ),
    "light": Concept(("lumen", "brightness", "luminous flux"), ("lumen", "bright", "brightness"), ("dim",), ("bright",)),
    "battery": Concept(("battery life", "battery", "runtime", "run time", "burn time"), ("battery", "last", "run", "runtime", "hour"), (), ()),
    "power": Concept(("power", "wattage", "battery capacity", "battery", "horsepower", "output"), ("power", "watt", "charge", "battery"), ("weak",), ("powerful",)),
    "load": Concept(("max load", "load capacity", "load", "weight capacity", "max weight", "maximum load"), ("load", "carry", "support", "bear", "user"), (), ("strong", "sturdy")),
    "speed": Concept(("speed", "rpm", "max speed"), ("speed", "fast", "quick"), ("slow",), ("fast", "quick"), ("boil", "boil min per l", "charging time", "charge time")),
    "noise": Concept(("noise", "noise level", "sound level"), ("noise", "loud", "quiet"), ("quiet", "silent"), ("loud", "noisy")),
    "warranty": Concept(("warranty", "guarantee"), ("warranty", "guarantee")),
    "waterproofing": Concept(("waterproof mm", "water column", "hydrostatic head"), ("waterproof", "column", "head", "mm")),
    "zoom": Concept(("magnification", "zoom", "optical zoom"), ("magnification", "zoom", "power", "x")),
    "memory": Concept(("storage", "memory", "ram", "internal storage", "hard drive"), ("storage", "memory", "ram")),
    "screen": Concept(("screen size", "display size", "screen", "display", "diagonal"), ("screen", "display", "diagonal", "inch")),
    "resolution": Concept(("megapixel", "resolution", "camera resolution"), ("megapixel", "camera", "resolution")),
    "age": Concept(("age from", "age to", "min age", "max age", "minimum age", "age"), ("age", "aged", "old", "year")),
    "year": Concept(("year", "release year", "release date", "publication year", "published"), ("year", "released", "published"), ("old",), ("new", "recent")),
    "pages": Concept(("page", "page count", "number of page"), ("page",), ("short",), ("long",)),
}  # fmt: skip

# Comparative and superlative forms that rules of spelling would get wrong.
_IRREGULAR = {
    "better": ("rating", 1), "best": ("rating", 1), "worse": ("rating", -1), "less": ("", 0), "pricier": ("price", 1), "priciest": ("price", 1),
}  # fmt: skip


def _forms(word: str) -> tuple[str, str] | None:
    """ "big" -> ("bigger", "biggest"); ``None`` for words compared with "more"."""
    if word in ("lightweight", "featherweight", "packable", "spacious", "expensive", "inexpensive", "affordable", "powerful", "popular", "luxurious", "compact", "recent"):
        return None
    if word.endswith("e"):
        return word + "r", word + "st"
    if word.endswith("y") and word not in ("pricey",):
        return word[:-1] + "ier", word[:-1] + "iest"
    if word == "pricey":
        return "pricier", "priciest"
    if len(word) == 3 and word[1] in "aeiou" and word[2] not in "wxy":
        return word + word[-1] + "er", word + word[-1] + "est"
    return (word + word[-1] + "er", word + word[-1] + "est") if word in ("thin", "dim", "flat") else (word + "er", word + "est")


def _tables() -> tuple[dict[str, list[tuple[str, int]]], dict[str, list[tuple[str, int]]], dict[str, list[tuple[str, int]]]]:
    plain: dict[str, list[tuple[str, int]]] = {}
    comparative: dict[str, list[tuple[str, int]]] = {}
    superlative: dict[str, list[tuple[str, int]]] = {}
    for name, concept in CONCEPTS.items():
        for direction, words in ((-1, concept.less), (1, concept.more)):
            for word in words:
                plain.setdefault(word, []).append((name, direction))
                if forms := _forms(word):
                    comparative.setdefault(forms[0], []).append((name, direction))
                    superlative.setdefault(forms[1], []).append((name, direction))
    for word, pull in _IRREGULAR.items():
        if pull[1]:
            (superlative if word.endswith("st") else comparative).setdefault(word, []).append(pull)
    return plain, comparative, superlative


PLAIN, COMPARATIVE, SUPERLATIVE = _tables()
HINTS: dict[str, tuple[str, ...]] = {}
for _name, _concept in CONCEPTS.items():
    _adjectives = (*_concept.less, *_concept.more)
    for _hint in dict.fromkeys((*_concept.hints, *(f[0] for w in _adjectives if (f := _forms(w))))):
        HINTS[_hint] = (*HINTS.get(_hint, ()), _name)
