"""The dialogue update: a reading of one message changes the constraint ledger, the likes and the needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.reading import Comparative, Intent, NeedReading, Reading, Unknown
from chatrec.domain.state import DialogueState
from chatrec.protocols import Shelf

# A dialogue is bounded: what is older than this falls out of the ledger.
MOST_NEEDS = 6
MOST_CONSTRAINTS = 40
MOST_PAST = 10
MOST_JUDGED = 100
MOST_QUERY_CHARS = 200
_SEARCHING = (Intent.RECOMMEND, Intent.REFINE, Intent.MORE, Intent.SKIP, Intent.FEEDBACK)


@dataclass(frozen=True, slots=True)
class Change:
    """What the message changed: the needs it touched (ids, in order), fields that this shop does not record, wishes it cannot express,
    and comparatives that nothing meets ("cheaper" than the cheapest)."""

    touched: tuple[int, ...] = ()
    unlisted: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    unmet: tuple[Comparative, ...] = ()


def update(state: DialogueState, reading: Reading, shelf: Shelf) -> tuple[DialogueState, Change]:
    """The state after this message, and what changed. A constraint on a field that the shop does not record never enters the ledger:
    it would match nothing, or silently everything."""
    state = replace(state, turn=state.turn + 1)
    if reading.has(Intent.UNDO):
        return _undo(state)
    if reading.has(Intent.RESET):
        state = replace(_remember(state), needs=(), active_need=None, question=None)
        if not reading.needs:
            return state, Change()
    judged = _judge(state, reading)
    wished, touched, unlisted = _take_needs(judged, reading, shelf)
    settled, moved, unmet = _take_comparatives(wished, reading, shelf) if _searches(reading) else (wished, (), ())
    touched = (*touched, *(t for t in moved if t not in touched))
    # "cheaper" in a shop that lists no prices: said, like a limit on such a field
    unlisted = tuple(dict.fromkeys((*unlisted, *(c.field for c in reading.comparatives if not shelf.lists(c.field)))))
    if settled.needs != state.needs:
        settled = replace(settled, past=(*state.past, state.needs)[-MOST_PAST:])
    answered = settled.question is not None and (touched or reading.has(Intent.SKIP))
    if answered:
        settled = replace(settled, question=None)
    return settled, Change(touched, unlisted, reading.unknown, unmet)


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


def _remember(state: DialogueState) -> DialogueState:
    return replace(state, past=(*state.past, state.needs)[-MOST_PAST:])


def _undo(state: DialogueState) -> tuple[DialogueState, Change]:
    if not state.past:
        return state, Change()
    needs = state.past[-1]
    ids = [n.need_id for n in needs]
    active = state.active_need if state.active_need in ids else (ids[-1] if ids else None)
    state = replace(state, needs=needs, past=state.past[:-1], active_need=active, question=None)
    return state, Change(touched=(active,) if active is not None else ())


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
        if _says_nothing_known(said, reading):
            continue
        need = _target(state, said)
        for field in said.drops:
            need = need.without_field(field)
        for constraint in said.constraints:
            if any(_means_the_same(constraint, old) for old in need.constraints):
                continue  # said again: it keeps its place and its turn
            if shelf.lists(constraint.field):
                need = _keep_the_rest(need, constraint).with_constraint(replace(constraint, turn=state.turn))
            elif constraint.field not in unlisted:
                unlisted.append(constraint.field)
        need = replace(
            need,
            query=_joined_query(need.query, said.query),
            recipient=said.recipient or need.recipient,
            constraints=need.constraints[-MOST_CONSTRAINTS:],
        )
        if reading.like_items and not need.like_items:
            need = replace(need, like_items=reading.like_items)
        state = replace(state.with_need(need), active_need=need.need_id)
        touched.append(need.need_id)
    if reading.like_items and not reading.needs:
        state, near = _like(state, reading.like_items)
        touched.append(near)
    return replace(state, needs=state.needs[-MOST_NEEDS:]), tuple(dict.fromkeys(touched)), tuple(unlisted)


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


def _target(state: DialogueState, said: NeedReading) -> Need:
    active = state.need()
    if active is not None and not said.opens:
        return active
    newest = max((n.need_id for n in state.needs), default=0)
    return _left_open(state, said) or Need(need_id=newest + 1, opened_turn=state.turn)


def _left_open(state: DialogueState, said: NeedReading) -> Need | None:
    """An earlier need for the same kind of thing, to which the shopper comes back ("and the tent for three people"); never the active
    one, and never one for somebody else."""
    kind = _categories(said.constraints)
    others = [n for n in reversed(state.needs) if n.need_id != state.active_need and n.opened_turn != state.turn]
    return next((n for n in others if kind and _categories(n.constraints) == kind and said.recipient in ("", n.recipient)), None)


def _categories(constraints: tuple[Constraint, ...]) -> frozenset[str]:
    return frozenset(v.casefold() for c in constraints if c.field == "category" and c.op is Op.IS for v in c.values)


def _like(state: DialogueState, like_items: tuple[str, ...]) -> tuple[DialogueState, int]:
    need = state.need() or Need(need_id=1, opened_turn=state.turn)
    state = state.with_need(replace(need, like_items=like_items))
    return replace(state, active_need=need.need_id), need.need_id


def _joined_query(old: str, new: str) -> str:
    if not new or new.lower() in old.lower():
        return old
    known = {w.lower().rstrip("s") for w in old.split()}
    fresh = [w for w in new.split() if w.lower().rstrip("s") not in known]
    return " ".join([*old.split(), *fresh])[-MOST_QUERY_CHARS:]


def _take_comparatives(
    state: DialogueState, reading: Reading, shelf: Shelf
) -> tuple[DialogueState, tuple[int, ...], tuple[Comparative, ...]]:
    """ "Cheaper" becomes a bound taken from the items it is compared with. A bound that nothing meets stays out of the ledger: it
    would spoil every later turn."""
    touched: list[int] = []
    unmet: list[Comparative] = []
    for wish in reading.comparatives:
        if wish.extreme or not shelf.lists(wish.field):
            continue
        need = state.need() or Need(need_id=1, opened_turn=state.turn)
        bound = bound_for(wish, need, state, shelf)
        bounded = need.with_constraint(bound) if bound and not _is_kept(bound, need) else need
        if bound and shelf.matching(bounded.hard()) == frozenset():
            unmet.append(wish)
            continue
        state = replace(state.with_need(bounded), active_need=need.need_id)
        touched.append(need.need_id)
    return state, tuple(dict.fromkeys(touched)), tuple(unmet)


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


def bound_for(wish: Comparative, need: Need, state: DialogueState, shelf: Shelf) -> Constraint | None:
    """The bound that a comparative means: strictly better than every item it is compared with; ``None`` when none of them has the field."""
    compared = wish.item_ids or compared_with(need, state)
    figures = [(value, unit) for i in compared if i in shelf for value, unit in [figure_of(shelf, i, wish.field)] if value is not None]
    if not figures:
        return None
    unit = figures[0][1]
    values = [v for v, _ in figures]
    op, edge = (Op.AT_MOST, min(values)) if wish.direction < 0 else (Op.AT_LEAST, max(values))
    step = 0.01 if wish.field == "price" or edge < 10 else 1.0
    return Constraint(wish.field, op, number=round(edge + wish.direction * step, 2), unit=unit, strength=Strength.MUST, turn=state.turn)


def figure_of(shelf: Shelf, item_id: str, field: str) -> tuple[float | None, str]:
    """The number an item's record holds for a field, with its unit."""
    item = shelf.item(item_id)
    if field == "price":
        return (float(item.price) if item.price is not None else None), item.currency
    if field == "rating":
        return item.rating, ""
    if field == "stock":
        return (float(item.stock) if item.stock is not None else None), ""
    attribute = item.attribute(field)
    return (attribute.number, attribute.unit) if attribute else (None, "")
