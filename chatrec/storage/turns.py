"""One slim row a turn: mood, acts, the question asked and what became of it. No word of the shopper stands in it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import case, func, select

from chatrec.domain.mood import MoodPoint
from chatrec.domain.reply import Receipt
from chatrec.storage import schema
from chatrec.storage.connections import Connections

# What the bot learns of questions comes from the newest turns: shoppers and the catalogue change.
NEWEST_TURNS = 20_000
MOST_POINTS = 50_000
KEPT_S = 60.0


class TurnTable:
    """The turns, newest last. Rows are written with the receipts (see :class:`chatrec.storage.receipts.ReceiptTable`)."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._counted: tuple[float, dict[str, tuple[int, int]]] = (-math.inf, {})

    def moods(self, since: float = 0.0, most: int = MOST_POINTS) -> list[MoodPoint]:
        """The mood of each turn from ``since`` (unix seconds) on, oldest first; of more than ``most`` the newest."""
        c = schema.turns.c
        found = select(c.session_id, c.at, c.mood).where(c.at >= since).order_by(c.at.desc()).limit(most)
        with self._connections.reading() as connection:
            return [MoodPoint(*row) for row in reversed(connection.execute(found).all())]

    def answers(self, until: float = math.inf) -> dict[str, tuple[int, int]]:
        """Field -> (how often its question was answered with a value, how often it was asked), over the newest turns before ``until``
        (unix seconds)."""
        c = schema.turns.c
        asked = select(c.waiting, c.answer).where(c.waiting != "")
        if until < math.inf:
            asked = asked.where(c.at < until)
        newest = asked.order_by(c.at.desc()).limit(NEWEST_TURNS).subquery()
        told = func.sum(case((newest.c.answer == "answered", 1), else_=0))
        statement = select(newest.c.waiting, told, func.count()).group_by(newest.c.waiting)
        with self._connections.reading() as connection:
            return {str(field): (int(answered), int(asked)) for field, answered, asked in connection.execute(statement)}

    def answers_lately(self) -> dict[str, tuple[int, int]]:
        """The same, counted anew at most once a minute: a turn has no time to count."""
        at, counted = self._counted
        now = time.monotonic()
        if now - at >= KEPT_S:
            counted = self.answers()
            self._counted = (now, counted)
        return counted


def turn_row(receipt: Receipt, user_id: str | None, at: float) -> dict[str, Any]:
    """The slim row of a receipt."""
    reading: Mapping[str, Any] = receipt.reading
    question: Mapping[str, Any] = receipt.question
    return {
        "turn_id": receipt.turn_id,
        "session_id": receipt.session_id,
        "user_id": user_id,
        "at": at,
        "mood": float(reading.get("mood") or 0.0),
        "language": str(reading.get("language") or "")[:16],
        "acts": ",".join(str(act.get("kind", "")) for act in receipt.acts),
        "action": receipt.action[:32],
        "asked": str(question.get("asked") or ""),
        "waiting": str(question.get("waiting") or ""),
        "answer": str(question.get("answer") or "")[:16],
    }
