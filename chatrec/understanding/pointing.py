"""References by a comparison inside what was shown: "the cheaper one", "the lightest of them"."""

from __future__ import annotations

import re
from collections.abc import Callable

from chatrec.domain.item import Item
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.comparatives import Compared

_ONE = re.compile(r"^(?:one|ones|option|version|model|of (?:them|these|those|the (?:two|three|2|3)))\b")
_ASKED_ABOUT = re.compile(r"^(?:ones?|option|model)? ?, (?:is|does|do|has|can|how|what|will|would|could)\b")
_ACTS = re.compile(r"\b(?:take|i'll|go with|buy|order|why|is the|does the|how|tell me|about the|add|like the|love the|want the)\b")

_WEIGHED = re.compile(r"\b(?:which|what|who)\b(?: (?:one|ones|of|these|those|them|the|\w+))* (?:is|are|was|would be)(?: the)?$")


def point_by_value(analysis: Analysis, item: Callable[[str], Item | None]) -> list[Compared]:
    """Turns "the cheaper one" into a reference where items are on the table; gives back the comparisons that are left."""
    left = []
    for compared in analysis.compared:
        ids = analysis.state.focus if len(analysis.state.focus) > 1 else analysis.state.last_shown()
        if ids and _points(analysis, compared) and (found := _extreme(ids, compared, item)):
            last = compared.last
            while (
                last < len(analysis.message.tokens)
                and last < compared.last + 4
                and _ONE.match(analysis.message.words(last, compared.last + 4))
            ):
                last += 1
            among = set(range(last - 1, last + 4))  # "the cheapest of those four": the others are only what it is held against
            for other in [i for i, place in analysis.refs.found.items() if place in among and i != found]:
                del analysis.refs.found[other]
            analysis.refs.found.pop(found, None)
            analysis.refs.add((found,), range(max(0, compared.first - 1), last))
        else:
            left.append(compared)
    return left


def _points(analysis: Analysis, compared: Compared) -> bool:
    if _WEIGHED.search(analysis.message.words(0, compared.first)):
        return False  # "which of these is the cheapest" weighs all of them
    before = analysis.message.words(max(0, compared.first - 1), compared.first)
    after = analysis.message.words(compared.last, compared.last + 4)
    if before != "the" or compared.over_shop:
        return False
    if compared.superlative:
        if _ASKED_ABOUT.match(after):
            return True  # "the cheapest one, is it any good?"
        return compared.among or (bool(_ONE.match(after) or not after) and bool(_ACTS.search(analysis.message.words(0, compared.first))))
    return bool(_ONE.match(after)) or not after


def _extreme(ids: tuple[str, ...], compared: Compared, item: Callable[[str], Item | None]) -> str | None:
    figures = []
    for place, item_id in enumerate(ids):
        record = item(item_id)
        value = _figure(record, compared.field) if record else None
        if value is not None:
            figures.append((value * compared.direction, -place, item_id))
    return max(figures)[2] if figures else None


def _figure(item: Item, field: str) -> float | None:
    if field == "price":
        return float(item.price) if item.price is not None else None
    if field == "rating":
        return item.rating
    attribute = item.attribute(field)
    return attribute.number if attribute else None
