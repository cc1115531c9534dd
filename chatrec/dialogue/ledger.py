"""The dialogue update: a reading of one message changes the constraint ledger, the likes and the needs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chatrec.dialogue.bounds import Unmet, take_comparatives
from chatrec.dialogue.likeness import look_like
from chatrec.domain.need import Constraint, Need, Op
from chatrec.domain.reading import Intent, NeedReading, Reading, Unknown
from chatrec.domain.state import DialogueState
from chatrec.protocols import Shelf

# A dialogue is bounded: what is older than this falls out of the ledger.
MOST_NEEDS = 6
MOST_CONSTRAINTS = 40
MOST_PAST = 10
MOST_JUDGED = 100
MOST_QUERY_CHARS = 200
MOST_ASKED = 200
_WAVED = re.compile(r"\b(?:skip|pass|question|questions|asking|stop|next)\b", re.I)
_SEARCHING = (Intent.RECOMMEND, Intent.REFINE, Intent.MORE, Intent.SKIP, Intent.FEEDBACK)


@dataclass(frozen=True, slots=True)
class Change:
    """What the message changed: the needs it touched (ids, in order), fields that this shop does not record, wishes it cannot express,
    comparatives that nothing meets ("cheaper" than the cheapest), whether there was nothing to take back, and what became of the question
    that waited: "answered", "any" (anything will do), "skipped", "passed" (over, for something else), or "" while it waits."""

    touched: tuple[int, ...] = ()
    unlisted: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    nothing_to_undo: bool = False
    answer: str = ""


def update(state: DialogueState, reading: Reading, shelf: Shelf) -> tuple[DialogueState, Change]:
    """The state after this message, and what changed. A constraint on a field that the shop does not record never enters the ledger:
    it would match nothing, or silently everything."""
    state = replace(state, turn=state.turn + 1)
    taken_back: tuple[int, ...] = ()
    earlier: tuple[Need, ...] | None = None
    if reading.has(Intent.UNDO):
        before, (state, undone) = state, _undo(state)
        if not (reading.needs or reading.comparatives):
            return state, undone
        if _corrects(before, state, reading):
            state, undone = _without_restated(before, reading), Change(touched=(before.active_need or 0,))
            earlier = before.needs
        taken_back = undone.touched  # "scratch that, waterproof ones": what follows counts from there
    if reading.has(Intent.RESET):
        state = replace(_remember(state), needs=(), active_need=None, question=None)
        if not reading.needs:
            return state, Change()
    judged = _judge(state, reading)
    wished, touched, unlisted = _take_needs(judged, reading, shelf)
    settled, moved, unmet = take_comparatives(wished, reading, shelf) if _searches(reading) else (wished, (), ())
    touched = (*touched, *(t for t in (*moved, *taken_back) if t not in touched and settled.need(t) is not None))
    # "cheaper" in a shop that lists no prices: said, like a limit on such a field
    unlisted = tuple(dict.fromkeys((*unlisted, *(c.field for c in reading.comparatives if not shelf.lists(c.field)))))
    earlier = state.needs if earlier is None else earlier
    if settled.needs != earlier:
        settled = replace(settled, past=(*state.past, earlier)[-MOST_PAST:])
    settled, answer = _close_question(settled, reading, touched)
    return settled, Change(touched, unlisted, reading.unknown, unmet, answer=answer)


def _close_question(state: DialogueState, reading: Reading, touched: tuple[int, ...]) -> tuple[DialogueState, str]:
    """The state after the open question was answered, left open, waved away or passed over; the last two are remembered, for this shopper
    may not care to be asked."""
    question = state.question
    skipped = reading.has(Intent.SKIP)
    if question is None or not (touched or skipped):
        return state, ""
    need = state.need(question.need_id)
    if need is None or any(c.field == question.field and c.turn == state.turn for c in need.constraints):
        answer = "answered"
    elif skipped and not _WAVED.search(reading.span(Intent.SKIP)):
        answer = "any"
        state = leave_open(state, question.need_id, question.field)
    else:
        answer = "skipped" if skipped else "passed"
        state = replace(state, asked=(*state.asked, f"{question.need_id}:passed:{question.field}")[-MOST_ASKED:])
    return replace(state, question=None), answer


def drop(state: DialogueState, need_id: int, key: str) -> DialogueState:
    """The state without one constraint (a chip was tapped). Unknown ids and keys change nothing."""
    need = state.need(need_id)
    if need is None or all(c.key != key for c in need.constraints):
        return state
    return replace(_remember(state).with_need(need.without(key)), active_need=need_id)


def judge(state: DialogueState, item_id: str, liked: bool) -> DialogueState:
    """The state after a like or a "not for me" pressed on a card; the newest judgement of an item counts."""
    one: tuple[str, ...] = (item_id,)
    return replace(
        state,
        liked=_merged(state.liked, one if liked else (), without=() if liked else one),
        disliked=_merged(state.disliked, () if liked else one, without=one if liked else ()),
    )


def unjudge(state: DialogueState, item_id: str) -> DialogueState:
    """The state without a judgement of this item: it was taken back."""
    one: tuple[str, ...] = (item_id,)
    return replace(state, liked=_merged(state.liked, (), without=one), disliked=_merged(state.disliked, (), without=one))


def _remember(state: DialogueState) -> DialogueState:
    return replace(state, past=(*state.past, state.needs)[-MOST_PAST:])


def _undo(state: DialogueState) -> tuple[DialogueState, Change]:
    if not state.past:
        return state, Change(nothing_to_undo=True)
    needs = state.past[-1]
    ids = [n.need_id for n in needs]
    active = state.active_need if state.active_need in ids else (ids[-1] if ids else None)
    state = replace(state, needs=needs, past=state.past[:-1], active_need=active, question=None)
    return state, Change(touched=(active,) if active is not None else ())


def _corrects(before: DialogueState, undone: DialogueState, reading: Reading) -> bool:
    """ "Scratch that, for men", right after the request itself: the thing is still wanted, and only what is told anew was wrong."""
    need = before.need()
    return need is not None and undone.need(need.need_id) is None and not any(n.opens or n.closes for n in reading.needs)


def _without_restated(state: DialogueState, reading: Reading) -> DialogueState:
    need = state.need()
    assert need is not None
    for field in dict.fromkeys(c.field for n in reading.needs for c in n.constraints):
        need = need.without_field(field)
    return replace(state.with_need(need), question=None)


def _judge(state: DialogueState, reading: Reading) -> DialogueState:
    disliked = _merged(state.disliked, reading.disliked, without=reading.liked)
    liked = _merged(state.liked, reading.liked, without=reading.disliked)
    return replace(state, liked=liked, disliked=disliked)


def _merged(old: tuple[str, ...], new: tuple[str, ...], without: tuple[str, ...]) -> tuple[str, ...]:
    kept = [i for i in old if i not in without and i not in new]
    return (*kept, *dict.fromkeys(new))[-MOST_JUDGED:]


def _take_needs(state: DialogueState, reading: Reading, shelf: Shelf) -> tuple[DialogueState, tuple[int, ...], tuple[str, ...]]:
    touched: list[int] = []
    unlisted: list[str] = []
    for said in reading.needs:
        if said.closes:
            state, left = _close(state, said.need_id)
            touched += left
            continue
        if _says_nothing_known(said, reading):
            continue
        need = _target(state, said, any(n.closes for n in reading.needs))
        before = state.need(need.need_id)
        for field in said.drops:
            need = need.without_field(field)
            state = leave_open(state, need.need_id, field)
        need, lacking = _take_constraints(need, said, state.turn, shelf)
        unlisted += lacking
        need = replace(
            need,
            query=_joined_query(need.query, said.query),
            recipient=said.recipient or need.recipient,
            thing=said.thing if said.thing and (said.opens or not need.query) else need.thing,
            constraints=need.constraints[-MOST_CONSTRAINTS:],
        )
        state = replace(state.with_need(need), active_need=need.need_id)
        if need != before or not lacking:  # a wish that only speaks of what is not recorded changes nothing
            touched.append(need.need_id)
    if reading.like_items:
        state, near = look_like(state, reading, shelf)
        touched = [t for t in touched if t != near] + [near]
    open_ids = {n.need_id for n in state.needs[-MOST_NEEDS:]}
    return (
        replace(state, needs=state.needs[-MOST_NEEDS:]),
        tuple(t for t in dict.fromkeys(touched) if t in open_ids),
        tuple(dict.fromkeys(unlisted)),
    )


def _take_constraints(need: Need, said: NeedReading, turn: int, shelf: Shelf) -> tuple[Need, list[str]]:
    """The need with these limits, and the fields among them that the shop does not record."""
    unlisted = []
    for constraint in said.constraints:
        if any(_means_the_same(constraint, old) for old in need.constraints):
            continue  # said again: it keeps its place and its turn
        if shelf.lists(constraint.field):
            need = _keep_the_rest(need, constraint).with_constraint(replace(constraint, turn=turn))
        else:
            unlisted.append(constraint.field)
    return need, unlisted


def _close(state: DialogueState, need_id: int | None) -> tuple[DialogueState, list[int]]:
    """The state without one need; where the shopper was just looking for that, the newest other one takes its place."""
    needs = tuple(n for n in state.needs if n.need_id != need_id)
    active = state.active_need if state.active_need != need_id else (needs[-1].need_id if needs else None)
    question = None if state.question is not None and state.question.need_id == need_id else state.question
    return replace(state, needs=needs, active_need=active, question=question), [] if active is None else [active]


def leave_open(state: DialogueState, need_id: int, field: str) -> DialogueState:
    """The state that knows that any value of this field will do: it is not asked for."""
    mark = f"{need_id}:any:{field}"
    return state if mark in state.asked else replace(state, asked=(*state.asked, mark)[-MOST_ASKED:])


def _keep_the_rest(need: Need, new: Constraint) -> Need:
    """Where one of several values is taken back ("A or B", then "not B"), the others stay as they were said."""
    if new.op not in (Op.IS, Op.IS_NOT):
        return need
    opposite = Op.IS_NOT if new.op is Op.IS else Op.IS
    kept = []
    for old in need.constraints:
        if old.field == new.field and old.op is opposite and set(old.values) & set(new.values):
            rest = tuple(v for v in old.values if v not in new.values)
            kept += [replace(old, values=rest)] if rest else []
        else:
            kept.append(old)
    return replace(need, constraints=tuple(kept))


def _means_the_same(new: Constraint, old: Constraint) -> bool:
    return replace(new, turn=old.turn, said=old.said) == old


def _searches(reading: Reading) -> bool:
    """Whether the message asks for items. "Which of them is lighter?" compares what is there and sets no limit."""
    return not reading.intents or any(reading.has(i) for i in _SEARCHING)


def _says_nothing_known(said: NeedReading, reading: Reading) -> bool:
    """Whether a need consists of nothing but words that the catalogue cannot express ("a piano")."""
    strange = {w.casefold() for u in reading.unknown for w in u.word.split()}
    words = {w.casefold() for w in said.query.split()}
    return bool(strange) and words <= strange and not said.constraints and not said.drops and not reading.like_items


def _target(state: DialogueState, said: NeedReading, closing: bool = False) -> Need:
    named = state.need(said.need_id) if said.need_id is not None else None
    active = named or state.need()
    if active is not None and not said.opens:
        return active
    newest = max((n.need_id for n in state.needs), default=0)
    return _left_open(state, said, closing) or Need(need_id=newest + 1, opened_turn=state.turn)


def _left_open(state: DialogueState, said: NeedReading, closing: bool) -> Need | None:
    """An earlier need for the same kind of thing, to which the shopper comes back ("and the tent for three people"); never the active
    one (unless another was just given up), and never one for somebody else."""
    kind = _categories(said.constraints)
    others = [n for n in reversed(state.needs) if (closing or n.need_id != state.active_need) and n.opened_turn != state.turn]
    return next((n for n in others if kind and _categories(n.constraints) == kind and said.recipient in ("", n.recipient)), None)


def _categories(constraints: tuple[Constraint, ...]) -> frozenset[str]:
    return frozenset(v.casefold() for c in constraints if c.field == "category" and c.op is Op.IS for v in c.values)


def _joined_query(old: str, new: str) -> str:
    if not new or new.lower() in old.lower():
        return old
    known = {w.lower().rstrip("s") for w in old.split()}
    fresh = [w for w in new.split() if w.lower().rstrip("s") not in known]
    return " ".join([*old.split(), *fresh])[-MOST_QUERY_CHARS:]
