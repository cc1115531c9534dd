"""What a turn leaves behind: changes carried out once, the profile, and state, receipt and log saved together."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from typing import Any

from chatrec.dialogue.cards import make_card
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.profile import unpacked
from chatrec.domain.event import Event, EventKind
from chatrec.domain.facts import Sentence
from chatrec.domain.plain import plain
from chatrec.domain.profile import Profile
from chatrec.domain.reading import Intent
from chatrec.domain.reply import Alternatives, Card, Cards, Chip, Chips, Comparison, Done, Effect, Receipt, ReplyEvent, Said
from chatrec.domain.state import DialogueState
from chatrec.domain.tool import Call, Caller, CartLine, Outcome, Trouble
from chatrec.protocols import SessionStore, ToolDesk
from chatrec.storage.database import Database
from chatrec.storage.forget import anonymous

log = logging.getLogger(__name__)

MOST_REPLAYED = 60
# Effects that stay when their turn is taken back: nobody else's records are rolled back, and a person who was called was called.
LASTING = frozenset({"tool", "hand_off", "remember", "unlearn", "forget"})


class Keeper:
    """Everything of a dialogue that outlives its turn. Safe to share between threads."""

    def __init__(self, database: Database, sessions: SessionStore, desk: ToolDesk) -> None:
        self._database, self._sessions, self._desk = database, sessions, desk

    def carry_out(self, effect: Effect, caller: Caller) -> Outcome:
        """Carries an effect out once: with a repeated key it gives what came of it the first time."""
        log.info("effect %s", effect.kind)
        if effect.kind == "tool":
            given = dict(effect.payload)
            return self._desk.run(Call(given["tool"], tuple(json.loads(given["arguments"]).items()), effect.key), caller)
        if effect.kind == "remember" and caller.user_id is not None:
            return self._remember(effect, caller.user_id)
        if effect.kind == "unlearn" and caller.user_id is not None:
            for _, key in effect.payload:
                self.drop(caller.user_id, key)
        if effect.kind == "forget":
            self.forget(caller)
        return Outcome(trouble=Trouble.UNKNOWN) if effect.kind == "remember" else Outcome()  # a hand-over, an alert: for the shop's faces

    def forget(self, caller: Caller) -> dict[str, int]:
        """Erases all of a verified shopper, this conversation too, or the conversation of a visitor; gives rows erased by table."""
        if caller.user_id is None:
            return self._database.forget(session_id=caller.session_id)
        with self._database.transaction():
            of_session = self._database.forget(session_id=caller.session_id)
            of_user = self._database.forget(user_id=caller.user_id)
        return {name: count + of_session.get(name, 0) for name, count in of_user.items()}

    def _remember(self, effect: Effect, user_id: str) -> Outcome:
        with self._database.transaction():  # the same wish twice is one wish: no key is needed
            profile = self._database.profiles.load(user_id)
            for _, packed in effect.payload:
                wish = unpacked(packed)
                profile = profile.wishing(wish) if wish is not None else profile
            self._database.profiles.save(profile)
        return Outcome()

    def keep(self, before: DialogueState, state: DialogueState, receipt: Receipt, changed: str = "") -> DialogueState:
        """State, receipt, judgements and what was shown are saved together or not at all. ``changed`` is what the turn changed outside the
        dialogue."""
        user, now = Caller(state.session_id, state.user_id).owner, time.time()
        shown = [
            Event(
                user, row["item_id"], EventKind.SHOWN, now, session_id=state.session_id, turn_id=receipt.turn_id,
                position=row["position"], propensity=row["propensity"],
            )
            for row in receipt.shown
        ]  # fmt: skip
        with self._database.transaction():
            saved = self._sessions.save(state)
            self._database.receipts.save(receipt, state.user_id)
            self._database.events.append(shown, key=receipt.turn_id)
            self._database.checkpoints.keep(before, changed=changed, anew=bool(receipt.message))
            if state.user_id is not None and _judged(receipt):
                liked = tuple(i for i in state.liked if i not in before.liked)
                self._judge(state.user_id, liked, tuple(i for i in state.disliked if i not in before.disliked))
        return saved

    def judge(self, user_id: str | None, item_id: str, liked: bool) -> None:
        """Keeps a judgement of a verified shopper; none of a visitor's."""
        if user_id is not None:
            self._judge(user_id, (item_id,) if liked else (), () if liked else (item_id,))

    def _judge(self, user_id: str, liked: tuple[str, ...], disliked: tuple[str, ...]) -> None:
        if liked or disliked:
            with self._database.transaction():
                self._database.profiles.save(self._database.profiles.load(user_id).judging(liked, disliked))

    def drop(self, user_id: str, key: str) -> Profile:
        """The profile without one entry; a judgement goes from the log as well, since it would go on counting there."""
        with self._database.transaction():
            profile = self._database.profiles.load(user_id).without(key)
            self._database.profiles.save(profile)
            kind, _, item_id = key.partition(":")
            if kind == "item":
                self._database.events.erase_judgement(user_id, item_id)
        return profile

    def sign_in(self, session_id: str, user_id: str) -> None:
        """A visitor was verified in the middle of a dialogue: what lies in the cart comes along."""
        if self._database.carts.lines(anonymous(session_id)):
            self._database.carts.move(anonymous(session_id), user_id)

    def turn(self, before: DialogueState, keep_stopped: bool, heard: str = "") -> TurnKeeper:
        """What keeps one turn. ``heard`` is what the page shows in place of a message, where a button was pressed."""
        return TurnKeeper(self, before, keep_stopped, heard)

    def profile(self, user_id: str) -> Profile:
        """What is remembered of a verified shopper."""
        return self._database.profiles.load(user_id)

    def take_out(self, caller: Caller, item_id: str, variant_id: str) -> Outcome:
        """Takes a line out of the cart: a button that says so was pressed."""
        given = (("item_id", json.dumps(item_id)), ("variant_id", json.dumps(variant_id)))
        return self._desk.run(Call("cart_remove", given), caller)

    def receipts(self, session_id: str, user_id: str | None) -> list[Receipt]:
        """The receipts of a conversation that is still kept, oldest first; none of another shopper's, nor of what was taken back."""
        state = self._sessions.load(session_id)
        if state.version == 0 or state.user_id != user_id:
            return []
        return [r for r in self._database.receipts.of_session(session_id) if not r.taken_back][-MOST_REPLAYED:]

    def cart(self, caller: Caller) -> tuple[CartLine, ...]:
        """The lines of the cart, at the prices of this moment; none where the shop's cart cannot be read."""
        value = self._desk.run(Call("cart_show"), caller).value
        return tuple(line for line in value if isinstance(line, CartLine)) if isinstance(value, tuple | list) else ()


