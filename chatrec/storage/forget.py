"""Erasing a shopper or a session from everything the bot itself recorded."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, or_, select

from chatrec.storage import schema
from chatrec.storage.connections import Connections


def anonymous(session_id: str) -> str:
    """The name under which the log keeps an unverified visitor."""
    return f"anon:{session_id}"


def forget(connections: Connections, *, user_id: str | None = None, session_id: str | None = None) -> dict[str, int]:
    """Erases events, sessions, receipts, profile and cart of a shopper (with all their sessions) or of one session.

    One transaction; gives rows erased by table. In SQLite the freed bytes are zeroed (``PRAGMA secure_delete``). What the shop
    itself brought in (users, orders, reviews) stays: the shop erases it in its files and ingests again.
    """
    if (user_id is None) == (session_id is None):
        raise ValueError("forget takes either a user_id or a session_id")
    with connections.writing() as connection:
        sessions = [session_id] if session_id is not None else _sessions_of(connection, str(user_id))
        owners = [anonymous(s) for s in sessions] + ([user_id] if user_id is not None else [])
        connection.execute(delete(schema.checkpoints).where(schema.checkpoints.c.session_id.in_(sessions)))
        erased = {
            table.name: connection.execute(delete(table).where(_belongs(table, owners, sessions))).rowcount
            for table in (schema.events, schema.receipts, schema.turns, schema.sessions, schema.effects, schema.carts, schema.profiles)
        }
    return erased


def _sessions_of(connection: Connection, user_id: str) -> list[str]:
    found: set[str] = set()
    for table in (schema.sessions, schema.receipts, schema.events, schema.effects):
        found.update(connection.execute(select(table.c.session_id).distinct().where(table.c.user_id == user_id)).scalars())
    return sorted(found - {""})


def _belongs(table: Any, owners: list[str], sessions: list[str]) -> Any:
    tests = []
    if "session_id" in table.c:
        tests.append(table.c.session_id.in_(sessions))
    owner = table.c.get("user_id", table.c.get("owner"))
    if owner is not None:
        tests.append(owner.in_(owners))
    return or_(*tests)
