"""What was taken for the thing that was asked for, where no title calls itself so."""

from __future__ import annotations

from chatrec.dialogue.parts import Parts
from chatrec.dialogue.receipts import mapped_notice
from chatrec.dialogue.things import is_told, kinds_of, thing_of
from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.need import Constraint, Need, Op
from chatrec.domain.plain import plain
from chatrec.domain.reading import Mapped
from chatrec.domain.state import DialogueState
from chatrec.domain.things import names_of


def thing_notices(state: DialogueState, parts: Parts) -> list[Fact]:
    """Said once, when a need is opened: the shelf that was taken for it ("By “microscope” I understood Microscopes & Equipment"), or
    that titles hold the word only to say something of other things."""
    opened = [n for n in state.needs if n.opened_turn == state.turn and n.thing]
    return [fact for need in opened for fact in _notice(need, parts)]


def _notice(need: Need, parts: Parts) -> list[Fact]:
    thing = thing_of(need)
    hard = parts.shelf.matching(need.hard())
    if thing is None or is_told(need) or (hard is not None and not hard) or parts.shelf.matching((*need.hard(), thing)):
        return []
    names = set(names_of(need.thing))
    kind = next((c for c in kinds_of(need) if any(names & set(v.casefold().split()) for v in c.values)), None)
    if kind is not None:
        return [mapped_notice(Mapped(kind.said or need.thing, " or ".join(kind.values[:2]), kind.field))]
    titled = any(parts.shelf.matching((Constraint("title", Op.IS, (name,)),)) for name in thing.values)
    if kinds_of(need) or not titled or parts.shelf.matching((thing,)):
        return []
    text = f"I find nothing that is plainly called “{plain(need.thing, 40)}”; this comes nearest."
    return [Fact(FactKind.COMPUTED, "unknown", text, value=need.thing, source="turn")]
