"""The whole measurement of a shop: prepare a copy, draw the shoppers, let each talk with the bot and with the controls."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatrec.bot import ChatRec
from chatrec.catalog.text_index import TextIndex
from chatrec.domain.event import EventKind
from chatrec.domain.item import Item
from chatrec.evaluation.simulator.diagnosis import STAGES, Diagnosis, diagnose
from chatrec.evaluation.simulator.figures import OURS
from chatrec.evaluation.simulator.phrases import Phrases, load_phrases
from chatrec.evaluation.simulator.playing import Dialogue, play
from chatrec.evaluation.simulator.preparing import LaterChoice, copy_shop, hide, hold_out, later_choices
from chatrec.evaluation.simulator.systems import BotSystem, DeafItems, KeywordItems, PagingItems, PopularItems, RandomItems, System
from chatrec.evaluation.simulator.tasks import Task, draw_tasks
from chatrec.evaluation.simulator.world import World
from chatrec.protocols import Embedder
from chatrec.shops import Progress
from chatrec.storage.database import Database

QUESTIONS = ("information_gain", "most_used", "off")


@dataclass(frozen=True)
class Plan:
    """What is measured. ``hide`` is the share of brands and attributes taken out of the records; ``questions`` the ways of asking that are
    compared (the first is "chatrec"); ``reticent`` shoppers name the kind of thing only and wait to be asked."""

    dialogues: int = 500
    seed: int = 7
    hide: float = 0.0
    questions: tuple[str, ...] = ("information_gain",)
    engine: str = "template"
    reticent: bool = False
    history: bool = True


@dataclass
class Outcome:
    """Everything that happened: dialogues by method (the bot first), and why the bot's failures failed, by task number."""

    shop: str
    plan: Plan
    phrases: Phrases
    played: dict[str, list[Dialogue]] = field(default_factory=dict)
    causes: dict[str, dict[int, Diagnosis]] = field(default_factory=dict)
    items: int = 0
    wanted: int = 0
    stopped: bool = False

    def failures(self, method: str = OURS) -> list[tuple[Dialogue, Diagnosis]]:
        """The failed dialogues of a method with their causes, worst first: by stage, then by how much shown was not asked for."""
        found = [(d, self.causes[method][d.task.number]) for d in self.played[method] if not d.success_turn]
        return sorted(
            found, key=lambda pair: (STAGES.index(pair[1].stage), -sum(len(t.breaking) for t in pair[0].turns), pair[0].task.number)
        )


def run_simulator(folder: Path, plan: Plan, progress: Progress | None = None, embedder: Embedder | None = None) -> Outcome:
    """Measure a shop; nothing of it changes. Stopped by ctrl-C it gives what was done so far."""
    outcome = Outcome(folder.name, plan, load_phrases(), wanted=plan.dialogues)
    with tempfile.TemporaryDirectory(prefix="chatrec-simulator-") as place:
        copy = copy_shop(folder, Path(place) / folder.name)
        items = _records(copy)
        world = World(items)
        outcome.items = len(items)
        choices = {(c.user_id, c.item_id): c for c in later_choices(copy)} if plan.history else {}
        tasks = draw_tasks(world, outcome.phrases, plan.dialogues, plan.seed, sorted(choices))
        hold_out(copy, _used(tasks, choices), progress)
        if plan.hide:
            hide(copy, plan.hide, plan.seed, embedder, progress)
        try:
            for questions in plan.questions:
                # a copy each: what one way of asking leaves in the shop must not teach the next
                own = copy_shop(copy, Path(place) / questions / folder.name) if len(plan.questions) > 1 else copy
                _play_bot(own, world, tasks, questions, outcome, progress, embedder)
            for control in _controls(copy, world):
                _play_all(control, world, tasks, outcome, progress)
        except KeyboardInterrupt:
            outcome.stopped = True
    _align(outcome)
    return outcome


def _records(folder: Path) -> list[Item]:
    with Database.open(folder, create=False) as database:
        return database.items.all()


def _used(tasks: Sequence[Task], choices: dict[tuple[str, str], LaterChoice]) -> list[LaterChoice]:
    return [choices[t.user_id, t.target_id] for t in tasks if t.user_id is not None]


def method_name(questions: str, plan: Plan) -> str:
    """ "chatrec" for the first way of asking, else with the way in its name."""
    return OURS if questions == plan.questions[0] else f"{OURS} questions={questions}"


def _play_bot(
    folder: Path,
    world: World,
    tasks: Sequence[Task],
    questions: str,
    outcome: Outcome,
    progress: Progress | None,
    embedder: Embedder | None,
) -> None:
    plan = outcome.plan
    settings: dict[str, dict[str, Any]] = {"model": {"engine": plan.engine}, "dialogue": {"questions": questions}}
    with ChatRec.open(folder, settings=settings, embedder=embedder) as bot:
        bot.warm_up()
        system = BotSystem(bot, world, method_name(questions, plan))
        causes = outcome.causes.setdefault(system.name, {})

        def judged(dialogue: Dialogue) -> None:
            if not dialogue.success_turn:
                causes[dialogue.task.number] = diagnose(dialogue, system.satisfies)

        _play_all(system, world, tasks, outcome, progress, judged)


def _controls(folder: Path, world: World) -> list[System]:
    with Database.open(folder, create=False) as database:
        counts = database.events.counts_by_item([k for k in EventKind if k not in (EventKind.SHOWN, EventKind.DISLIKE)])
        shown = database.items.all()  # controls search the records as they stand, hidden properties left out
    text = TextIndex.build(shown)
    return [RandomItems(world), PopularItems(world, counts), KeywordItems(world, text), PagingItems(world, text), DeafItems(world, text)]


def _play_all(
    system: System,
    world: World,
    tasks: Sequence[Task],
    outcome: Outcome,
    progress: Progress | None,
    judged: Callable[[Dialogue], None] | None = None,
) -> None:
    done = outcome.played.setdefault(system.name, [])
    for number, task in enumerate(tasks, start=1):
        dialogue = play(task, system, world, outcome.phrases, outcome.plan.reticent)
        if judged:
            judged(dialogue)
        done.append(dialogue)
        if progress:
            progress(system.name, number, len(tasks))


def _align(outcome: Outcome) -> None:
    """After ctrl-C: the methods that began, over the shoppers that all of them met."""
    began = {m: d for m, d in outcome.played.items() if d}
    least = min((len(d) for d in began.values()), default=0)
    full = {m: d for m, d in began.items() if len(d) == max(map(len, began.values()))}
    outcome.played = full if outcome.stopped and len(full) >= 1 and least < max(map(len, began.values())) else began


def stage_counts(outcome: Outcome, method: str = OURS) -> dict[str, int]:
    """How many of the bot's dialogues failed at each stage, commonest first."""
    return dict(Counter(d.stage for d in outcome.causes.get(method, {}).values()).most_common())
