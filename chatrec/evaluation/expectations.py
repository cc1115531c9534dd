"""The assertions of a dialogue script, checked against what a turn really did. Each check gives the list of what failed, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Op, Strength
from chatrec.domain.reply import Card, Chip, Comparison, Receipt
from chatrec.domain.state import DialogueState


@dataclass(frozen=True, slots=True)
class Played:
    """One turn as it happened. ``earlier`` are the item ids shown by each turn before it."""

    text: str
    action: str
    cards: tuple[Card, ...]
    comparison: Comparison | None
    chips: tuple[Chip, ...]
    receipt: Receipt | None
    state: DialogueState
    earlier: tuple[tuple[str, ...], ...]


Satisfies = Callable[[Item, Sequence[Constraint]], bool]


def check(expect: Mapping[str, Any], played: Played, record: Callable[[str], Item], satisfies: Satisfies) -> list[str]:
    """Everything in ``expect`` that does not hold, in words; empty when all holds."""
    failed = [*_understood(expect, played), *_ledger(expect, played), *_said(expect.get("text", {}), played.text)]
    failed += _items(expect.get("items", {}), played, record, satisfies)
    failed += _around(expect, played)
    return failed


def _understood(expect: Mapping[str, Any], played: Played) -> list[str]:
    receipt = played.receipt
    intents = [str(s["intent"]) for s in receipt.reading.get("intents", ())] if receipt else []
    acts = [str(a["kind"]) for a in receipt.acts] if receipt else []
    failed = [f"intent {i} not understood; understood {intents}" for i in expect.get("intents", ()) if i not in intents]
    if "acts" in expect and list(expect["acts"]) != acts:
        failed.append(f"acts are {acts}, not {list(expect['acts'])}")
    return failed


def _ledger(expect: Mapping[str, Any], played: Played) -> list[str]:
    need = played.state.need()
    held = need.constraints if need else ()
    failed = []
    for wanted in expect.get("ledger", ()):
        if not any(_same(wanted, c) for c in held):
            failed.append(f"the ledger lacks {wanted}; it holds {[_short(c) for c in held]}")
    for name in expect.get("not_in_ledger", ()):
        failed += [f"the ledger holds {_short(c)}" for c in held if c.field == name]
    if "needs" in expect and expect["needs"] != len(played.state.needs):
        failed.append(f"{len(played.state.needs)} needs, not {expect['needs']}")
    return failed


def _same(wanted: Mapping[str, Any], held: Constraint) -> bool:
    if wanted["field"] != held.field or wanted.get("op", held.op.value) != held.op.value:
        return False
    if wanted.get("strength", held.strength.value) != held.strength.value:
        return False
    if "values" in wanted and {v.casefold() for v in wanted["values"]} != {v.casefold() for v in held.values}:
        return False
    return "number" not in wanted or (held.number is not None and abs(held.number - wanted["number"]) < 0.011)


def _short(c: Constraint) -> str:
    return f"{c.strength.value} {c.field} {c.op.value} {', '.join(c.values) or c.number}"


def _items(expect: Mapping[str, Any], played: Played, record: Callable[[str], Item], satisfies: Satisfies) -> list[str]:
    shown = [c.item_id for c in played.cards]
    failed = []
    if "count" in expect and len(shown) != expect["count"]:
        failed.append(f"{len(shown)} items shown, not {expect['count']}: {shown}")
    if len(shown) < expect.get("at_least", 0):
        failed.append(f"only {len(shown)} items shown, wanted {expect['at_least']}")
    failed += [f"{i} not shown; shown {shown}" for i in expect.get("include", ()) if i not in shown]
    failed += [f"{i} shown" for i in expect.get("exclude", ()) if i in shown]
    if "first" in expect and shown[:1] != [expect["first"]]:
        failed.append(f"first is {shown[:1]}, not {expect['first']}")
    if "none_of_turn" in expect:
        before = played.earlier[expect["none_of_turn"] - 1]
        failed += [f"{i} was shown before" for i in shown if i in before]
    for wanted in expect.get("every", ()):
        rule = to_constraint(wanted)
        failed += [f"{i} breaks {wanted}" for i in shown if not satisfies(record(i), (rule,))]
    return failed


def to_constraint(wanted: Mapping[str, Any]) -> Constraint:
    """A constraint as a script writes it."""
    default = Op.IS if wanted.get("values") else Op.AT_MOST
    return Constraint(
        wanted["field"],
        Op(wanted.get("op", default)),
        values=tuple(wanted.get("values", ())),
        number=wanted.get("number"),
        strength=Strength(wanted.get("strength", "must")),
    )


def _said(expect: Mapping[str, Any], text: str) -> list[str]:
    low = text.casefold()
    failed = [f"the reply lacks '{part}': {text!r}" for part in expect.get("has", ()) if part.casefold() not in low]
    failed += [f"the reply has '{part}': {text!r}" for part in expect.get("lacks", ()) if part.casefold() in low]
    failed += [f"the reply does not match /{p}/: {text!r}" for p in expect.get("matches", ()) if not re.search(p, text, re.IGNORECASE)]
    wanted = expect.get("any", ())
    if wanted and not any(part.casefold() in low for part in wanted):
        failed.append(f"the reply has none of {list(wanted)}: {text!r}")
    return failed


def _around(expect: Mapping[str, Any], played: Played) -> list[str]:
    labels = [c.label for c in played.chips]
    failed = [f"no chip '{w}' among {labels}" for w in expect.get("chips", ()) if not any(w.casefold() in c.casefold() for c in labels)]
    if "action" in expect and expect["action"] != played.action:
        failed.append(f"the action is '{played.action}', not '{expect['action']}'")
    if "question" in expect and expect["question"] != (played.state.question is not None):
        failed.append(f"open question: {played.state.question}")
    rows = [name for name, _ in played.comparison.rows] if played.comparison else []
    failed += [f"the comparison lacks a row '{w}'; it has {rows}" for w in expect.get("compared", ()) if w not in rows]
    return failed
