"""What was done once and must not be done again, with what came of it."""

from __future__ import annotations

import time

from sqlalchemy import select, update

from chatrec.storage import schema
from chatrec.storage.connections import Connections, insert_new


class EffectTable:
    """Keys of effects. A key is claimed before the effect and settled after it, so that nothing is ever carried out twice."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def claim(self, key: str, session_id: str, user_id: str | None = None) -> bool:
        """Takes a key; ``False`` where it was taken before, by whichever process."""
        row = {"key": key, "session_id": session_id, "user_id": user_id, "at": time.time(), "outcome": ""}
        with self._connections.writing() as connection:
            return insert_new(connection, schema.effects, row)

    def settle(self, key: str, outcome: str) -> None:
        """Keeps what came of a claimed key."""
        with self._connections.writing() as connection:
            connection.execute(update(schema.effects).where(schema.effects.c.key == key).values(outcome=outcome))

    def outcome(self, key: str) -> str:
        """What came of a key; empty where it was never settled, or is unknown."""
        with self._connections.reading() as connection:
            return connection.execute(select(schema.effects.c.outcome).where(schema.effects.c.key == key)).scalar() or ""
