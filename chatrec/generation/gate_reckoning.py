"""Comparisons that the gate works out itself from the figures of the items shown, in every true direction.

The evidence brings a few computed notes; a writer may compare by any property that the records give. What is worked out here is handed
on in the wording of such notes, so that one set of rules judges both. A record without the figure is compared by nothing: then there
is no superlative over all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chatrec.domain.facts import EvidenceItem, Fact, FactKind
from chatrec.generation.comparatives import PRICE, RATING, Scale, is_adjective, scale_of
from chatrec.generation.gate_words import stems
from chatrec.generation.units import canonical_unit, in_base_unit, number_text

MOST_ITEMS = 6
"""More items than a reply speaks of one by one are not compared in pairs."""
_SAME = 1e-9
FAVOURED = "favoured"
"""In ``Fact.value``: the side of the scale that is told unasked, as lighter is of a weight."""


def reckoned(items: Sequence[EvidenceItem]) -> Iterator[Fact]:
    """What the figures and the yes/no properties of these items say of each other, as notes."""
    if not 1 < len(items) <= MOST_ITEMS:
        return
    numbers = tuple(item.n for item in items)
    for name, figures in _figures(items).items():
        scale, unit = _scale(name, figures)
        values = _in_one_unit(figures, unit)
        if scale is not None:
            yield from _ranked(name, values, scale, "" if name in ("price", "rating") else unit)
        if len(values) == len(numbers) and name != "price" and max(values.values()) - min(values.values()) <= _SAME:
            yield _note(name, f"{'both' if len(numbers) == 2 else 'all'} have the same {name}", numbers)
    yield from _only(items)


def _note(name: str, text: str, cites: Sequence[int], number: float | None = None, unit: str = "", value: str = "") -> Fact:
    return Fact(FactKind.COMPUTED, name, text, value, number, unit, "gate", tuple(cites))


def _figures(items: Sequence[EvidenceItem]) -> dict[str, dict[int, tuple[float, str]]]:
    """By property: (figure, unit) of each item that has one; a property that a record gives twice is left out."""
    found: dict[str, dict[int, tuple[float, str]]] = {}
    twice: set[str] = set()
    for item in items:
        for fact in item.facts:
            if fact.number is None or fact.kind not in (FactKind.ATTRIBUTE, FactKind.RATING, FactKind.PRICE):
                continue
            own = found.setdefault(fact.name, {})
            if item.n in own and own[item.n] != (fact.number, fact.unit):
                twice.add(fact.name)
            own[item.n] = (fact.number, fact.unit)
    return {name: own for name, own in found.items() if len(own) > 1 and name not in twice}


def _scale(name: str, figures: Mapping[int, tuple[float, str]]) -> tuple[Scale | None, str]:
    unit = next(iter(figures.values()))[1]
    if name == "price":
        return (PRICE if len({u for _, u in figures.values()}) == 1 else None), unit
    return (RATING if name == "rating" else scale_of(name, unit, frozenset()) or _size_scale(name, unit)), unit


def _size_scale(name: str, unit: str) -> Scale | None:
    """A "screen size" in inches compares, where a size by number does not."""
    *part, last = name.split()
    if last != "size" or not part or not unit:
        return None
    thing = " ".join(part)
    return Scale(frozenset(stems(name)), (f"has a smaller {thing} than", ""), (f"has a larger {thing} than", ""))


def _in_one_unit(figures: Mapping[int, tuple[float, str]], unit: str) -> dict[int, float]:
    """The figures in the unit of the first; those that measure something else are left out."""
    values = {n: value if own == unit else in_base_unit(value, own, unit) for n, (value, own) in figures.items()}
    return {n: value for n, value in values.items() if value is not None}


def _ranked(name: str, values: Mapping[int, float], scale: Scale, unit: str) -> Iterator[Fact]:
    """Each item against all that it surpasses on either side, and against each of them with the difference."""
    for sign in (-1, 1):
        wording, _ = scale.phrases(sign)
        side = f"{'lower' if sign < 0 else 'higher'} {FAVOURED if sign == scale.sign else ''}".strip()
        for n, value in values.items():
            behind = [m for m, other in values.items() if sign * (value - other) > _SAME * max(1.0, abs(value))]
            if len(behind) > 1:
                yield _note(name, f"[{n}] {wording} {' and '.join(f'[{m}]' for m in behind)}", (n, *behind), value=side)
            for m in behind:
                yield _by(name, (n, m), wording, abs(value - values[m]), unit, side)


def _by(name: str, cites: tuple[int, int], wording: str, difference: float, unit: str, side: str) -> Fact:
    """ "[2] is lighter than [1] by 300 g"; without a unit of measure only that it is."""
    figure, text = round(difference, 3), f"[{cites[0]}] {wording} [{cites[1]}]"
    if name in ("price", "rating") or not (canonical_unit(unit) or not unit):
        return _note(name, text, cites, value=side)
    return _note(name, f"{text} by {number_text(figure)} {unit}".strip(), cites, figure, unit, side)


def _only(items: Sequence[EvidenceItem]) -> Iterator[Fact]:
    """ "Only [1] is waterproof", where every record answers yes or no."""
    answers: dict[str, dict[int, bool]] = {}
    for item in items:
        for fact in item.facts:
            if fact.kind is FactKind.ATTRIBUTE and fact.value in ("yes", "no"):
                answers.setdefault(fact.name, {})[item.n] = fact.value == "yes"
    for name, told in answers.items():
        having = [n for n, yes in told.items() if yes]
        if len(told) == len(items) and len(having) == 1:
            others = [n for n in told if n != having[0]]
            yield _note(name, f"only [{having[0]}] {'is' if is_adjective(name) else 'has'} {name}", (having[0], *others))
        lacking = [n for n, yes in told.items() if not yes]
        if len(told) == len(items) and len(lacking) == 1:
            others = [n for n in told if n != lacking[0]]
            yield _note(name, f"only [{lacking[0]}] {'is not' if is_adjective(name) else 'has no'} {name}", (lacking[0], *others))
