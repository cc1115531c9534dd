"""One turn, in the order of the picture in the documentation: message in, reply events and the next state out."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from chatrec.dialogue.chips import make_chips
from chatrec.dialogue.decide import decide
from chatrec.dialogue.follow_ups import OFFER, in_context, read_offer, topic_of
from chatrec.dialogue.foreign import sure_part
from chatrec.dialogue.ledger import MOST_JUDGED, Change, update
from chatrec.dialogue.mood import rolling
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.perform import Performed, Scene, perform, unlisted_notice
from chatrec.dialogue.profile import offer_to_remember, with_profile
from chatrec.dialogue.receipts import likeness_notice, make_receipt, mapped_notice, unknown_notice, unmet_notice
from chatrec.dialogue.thing_notices import thing_notices
from chatrec.dialogue.tools import SERVICES, in_order, read_pending, serve, with_tools
from chatrec.domain.act import Act, AnswerShop, HandOff, Recommend, Say
from chatrec.domain.facts import DroppedSentence, Evidence, EvidenceItem, Fact, FactKind, Sentence
from chatrec.domain.languages import answers_in_english
from chatrec.domain.plain import plain
from chatrec.domain.reading import Intent, IntentSpan, Reading, Unknown
from chatrec.domain.reply import Chips, Done, Receipt, ReplyEvent, Said
from chatrec.domain.state import DialogueState
from chatrec.domain.tool import Outcome, Trouble
from chatrec.protocols import TokenMeter

MOST_SHOWN_LISTS = 60
MOST_ASKED = 200
FAILURES_BEFORE_HAND_OFF = 3
MOST_TRIED = 12
MOST_TOPIC_CHARS = 200
NOTHING = "nothing"
Steps = Generator[ReplyEvent, Outcome | None, DialogueState]
OnStop = Callable[[DialogueState, Receipt], None]


@dataclass(slots=True)
class Turn:
    """What happened so far in this turn. Everything here ends in the receipt.

    ``now`` is the state as far as the turn came; it holds what the first ``kept`` of the acts performed leave in it."""

    turn_id: str
    message: str
    before: DialogueState
    now: DialogueState
    reading: Reading = field(default_factory=lambda: Reading(()))
    change: Change = field(default_factory=Change)
    acts: list[Act] = field(default_factory=list)
    performed: list[Performed] = field(default_factory=list)
    kept: int = 0
    written_from: list[Evidence] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    dropped: list[DroppedSentence] = field(default_factory=list)
    degraded: list[str] = field(default_factory=list)
    timings_ms: dict[str, float] = field(default_factory=dict)
    steps: list[tuple[str, float, float]] = field(default_factory=list)
    tokens: list[tuple[int, int]] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Adds the time of a step, in milliseconds, to the receipt: its begin, its length, and the sum of those of the same name."""
        start = time.perf_counter()
        try:
            yield
        finally:
            took = (time.perf_counter() - start) * 1000
            self.timings_ms[step] = self.timings_ms.get(step, 0.0) + took
            self.steps.append((step, round((start - self.started) * 1000, 2), round(took, 2)))

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
    message: str, state: DialogueState, parts: Parts, turn_id: str, reading: Reading | None = None, on_stop: OnStop | None = None
) -> Steps:
    """One turn: understand, update, decide, act, write, check, reply. A given ``reading`` (a chip was tapped) needs no understanding.

    Yields :data:`~chatrec.domain.reply.ReplyEvent` values, the cards of an act before its text and ``Done`` (with the receipt) last.
    An ``Effect`` is to be carried out and answered with its outcome (``send``). Returns the state to save. Total: any message gives a
    reply. Closed before its end it gives ``on_stop`` the state and the receipt of what was shown and said so far.
    """
    turn = Turn(turn_id, message, state, state, degraded=list(parts.absent))
    if parts.turn_writer is not None:
        parts = replace(parts, writer=parts.turn_writer())
    try:
        return (yield from take_turn(turn, parts, reading))
    except GeneratorExit:
        if on_stop is not None:
            for done in turn.performed[turn.kept :]:
                turn.now = remember(turn.now, done)
            on_stop(expire(turn.now), replace(make_receipt(turn.now, turn, parts), stopped=True))
        raise


def take_turn(turn: Turn, parts: Parts, reading: Reading | None) -> Steps:
    """The steps of the turn, in their order; ``turn.now`` is the state as far as they came."""
    with turn.timed("understand"):
        turn.reading = reading or understand(turn.message, turn.now, parts)
    with turn.timed("update"):
        turn.now, turn.change = update(turn.now, turn.reading, parts.shelf)
        turn.now = with_profile(feel(turn.now, turn.reading), parts)
    with turn.timed("decide"):
        turn.acts = list(decide(turn.now, turn.reading, turn.change)) if reading or plain(turn.message) else [Say("empty")]
        turn.acts = in_order([*turn.acts, *offer_to_remember(turn.acts, turn.now, turn.reading, turn.message)])
    yield from say_notices(turn, parts)
    for act in turn.acts:
        yield from act_out(act, turn, parts)
    turn.now = count_failures(turn.now, turn)
    if turn.now.failures >= FAILURES_BEFORE_HAND_OFF and not turn.now.handed_off:
        turn.acts.append(HandOff("failures"))
        yield from act_out(turn.acts[-1], turn, parts)
    turn.now = expire(keep_topic(turn.now, turn))
    if (alert := parts.watch_mood(turn.now.session_id, turn.reading.mood)) is not None:
        _ = yield alert
    if not turn.sentences:
        yield from say_something(turn)
    yield Chips(tuple(make_chips(turn.now, turn, parts)))
    yield finish(turn.now, turn, parts)
    return turn.now


