"""Leases of sessions: who is at work on one, in whichever process, until the lease ends or expires."""

from __future__ import annotations

import time

from sqlalchemy import Connection, delete, select, text, update

from chatrec.storage import schema
from chatrec.storage.connections import Connections, insert_new


class LeaseTable:
    """One lease a session. A holder that stops renewing loses its leases: a process that died frees its sessions."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @property
    def is_shared(self) -> bool:
        """Whether other machines may work on this database, too."""
        return self._connections.engine.dialect.name != "sqlite"

    def take(self, session_id: str, holder: str, lasts_s: float) -> str:
        """Gives the session to ``holder`` unless somebody else holds it; gives whoever holds it now ("" where that one is just letting
        go: try again)."""
        c = schema.turn_leases.c
        with self._connections.writing() as connection:
            now = moment(connection)
            connection.execute(delete(schema.turn_leases).where(c.session_id == session_id, c.expires_at < now))
            row = {"session_id": session_id, "holder": holder, "expires_at": now + lasts_s}
            if insert_new(connection, schema.turn_leases, row):
                return holder
            return connection.execute(select(c.holder).where(c.session_id == session_id)).scalar() or ""

    def renew(self, holder: str, lasts_s: float) -> int:
        """Lengthens every lease of ``holder``; gives their number."""
        c = schema.turn_leases.c
        with self._connections.writing() as connection:
            until = moment(connection) + lasts_s
            return connection.execute(update(schema.turn_leases).where(c.holder == holder).values(expires_at=until)).rowcount

    def release(self, session_id: str, holder: str) -> None:
        """Ends a lease, if it is still this holder's."""
        c = schema.turn_leases.c
        with self._connections.writing() as connection:
            connection.execute(delete(schema.turn_leases).where(c.session_id == session_id, c.holder == holder))

    def sweep(self) -> int:
        """Erases expired leases, of processes that died and sessions that nobody came back to; gives their number."""
        with self._connections.writing() as connection:
            return connection.execute(delete(schema.turn_leases).where(schema.turn_leases.c.expires_at < moment(connection))).rowcount


def moment(connection: Connection) -> float:
    """Unix seconds by one clock for all: that of the database server, or of the machine that a database file lies on."""
    if connection.dialect.name == "postgresql":
        return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
    return time.time()