class TurnKeeper:
    """Follows one turn: carries its effects out, notes what the shopper saw, and keeps it in the end, or where it was stopped."""

    def __init__(self, keeper: Keeper, before: DialogueState, keep_stopped: bool, heard: str) -> None:
        self._keeper, self._before, self._forgotten = keeper, before, False
        self._told: list[dict[str, Any]] = [{"kind": "heard", "text": plain(heard, 200)}] if heard else []
        self._chips: list[dict[str, Any]] = []
        self._changed = ""
        self.stopped = self._keep_stopped if keep_stopped else None

    def carry_out(self, effect: Effect) -> Outcome:
        """Carries an effect of this turn out; after "forget me" nothing of the turn is kept."""
        outcome = self._keeper.carry_out(effect, Caller(self._before.session_id, self._before.user_id))
        self._forgotten = self._forgotten or (effect.kind == "forget" and outcome.done)
        self._changed = self._changed or (effect.kind if effect.kind in LASTING else "")
        return outcome

    def see(self, event: ReplyEvent) -> None:
        """The shopper is about to see this."""
        if isinstance(event, Chips):
            self._chips = [asdict(chip) for chip in event.chips]
        elif seen := told(event):
            self._told.append(seen)

    def whole(self, done: Done) -> Done:
        """The end of the turn, its receipt with what was seen."""
        return replace(done, receipt=replace(done.receipt, told=list(self._told), chips=list(self._chips)))

    def keep(self, state: DialogueState, receipt: Receipt) -> None:
        """Saves the turn, unless the shopper was forgotten in it."""
        if not self._forgotten:
            self._keeper.keep(self._before, state, receipt, self._changed)

    def _keep_stopped(self, state: DialogueState, receipt: Receipt) -> None:
        if any(seen["kind"] != "heard" for seen in self._told):  # before anything was shown there is nothing to come back to
            self.keep(state, replace(receipt, told=list(self._told), chips=list(self._chips)))


