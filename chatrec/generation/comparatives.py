"""Comparisons computed in code: a small model cannot rank numbers, so it is handed the result as a note.

A note is true of the records or it is not written: no superlative unless every item has the value, no difference between values
whose units cannot be brought together, nothing about ties.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.item import Item
from chatrec.domain.plain import plain
from chatrec.generation.gate_words import content_stems, stem, stems
from chatrec.generation.scale_words import (
    HOURS,
    LONG_THINGS,
    MASSES,
    NO_SCALE,
    OF_A_PART,
    OF_ONE_WAY,
    OF_THE_WHOLE,
    OPPOSITES,
    THINGS,
    TIMED,
    TOO,
    WAITED,
)  # fmt: skip
from chatrec.generation.units import canonical_unit, in_base_unit, number_text
from chatrec.generation.verbs import word_classes

MOST_NOTES = 4
WITHIN_LIMIT = "are within the price limit"


@dataclass(frozen=True, slots=True)
class Scale:
    """How people compare one numeric property. ``sign`` is the side worth telling unasked: -1 the lesser, +1 the greater.

    ``less``/``more`` are (two items: "is lighter than", several: "is the lightest of these").
    """

    words: frozenset[str]
    less: tuple[str, str]
    more: tuple[str, str]
    sign: int = 1

    def phrases(self, sign: int) -> tuple[str, str]:
        """The wording for the lesser (-1) or the greater (+1) side."""
        return self.less if sign < 0 else self.more


def _scale(words: str, less: str, more: str, sign: int = 1) -> Scale:
    return Scale(frozenset(stems(words)), _pair(less), _pair(more), sign)


def _pair(text: str) -> tuple[str, str]:
    one, _, several = text.partition(" | ")
    return one, several


# The first scale with a word in the property's name is used; order matters ("comfort temperature" before "temperature").
SCALES = (
    _scale("weight weighs", "is lighter than | is the lightest of these", "is heavier than | is the heaviest of these", -1),
    _scale("capacity volume", "holds less than | holds the least of these", "holds more than | holds the most of these"),
    _scale("comfort", "is warmer than | is the warmest of these", "is cooler than | is the coolest of these", -1),
    _scale("length", "is shorter than | is the shortest of these", "is longer than | is the longest of these"),
    _scale("width", "is narrower than | is the narrowest of these", "is wider than | is the widest of these"),
    _scale("height", "is lower than | is the lowest of these", "is taller than | is the tallest of these"),
    _scale("depth", "is shallower than | is the shallowest of these", "is deeper than | is the deepest of these"),
    _scale("thickness", "is thinner than | is the thinnest of these", "is thicker than | is the thickest of these", -1),
    _scale("noise loudness", "is quieter than | is the quietest of these", "is louder than | is the loudest of these", -1),
    _scale("lumens brightness", "is dimmer than | is the dimmest of these", "is brighter than | is the brightest of these"),
    _scale("runtime run battery burn playtime", "runs shorter than | runs the shortest of these",
           "runs longer than | runs the longest of these"),
    _scale("persons people sleeps", "is for fewer people than | is for the fewest people of these",
           "is for more people than | is for the most people of these"),
    _scale("warranty guarantee", "has a shorter warranty than | has the shortest warranty of these",
           "has a longer warranty than | has the longest warranty of these"),
)  # fmt: skip
PRICE = Scale(frozenset(), ("costs less than", "is the cheapest of these"), ("costs more than", "is the most expensive of these"), -1)
RATING = Scale(
    frozenset(), ("is rated lower than", "is rated the lowest of these"), ("is rated higher than", "is rated the highest of these"), 1
)
# Numbers that name or date a thing; more of them means nothing.
_NAMING = frozenset(stems("id code sku upc ean asin isbn model year number rank position index version date size"))
_WANTS_LESS = frozenset(
    stems("cheap cheaper cheapest less lighter lightest smaller smallest shorter quieter thinner light small short quiet")
)
_WANTS_MORE = frozenset(stems("heavier expensive bigger larger biggest largest more most longer taller higher heavy big large long"))
# Words that are nouns as well, but as the name of a yes/no property nearly always adjectives.
_USED_AS_ADJECTIVES = frozenset("vegan vegetarian sterile manual metric organic waterproof lightweight portable unisex compact".split())
_NEGATED = re.compile(r"\b(?:non|anti)[- ]\w+$")
_DOING = re.compile(r"\b(?:self|quick|fast|slow|long|hard|free|spiral|perfect)[ -](?:\w+ing|bound)$")  # "self watering"
_ADJECTIVE = re.compile(r"(?:able|ible|ed|proof|ful|ic|less|free|ant|ent|al|ive|safe|ready|friendly|recycled|washable|vegan)$")


def compare(
    items: Sequence[tuple[int, Item]], wanted: frozenset[str] = frozenset(), needs: Sequence[str] = (), most: int = MOST_NOTES
) -> tuple[Fact, ...]:
    """At most ``most`` notes over ``items`` (citation number, record), those that touch the ``wanted`` stems first."""
    notes = list(_out_of_stock(items))
    if len(items) > 1:
        ranked = [*_price_notes(items, wanted), *_number_notes(items, wanted), *_yes_no_notes(items), *_shared_notes(items)]
        ranked.sort(key=lambda note: -len(wanted & (set(stems(note.name)) | set(stems(note.text)))))  # stable: telling order otherwise
        notes += [*ranked[: most - 1], *_limit_note(items, needs), *ranked[most - 1 :]]
    return tuple({note.text: note for note in reversed(notes)}[text] for text in dict.fromkeys(note.text for note in notes))[:most]


def _note(name: str, text: str, cites: Sequence[int], number: float | None = None, unit: str = "") -> Fact:
    return Fact(FactKind.COMPUTED, name, text, number=number, unit=unit, source="computed", cites=tuple(cites))


def _out_of_stock(items: Sequence[tuple[int, Item]]) -> Iterator[Fact]:
    for n, item in items:
        if item.stock is not None and item.stock <= 0:
            yield _note("stock", f"[{n}] is out of stock", (n,))


def _price_notes(items: Sequence[tuple[int, Item]], wanted: frozenset[str]) -> Iterator[Fact]:
    prices = {n: float(i.price) for n, i in items if i.price is not None}
    if len(prices) == len(items) and len({i.currency for _, i in items}) == 1:
        yield from _ordered("price", prices, PRICE, "", wanted)
    ratings = {n: i.rating for n, i in items if i.rating is not None}
    if len(ratings) == len(items):
        yield from _ordered("rating", ratings, RATING, "", wanted)


def _limit_note(items: Sequence[tuple[int, Item]], needs: Sequence[str]) -> Iterator[Fact]:
    """That the limit holds: the cards show as much, so it comes last."""
    limit, prices = price_limit(needs), [i.price for _, i in items if i.price is not None]
    if limit is not None and len(prices) == len(items) and len({i.currency for _, i in items}) == 1 and float(max(prices)) <= limit:
        yield _note("price", f"{everyone(items)} {WITHIN_LIMIT}", [n for n, _ in items])


def price_limit(needs: Sequence[str]) -> float | None:
    """The upper price bound among the constraints in words ("price up to $150"), if there is one."""
    for need in needs:
        found = re.search(r"\bprice\b.*?\b(?:up to|under|at most|below|to|max(?:imum)?)\D{0,6}(\d[\d,]*(?:\.\d+)?)", need, re.IGNORECASE)
        if found:
            return float(found[1].replace(",", ""))
    return None


def _number_notes(items: Sequence[tuple[int, Item]], wanted: frozenset[str]) -> Iterator[Fact]:
    for first in items[0][1].attributes:
        values: dict[int, float] = {}
        for n, item in items:
            attribute = item.attribute(first.name)
            if attribute is not None and attribute.number is not None:
                value = in_base_unit(attribute.number, attribute.unit, first.unit)
                if value is not None:
                    values[n] = value
        if len(values) == len(items):
            yield from _ordered(plain(first.name, 40), values, scale_of(first.name, first.unit, wanted), first.unit, wanted)


def scale_of(name: str, unit: str, wanted: frozenset[str] = frozenset()) -> Scale | None:
    """How to compare this property; ``None`` where more or less of it means nothing."""
    words = frozenset(stems(name))
    name = plain(name, 40).replace("_", " ")
    for scale in SCALES:
        if scale.words & words and words <= scale.words | OF_THE_WHOLE and not (scale.words & TIMED and stem(unit) not in HOURS):
            return scale
    if words & _NAMING or not name.strip() or name.split()[0] in NO_SCALE:
        return None
    spoken = _spoken_scale(name, words)
    if spoken is not None:
        return spoken
    if not unit and (" per " in name or (name.endswith("s") and not name.endswith("ss"))):
        return Scale(
            words, (f"has fewer {name} than", f"has the fewest {name} of these"), (f"has more {name} than", f"has the most {name} of these")
        )
    if unit or words & wanted:
        return Scale(words, (f"has a lower {name} than", f"has the lowest {name} of these"),
                     (f"has a higher {name} than", f"has the highest {name} of these"))  # fmt: skip
    return None


def _spoken_scale(name: str, words: frozenset[str]) -> Scale | None:
    """ "has a longer blade than", "has more power than", "has a larger screen than": what no "higher" goes with."""
    *part, last = name.split()
    sign = 1
    if last in OF_A_PART and part and "NOUN" in word_classes(part[-1]) and "ADJ" not in word_classes(part[-1]):
        less, more = OF_A_PART[last]
        thing = " ".join(part)
    elif name in MASSES:
        return Scale(
            words, (f"has less {name} than", f"has the least {name} of these"), (f"has more {name} than", f"has the most {name} of these")
        )
    elif last in ("time", "duration", "life"):
        less, more, thing, sign = "shorter", "longer", name, -1 if words & WAITED else 1
    elif last in OF_ONE_WAY:
        (less, more), thing = OF_ONE_WAY[last], name
    elif last in THINGS | LONG_THINGS:
        less, more = ("shorter", "longer") if last in LONG_THINGS else ("smaller", "larger")
        thing = name
    else:
        return None
    most = (f"{less.removesuffix('er')}est", f"{more.removesuffix('er')}est")
    return Scale(
        words,
        (f"has a {less} {thing} than", f"has the {most[0]} {thing} of these"),
        (f"has a {more} {thing} than", f"has the {most[1]} {thing} of these"),
        sign,
    )


def _ordered(name: str, values: dict[int, float], scale: Scale | None, unit: str, wanted: frozenset[str]) -> Iterator[Fact]:
    if scale is None:
        return
    sign = _side(name, scale, wanted)
    ordered = sorted(values.items(), key=lambda pair: sign * pair[1], reverse=True)
    (best, top), (second, runner) = ordered[0], ordered[1]
    if abs(top - runner) <= 1e-9 * max(1.0, abs(top)):
        return
    one, several = scale.phrases(sign)
    if len(values) > 2:
        yield _note(name, f"[{best}] {several}", (best, *sorted(set(values) - {best})))
        return
    figure = round(abs(top - runner), 3)
    by = f" by {number_text(figure)} {_counted_unit(unit, figure)}" if canonical_unit(unit) and canonical_unit(unit) != "c" else ""
    yield _note(name, f"[{best}] {one} [{second}]{by}", (best, second), figure if by else None, unit if by else "")


def _counted_unit(unit: str, figure: float) -> str:
    return unit[:-1] if figure == 1 and len(unit) > 3 and unit.endswith("s") else unit


def _side(name: str, scale: Scale, wanted: frozenset[str]) -> int:
    told = wanted & (frozenset(stems(name)) | scale.words | _said_words(scale.less + scale.more) | _WANTS_LESS | _WANTS_MORE)
    less, more = _said_words(scale.less), _said_words(scale.more)
    if told & (more - less):
        return 1
    return -1 if told & (less - more) else scale.sign


def _said_words(pair: Sequence[str]) -> frozenset[str]:
    """The stems of a pair of wordings, and the plain adjectives in them: "warmer" is what asks for "warm"."""
    found = set(stems(" ".join(pair)))
    return frozenset(found | {w.removesuffix(end) for w in found for end in ("er", "est") if w.endswith(end) and len(w) > 5})


def _yes_no_notes(items: Sequence[tuple[int, Item]]) -> Iterator[Fact]:
    for first in items[0][1].attributes:
        answers = {n: _yes_no(item, first.name) for n, item in items}
        if None in answers.values():
            continue
        having = [n for n, yes in answers.items() if yes]
        name = plain(first.name, 40)
        one, many = ("is", "are") if is_adjective(name) else ("has", "have")
        if len(having) == 1:
            yield _note(name, f"only [{having[0]}] {one} {name}", (having[0], *sorted(set(answers) - set(having))))
        elif len(having) == len(items):
            yield _note(name, f"{everyone(items)} {many} {name}", having)


def is_adjective(name: str) -> bool:
    """Whether a yes/no property reads as "is waterproof" rather than "has pump"; judged by its last word, or the ending of it."""
    name = name.lower()
    if not name.strip():
        return False
    last = name.replace("-", " ").split()[-1]
    if last in _USED_AS_ADJECTIVES or _NEGATED.search(name) or _DOING.search(name):
        return True
    classes = word_classes(last)
    if len(classes & {"ADJ", "NOUN"}) == 1:  # the dictionary is sure
        return "ADJ" in classes
    return bool(_ADJECTIVE.search(name))


def _yes_no(item: Item, name: str) -> bool | None:
    attribute = item.attribute(name)
    return attribute.values == ("yes",) if attribute and attribute.values in (("yes",), ("no",)) else None


def _shared_notes(items: Sequence[tuple[int, Item]]) -> Iterator[Fact]:
    cites = [n for n, _ in items]
    brands = {item.brand for _, item in items}
    if len(brands) == 1 and "" not in brands:
        yield _note("brand", f"{everyone(items)} are from {plain(brands.pop(), 60)}", cites)
    for first in items[0][1].attributes:
        if first.name in ("style", "type", "kind", "category") or first.name.endswith((" for", " with", " in", " by", " to", " from")):
            continue  # a sort goes without saying, and "the same ideal for" is no English
        same = all((a := item.attribute(first.name)) is not None and a.values == first.values for _, item in items)
        if same and first.number is None and len(first.values) == 1 and first.values[0] not in ("yes", "no"):
            yield _note(first.name, f"{everyone(items)} have the same {plain(first.name, 40)}: {plain(first.values[0], 60)}", cites)


def everyone(items: Sequence[object]) -> str:
    """What these items together are called in a note."""
    return "both" if len(items) == 2 else "all"


def wanted_stems(shopper: str, needs: Sequence[str]) -> frozenset[str]:
    """The content stems of what the shopper said and wants; "not too heavy" wants what is light."""
    said = TOO.sub(lambda found: OPPOSITES.get(found[1].lower(), found[0]), shopper)
    return frozenset(content_stems(f"{said} {' '.join(needs)}"))
