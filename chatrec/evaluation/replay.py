"""A turn played again from its receipts, on the generation that it ran on, without changing anything."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from chatrec.dialogue import ledger
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.turn import run_turn
from chatrec.domain.context import Context
from chatrec.domain.event import Event, EventKind
from chatrec.domain.item import LiveRow
from chatrec.domain.need import Need
from chatrec.domain.reading import Reading
from chatrec.domain.reply import Done, Receipt
from chatrec.domain.state import DialogueState, ShownList
from chatrec.domain.tool import Outcome
from chatrec.errors import GenerationError, SessionError
from chatrec.protocols import Embedder, LiveRows
from chatrec.settings import Settings, load_settings
from chatrec.shops import open_database
from chatrec.storage.database import Database
from chatrec.storage.generations import Generation, Generations

_NEEDS: TypeAdapter[tuple[Need, ...]] = TypeAdapter(tuple[Need, ...])
_READING: TypeAdapter[Reading] = TypeAdapter(Reading)
_CONTEXT: TypeAdapter[Context] = TypeAdapter(Context)
_JUDGED = (EventKind.LIKE, EventKind.DISLIKE)
# What can differ, from the message on; a difference in the ranking is what a replay is for.
PARTS = ("reading", "ledger", "acts", "items", "sentences")


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that came out otherwise. ``part`` is one of :data:`PARTS`, ``what`` the place in it."""

    part: str
    what: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class Replay:
    """A turn as it was and as it is now. ``notes`` say what could not be the same again."""

    then: Receipt
    now: Receipt
    notes: tuple[str, ...]

    def differences(self) -> list[Difference]:
        """What came out otherwise, in the order of the turn; empty where nothing did."""
        return [found for part in PARTS for found in _compare(part, _view(part, self.then), _view(part, self.now))]

    @property
    def same_ranking(self) -> bool:
        """Whether the same items were shown in the same order."""
        return _view("items", self.then) == _view("items", self.now)


class RowsThen:
    """Price and stock as they were for the items of a receipt, as they are now for all others (implements ``protocols.LiveRows``)."""

    def __init__(self, rows: LiveRows, shown: Sequence[Mapping[str, Any]]) -> None:
        self._rows = rows
        self._then = {str(row["item_id"]): (Decimal(row["price"]) if row["price"] is not None else None, row["stock"]) for row in shown}

    def live(self, item_ids: Sequence[str]) -> dict[str, LiveRow]:
        """Rows by id; a deleted item is absent."""
        return {
            item_id: replace(row, price=self._then[item_id][0], stock=self._then[item_id][1]) if item_id in self._then else row
            for item_id, row in self._rows.live(item_ids).items()
        }


def replay_turn(
    folder: Path, turn_id: str, overrides: Mapping[str, Mapping[str, Any]] | None = None, embedder: Embedder | None = None
) -> Replay:
    """Plays a turn again, beside a running service if there is one. Nothing is saved and no effect is carried out.

    Raises :class:`SessionError` where no such turn is kept (any more), and :class:`GenerationError` where the generation is gone.
    """
    from chatrec.wiring import make_words, pin

    settings = load_settings(folder, overrides)
    with open_database(folder) as database:
        told = _conversation(database, turn_id)
        generation = _generation(folder, told[-1][1])
        if embedder is None:
            from chatrec.embedding.minilm import MiniLMEmbedder

            embedder = MiniLMEmbedder(threads=settings.model.threads)
        words = make_words(settings.model)
        try:
            words.warm_up()
            pinned = pin(generation, database, embedder, words, beside(settings))
            try:
                return _play(told, pinned.parts, database, settings)
            finally:
                pinned.close()
        finally:
            words.close()


def beside(settings: Settings) -> Settings:
    """Settings that open a copy of an index, as one worker of several does: the service may have it open."""
    several = max(2, settings.serve.workers)
    return settings.model_copy(update={"serve": settings.serve.model_copy(update={"workers": several})})


def _conversation(database: Database, turn_id: str) -> list[tuple[float, Receipt]]:
    """The turns of the session up to this one, with the times at which they were kept."""
    wanted = database.receipts.load(turn_id)
    if wanted is None:
        raise SessionError(
            f"no receipt of turn {turn_id!r:.120} is kept: it was never made, belongs to another shop, or was forgotten; "
            "turn ids stand in the log, in receipts and on the analyst's page"
        )
    kept = database.receipts.timed_of_session(wanted.session_id)
    timed = [(at, receipt) for at, receipt in kept if not receipt.taken_back or receipt.turn_id == turn_id]
    return timed[: next(n for n, (_, receipt) in enumerate(timed) if receipt.turn_id == turn_id) + 1]


def _generation(folder: Path, receipt: Receipt) -> Generation:
    generations = Generations(folder)
    if receipt.generation not in generations.numbers():
        kept = ", ".join(map(str, generations.numbers())) or "none"
        raise GenerationError(
            f"turn {receipt.turn_id} ran on generation {receipt.generation}, which is gone (kept: {kept}): it cannot be played again"
        )
    return generations.open(receipt.generation)


