"""One turn, in the order of the picture in the documentation: message in, reply events and the next state out."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from chatrec.dialogue.decide import decide
from chatrec.dialogue.ledger import MOST_JUDGED, Change, update
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.perform import Performed, Scene, perform, unlisted_notice
from chatrec.dialogue.receipts import likeness_notice, make_receipt, unknown_notice, unmet_notice
from chatrec.dialogue.wording import constraint_words
from chatrec.domain.act import Act, HandOff, Recommend, Say
from chatrec.domain.facts import DroppedSentence, Evidence, EvidenceItem, Fact, Sentence
from chatrec.domain.need import Need
from chatrec.domain.plain import plain
from chatrec.domain.reading import Intent, IntentSpan, Reading
from chatrec.domain.reply import Chip, Chips, Done, ReplyEvent, Said
from chatrec.domain.state import DialogueState

MOST_SHOWN_LISTS = 60
MOST_ASKED = 200
FAILURES_BEFORE_HAND_OFF = 3


@dataclass(slots=True)
class Turn:
    """What happened so far in this turn. Everything here ends in the receipt."""

    turn_id: str
    message: str
    before: DialogueState
    reading: Reading = field(default_factory=lambda: Reading(()))
    change: Change = field(default_factory=Change)
    acts: list[Act] = field(default_factory=list)
    performed: list[Performed] = field(default_factory=list)
    written_from: list[Evidence] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    dropped: list[DroppedSentence] = field(default_factory=list)
    degraded: list[str] = field(default_factory=list)
    timings_ms: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Adds the time of a step, in milliseconds, to the receipt."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.timings_ms[step] = self.timings_ms.get(step, 0.0) + (time.perf_counter() - start) * 1000

    def note_dropped(self, dropped: DroppedSentence) -> None:
        """Keeps a sentence that was not released; one without text marks that the writer answered more weakly than it should."""
        if dropped.text:
            self.dropped.append(dropped)
        elif dropped.reason not in self.degraded:
            self.degraded.append(dropped.reason)

    def reached(self, mark: str) -> None:
        """Notes how long after the message this point came (first card, first sentence)."""
        self.timings_ms.setdefault(mark, (time.perf_counter() - self.started) * 1000)


def run_turn(
    message: str, state: DialogueState, parts: Parts, turn_id: str, reading: Reading | None = None
) -> Generator[ReplyEvent, None, DialogueState]:
    """One turn: understand, update, decide, act, write, check, reply. A given ``reading`` (a chip was tapped) needs no understanding.

    Yields :data:`~chatrec.domain.reply.ReplyEvent` values, the cards of an act before its text and ``Done`` (with the receipt) last.
    Returns the state to save. Total: any message gives a reply.
    """
    turn = Turn(turn_id, message, state, degraded=list(parts.absent))
    with turn.timed("understand"):
        turn.reading = reading or understand(message, state, parts)
    with turn.timed("update"):
        state, turn.change = update(state, turn.reading, parts.shelf)
    with turn.timed("decide"):
        turn.acts = list(decide(state, turn.reading, turn.change)) if reading or plain(message) else [Say("empty")]
    yield from say_notices(turn, parts)
    for act in turn.acts:
        done = yield from carry_out(act, state, turn, parts)
        state = remember(state, done)
    state = count_failures(state, turn)
    if state.failures >= FAILURES_BEFORE_HAND_OFF and not state.handed_off:
        turn.acts.append(HandOff("failures"))
        state = remember(state, (yield from carry_out(turn.acts[-1], state, turn, parts)))
    if not turn.sentences:
        yield from say_something(turn)
    yield Chips(tuple(make_chips(state, turn, parts)))
    yield finish(state, turn, parts)
    return state


def understand(message: str, state: DialogueState, parts: Parts) -> Reading:
    """The reading of the message, cut to the shop's limit; an empty one is small talk."""
    text = message[: parts.limits.message_chars]
    if not plain(text):
        return Reading((IntentSpan(Intent.SMALL_TALK, ""),))
    return parts.understander.read(text, state)


def carry_out(act: Act, state: DialogueState, turn: Turn, parts: Parts) -> Generator[ReplyEvent, None, Performed]:
    """One act: what is shown goes out first, then its sentences as they are verified; then a question that belongs to it."""
    wanted = sum(isinstance(a, Recommend) for a in turn.acts)
    shown = parts.limits.shown if wanted < 2 else max(2, parts.limits.shown - 1)
    with turn.timed(act.kind):
        done = perform(act, Scene(state, turn.message[: parts.limits.message_chars], parts, shown))
    turn.performed.append(done)
    yield from done.events
    if done.events:
        turn.reached("first_card")
    yield from write(done.evidence, act.kind, turn, parts)
    if done.next_act is not None and state.question is None and not turn.reading.has(Intent.SKIP):
        asked = yield from carry_out(done.next_act, state, turn, parts)
        done = replace(done, question=asked.question)
    return done


def write(evidence: Evidence, act: str, turn: Turn, parts: Parts) -> Iterator[ReplyEvent]:
    """The verified sentences for one piece of evidence, which the receipt keeps."""
    turn.written_from.append(evidence)
    with turn.timed("write"):
        for written in parts.writer.write(evidence):
            if isinstance(written, DroppedSentence):
                turn.note_dropped(written)
                continue
            turn.sentences.append(written)
            turn.reached("first_sentence")
            yield Said(written, act)


