"""Leases of sessions: who is at work on one, in whichever process, until the lease ends or expires."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, delete, select, text, update

from chatrec.storage import schema
from chatrec.storage.connections import Connections, connect, insert_new

_FILE = ".leases-{}.db"


class LeaseTable:
    """One lease a session. A holder that stops renewing loses its leases: a process that died frees its sessions.

    On a server they lie with the rows. Beside a SQLite file they get one of their own, which is never waited for to be on the disk: a
    lease is worth nothing to whoever comes after the machine went down, and two commits a turn cost more than the turn.
    """

    def __init__(self, connections: Connections) -> None:
        self._rows = connections
        self._kept: Connections | None = None
        self._guard = threading.Lock()

    @property
    def is_shared(self) -> bool:
        """Whether other machines may work on this database, too."""
        return self._rows.engine.dialect.name != "sqlite"

    @property
    def _connections(self) -> Connections:
        with self._guard:
            if self._kept is None:
                self._kept = self._rows if self.is_shared else _beside(Path(self._rows.engine.url.database or "shop.db"))
            return self._kept

    def close(self) -> None:
        """Closes what is not the rows' own; the next use opens it again."""
        with self._guard:
            kept, self._kept = self._kept, None
        if kept is not None and kept is not self._rows:
            kept.close()

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


def boot_id() -> str:
    """Names this start of the machine; empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _beside(rows: Path) -> Connections:
    """A file for this start of the machine, next to the one with the rows; those of earlier starts go."""
    path = rows.with_name(_FILE.format(boot_id()[:8]))
    for old in rows.parent.glob(_FILE.format("*")):
        if old != path:
            with suppress(OSError):
                old.unlink()
    connections = Connections(connect(path, durable=False))
    with connections.writing() as connection:
        schema.turn_leases.create(connection, checkfirst=True)
    return connections


def moment(connection: Connection) -> float:
    """Unix seconds by one clock for all: that of the database server, or of the machine that a database file lies on."""
    if connection.dialect.name == "postgresql":
        return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
    return time.time()
