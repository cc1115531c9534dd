"""What an analyst reads of a shop: conversations, what became of the items shown, and the newest receipts. Every read is bounded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select

from chatrec.domain.event import EventKind
from chatrec.storage import schema
from chatrec.storage.connections import Connections

MOST_CONVERSATIONS = 50
MOST_EVENTS = 50_000
MOST_RECEIPTS = 1_000
# Beside a conversation's words: what says how it went.
_DONE = (EventKind.CLICK, EventKind.LIKE, EventKind.DISLIKE, EventKind.CART, EventKind.PURCHASE)


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation in a list. Times are unix seconds; ``mood`` is the mean over its turns, in [-1, 1]; ``user_id`` is as the shop
    gave it, ``None`` for a visitor."""

    session_id: str
    user_id: str | None
    began: float
    ended: float
    turns: int
    mood: float
    handed_off: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of the chat or of a placement, without the shopper: ``turn_id`` says what showed the item."""

    session_id: str
    item_id: str
    kind: EventKind
    timestamp: float
    turn_id: str
    position: int | None


class AnalysisTable:
    """Reads for the analyst's page. Safe to share between threads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def conversations(
        self, since: float = 0.0, *, before: float | None = None, only: str = "", most: int = MOST_CONVERSATIONS
    ) -> list[Conversation]:
        """The newest conversations with a turn from ``since`` on, at most ``most`` of those that ended before ``before``.

        ``only`` is ``hand_off`` (a person was asked for), ``negative`` (the mean mood is below zero) or empty for all.
        """
        c = schema.turns.c
        handed = func.max(case((c.action == "hand_off", 1), else_=0))
        mood = func.avg(c.mood)
        found = select(c.session_id, func.max(c.user_id), func.min(c.at), func.max(c.at), func.count(), mood, handed).where(c.at >= since)
        found = found.group_by(c.session_id).order_by(func.max(c.at).desc()).limit(most)
        if before is not None:
            found = found.having(func.max(c.at) < before)
        if only == "hand_off":
            found = found.having(handed == 1)
        elif only == "negative":
            found = found.having(mood < 0)
        with self._connections.reading() as connection:
            rows = connection.execute(found).all()
        return [Conversation(s, u, float(b), float(e), int(n), float(m), bool(h)) for s, u, b, e, n, m, h in rows]

    def totals(self, since: float = 0.0) -> dict[str, float]:
        """Over the turns from ``since`` on: ``conversations``, ``turns``, ``mood`` (mean) and ``handed_off`` (conversations)."""
        c = schema.turns.c
        handed = func.count(func.distinct(case((c.action == "hand_off", c.session_id))))
        found = select(func.count(func.distinct(c.session_id)), func.count(), func.avg(c.mood), handed).where(c.at >= since)
        with self._connections.reading() as connection:
            conversations, turns, mood, left = connection.execute(found).one()
        return {"conversations": int(conversations), "turns": int(turns), "mood": float(mood or 0.0), "handed_off": int(left)}

    def happenings(self, since: float = 0.0, most: int = MOST_EVENTS) -> list[Happening]:
        """What was shown and done from ``since`` on outside imported files, oldest first; of more than ``most`` the newest."""
        c = schema.events.c
        kinds = [EventKind.SHOWN.value, *(kind.value for kind in _DONE)]
        found = select(c.session_id, c.item_id, c.kind, c.timestamp, c.turn_id, c.position)
        found = found.where(c.source == "", c.timestamp >= since, c.kind.in_(kinds)).order_by(c.id.desc()).limit(most)
        with self._connections.reading() as connection:
            rows = connection.execute(found).all()
        return [Happening(s, i, EventKind(k), float(t), turn, position) for s, i, k, t, turn, position in reversed(rows)]

    def receipts(self, since: float = 0.0, most: int = MOST_RECEIPTS) -> list[tuple[float, Mapping[str, Any]]]:
        """The newest ``most`` receipts kept from ``since`` on, oldest first, with their times: as JSON, for counting."""
        c = schema.receipts.c
        found = select(c.at, c.receipt).where(c.at >= since).order_by(c.at.desc()).limit(most)
        with self._connections.reading() as connection:
            rows = connection.execute(found).all()
        return [(float(at), json.loads(text)) for at, text in reversed(rows)]
