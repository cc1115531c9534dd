"""A reading as a few short lines, so that a test can state all of it."""

from __future__ import annotations

from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.reading import NeedReading, Reading
from chatrec.domain.state import DialogueState, OpenQuestion, ShownList

_SIGNS = {Op.IS: "=", Op.IS_NOT: "!=", Op.AT_MOST: "<=", Op.AT_LEAST: ">="}
_STRENGTHS = {Strength.MUST: "", Strength.PREFER: "~", Strength.AVOID: "^"}
MOST_VALUES = 4


def render(reading: Reading) -> list[str]:
    """Intents, then needs (``+`` opens), then what is left, one line each; mood and a language other than English last."""
    lines = [" ".join(span.intent.value for span in reading.intents)]
    lines += [_need(n) for n in reading.needs]
    for name in ("references", "like_items", "liked", "disliked", "order_ids"):
        if values := getattr(reading, name):
            lines.append(f"{name}: {' '.join(values)}")
    for c in reading.comparatives:
        lines.append(f"compare: {c.field} {c.direction:+d}{' of all' if c.extreme else ''}{''.join(' ' + i for i in c.item_ids)}")
    lines += [f"unknown: {u.word}" + (f" ({u.field}: {', '.join(u.nearest) or 'none'})" if u.field else "") for u in reading.unknown]
    if reading.mood:
        lines.append("mood: good" if reading.mood > 0 else "mood: bad")
    if reading.language not in ("en", ""):
        lines.append(f"language: {reading.language}")
    return lines


def _need(need: NeedReading) -> str:
    parts = [_constraint(c) for c in need.constraints]
    parts += [f'"{need.query}"'] if need.query else []
    parts += [f"for {need.recipient}"] if need.recipient else []
    parts += [f"drop {d}" for d in need.drops]
    return f"need{'+' if need.opens else ''}: " + "; ".join(parts)


def _constraint(constraint: Constraint) -> str:
    if constraint.number is not None:
        value = f"{constraint.number:g}{constraint.unit}"
    else:
        more = len(constraint.values) - MOST_VALUES
        value = "|".join(sorted(constraint.values)[:MOST_VALUES]) + (f"|+{more}" if more > 0 else "")
    return f"{_STRENGTHS[constraint.strength]}{constraint.field}{_SIGNS[constraint.op]}{value}"


def _wanting(field: str, value: str, *more: Constraint) -> Need:
    return Need(1, value, constraints=(Constraint(field, Op.IS, (value,), turn=1), *more), opened_turn=1)


_TENTS = _wanting("category", "tents", Constraint("price", Op.AT_MOST, number=300.0, turn=1))
_SOFAS = _wanting("category", "sofas")
_PHONES = _wanting("category", "phones")
_NOVELS = _wanting("category", "novels")


def _asked(field: str, *options: str, need: Need = _TENTS) -> DialogueState:
    return DialogueState("s", turn=2, needs=(need,), active_need=1, question=OpenQuestion(1, field, f"Which {field}?", options, 2))


STATES: dict[str, DialogueState] = {
    "new": DialogueState("s"),
    # three sleeping bags were shown in turn 1, three tents in turn 2; the talk is of the first tent
    "shown": DialogueState(
        "s",
        turn=2,
        needs=(_TENTS,),
        active_need=1,
        shown=(ShownList(1, 1, ("bag-01", "bag-02", "bag-03")), ShownList(2, 1, ("tent-01", "tent-02", "tent-03"))),
        focus=("tent-01",),
    ),
    "someone": DialogueState("s", turn=1, needs=(Need(1, "gift", recipient="my mother", opened_turn=1),), active_need=1),
    "phones": DialogueState(
        "s", turn=1, needs=(_PHONES,), active_need=1, shown=(ShownList(1, 1, ("pho-1", "pho-2", "pho-3", "pho-4")),), focus=()
    ),
    "sofas": DialogueState("s", turn=1, needs=(_SOFAS,), active_need=1, shown=(ShownList(1, 1, ("h1", "h2", "h3")),), focus=("h2",)),
    "novels": DialogueState("s", turn=1, needs=(_NOVELS,), active_need=1, shown=(ShownList(1, 1, ("b1", "b2", "b3")),), focus=()),
    "asked persons": _asked("persons", "2", "3", "4"),
    "asked price": _asked("price", "up to $100", "$100 to $200", "over $200"),
    "asked brand": _asked("brand", "Kolder", "Larkrise", "Wayfarrow"),
    "asked waterproof": _asked("waterproof", "yes", "no"),
    "asked season": _asked("season", "summer", "three-season", "winter"),
    "asked weight": _asked("weight", "up to 1000 g", "1000 g to 2000 g", "over 2000 g"),
}
