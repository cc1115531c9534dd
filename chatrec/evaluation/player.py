"""Plays dialogue scripts against an open shop."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from chatrec.bot import ChatRec
from chatrec.domain.event import EventKind
from chatrec.domain.item import LiveRow
from chatrec.domain.reply import Card, Cards, Chip, Chips, Comparison, Done, Receipt, ReplyEvent
from chatrec.errors import ScriptError
from chatrec.evaluation.expectations import Played, check
from chatrec.evaluation.scripts import Script

NEW = "new"


@dataclass(frozen=True, slots=True)
class PlayedTurn:
    """One step of a script: what was done, what came back, and which assertions failed."""

    step: dict[str, Any]
    text: str
    action: str
    cards: tuple[Card, ...]
    comparison: Comparison | None
    chips: tuple[Chip, ...]
    receipt: Receipt | None
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlayedScript:
    """A whole script. It passes when no turn failed."""

    script: Script
    turns: tuple[PlayedTurn, ...]

    @property
    def failures(self) -> list[str]:
        """Every failed assertion with its turn."""
        return [f"{self.script.path} turn {n}: {f}" for n, turn in enumerate(self.turns, 1) for f in turn.failed]


def play(script: Script, bot: ChatRec, on_turn: Callable[[int, PlayedTurn], None] | None = None) -> PlayedScript:
    """Play a script in sessions of its own; ``on_turn(number, turn)`` is called after each step. The sessions are erased at the end, with
    a shopper who was registered for the script, and price and stock that it changed are put back."""
    with _shopper(script, bot) as user:
        playing = _Playing(script, bot, user)
        try:
            for number, step in enumerate(script.turns, start=1):
                turn = playing.step(step)
                playing.turns.append(turn)
                if on_turn:
                    on_turn(number, turn)
        finally:
            playing.put_back()
    return PlayedScript(script, tuple(playing.turns))


@contextmanager
def _shopper(script: Script, bot: ChatRec) -> Iterator[str | None]:
    """Who speaks. A new shopper is among those that the shop knows for as long as the script is played."""
    if script.user != NEW:
        yield script.user
        return
    listed = bot.database.users.all()
    user = f"script-{secrets.token_hex(8)}"
    bot.database.users.replace_all({**listed, user: {}})
    try:
        yield user
    finally:
        bot.forget(user_id=user)
        bot.database.users.replace_all(listed)


@dataclass(slots=True)
class _Playing:
    """A script under way."""

    script: Script
    bot: ChatRec
    user: str | None
    turns: list[PlayedTurn] = field(default_factory=list)
    sessions: list[str] = field(default_factory=lambda: [_session_id()])
    rows: dict[str, LiveRow] = field(default_factory=dict)

    @property
    def session_id(self) -> str:
        """The session of the newest visit."""
        return self.sessions[-1]

    def step(self, step: dict[str, Any]) -> PlayedTurn:
        """Do what this step says, and hold what came of it against what it expects."""
        events: list[ReplyEvent] = []
        if "shopper" in step or "tap" in step:
            message = step["shopper"] if "shopper" in step else self._tapped(step["tap"])
            events = list(self.bot.reply(self.session_id, message, user_id=self.user))
        elif "visit" in step:
            self.sessions.append(_session_id())
        elif "stock" in step or "row" in step:
            self._change_row(step)
        else:
            self._press(step)
            if "drop" in step or "dislike" in step:
                events = list(self.bot.refresh(self.session_id, user_id=self.user))
        return self._collect(step, events)

    def put_back(self) -> None:
        """The shop as it was before the script."""
        for item_id, row in self.rows.items():
            self.bot.set_price(item_id, row.price)
            self.bot.set_stock(item_id, row.stock)
        for session_id in self.sessions:
            self.bot.forget(session_id=session_id)

    def _change_row(self, step: dict[str, Any]) -> None:
        change = step.get("stock") or step["row"]
        self.rows.setdefault(change["item"], self.bot.live(change["item"]))
        if "stock" in step:
            self.bot.set_stock(change["item"], change["pieces"])
        else:
            self.bot.set_price(change["item"], None if change["price"] is None else Decimal(str(change["price"])))

    def _tapped(self, label: str) -> str:
        chips = [c for c in next((t.chips for t in reversed(self.turns) if t.receipt), ()) if c.message]
        found = next((c for c in chips if label.casefold() in c.label.casefold()), None)
        if found is None:
            raise ScriptError(f"{self.script.path}: no chip to tap called '{label}'; there are {[c.label for c in chips]}")
        return found.message

    def _press(self, step: dict[str, Any]) -> None:
        state = self.bot.state(self.session_id)
        for name, kind in (("like", EventKind.LIKE), ("dislike", EventKind.DISLIKE)):
            if name in step:
                shown = state.last_shown()
                if step[name] > len(shown):
                    raise ScriptError(f"{self.script.path}: '{name}: {step[name]}', but only {len(shown)} cards are shown")
                self.bot.feedback(self.session_id, shown[step[name] - 1], kind, user_id=self.user)
        if "diversity" in step:
            self.bot.set_diversity(self.session_id, step["diversity"])
        if "drop" in step:
            need = state.need()
            keys = [c.key for c in need.constraints if step["drop"] in (c.key, c.field)] if need else []
            if need is None or not keys:
                raise ScriptError(f"{self.script.path}: nothing to drop called '{step['drop']}'")
            for key in keys:
                self.bot.drop(self.session_id, need.need_id, key)

    def _collect(self, step: dict[str, Any], events: list[ReplyEvent]) -> PlayedTurn:
        lists = tuple(e.cards for e in events if isinstance(e, Cards))
        comparison = next((e for e in events if isinstance(e, Comparison)), None)
        chips = tuple(c for e in events if isinstance(e, Chips) for c in e.chips)
        done = next((e for e in events if isinstance(e, Done)), None)
        earlier = tuple(tuple(c.item_id for c in t.cards) for t in self.turns)
        receipt, text, action = (done.receipt, done.text, done.action) if done else (None, "", "")
        played = Played(text, action, lists, comparison, chips, receipt, self.bot.state(self.session_id), earlier)
        failed = check(step["expect"], played, self.bot.live_item, self.bot.satisfies) if "expect" in step else []
        return PlayedTurn(step, text, action, played.cards, comparison, chips, receipt, tuple(failed))


def _session_id() -> str:
    return f"script-{secrets.token_hex(8)}"
