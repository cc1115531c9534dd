"""Utterances whose labels were written from the message alone, before the parser read it: ``heard.yaml`` states what is meant.

Unlike ``utterances.txt`` this is no record of what the parser does. Messages that it still misreads stay in the file as they are;
``MISREAD`` names them, and the test fails when one of them is read rightly and not taken off that list.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.reading import Intent, Reading
from chatrec.domain.state import DialogueState, ShownList

from . import rendering
from .shops import understander

_SIGNS = {"!=": Op.IS_NOT, "<=": Op.AT_MOST, ">=": Op.AT_LEAST, "=": Op.IS}
_CLAIM = re.compile(r"([a-z ]+?)(!=|<=|>=|=)(.*)")
_SEARCH = {Intent.RECOMMEND, Intent.REFINE}
_EXACT = {"brand", "category"}


def _after(category: str, *shown: str) -> DialogueState:
    need = Need(1, category, constraints=(Constraint("category", Op.IS, (category,), turn=1),), opened_turn=1)
    return DialogueState("s", turn=1, needs=(need,), active_need=1, shown=(ShownList(1, 1, shown),))


STATES = {
    **rendering.STATES,
    "boots": _after("hiking boots", "boot-01", "boot-02", "boot-03"),
    "jackets": _after("insulated jackets", "warm-01", "warm-02", "warm-03"),
}
HEARD: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "heard.yaml").read_text(encoding="utf-8"))
MISREAD = frozenset({"a phone case for iphone 12", "hello do you have gas canisters"})


def _meets(claim: str, held: Constraint) -> bool:
    """Whether a constraint is what a claim states."""
    match = _CLAIM.fullmatch(claim)
    assert match, f"{claim!r} is no claim"
    field, sign, value = match.groups()
    if held.field != field or held.op is not _SIGNS[sign]:
        return False
    if held.op in (Op.AT_MOST, Op.AT_LEAST):
        return value == "" or held.number == pytest.approx(float(value), rel=0.005)
    wanted = set(value.split("|"))
    return wanted == set(held.values) if field in _EXACT else wanted <= set(held.values)


def _wrong_constraints(case: dict[str, Any], reading: Reading) -> list[str]:
    said = [c for n in reading.needs for c in n.constraints]
    hard = [c for c in said if c.strength is Strength.MUST]
    soft = [c for c in said if c.strength is not Strength.MUST]
    wrong = [f"no {claim}" for claim in case.get("must", []) if not any(_meets(claim, c) for c in hard)]
    wrong += [f"{c.field} {c.op} {c.values or c.number}" for c in hard if not any(_meets(claim, c) for claim in case.get("must", []))]
    return wrong + [f"no wish {claim}" for claim in case.get("soft", []) if not any(_meets(claim, c) for c in soft)]


def _wrong_intents(case: dict[str, Any], reading: Reading) -> list[str]:
    found = {"search" if i.intent in _SEARCH else i.intent.value for i in reading.intents}
    if len(found) > 1:
        found -= {"small_talk"}
    missing = [w for w in case["intents"] if not found & set(w.split("|"))]
    spare = found - {option for w in case["intents"] for option in w.split("|")}
    # an act and the search that goes with it ("not these": a judgement, and others instead)
    spare -= {"search"} if found & {"more", "feedback"} else set()
    return [f"no intent {w}" for w in missing] + [f"intent {s}" for s in sorted(spare)]


def _wrong_rest(case: dict[str, Any], reading: Reading) -> list[str]:
    wrong = []
    for name, field in (("points", "references"), ("liked", "liked"), ("disliked", "disliked"), ("alike", "like_items")):
        wanted, found = set(case.get(name, ())), set(getattr(reading, field))
        if name in case and wanted != found:
            wrong.append(f"{name} {sorted(found)}")
        chosen = name == "liked" and found == set(case.get("points", ())) and case["intents"] == ["choose"]  # what is chosen is liked
        if not case.get(name) and name in ("liked", "disliked") and found and not chosen:
            wrong.append(f"{name} {sorted(found)}")
    compared = {f"{c.field} {c.direction:+d}" for c in reading.comparatives}
    wrong += [f"no comparison {c}" for c in case.get("compare", []) if c not in compared]
    wrong += [f"comparison {c}" for c in compared if c not in case.get("compare", []) and case["intents"] != ["compare"]]
    who = {n.recipient for n in reading.needs if n.recipient}
    wrong += [f"who {who}"] if case.get("who", "") not in (who or {""}) and "who" in case else []
    drops = {d for n in reading.needs for d in n.drops}
    wrong += [f"no drop {d}" for d in case.get("drops", []) if d not in drops]
    query = " ".join(n.query for n in reading.needs).split()
    wrong += [f"not searched: {w}" for w in case.get("words", []) if w not in query]
    strange = [u.word for u in reading.unknown]
    wrong += [f"not told: {w}" for w in case.get("unknown", []) if not any(w in s for s in strange)]
    return wrong + [f"told: {s}" for s in strange if not any(w in s for w in case.get("unknown", []))]


def wrong_in(case: dict[str, Any]) -> list[str]:
    """What is wrong in the reading of one message; empty when nothing is."""
    reading = understander("demo").read(case["say"], STATES[case.get("in", "new")])
    return _wrong_intents(case, reading) + _wrong_constraints(case, reading) + _wrong_rest(case, reading)


def test_there_are_enough_of_them() -> None:
    assert len({(c["say"], c.get("in", "new")) for c in HEARD}) == len(HEARD) >= 80
    assert {c["say"] for c in HEARD} >= MISREAD


@pytest.mark.parametrize("case", HEARD, ids=[f"{c.get('in', 'new')}: {c['say']}" for c in HEARD])
def test_heard(case: dict[str, Any]) -> None:
    wrong = wrong_in(case)
    if case["say"] in MISREAD:
        assert wrong, "now read rightly: take it off MISREAD"
    else:
        assert not wrong
