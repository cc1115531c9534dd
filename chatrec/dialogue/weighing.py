""" "Which is the lightest?": answered from the figures of the items on the table, the answer first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatrec.dialogue.wording import extreme_words, figure_words
from chatrec.domain.figures import number_text
from chatrec.domain.item import Item

MOST_AFTER = 3  # of those that come after the first, so many are told


@dataclass(frozen=True, slots=True)
class Weighed:
    """``first`` are the places (from 1) of the items that go furthest, ``after`` of the others in their order, ``silent`` of those
    whose record does not say; ``figures`` in words, by place."""

    first: tuple[int, ...]
    after: tuple[int, ...]
    silent: tuple[int, ...]
    figures: dict[int, str]


def figure_of(item: Item, field: str) -> tuple[float | None, str]:
    """The number that a record holds for a field, with its unit."""
    if field == "price":
        return (float(item.price) if item.price is not None else None), item.currency
    if field == "rating":
        return item.rating, ""
    if field == "stock":
        return (float(item.stock) if item.stock is not None else None), ""
    attribute = item.attribute(field)
    return (attribute.number, attribute.unit) if attribute else (None, "")


def weigh(items: Sequence[Item], field: str, direction: int) -> Weighed:
    """The items by one field. Figures in another unit than most cannot be compared and count as silent."""
    found = {n: figure_of(item, field) for n, item in enumerate(items, start=1)}
    units = Counter(unit for value, unit in found.values() if value is not None)
    unit = units.most_common(1)[0][0] if units else ""
    values = {n: value for n, (value, u) in found.items() if value is not None and u == unit}
    best = max((direction * v for v in values.values()), default=0.0)
    first = tuple(n for n, v in values.items() if direction * v == best)
    after = tuple(sorted((n for n in values if n not in first), key=lambda n: -direction * values[n]))
    return Weighed(first, after, tuple(n for n in found if n not in values), {n: _words(field, v, unit) for n, v in values.items()})


def _words(field: str, value: float, unit: str) -> str:
    """A figure to put after a name; a price is told beside every name already."""
    if field == "price":
        return ""
    return f"{number_text(value)} of 5" if field == "rating" else figure_words(value, unit)


def answers(weighed: Weighed, field: str, direction: int) -> Iterator[str]:
    """The sentences: which goes furthest, what comes after it, and whose record is silent."""
    if not weighed.first:
        plural = len(weighed.silent) > 1
        yield f"The listing{'s' if plural else ''} of {_listed(weighed.silent)} {'do' if plural else 'does'} not give any {field}."
        return
    count = len(weighed.figures)
    figure = weighed.figures[weighed.first[0]]
    among = f"{extreme_words(field, direction)} of {'the two' if count == 2 else 'these'}{f', with {figure}' if figure else ''}"
    if count == 1:
        told = f" ({field} {figure})" if figure else ""
        lone = f"[{weighed.first[0]}]"
        yield f"Only {lone} lists {_article(field)}{told}." if weighed.silent else f"There is only {lone}{told}."
    elif not weighed.after:
        yield f"There is no difference in {field} between {_listed(weighed.first)}{f': {figure} each' if figure else ''}."
    elif len(weighed.first) > 1:
        yield f"{_listed(weighed.first)} share the first place, each {among}."
    else:
        yield f"[{weighed.first[0]}] is {among}."
    if weighed.after:
        told_after = [f"[{n}]{f' with {weighed.figures[n]}' if weighed.figures[n] else ''}" for n in weighed.after[:MOST_AFTER]]
        yield f"Next {'comes' if len(told_after) == 1 else 'come'} {_joined(told_after)}."
    if weighed.silent:
        plural = len(weighed.silent) > 1
        yield f"The listing{'s' if plural else ''} of {_listed(weighed.silent)} {'do' if plural else 'does'} not say."


def _article(field: str) -> str:
    return f"{'an' if field[:1] in 'aeiou' else 'a'} {field}"


def _listed(places: Sequence[int]) -> str:
    return _joined([f"[{n}]" for n in places])


def _joined(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