def feel(state: DialogueState, reading: Reading) -> DialogueState:
    """The state that knows how the shopper feels by now, and which language they write."""
    return replace(state, mood=rolling(state.mood, reading.mood), language=reading.language or state.language)


def act_out(act: Act, turn: Turn, parts: Parts) -> Generator[ReplyEvent, Outcome | None, None]:
    """One act, and what it leaves in the state."""
    done = yield from carry_out(act, turn.now, turn, parts)
    turn.now = remember(turn.now, done)
    turn.kept = len(turn.performed)


def expire(state: DialogueState) -> DialogueState:
    """What was asked before a change waits for the next message only: a yes that comes later may mean anything."""
    return replace(state, pending=None) if state.pending is not None and state.pending.turn < state.turn else state


def keep_topic(state: DialogueState, turn: Turn) -> DialogueState:
    """The state that knows which question about the shop was answered in this turn, for the next may go on with it."""
    answered = [d.act.question for d in turn.performed if isinstance(d.act, AnswerShop) and not d.failed]
    return replace(state, shop_question=topic_of(answered[-1], state.shop_question)[:MOST_TOPIC_CHARS] if answered else "")


def understand(message: str, state: DialogueState, parts: Parts) -> Reading:
    """The reading of the message, cut to the shop's limit; an empty one is small talk."""
    text = message[: parts.limits.message_chars]
    if not plain(text):
        return Reading((IntentSpan(Intent.SMALL_TALK, ""),))
    if (answer := read_offer(text, state, parts) or read_pending(text, state, parts)) is not None:
        return answer
    return with_tools(in_context(text, sure_part(parts.understander.read(text, state)), state, parts), parts)


def carry_out(act: Act, state: DialogueState, turn: Turn, parts: Parts) -> Generator[ReplyEvent, Outcome | None, Performed]:
    """One act: what is shown goes out first, then its sentences as they are verified; then a question that belongs to it."""
    wanted = sum(isinstance(a, Recommend) for a in turn.acts)
    shown = parts.limits.shown if wanted < 2 else max(2, parts.limits.shown - 1)
    with turn.timed(act.kind):
        scene = Scene(state, turn.message[: parts.limits.message_chars], parts, shown)
        done = serve(act, scene) if isinstance(act, SERVICES) else perform(act, scene)
    if done.after is not None:
        outcomes = []
        for effect in done.effects:
            outcomes.append((yield effect) or Outcome(trouble=Trouble.UNSURE))
        done = done.after(outcomes)
    turn.performed.append(done)
    if act in turn.acts:
        turn.acts[turn.acts.index(act)] = done.act  # an act may find out only now which item is meant
    for event in done.events:
        _ = yield event  # one by one: what is sent back for an effect of these is of no interest
    if done.events:
        turn.reached("first_card")
    # what does not match is told apart from a list that does
    yield from write(done.evidence, NOTHING if done.evidence.act == NOTHING else act.kind, turn, parts)
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
            if not written.cites and any(written.rendered == said.rendered for said in turn.sentences):
                continue  # two questions may have one answer
            turn.sentences.append(written)
            turn.reached("first_sentence")
            yield Said(written, act)
    if isinstance(parts.writer, TokenMeter):
        turn.tokens.append(parts.writer.last_tokens)


def say_notices(turn: Turn, parts: Parts) -> Iterator[ReplyEvent]:
    """Says what could not be taken: a language other than English, a message too long, a field the shop does not record, a word the
    catalogue does not know."""
    if told := answers_in_english(turn.reading.language):
        in_english = Fact(FactKind.COMPUTED, "language", told, value=turn.reading.language, source="turn")
        yield from write(Evidence("notice", "", notes=(in_english,)), "notice", turn, parts)
    notices: list[Fact] = [unlisted_notice(name) for name in turn.change.unlisted]
    searching = any(isinstance(a, Recommend | Say) for a in turn.acts)
    notices += [unknown_notice(u) for u in without_parts(turn.change.unknown)[:2] if searching]
    notices += [mapped_notice(m) for m in turn.reading.mapped[:2] if searching]
    notices += thing_notices(turn.now, parts)[:2] if any(isinstance(a, Recommend) for a in turn.acts) else []
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


def without_parts(unknown: Iterable[Unknown]) -> list[Unknown]:
    """The unknown words, without those that are part of others: what is said of "nvme ssd" is said of "nvme"."""
    kept: list[Unknown] = []
    for one in sorted(unknown, key=lambda u: -len(u.word.split())):
        words = set(one.word.casefold().split())
        if not any(words <= set(other.word.casefold().split()) for other in kept):
            kept.append(one)
    return kept


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
    asked = state.pending is not None and state.pending.turn == state.turn
    if done.pending is not None and not (asked and done.pending.kind == OFFER):  # an offer is no question: one that was asked comes first
        state = replace(state, pending=done.pending)
    if done.marks:
        state = replace(state, asked=(*state.asked, *(m for m in done.marks if m not in state.asked))[-MOST_ASKED:])
    if done.action == "forgotten":
        return DialogueState(state.session_id, user_id=state.user_id)
    if done.action == "hand_off":
        state = replace(state, handed_off=True)
    if done.tried or done.failed:
        tried = done.tried or (f"{done.act.kind}: no answer",)
        state = replace(state, tried=tuple(dict.fromkeys((*state.tried, *tried)))[-MOST_TRIED:])
    return state


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
