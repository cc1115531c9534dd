"""Labelled values in running text: "Outer diameter: 6 mm. Material: brass." says as much as two columns of a table would."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatrec.catalog.attributes import measured
from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.figures import number_text
from chatrec.domain.plain import plain

MOST_SPECS = 6
MOST_VALUE_WORDS = 5
MOST_VALUE_CHARS = 40
MOST_CHARS = 6000
SOURCE = "description"

_PAIR = re.compile(
    r"(?:^|(?<=[.;|•·\n>])|(?<=\s-)|(?<=\s[-–*]\s))\s*(?P<label>[A-Z][A-Za-z]+(?: [A-Za-z]+){0,2})\s?:\s*(?P<value>[^:;|•·\n<>]{1,60}?)"
    r"(?=\s*(?:$|[;|•·\n<]|\.(?!\d)|\s[-–*]\s?[A-Z]|,\s[A-Z][A-Za-z ]{2,24}:))"
)
# Labels of remarks, of lists and of what names the thing rather than describes it.
_NO_SPEC = re.compile(
    r"\b(?:note|notes|tips?|features?|specifications?|specs?|description|warnings?|caution|directions?|instructions?|applications?|uses?|usage|"
    r"storage|includes?|contents?|upc|ean|asin|isbn|sku|model|number|no|item|code|product|brand|name|price|shipping|returns?|warranty|phone|"
    r"email|size|dimensions?|about|overview|benefits?|ingredients|important|attention|disclaimer|quantity|type|made|colou?rs?|why|how|what|"
    r"condition|proposition|with|for|by|in|of|and|or|the|used|best|this|it)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"(?:approx\w*\.? |about )?(?P<number>\d+(?:\.\d+)?) ?(?P<unit>[A-Za-z\"]+)\.?(?: ?\(?approx\w*\.?\)?)?", re.IGNORECASE
)
_WORDED = re.compile(r"[A-Za-z][\w %°/.&+-]*")
_UNSURE = re.compile(r"^not?\b|\b(?:must|may|see|vary|varies|none|n/a|na|yes|no|your?|we|our|etc|is|are|any|please)\b|[!?]", re.IGNORECASE)


def specs(description: str, known: frozenset[str]) -> list[Fact]:
    """The labelled values of a description that ``known`` (properties the record has already) does not hold, in order.

    A figure keeps its unit ("outer diameter 6 mm"), and one without a unit is left out: nobody knows what it measures.
    """
    found: dict[str, Fact] = {}
    for pair in _PAIR.finditer(description[:MOST_CHARS]):
        name = plain(pair["label"]).lower()
        if name in found or name in known or _NO_SPEC.search(name) or name.endswith((" is", " are")):
            continue
        found.update((name, fact) for fact in _spec(name, plain(pair["value"]).strip(" ,.-")))
    return list(found.values())[:MOST_SPECS]


def _spec(name: str, value: str) -> Iterator[Fact]:
    figure = _FIGURE.fullmatch(value)
    if figure:
        number, unit = measured(f"{figure['number']} {figure['unit']}".lower())
        if unit:
            told = number_text(number)
            yield Fact(FactKind.ATTRIBUTE, name, f"{name} {told} {unit}", told, number, unit, SOURCE)
        return
    fits = len(value.split()) <= MOST_VALUE_WORDS and len(value) <= MOST_VALUE_CHARS
    if fits and _WORDED.fullmatch(value) and not _UNSURE.search(value) and not re.search(r"\d", value):
        low = value.lower() if not re.search(r"[a-z][A-Z]|\b[A-Z]{2,}\b", value) else value
        yield Fact(FactKind.ATTRIBUTE, name, f"{name} {low}", low, source=SOURCE)