class Shopper:
    """One shopper in one conversation, as a page shows them: cart, profile, and the turns so far. A visitor has no profile."""

    def __init__(self, keeper: Keeper, session_id: str, user_id: str | None, serving: Callable[[], AbstractContextManager[Parts]]) -> None:
        self._keeper, self._caller, self._serving = keeper, Caller(session_id, user_id), serving

    def cart(self) -> tuple[CartLine, ...]:
        """The cart, at the prices of this moment."""
        return self._keeper.cart(self._caller)

    def take_out(self, item_id: str, variant_id: str = "") -> Outcome:
        """Takes a line out of the cart."""
        return self._keeper.take_out(self._caller, item_id, variant_id)

    def profile(self) -> Profile | None:
        """What is remembered; ``None`` of a visitor."""
        return self._keeper.profile(self._caller.user_id) if self._caller.user_id is not None else None

    def drop(self, key: str) -> Profile | None:
        """Erases one entry of the profile: ``wish:...``, ``item:<id>`` or ``taste:...``; unknown keys change nothing."""
        return self._keeper.drop(self._caller.user_id, key) if self._caller.user_id is not None else None

    def forget(self) -> dict[str, int]:
        """Erases all of the shopper, or the conversation of a visitor; gives rows erased by table."""
        return self._keeper.forget(self._caller)

    def turns(self) -> list[tuple[str, tuple[ReplyEvent, ...]]]:
        """The newest turns of this conversation, oldest first: the message, or what a button said, and the events of the reply, the
        cards as the records stand now. None of a conversation that expired, was forgotten, or is another shopper's."""
        with self._serving() as parts:
            kept = self._keeper.receipts(self._caller.session_id, self._caller.user_id)
            return [(receipt.message or heard(receipt), tuple(replay(receipt, parts))) for receipt in kept]


def _judged(receipt: Receipt) -> bool:
    """Whether the message judged what was shown. What is chosen or put into a cart may be for somebody else."""
    return any(span["intent"] == Intent.FEEDBACK for span in receipt.reading.get("intents", ()))


def told(event: ReplyEvent) -> dict[str, Any]:
    """An event as the receipt keeps it, so that a page can show the turn again; empty for what is not shown."""
    if isinstance(event, Cards | Alternatives):
        kind = "cards" if isinstance(event, Cards) else "alternatives"
        rows = [{"item_id": c.item_id, "position": c.position, "why": c.why, "breaks": c.breaks} for c in event.cards]
        return {"kind": kind, "need_id": event.need_id, "heading": event.heading, "cards": rows}
    if isinstance(event, Comparison):
        return {"kind": "comparison", **asdict(event)}
    if isinstance(event, Said):
        return {"kind": "said", "act": event.act, "text": event.sentence.rendered, "cites": list(event.sentence.cites)}
    if isinstance(event, Effect) and event.kind == "hand_off":
        return {"kind": "effect", "effect": event.kind}
    return {}


def heard(receipt: Receipt) -> str:
    """What stood in place of a message: the words of a button."""
    return next((str(seen["text"]) for seen in receipt.told if seen["kind"] == "heard"), "")


def replay(receipt: Receipt, parts: Parts) -> Iterator[ReplyEvent]:
    """The events of a turn that was kept: the same sentences and chips; the cards as the records stand now."""
    for event in receipt.told:
        if event["kind"] in ("cards", "alternatives"):
            made = Cards if event["kind"] == "cards" else Alternatives
            yield made(tuple(_cards(event["cards"], parts)), event["need_id"], event["heading"])
        elif event["kind"] == "comparison":
            cells = tuple((str(name), tuple(values)) for name, values in event["rows"])
            yield Comparison(tuple(event["titles"]), tuple(event["item_ids"]), cells)
        elif event["kind"] == "said":
            cites = tuple(event["cites"])
            yield Said(Sentence(event["text"], event["text"], "template", cites), event["act"])
        elif event["kind"] == "effect":
            yield Effect(event["effect"], receipt.turn_id)
    yield Chips(tuple(Chip(**chip) for chip in receipt.chips))
    yield Done(" ".join(e["text"] for e in receipt.told if e["kind"] == "said"), receipt.action, receipt)


def _cards(rows: list[dict[str, Any]], parts: Parts) -> Iterator[Card]:
    live = parts.live.live([row["item_id"] for row in rows])
    for row in rows:
        item_id = row["item_id"]
        if item_id in parts.shelf and item_id in live:
            item = replace(parts.shelf.item(item_id), price=live[item_id].price, stock=live[item_id].stock)
            yield replace(make_card(item, row["position"], row["why"], parts), breaks=row["breaks"])
