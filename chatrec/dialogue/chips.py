"""The chips below a reply: the ledger, answers to tap, and ways on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chatrec.dialogue.follow_ups import OFFER
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.wording import constraint_words, need_title
from chatrec.domain.act import Recommend
from chatrec.domain.languages import answers_in_english
from chatrec.domain.need import Constraint, Op
from chatrec.domain.plain import plain
from chatrec.domain.profile import FROM_PROFILE
from chatrec.domain.reply import Chip
from chatrec.domain.state import DialogueState, OpenQuestion

ANY, SKIP = "any", "skip"
_WORD = re.compile(r"[^\W_]+")
# Longer words of the shopper are no label; words that begin alike are the same word ("tent", "tents").
MOST_SAID_CHARS, LEAST_SAME = 24, 4

if TYPE_CHECKING:
    from chatrec.dialogue.turn import Turn


def make_chips(state: DialogueState, turn: Turn, parts: Parts) -> Iterator[Chip]:
    """The ledger as chips, then the chips of this turn's acts, then ways on. No label stands there twice."""
    yield from ledger_chips(state, parts.limits.currency)
    if state.past:
        yield Chip("undo", "Undo", message="undo")
    listed = any(isinstance(d.act, Recommend) for d in turn.performed)
    standing = not listed and bool(state.needs or state.question) and bool(state.last_shown())  # an answer leaves the chips as they were
    offered = [chip for done in turn.performed for chip in done.chips] or (list(waiting_answers(state)) if standing else [])
    nearest = (value for unknown in turn.change.unknown[:1] for value in unknown.nearest[:4])
    yield from {(c.kind, c.label): c for c in (*(Chip("answer", v, message=v) for v in nearest), *offered)}.values()
    if answers_in_english(turn.reading.language) and not state.handed_off:
        yield Chip("followup", "Talk to a person", message="I would like to talk to a person")
    if (state.pending is None or state.pending.kind == OFFER) and (standing or any(d.offer and d.offer.items for d in turn.performed)):
        yield Chip("followup", "Show me others", message="show me others")
        if parts.shelf.lists("price"):
            yield Chip("followup", "Something cheaper", message="something cheaper")
        yield Chip("followup", "Compare these", message="compare these")


def waiting_answers(state: DialogueState) -> Iterator[Chip]:
    """The answers to a question that still waits."""
    question = state.question
    if question is not None:
        yield from answer_chips(question)


def answer_chips(question: OpenQuestion) -> Iterator[Chip]:
    """What can be tapped below a question: its options, that any will do, and that it is not wanted."""
    for label in (*question.options, ANY, SKIP):
        yield Chip("answer", label, message=label, need_id=question.need_id, key=question.field)


def ledger_chips(state: DialogueState, currency: str) -> Iterator[Chip]:
    """What the shopper wants, need by need, all that are open; where there are several, a limit says whose it is."""
    for need in state.needs:
        title = need_title(need, currency) if len(state.needs) > 1 else ""
        for constraint in need.constraints:
            words = f"{constraint_words(constraint, currency)}{_meant(constraint)}"
            label = f"{words} ({title})" if title and constraint.field != "category" else words
            yield Chip("constraint", label, need_id=need.need_id, key=constraint.key)


def _meant(constraint: Constraint) -> str:
    """What the shopper said, where the value is another word for it: "colour blue-green (you said “teal”)"."""
    if constraint.said == FROM_PROFILE:
        return " (remembered)"
    said = plain(constraint.said, MOST_SAID_CHARS)
    if constraint.op is not Op.IS or not said or len(constraint.said) > MOST_SAID_CHARS:
        return ""
    own = [w[:LEAST_SAME].casefold() for w in _WORD.findall(said) if len(w) > 1]
    held = [w[:LEAST_SAME].casefold() for w in _WORD.findall(" ".join((constraint.field, *constraint.values)))]
    run = "".join(_WORD.findall(said)).casefold()  # "3 m" is 3M
    same = set(own) & set(held) or any("".join(_WORD.findall(v)).casefold() in run for v in constraint.values)
    return "" if not own or same else f" (you said “{said}”)"
