"""The shopper's side of dialogues between people, said to the bot turn by turn: it must bear whatever people really write."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from chatrec.bot import ChatRec
from chatrec.domain.reply import Cards, Done
from chatrec.domain.state import DialogueState
from chatrec.evaluation.human_data import HumanDialogue
from chatrec.metrics.intervals import interval, mean_interval, percentile
from chatrec.shops import Progress


@dataclass(slots=True)
class Heard:
    """What came of all turns. ``problems`` names dialogue and turn, and never what was said: the sets are not ours to print. ``states`` is
    what was remembered before each turn of the other side, by the places of dialogue and turn."""

    ms: list[float] = field(default_factory=list)
    crashes: int = 0
    questions: int = 0
    repeated: int = 0
    silent: int = 0
    violations: int = 0
    listed: list[float] = field(default_factory=list)
    declined: list[float] = field(default_factory=list)
    handed_off: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    states: dict[tuple[int, int], DialogueState] = field(default_factory=dict)

    def figures(self, table: str, seed: int) -> dict[str, float | list[float]]:
        """The flat figures; times are of whole turns."""
        counts = {
            "turns": float(len(self.ms)),
            "crashes": float(self.crashes),
            "questions": float(self.questions),
            "repeated_questions": round(self.repeated / max(self.questions, 1), 4),
            "silent": float(self.silent),
            "violations": float(self.violations),
        }
        measured: dict[str, float | list[float]] = {f"{table}/chatrec/{name}": value for name, value in counts.items()}
        if self.ms:
            measured |= {f"{table}/chatrec/p{q}_ms": interval(self.ms, percentile(q), seed, draws=500, digits=1) for q in (50, 95)}
        shares = {"turns_with_items": self.listed, "turns_declined": self.declined, "dialogues_handed_off": self.handed_off}
        return measured | {f"{table}/chatrec/{name}": mean_interval(values, seed) for name, values in shares.items() if values}


def play_shoppers(bot: ChatRec, dialogues: Sequence[HumanDialogue], report: Progress | None = None) -> Heard:
    """Say every turn of every shopper, each dialogue in a session of its own that is erased afterwards. An exception ends its dialogue
    and is counted, as are questions asked twice, empty replies and items that break a hard limit."""
    heard = Heard()
    for number, dialogue in enumerate(dialogues, start=1):
        session_id = f"human-{secrets.token_hex(8)}"
        asked: set[tuple[int, str]] = set()
        handed_off = 0.0
        for place, turn in enumerate(dialogue.turns):
            if not turn.by_shopper:
                heard.states[number - 1, place] = bot.state(session_id)
                continue
            name = f"{dialogue.dialogue_id} turn {place + 1}"
            try:
                handed_off = max(handed_off, _turn(bot, session_id, turn.text, asked, heard, name))
            except Exception as error:  # whatever it is: that is what is measured
                heard.crashes += 1
                heard.problems.append(f"{name}: {type(error).__name__}: {error}")
                break
        heard.handed_off.append(handed_off)
        bot.forget(session_id=session_id)
        if report:
            report("dialogues", number, len(dialogues))
    return heard


def _turn(bot: ChatRec, session_id: str, said: str, asked: set[tuple[int, str]], heard: Heard, name: str) -> float:
    """One turn; gives 1.0 where it went to a person."""
    start = time.perf_counter()
    events = list(bot.reply(session_id, said))
    heard.ms.append(1000.0 * (time.perf_counter() - start))
    done = events[-1]
    assert isinstance(done, Done)
    state = bot.state(session_id)
    if not done.text.strip():
        heard.silent += 1
        heard.problems.append(f"{name}: an empty reply")
    lists = [e for e in events if isinstance(e, Cards)]
    heard.listed.append(float(any(shown.cards for shown in lists)))
    heard.declined.append(float(any(act["kind"] == "decline" for act in done.receipt.acts)))
    for shown in lists:
        need = state.need(shown.need_id)
        broken = [c.item_id for c in shown.cards if need and not bot.satisfies(bot.live_item(c.item_id), need.hard())]
        heard.violations += len(broken)
        heard.problems += [f"{name}: {item_id} breaks a hard limit" for item_id in broken]
    question = state.question
    if question is not None and question.turn == state.turn:
        heard.questions += 1
        if (question.need_id, question.field) in asked:
            heard.repeated += 1
            heard.problems.append(f"{name}: asks for {question.field} again")
        asked.add((question.need_id, question.field))
    return float(done.action == "hand_off")
