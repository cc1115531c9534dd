"""Dialogue states between turns."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import delete, select, update

from chatrec.domain.state import DialogueState
from chatrec.errors import SessionConflict, SessionError
from chatrec.storage import schema
from chatrec.storage.codec import Codec
from chatrec.storage.connections import Connections, insert_new

_STATE: Codec[DialogueState] = Codec(DialogueState)
_DAY_S = 86_400.0
MOST_ID_CHARS = 200

log = logging.getLogger(__name__)


class SessionTable:
    """A :class:`chatrec.protocols.SessionStore` in the shop's database.

    A session unused for ``ttl_days`` is forgotten. ``clock`` gives unix seconds. A save compares the version inside one statement,
    so of two turns that started from the same state exactly one is kept, also across processes.
    """

    def __init__(self, connections: Connections, ttl_days: float, clock: Callable[[], float] = time.time) -> None:
        self._connections = connections
        self._ttl_s = ttl_days * _DAY_S
        self._clock = clock

    def load(self, session_id: str) -> DialogueState:
        """The state, or a fresh one (version 0) for an unknown or expired session."""
        c = schema.sessions.c
        with self._connections.reading() as connection:
            row = connection.execute(select(c.state, c.version).where(c.session_id == session_id, c.saved_at >= self._oldest())).first()
        if row is None:
            return DialogueState(session_id)
        try:
            return replace(_STATE.value(row.state), version=row.version)
        except ValueError:
            # Written by another version of chatrec: the shopper starts over rather than being locked out.
            log.warning("a stored session cannot be read by this version and starts over")
            return DialogueState(session_id, version=row.version)

    def save(self, state: DialogueState) -> DialogueState:
        """Stores ``state`` and returns it with ``version`` + 1. Raises :class:`SessionConflict` when another save came first."""
        saved = replace(state, version=state.version + 1)
        row = {"version": saved.version, "user_id": saved.user_id, "state": _STATE.text(saved), "saved_at": self._clock()}
        c = schema.sessions.c
        with self._connections.writing() as connection:
            if state.version == 0:
                connection.execute(delete(schema.sessions).where(c.session_id == state.session_id, c.saved_at < self._oldest()))
                connection.execute(delete(schema.checkpoints).where(schema.checkpoints.c.session_id == state.session_id))
                stored = insert_new(connection, schema.sessions, {"session_id": state.session_id, **row})
            else:
                here = update(schema.sessions).where(c.session_id == state.session_id, c.version == state.version)
                stored = connection.execute(here.values(row)).rowcount == 1
            if not stored:
                raise SessionConflict(
                    f"session '{state.session_id}' is no longer at version {state.version}: another turn was saved first; load it again"
                )
        return saved

    def delete(self, session_id: str) -> None:
        """Erases the session; unknown ids are fine."""
        with self._connections.writing() as connection:
            connection.execute(delete(schema.checkpoints).where(schema.checkpoints.c.session_id == session_id))
            connection.execute(delete(schema.sessions).where(schema.sessions.c.session_id == session_id))

    def sweep(self) -> int:
        """Erases every expired session; gives how many there were."""
        with self._connections.writing() as connection:
            expired = schema.sessions.c.saved_at < self._oldest()
            old = select(schema.sessions.c.session_id).where(expired)
            connection.execute(delete(schema.checkpoints).where(schema.checkpoints.c.session_id.in_(old)))
            return connection.execute(delete(schema.sessions).where(expired)).rowcount

    def _oldest(self) -> float:
        return self._clock() - self._ttl_s


def is_storable(name: object) -> bool:
    """Whether this is a text that every database takes: half surrogates and NUL are refused by some."""
    return isinstance(name, str) and name.isprintable()


def check_session_id(session_id: str) -> None:
    """Raises :class:`SessionError` for what is no id of a session."""
    if not is_storable(session_id) or not 0 < len(session_id) <= MOST_ID_CHARS:
        raise SessionError(f"a session id is a printable text of 1 to {MOST_ID_CHARS} characters, got {session_id!r:.80}")
