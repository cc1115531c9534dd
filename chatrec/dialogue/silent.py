"""Where few things match: those whose listings are silent on what was asked for, after the matches and marked as what is not known."""

from __future__ import annotations

from dataclasses import replace

from chatrec.dialogue.alternatives import Alternative
from chatrec.dialogue.breaches import breaches, held_values
from chatrec.dialogue.offer import Offer, make_offer
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.weighing import figure_of
from chatrec.domain.act import Recommend
from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Strength
from chatrec.domain.state import DialogueState
from chatrec.protocols import Shelf

HEADING = "May fit: the listing does not say"
NOTE = "silent_too"
# What a thing is and for whom, and what every record of a shop tells: a record without them is no near miss.
_NEVER_SILENT = frozenset({"category", "title", "price", "stock", "brand", "rating", "gender", "age from", "age to", "age"})
MOST_LOOKED_AT = 6


def silent_ones(act: Recommend, offer: Offer, state: DialogueState, parts: Parts) -> tuple[Alternative, ...]:
    """Items that keep every limit of which their records speak, at most as many as the list has room for; none where more than it shows
    matches, where nothing says what kind of thing it is to be, or where an order was asked for."""
    need, room = offer.need, parts.limits.shown - len(offer.items)
    if need is None or room <= 0 or act.order_by or act.fresh or offer.matching > len(offer.items):
        return ()
    unsure = tuple(c for c in need.hard() if c.field not in _NEVER_SILENT)
    kept = tuple(c for c in need.hard() if c.field in _NEVER_SILENT)
    if not unsure or not any(c.field == "category" for c in kept):
        return ()
    wider = replace(need, constraints=(*kept, *need.soft(), *(replace(c, strength=Strength.PREFER) for c in unsure)))
    limits = replace(parts.limits, shown=parts.limits.shown * MOST_LOOKED_AT)
    found = make_offer(replace(act, need_id=need.need_id), state.with_need(wider), replace(parts, limits=limits)).items
    listed = {i.item_id for i in offer.items}
    fitting = [i for i in found if i.item_id not in listed and _may_fit(i, unsure, parts.shelf)]
    return tuple(Alternative(i, breaches(i, need.hard(), parts.shelf, parts.limits.currency)) for i in fitting[:room])


def _may_fit(item: Item, limits: tuple[Constraint, ...], shelf: Shelf) -> bool:
    """Whether a record breaks limits by its silence only, and tells at least one of several."""
    broken = [c for c in limits if not shelf.satisfies(item, (c,))]
    unknown = [c for c in broken if not held_values(item, c.field) and figure_of(item, c.field)[0] is None]
    return 0 < len(broken) == len(unknown) <= max(1, len(limits) // 2)


def silent_note(found: tuple[Alternative, ...]) -> list[Fact]:
    """That there is more, and why it is not among the matches."""
    if not found:
        return []
    text = (
        "Below is one more that may fit: its listing does not say all that you asked for"
        if len(found) == 1
        else f"Below are {len(found)} more that may fit: their listings do not say all that you asked for"
    )
    return [Fact(FactKind.COMPUTED, NOTE, text, source="turn")]
