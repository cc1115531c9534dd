"""What understanding is compared with in the same run: words alone, and the parser that is written in an afternoon."""

from __future__ import annotations

import re

from chatrec.catalog.contract import Contract
from chatrec.domain.need import Constraint, Op
from chatrec.domain.reading import Intent, IntentSpan, NeedReading, Reading
from chatrec.domain.state import DialogueState

_FIGURE = r"[$€£]?\s?(\d+(?:\.\d+)?)"
_MOST = re.compile(rf"\b(?:under|below|up to|at most|max(?:imum)?|less than|cheaper than|within)\s+{_FIGURE}", re.I)
_LEAST = re.compile(rf"\b(?:over|above|at least|min(?:imum)?|more than|from)\s+{_FIGURE}", re.I)
_BETWEEN = re.compile(rf"\b(?:between\s+{_FIGURE}\s+and|{_FIGURE}\s?(?:-|to))\s*{_FIGURE}", re.I)


class KeywordReader:
    """Takes every message for words to search with: the control that shows what constraints are worth."""

    def read(self, message: str, state: DialogueState) -> Reading:
        """One need with the message as its query."""
        return Reading((IntentSpan(Intent.RECOMMEND, message),), (NeedReading(message, opens=not state.needs),))


class PatternReader:
    """Patterns for prices, and the catalogue's own words for kind, brand and properties where they stand in the message as they are.

    Knows no negation, no strength, no reference, no second need: the usual first version of a shop's bot.
    """

    def __init__(self, contract: Contract) -> None:
        self._values = [
            (re.compile(rf"\b{re.escape(_singular(v.text))}(?:s|es)?\b", re.I), field.name, v.text)
            for field in contract.fields.values()
            if field.kind == "words" and field.facet
            for v in field.values
        ]
        self._yes_no = [(re.compile(rf"\b{re.escape(f.name)}\b", re.I), f.name) for f in contract.fields.values() if f.kind == "yes_no"]

    def read(self, message: str, state: DialogueState) -> Reading:
        """One need with what the patterns found."""
        found: dict[str, list[str]] = {}
        for pattern, field, value in self._values:
            if pattern.search(message):
                found.setdefault(field, []).append(value)
        constraints = [Constraint(field, Op.IS, tuple(values)) for field, values in found.items()]
        constraints += [Constraint(field, Op.IS, ("yes",)) for pattern, field in self._yes_no if pattern.search(message)]
        constraints += _price(message)
        intent = Intent.REFINE if state.needs else Intent.RECOMMEND
        if message.rstrip().endswith("?") and not constraints:
            intent = Intent.SHOP_QUESTION
        opens = not state.needs or "category" in found
        return Reading((IntentSpan(intent, message),), (NeedReading(message, tuple(constraints), opens=opens),))


def _price(message: str) -> list[Constraint]:
    if both := _BETWEEN.search(message):
        low, high = both[1] or both[2], both[3]
        return [Constraint("price", Op.AT_LEAST, number=float(low)), Constraint("price", Op.AT_MOST, number=float(high))]
    found = [(Op.AT_MOST, _MOST.search(message)), (Op.AT_LEAST, _LEAST.search(message))]
    return [Constraint("price", op, number=float(match[1])) for op, match in found if match]


def _singular(name: str) -> str:
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
