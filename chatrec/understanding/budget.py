"""Sums that move a budget already given: "up to $9 more", "20 less", "what about 80?"."""

from __future__ import annotations

import re

from chatrec.domain.need import Constraint, Op
from chatrec.domain.state import DialogueState
from chatrec.understanding.amounts import Amount
from chatrec.understanding.text import Message

_PROPOSED = re.compile(
    r"(?:^|\s)(?:(?:what|how) about|make (?:it|that)|(?:let's )?say|rather|change (?:it|that) to|"
    r"i (?:said|meant|mean)|(?:it's|that's|is) now|gone up (?:to|,)|gone down (?:to|,)|correction :?)(?: [$€£])?\s*$"
)
_ADDED = re.compile(r"\b(?:add|throw in|find|manage|go)(?: (?:up|on|to|by|maybe))*(?: (?:another|an extra|a further))(?: [$€£])?\s*$")
_ACCEPTED = re.compile(
    r"^(?:is|would be|works|sounds)(?: (?:also|still|just|about))?(?: (?:ok|okay|fine|alright|all right|possible|doable|good|too))\b"
)
_MORE, _LESS = {"more", "extra", "higher"}, {"less", "fewer", "lower"}


def moved_budget(message: Message, amount: Amount, state: DialogueState) -> tuple[Constraint, ...]:
    """The price bound that takes the place of the active need's; empty when the amount does not move it."""
    need = state.need()
    bounds = [c for c in need.constraints if c.field == "price" and c.number is not None] if need else []
    if not bounds or amount.unit or amount.value < 0:
        return ()
    bound = next((c for c in bounds if c.op is Op.AT_MOST), bounds[0])
    following = message.tokens[amount.last].text if amount.last < len(message.tokens) else ""
    said = message.words(amount.start, min(len(message.tokens), amount.last + 1))
    if following in _MORE | _LESS and (amount.currency or amount.cue in ("", "most")):
        step = amount.value if following in _MORE else -amount.value
        return (Constraint("price", bound.op, number=round((bound.number or 0.0) + step, 2), said=said),)
    before = message.text[: message.tokens[amount.first].start]
    if _ADDED.search(before):
        return (Constraint("price", bound.op, number=round((bound.number or 0.0) + amount.value, 2), said=said),)
    if _ACCEPTED.match(message.words(amount.last, amount.last + 4)):
        return (Constraint("price", bound.op, number=amount.value, said=said),)
    return (Constraint("price", bound.op, number=amount.value, said=said),) if _PROPOSED.search(before) else ()
