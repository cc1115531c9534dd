"""Comparatives as limits: "cheaper" becomes a bound taken from the items that it is compared with."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chatrec.dialogue.weighing import figure_of
from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.reading import Comparative, Reading
from chatrec.domain.state import DialogueState
from chatrec.protocols import Shelf

_BOUNDS = (Op.AT_MOST, Op.AT_LEAST)
_WHOLE_SHOP = re.compile(
    r"\byou(?: guys| people)?(?:'ve| ?have| got| sell| stock| carry| do have)(?: got)?\b|\b(?:in|of|over|across) (?:the|your|this) "
    r"(?:whole |entire )?(?:shop|store|catalog(?:ue)?|range)\b|\bof (?:them )?all\b|\b(?:whole|entire) (?:shop|store|range)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Unmet:
    """A comparative that nothing meets: of which need, and what of the items that it was compared with goes furthest."""

    need_id: int
    wish: Comparative
    furthest: str = ""


def shown_for(state: DialogueState, item_id: str) -> Need | None:
    """The open need for which an item was shown last."""
    return next((n for s in reversed(state.shown) if item_id in s.item_ids and (n := state.need(s.need_id)) is not None), None)


def take_comparatives(state: DialogueState, reading: Reading, shelf: Shelf) -> tuple[DialogueState, tuple[int, ...], tuple[Unmet, ...]]:
    """ "Cheaper" becomes a bound taken from the items it is compared with. A bound that nothing meets stays out of the ledger: it
    would spoil every later turn."""
    state, touched = _over_the_whole_shop(state, reading, shelf)
    unmet: list[Unmet] = []
    for wish in (w for w in reading.comparatives if not w.extreme and shelf.lists(w.field)):
        for need, one in _by_need(wish, state, reading):
            bound = bound_for(one, need, state, shelf)
            bounded = need.with_constraint(bound) if bound and not _is_kept(bound, need) else need
            if bound and shelf.matching(bounded.hard()) == frozenset():
                unmet.append(Unmet(need.need_id, one, _furthest(one, need, state, shelf)))
                continue
            state = replace(state.with_need(bounded), active_need=need.need_id)
            touched.append(need.need_id)
    return state, tuple(dict.fromkeys(touched)), tuple(unmet)


def _over_the_whole_shop(state: DialogueState, reading: Reading, shelf: Shelf) -> tuple[DialogueState, list[int]]:
    """ "What is the dearest tent you have?" asks for the extreme of all the shop holds: an earlier limit on that figure is given up."""
    fields = {w.field for w in reading.comparatives if w.extreme and shelf.lists(w.field)}
    need = state.need()
    if need is None or not fields or not any(_WHOLE_SHOP.search(span.text) for span in reading.intents):
        return state, []
    said_now = {c.key for n in reading.needs for c in n.constraints}
    kept = tuple(c for c in need.constraints if c.field not in fields or c.op not in _BOUNDS or c.key in said_now)
    if kept == need.constraints:
        return state, []
    return state.with_need(replace(need, constraints=kept)), [need.need_id]


def _by_need(wish: Comparative, state: DialogueState, reading: Reading) -> list[tuple[Need, Comparative]]:
    """The needs that a comparative speaks of: those of the items it names, when they were shown for open ones ("cheaper for both")."""
    named: dict[int, tuple[Need, list[str]]] = {}
    for item_id in wish.item_ids if not any(n.opens for n in reading.needs) else ():
        if (need := shown_for(state, item_id)) is not None:
            named.setdefault(need.need_id, (need, []))[1].append(item_id)
    if named:
        return [(need, replace(wish, item_ids=tuple(ids))) for need, ids in named.values()]
    return [(state.need() or Need(need_id=1, opened_turn=state.turn), wish)]


def _is_kept(bound: Constraint, need: Need) -> bool:
    """Whether a limit of the ledger asks for as much already: "cheaper" never loosens a budget."""
    held = next((c.number for c in need.hard() if c.key == bound.key), None)
    if held is None or bound.number is None:
        return False
    return held <= bound.number if bound.op is Op.AT_MOST else held >= bound.number


def compared_with(need: Need, state: DialogueState) -> tuple[str, ...]:
    """What "cheaper" is meant against when nothing is named: the item talked about, else the newest list of this need; the list shown
    without a need counts for any."""
    listed = next((s.item_ids for s in reversed(state.shown) if s.need_id in (need.need_id, 0)), ())
    focused = tuple(i for i in state.focus if any(i in s.item_ids for s in state.shown if s.need_id in (need.need_id, 0)))
    return focused or listed


def _furthest(wish: Comparative, need: Need, state: DialogueState, shelf: Shelf) -> str:
    compared = [i for i in wish.item_ids or compared_with(need, state) if i in shelf]
    figures = [(wish.direction * value, i) for i in compared if (value := figure_of(shelf.item(i), wish.field)[0]) is not None]
    return max(figures)[1] if figures else ""


def bound_for(wish: Comparative, need: Need, state: DialogueState, shelf: Shelf) -> Constraint | None:
    """The bound that a comparative means: strictly better than every item it is compared with; ``None`` when none of them has the field."""
    compared = wish.item_ids or compared_with(need, state)
    figures = [(value, unit) for i in compared if i in shelf for value, unit in [figure_of(shelf.item(i), wish.field)] if value is not None]
    if not figures:
        return None
    unit = figures[0][1]
    values = [v for v, _ in figures]
    op, edge = (Op.AT_MOST, min(values)) if wish.direction < 0 else (Op.AT_LEAST, max(values))
    step = 0.01 if wish.field == "price" or edge < 10 else 1.0
    return Constraint(wish.field, op, number=round(edge + wish.direction * step, 2), unit=unit, strength=Strength.MUST, turn=state.turn)
