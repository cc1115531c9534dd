"""Plays dialogue scripts against an open shop."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chatrec.bot import ChatRec
from chatrec.domain.event import EventKind
from chatrec.domain.reply import Card, Cards, Chip, Chips, Comparison, Done, Receipt, ReplyEvent
from chatrec.errors import ScriptError
from chatrec.evaluation.expectations import Played, check
from chatrec.evaluation.scripts import Script


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
    """Play a script in a session of its own; ``on_turn(number, turn)`` is called after each step. The session is erased at the end,
    and stock that the script changed is put back."""
    session_id = f"script-{secrets.token_hex(8)}"
    turns: list[PlayedTurn] = []
    restock: dict[str, int | None] = {}
    try:
        for number, step in enumerate(script.turns, start=1):
            turn = _step(step, script, session_id, bot, turns, restock)
            turns.append(turn)
            if on_turn:
                on_turn(number, turn)
    finally:
        for item_id, pieces in restock.items():
            bot.set_stock(item_id, pieces)
        bot.forget(session_id=session_id)
    return PlayedScript(script, tuple(turns))


def _step(
    step: dict[str, Any], script: Script, session_id: str, bot: ChatRec, before: list[PlayedTurn], restock: dict[str, int | None]
) -> PlayedTurn:
    events: list[ReplyEvent] = []
    if "shopper" in step or "tap" in step:
        message = step["shopper"] if "shopper" in step else _tapped(step["tap"], before, script)
        events = list(bot.reply(session_id, message, user_id=script.user))
    elif "stock" in step:
        item_id = step["stock"]["item"]
        restock.setdefault(item_id, bot.live(item_id).stock)
        bot.set_stock(item_id, step["stock"]["pieces"])
    else:
        _press(step, session_id, script, bot)
        if "drop" in step or "dislike" in step:
            events = list(bot.refresh(session_id, user_id=script.user))
    return _collect(step, events, session_id, bot, before)


def _tapped(label: str, before: list[PlayedTurn], script: Script) -> str:
    chips = [c for c in next((t.chips for t in reversed(before) if t.receipt), ()) if c.message]
    found = next((c for c in chips if label.casefold() in c.label.casefold()), None)
    if found is None:
        raise ScriptError(f"{script.path}: no chip to tap called '{label}'; there are {[c.label for c in chips]}")
    return found.message


def _press(step: dict[str, Any], session_id: str, script: Script, bot: ChatRec) -> None:
    state = bot.state(session_id)
    for name, kind in (("like", EventKind.LIKE), ("dislike", EventKind.DISLIKE)):
        if name in step:
            shown = state.last_shown()
            if step[name] > len(shown):
                raise ScriptError(f"{script.path}: '{name}: {step[name]}', but only {len(shown)} cards are shown")
            bot.feedback(session_id, shown[step[name] - 1], kind, user_id=script.user)
    if "diversity" in step:
        bot.set_diversity(session_id, step["diversity"])
    if "drop" in step:
        need = state.need()
        keys = [c.key for c in need.constraints if step["drop"] in (c.key, c.field)] if need else []
        if need is None or not keys:
            raise ScriptError(f"{script.path}: nothing to drop called '{step['drop']}'")
        for key in keys:
            bot.drop(session_id, need.need_id, key)


def _collect(step: dict[str, Any], events: list[ReplyEvent], session_id: str, bot: ChatRec, before: list[PlayedTurn]) -> PlayedTurn:
    cards = tuple(card for e in events if isinstance(e, Cards) for card in e.cards)
    comparison = next((e for e in events if isinstance(e, Comparison)), None)
    chips = tuple(c for e in events if isinstance(e, Chips) for c in e.chips)
    done = next((e for e in events if isinstance(e, Done)), None)
    earlier = tuple(tuple(c.item_id for c in t.cards) for t in before)
    receipt, text, action = (done.receipt, done.text, done.action) if done else (None, "", "")
    played = Played(text, action, cards, comparison, chips, receipt, bot.state(session_id), earlier)
    failed = check(step["expect"], played, bot.live_item, bot.satisfies) if "expect" in step else []
    return PlayedTurn(step, text, action, cards, comparison, chips, receipt, tuple(failed))
