"""Why a dialogue failed: the bot's ledger held against what the shopper stated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chatrec.domain.need import Constraint, Strength
from chatrec.evaluation.simulator.ledger_reading import says, understood
from chatrec.evaluation.simulator.playing import Dialogue
from chatrec.evaluation.simulator.wishes import Wish

# Stages, in the order of a turn; the first that fits is the cause.
CRASHED = "crashed"
SAID_LITTLE = "not everything was said"
WRONG = "understood wrong"
MISSED = "not understood"
SPLIT = "another need was opened"
NOTHING = "nothing matched"
NOT_SHOWN = "understood, not shown"
STAGES = (CRASHED, WRONG, MISSED, SPLIT, NOTHING, SAID_LITTLE, NOT_SHOWN)
# Where to look first; a guess that saves the reader a search.
MODULES = {
    CRASHED: "see the trace",
    WRONG: "understanding (what a wish was read as), dialogue/ledger (what stayed in force)",
    MISSED: "understanding",
    SPLIT: "understanding/needs, dialogue/ledger",
    NOTHING: "dialogue/perform, catalog/relaxing",
    SAID_LITTLE: "dialogue/questions, dialogue/decide (turns that brought nothing on)",
    NOT_SHOWN: "dialogue/offer, ranking, candidates (what fits stands too low, or the same was shown again)",
}
Satisfies = Callable[[str, Sequence[Constraint]], bool]


@dataclass(frozen=True)
class Diagnosis:
    """The stage at which a dialogue failed, and what exactly, in words. ``wishes`` are those concerned."""

    stage: str
    what: str
    wishes: tuple[Wish, ...] = ()

    @property
    def module(self) -> str:
        """Where to look first."""
        return MODULES[self.stage]


def diagnose(dialogue: Dialogue, satisfies: Satisfies | None = None) -> Diagnosis:
    """The first stage at which this dialogue, which failed, went wrong. Without ``satisfies`` (controls keep no ledger) only what shows
    from outside is told."""
    if dialogue.crash:
        return Diagnosis(CRASHED, dialogue.crash.strip().splitlines()[-1])
    last = dialogue.turns[-1]
    if satisfies is None:
        return Diagnosis(NOT_SHOWN, "")
    need = next((n for n in last.replied.needs if n.need_id == last.replied.active_need), None)
    hard = [c for n in last.replied.needs for c in n.constraints if c.strength is Strength.MUST] if need is None else list(need.hard())
    wrong = [c for c in hard if not satisfies(dialogue.task.target_id, (c,)) and not any(says(c, w) for w in last.stated)]
    if wrong:
        told = "; ".join(f"{words(c)} (from {c.said!r})" for c in wrong)
        return Diagnosis(WRONG, f"the ledger holds {told}, which is not meant")
    missed = [w for w in last.stated if need is None or not understood(w, need)]
    if missed and len(last.replied.needs) > 1 and all(any(understood(w, n) for n in last.replied.needs) for w in missed):
        return Diagnosis(SPLIT, f"{len(last.replied.needs)} needs are open; in the active one is missing: {_list(missed)}", tuple(missed))
    if missed:
        return Diagnosis(MISSED, f"missing in the ledger: {_list(missed)}", tuple(missed))
    if len(last.replied.items) == len(last.replied.marked):
        return Diagnosis(NOTHING, "everything is in the ledger, and nothing was shown in the last turn")
    unsaid = [w for w in dialogue.task.hard if w not in last.stated]
    if unsaid:
        return Diagnosis(SAID_LITTLE, f"not said within {len(dialogue.turns)} turns: {_list(unsaid)}", tuple(unsaid))
    shown = [i.item_id for t in dialogue.turns for i in t.replied.items]
    again = len(shown) - len(set(shown))
    return Diagnosis(NOT_SHOWN, f"{len(set(shown))} items were shown, {again} of them again; {dialogue.task.matching} would have done")


def words(constraint: Constraint) -> str:
    """A constraint as engineers read it."""
    value = "|".join(constraint.values) if constraint.number is None else f"{constraint.number:g} {constraint.unit}".strip()
    return f"{constraint.field} {constraint.op.value} {value}"


def _list(wishes: Sequence[Wish]) -> str:
    return "; ".join(map(str, wishes))


def count_stages(diagnoses: Sequence[Diagnosis]) -> Counter[str]:
    """How many dialogues failed at each stage."""
    return Counter(d.stage for d in diagnoses)
