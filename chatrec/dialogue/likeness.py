"""Something like an item: the need in whose list it stood is searched near it."""

from __future__ import annotations

from dataclasses import replace

from chatrec.dialogue.bounds import shown_for
from chatrec.domain.need import Constraint, Need, Op
from chatrec.domain.reading import Reading
from chatrec.domain.state import DialogueState
from chatrec.protocols import Shelf

LEAST_ALIKE = 3  # a category that holds no more than these leaves too little that is like an item


def look_like(state: DialogueState, reading: Reading, shelf: Shelf) -> tuple[DialogueState, int]:
    """The need in whose list the item stood is searched near it from now on, and among things of its kind."""
    active = state.need()
    opened = active is not None and any(n.opens for n in reading.needs)
    need = active if active is not None and opened else _need_of(state, reading.like_items[0], shelf)
    need = replace(_of_its_kind(need, reading.like_items[0], shelf, state.turn), like_items=reading.like_items)
    return replace(state.with_need(need), active_need=need.need_id), need.need_id


def _need_of(state: DialogueState, item_id: str, shelf: Shelf) -> Need:
    """The need for which an item was shown. One that was only named belongs to the active need, unless that is for another kind."""
    active = state.need()
    kinds = tuple(c for c in active.hard() if c.field == "category" and c.op is Op.IS) if active is not None else ()
    fits = item_id not in shelf or not kinds or shelf.satisfies(shelf.item(item_id), kinds)
    newest = max((n.need_id for n in state.needs), default=0)
    return shown_for(state, item_id) or (active if fits else None) or Need(need_id=newest + 1, opened_turn=state.turn)


def _of_its_kind(need: Need, item_id: str, shelf: Shelf, turn: int) -> Need:
    """The narrowest category of an item that holds enough others, where the need has no category yet."""
    if item_id not in shelf or any(c.field == "category" and c.op is Op.IS for c in need.constraints):
        return need
    item = shelf.item(item_id)
    for name in dict.fromkeys((item.category, *reversed(item.category_path))):
        kind = Constraint("category", Op.IS, (name,), turn=turn, said="like it")
        if name and len(shelf.matching((*need.hard(), kind)) or ()) > LEAST_ALIKE:
            return need.with_constraint(kind)
    return need
