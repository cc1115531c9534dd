"""What a segment of a title says of its item: "pack of 4" as "comes as a pack of 4", "25 ft length" as "is 25 ft long"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from chatrec.generation.comparatives import is_adjective
from chatrec.generation.verbs import is_participle, is_singular_verb, word_classes

LISTED = "is listed as "
"""How a segment is told of which nothing better is known; the template writer words it anew."""
COLOURS = frozenset(
    "black white red green blue yellow orange purple pink brown grey gray silver gold golden bronze copper beige cream ivory tan navy "
    "teal turquoise cyan magenta maroon burgundy olive khaki lime mint coral salmon peach lavender violet indigo charcoal slate "
    "graphite sand rose sky dark light "
    "bright deep pale matte clear transparent multicolor multicolour titanium champagne and".split()
)
"""Words of which colours are made; a segment of nothing else names one."""
_HUES = frozenset(
    "black white red green blue yellow orange purple pink brown grey gray silver gold beige cream navy teal maroon burgundy".split()
)
"""A segment that ends in one of these is a shade of it, whatever the maker calls the shade: "barn red"."""
_PACKED = re.compile(r"(?:pack|set|box|case|kit|bundle|roll|carton) of \d+")
_COUNTED = re.compile(r"\d{1,4} [a-z][a-z ]*[^s]s")
_MEASURES = frozenset(
    "pounds lbs ounces grams inches yards yds volts amps watts gallons liters litres quarts meters metres hours ohms".split()
)
_UNIT = r"(?:mm|cm|m|ft|in|inch|inches|feet|yd|yds|yards)"
_ACROSS = re.compile(rf"(?P<figure>\d[\d./-]* ?-?{_UNIT})\.? (?P<way>length|long|width|wide|height|high|tall|thickness|thick|diameter)")
_WAYS = {"length": "long", "width": "wide", "height": "high", "tall": "tall", "thickness": "thick"}
_SIDES = re.compile(rf"\d[\d./]* ?{_UNIT}?(?: ?x ?\d[\d./]* ?{_UNIT}?){{1,2}}", re.IGNORECASE)
_UNITED = re.compile(rf"\d ?{_UNIT}\b", re.IGNORECASE)
# A figure in front of one of these is had: "a 90-lb load capacity".
_HAD = frozenset(
    "capacity output range screen display battery cord cable bore reach load rating resolution accuracy tolerance hose".split()
)
_FRONT = re.compile(r"\d[\w./-]*(?:[ -][\w./-]+)* (?P<last>[a-z]+)")
_EIGHT = re.compile(r"8|1[18](?!\d)")
_FORMS = frozenset("spool bottle can tube jar bag box roll reel pouch tub carton bucket canister stick sheet bar refill cartridge".split())


def told_segment(text: str, with_article: Callable[[str], str]) -> str:
    """The segment as the end of a sentence about its item; ``with_article`` puts "a" before a thing that needs it."""
    words = text.split()
    if set(re.findall(r"[a-z]+", text.lower())) <= COLOURS or (len(words) < 4 and words[-1].lower() in _HUES and not _has_digit(text)):
        return f"comes in {text}"
    if _PACKED.fullmatch(text):
        return f"comes as a {text}"
    if words[0] == "with":
        return f"comes with {with_article(text.removeprefix('with '))}"
    if is_singular_verb(words[0]) and "NOUN" not in word_classes(words[0]) and len(words) > 1:
        return text
    if (is_participle(words[0]) and words[0].endswith(("ed", "en", "made", "built")) and len(words) > 1) or (
        len(words) < 4 and not _has_digit(text) and is_adjective(text)
    ):
        return f"is {text}"
    return _figured(text) or ("" if _is_bare_noun(words) else f"{LISTED}{text}")


def _is_bare_noun(words: Sequence[str]) -> bool:
    """A noun alone, or nouns in the plural, cut from a row ("gasket", "swimming pools", "sink & drain clogs"): what the thing is, has or is
    for, nobody knows. A figure, or a noun that is described ("pan head"), says more."""
    if any(_has_digit(w) for w in words):
        return False
    last = words[-1].lower()
    plural = last.endswith("s") and not last.endswith(("ss", "us", "is")) and "NOUN" in word_classes(last)
    return plural or (len(words) == 1 and "ADJ" not in word_classes(last))


def _one(text: str) -> str:
    """ "an 8 oz bottle", "a 1 kg spool"."""
    return f"{'an' if _EIGHT.match(text) else 'a'} {text}"


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)


def _figured(text: str) -> str:
    """A segment that opens with a figure; "" where it is not known what the figure is of."""
    across = _ACROSS.fullmatch(text)
    if across:
        way = across["way"]
        return f"has a diameter of {across['figure']}" if way == "diameter" else f"is {across['figure']} {_WAYS.get(way, way)}"
    if _SIDES.fullmatch(text) and _UNITED.search(text):
        return f"measures {text}"
    if _COUNTED.fullmatch(text) and text.split()[-1] not in _MEASURES:
        return f"has {text}"
    front = _FRONT.fullmatch(text)
    if front and front["last"] in _HAD:
        return f"has {_one(text)}"
    return f"comes in {_one(text)}" if front and front["last"] in _FORMS else ""