def _play(told: Sequence[tuple[float, Receipt]], parts: Parts, database: Database, settings: Settings) -> Replay:
    """The conversation up to the last turn; each begins where the receipt before it ended, so that drift does not add up."""
    session_id = told[0][1].session_id
    events = database.events.of_session(session_id, 10_000, _JUDGED)
    state, since = DialogueState(session_id, turn=told[0][1].turn - 1), 0.0
    now = told[0][1]
    for at, receipt in told:
        state = _judged(state, [event for event in events if since <= event.timestamp < at])
        state, now = _turn(receipt, state, replace(_then(parts, receipt), answers_given=partial(database.turns.answers, at)))
        state, since = _as_kept(state, receipt), at
    return Replay(told[-1][1], now, tuple(_notes(told, parts, settings)))


def _then(parts: Parts, receipt: Receipt) -> Parts:
    writer = parts.turn_writer() if parts.turn_writer is not None else parts.writer
    return replace(parts, live=RowsThen(parts.live, receipt.shown), watch_mood=lambda session, mood: None, writer=writer, turn_writer=None)


def _turn(receipt: Receipt, state: DialogueState, parts: Parts) -> tuple[DialogueState, Receipt]:
    given = None
    if not receipt.message:  # a button: what it meant stands in the receipt, and the wishes are those that it left
        given = _READING.validate_python(receipt.reading)
        state = _dropped(state, _NEEDS.validate_python(receipt.ledger))
    state = replace(state, context=_CONTEXT.validate_python(receipt.context))
    events = run_turn(receipt.message, state, parts, receipt.turn_id, given)
    made: Receipt | None = None
    sent: Outcome | None = None
    try:
        while True:
            event = events.send(sent)
            made = event.receipt if isinstance(event, Done) else made
            sent = Outcome() if made is None else None
    except StopIteration as end:
        assert made is not None
        return end.value, made


def _dropped(state: DialogueState, needs: Sequence[Need]) -> DialogueState:
    """The state after the chips that are not in ``needs`` any more were tapped."""
    kept = {(need.need_id, constraint.key) for need in needs for constraint in need.constraints}
    for need in state.needs:
        for constraint in need.constraints:
            if (need.need_id, constraint.key) not in kept:
                state = ledger.drop(state, need.need_id, constraint.key)
    return replace(state, needs=tuple(needs))


def _judged(state: DialogueState, events: Sequence[Event]) -> DialogueState:
    for event in events:
        state = ledger.judge(state, event.item_id, event.kind is EventKind.LIKE)
    return state


def _as_kept(state: DialogueState, receipt: Receipt) -> DialogueState:
    """The state with the ledger and the lists that the receipt says were kept."""
    lists: dict[int, list[str]] = {}
    for row in receipt.shown:
        lists.setdefault(row["need_id"], []).append(row["item_id"])
    fresh = {shown.need_id: shown for shown in state.shown if shown.turn == receipt.turn}
    kept = tuple(shown for shown in state.shown if shown.turn != receipt.turn)
    made = tuple(
        replace(fresh[need_id], item_ids=tuple(ids)) if need_id in fresh else ShownList(receipt.turn, need_id, tuple(ids))
        for need_id, ids in lists.items()
    )
    return replace(state, needs=_NEEDS.validate_python(receipt.ledger), shown=(*kept, *made))


def _notes(told: Sequence[tuple[float, Receipt]], parts: Parts, settings: Settings) -> list[str]:
    receipt = told[-1][1]
    found = []
    writer, writes = str(receipt.model.get("generator", "")), parts.model.get("generator", "")
    if writer != writes:
        found.append(f"written then by {writer or 'nothing'}, now by {writes}")
    for name in ("prompt", "gate"):
        if receipt.model.get(name) != parts.model.get(name):
            found.append(f"{name} then {receipt.model.get(name)}, now {parts.model.get(name)}")
    if any(str(act.get("kind")) in ("tool", "cart", "order_status", "return_check", "profile") for act in receipt.acts):
        found.append("effects, the shop's own tools, carts and orders are not played again")
    if told[0][1].turn != 1:
        found.append(f"the conversation is kept from turn {told[0][1].turn} on only")
    if receipt.stopped:
        found.append("the shopper stopped this turn; it is played to its end")
    return found


def _view(part: str, receipt: Receipt) -> dict[str, Any]:
    """A part of a receipt as it is compared: plain JSON, by places."""
    if part == "reading":
        return dict(_plain(receipt.reading))
    if part == "ledger":
        return {f"need {need['need_id']}": need for need in _plain(receipt.ledger)}
    if part == "acts":
        return {"kinds": [act["kind"] for act in receipt.acts]}
    if part == "items":
        lists: dict[str, list[str]] = {}
        for row in receipt.shown:
            lists.setdefault(f"need {row['need_id']}", []).append(str(row["item_id"]))
        return dict(lists)
    return {"said": [sentence["rendered"] for sentence in receipt.sentences]}


def _compare(part: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    return [
        Difference(part, place, _text(then.get(place)), _text(now.get(place)))
        for place in dict.fromkeys((*then, *now))
        if then.get(place) != now.get(place)
    ]


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def _text(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return " · ".join(value) or "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
