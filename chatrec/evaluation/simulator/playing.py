"""One dialogue: a shopper, a system, five turns."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field

from chatrec.errors import SimulationError
from chatrec.evaluation.simulator.ledger_reading import filtered
from chatrec.evaluation.simulator.phrases import Phrases
from chatrec.evaluation.simulator.shopper import MOST_TURNS, Seen, Shopper
from chatrec.evaluation.simulator.systems import Replied, System
from chatrec.evaluation.simulator.tasks import Task
from chatrec.evaluation.simulator.wishes import WORD, Wish, meets_all
from chatrec.evaluation.simulator.world import World


@dataclass(frozen=True)
class Spoken:
    """One turn: the message, what came back, and what had been stated by then.

    ``breaking`` are shown items that lack something stated (it may not have been understood); ``violating`` are those that break a hard
    filter: one of the system's own ledger, or a stated need that its ledger holds.
    """

    message: str
    replied: Replied
    stated: tuple[Wish, ...]
    breaking: tuple[str, ...] = ()
    violating: tuple[str, ...] = ()
    repeated: bool = False


@dataclass
class Dialogue:
    """A whole dialogue. ``success_turn`` is the turn (from 1) that showed an item with everything wished, ``target_turn`` that of the
    target; 0: none did. ``gave_up``: the shopper left before the last turn."""

    task: Task
    method: str
    turns: list[Spoken] = field(default_factory=list)
    success_turn: int = 0
    target_turn: int = 0
    gave_up: bool = False
    crash: str = ""
    likes: tuple[Wish, ...] = ()

    @property
    def recommended(self) -> bool:
        """Whether anything was shown at all."""
        return any(t.replied.items for t in self.turns)

    @property
    def questions(self) -> int:
        """How many clarifying questions were asked."""
        return sum(bool(t.replied.question) for t in self.turns)


def play(task: Task, system: System, world: World, phrases: Phrases, reticent: bool = False) -> Dialogue:
    """Talk until everything wished is shown, the shopper leaves, or the turns are over. A crash of the system ends it and is kept."""
    shopper = Shopper(task, world, phrases, reticent)
    dialogue = Dialogue(task, system.name)
    message: str | None = shopper.open()
    closed: set[str] = set()
    try:
        system.start(task)
        while message is not None and len(dialogue.turns) < MOST_TURNS:
            stated_before = [w.field for w in shopper.stated]
            replied = system.reply(message)
            repeated = bool(replied.question) and (replied.question in closed or replied.question in stated_before)
            closed |= {replied.question} - {""}
            stated = tuple(shopper.stated)
            dialogue.turns.append(Spoken(message, replied, stated, _breaking(replied, stated), _violating(replied, stated), repeated))
            _mark(dialogue, replied)
            if dialogue.success_turn:
                break
            message = shopper.react(Seen(replied.items, replied.question, replied.options))
        dialogue.gave_up = message is None
    except SimulationError:
        raise
    except Exception:  # whatever a system does is a result, not an end of the measurement
        dialogue.crash = traceback.format_exc(limit=-4)
    dialogue.likes = tuple(shopper.likes)
    return dialogue


def _breaking(replied: Replied, stated: Sequence[Wish]) -> tuple[str, ...]:
    """Shown items that lack what was stated. A mere word is no property that a record must hold."""
    properties = [w for w in stated if w.field != WORD]
    return tuple(i.item_id for i in replied.items if i.item_id not in replied.marked and not meets_all(i, properties))


def _violating(replied: Replied, stated: Sequence[Wish]) -> tuple[str, ...]:
    """Shown items that break a hard filter, by live rows: as the system's own rules tell, or as those of the simulator do."""
    need = next((n for n in replied.needs if n.need_id == replied.active_need), None)
    held = [w for w in stated if need is not None and w.field != WORD and filtered(w, need)]
    shown = [i for i in replied.items if i.item_id not in replied.marked] if len(replied.needs) == 1 else []
    broken = [i.item_id for i in shown if not meets_all(i, held)]
    return tuple(dict.fromkeys((*replied.filters_broken, *broken)))


def _mark(dialogue: Dialogue, replied: Replied) -> None:
    task, turn = dialogue.task, len(dialogue.turns)
    for item in replied.items:
        if item.item_id == task.target_id and not dialogue.target_turn:
            dialogue.target_turn = turn
        if not dialogue.success_turn and (item.item_id == task.target_id or meets_all(item, task.hard)):
            dialogue.success_turn = turn