def say_notices(turn: Turn, parts: Parts) -> Iterator[ReplyEvent]:
    """Says what could not be taken: a message too long, a field the shop does not record, a word the catalogue does not know."""
    notices: list[Fact] = [unlisted_notice(name) for name in turn.change.unlisted]
    searching = any(isinstance(a, Recommend | Say) for a in turn.acts)
    notices += [unknown_notice(u) for u in turn.change.unknown[:2] if searching]
    if len(turn.message) > parts.limits.message_chars:
        notices.insert(0, unknown_notice(None, parts.limits.message_chars))
    if turn.reading.like_items and any(isinstance(a, Recommend) for a in turn.acts):
        near = named_items(turn.reading.like_items, parts)
        yield from write(Evidence("notice", "", items=near, notes=(likeness_notice(len(near)),)), "notice", turn, parts)
    for unmet in turn.change.unmet[:2]:
        best = named_items((unmet.furthest,), parts)
        yield from write(Evidence("notice", "", items=best, notes=(unmet_notice(unmet, len(best)),)), "notice", turn, parts)
    if notices:
        yield from write(Evidence("notice", "", notes=tuple(notices)), "notice", turn, parts)


def named_items(item_ids: Iterable[str], parts: Parts) -> tuple[EvidenceItem, ...]:
    """Items that a notice names, with nothing told of them but their names and prices."""
    found = [parts.shelf.item(i) for i in item_ids if i in parts.shelf]
    return tuple(EvidenceItem(n, item.item_id, plain(item.title, 200), ()) for n, item in enumerate(found, start=1))


def say_something(turn: Turn) -> Iterator[ReplyEvent]:
    """The last resort: a turn of which no sentence passed the gate is still answered."""
    shown = any(d.shown for d in turn.performed)
    text = "Here is what I found." if shown else "Tell me more about what you are looking for, and I will look again."
    turn.sentences.append(Sentence(text, text, "template"))
    turn.reached("first_sentence")
    yield Said(turn.sentences[-1], turn.acts[-1].kind)


def remember(state: DialogueState, done: Performed) -> DialogueState:
    """What an act leaves in the state."""
    if done.shown is not None:
        state = replace(state, shown=(*state.shown, done.shown)[-MOST_SHOWN_LISTS:], focus=())
    if done.focus:
        state = replace(state, focus=done.focus[-MOST_JUDGED:])
    if done.question is not None:
        key = f"{done.question.need_id}:{done.question.field}"
        state = replace(state, question=done.question, asked=(*state.asked, key)[-MOST_ASKED:])
    if done.action == "hand_off":
        state = replace(state, handed_off=True)
    return state


def make_chips(state: DialogueState, turn: Turn, parts: Parts) -> Iterator[Chip]:
    """The ledger as chips, then the chips of this turn's acts, then ways on. No label stands there twice."""
    for need in needs_of_turn(state, turn):
        for constraint in need.constraints:
            yield Chip("constraint", constraint_words(constraint, parts.limits.currency), need_id=need.need_id, key=constraint.key)
    listed = any(isinstance(d.act, Recommend) for d in turn.performed)
    standing = not listed and bool(state.needs or state.question) and bool(state.last_shown())  # an answer leaves the chips as they were
    offered = [chip for done in turn.performed for chip in done.chips] or (list(waiting_answers(state)) if standing else [])
    nearest = (value for unknown in turn.change.unknown[:1] for value in unknown.nearest[:4])
    yield from {(c.kind, c.label): c for c in (*(Chip("answer", v, message=v) for v in nearest), *offered)}.values()
    if standing or any(d.offer and d.offer.items for d in turn.performed):
        yield Chip("followup", "Show me others", message="show me others")
        if parts.shelf.lists("price"):
            yield Chip("followup", "Something cheaper", message="something cheaper")
        yield Chip("followup", "Compare these", message="compare these")


def waiting_answers(state: DialogueState) -> Iterator[Chip]:
    """The answers to a question that still waits."""
    question = state.question
    if question is not None:
        yield from (Chip("answer", o, message=o, need_id=question.need_id, key=question.field) for o in (*question.options, "any"))


def needs_of_turn(state: DialogueState, turn: Turn) -> list[Need]:
    """The needs that this turn showed items for, or looked for in vain, in their order; else those shown last, or the active one where
    it is none of them."""
    shown = [d.act.need_id for d in turn.performed if isinstance(d.act, Recommend)]
    unmet = {u.need_id for u in turn.change.unmet}
    shown = sorted({*shown, *unmet}) if unmet else shown
    last = [s.need_id for s in state.shown if s.turn == state.shown[-1].turn]
    wanted = shown or (last if state.active_need in last else [state.active_need] if state.active_need is not None else [])
    return [need for need_id in dict.fromkeys(wanted) if (need := state.need(need_id)) is not None]


def count_failures(state: DialogueState, turn: Turn) -> DialogueState:
    """Failures in a row; the third brings a person."""
    failed = bool(turn.performed) and all(d.failed for d in turn.performed)
    return replace(state, failures=state.failures + 1 if failed else 0)


def finish(state: DialogueState, turn: Turn, parts: Parts) -> Done:
    """The whole text, the action and the receipt."""
    turn.reached("total")
    if parts.model.get("generator", "").startswith("template ("):
        turn.degraded.append("language model: it could not be loaded, the template writer answered")
    text = " ".join(s.rendered for s in turn.sentences)
    action = next((d.action for d in turn.performed if d.action), "")
    return Done(text, action, make_receipt(state, turn, parts))
