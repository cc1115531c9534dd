"""Connections to the shop's database, set up so that readers, writers and a killed process cannot hurt each other."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

BUSY_TIMEOUT_S = 30.0
# https://sqlite.org/wal.html#the_wal_reset_bug : older libraries can corrupt a WAL database that has several connections.
_WAL_IS_SAFE = (3, 51, 3)
_WRITES = "chatrec_writes"

log = logging.getLogger(__name__)


class Connections:
    """Hands out connections: :meth:`reading` sees one committed state, :meth:`writing` is one transaction.

    Safe to share between threads. Inside :meth:`writing` every reading and writing of the same thread joins that transaction.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(**{_WRITES: True})
        self._ambient = threading.local()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection on which all reads see the same state."""
        ambient: Connection | None = getattr(self._ambient, "connection", None)
        if ambient is not None:
            yield ambient
            return
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back whole on any error."""
        ambient: Connection | None = getattr(self._ambient, "connection", None)
        if ambient is not None:
            yield ambient
            return
        with self._writer.begin() as connection:
            self._ambient.connection = connection
            try:
                yield connection
            finally:
                self._ambient.connection = None

    def close(self) -> None:
        """Closes the pooled connections."""
        self.engine.dispose()


def connect(place: Path | str, *, durable: bool = True) -> Engine:
    """An engine for a SQLite file, or for a database URL such as ``postgresql+psycopg://...``. A file that is not ``durable`` outlives the
    processes that write to it, but may be lost with the machine."""
    if isinstance(place, str) and "://" in place:
        url = make_url(place)
        return _sqlite(place) if url.get_backend_name() == "sqlite" else create_engine(url, pool_pre_ping=True, hide_parameters=True)
    return _sqlite(f"sqlite:///{place}", durable)


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Inserts one row unless its key is taken; gives whether it went in. Safe against another process doing the same."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(dict(row)).on_conflict_do_nothing()
    # Without the option PostgreSQL's driver does not say whether anything was inserted.
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount == 1


def journal_mode(version: tuple[int, ...]) -> str:
    """The journal this SQLite library may use: WAL where it is safe, else the rollback journal."""
    return "WAL" if version >= _WAL_IS_SAFE else "TRUNCATE"


def _sqlite(url: str, durable: bool = True) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S}, hide_parameters=True)  # an error would quote shoppers
    event.listen(engine, "connect", _prepare)
    if not durable:
        event.listen(engine, "connect", _spare_the_disk)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # this module says BEGIN itself: see _begin
    connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    # What is forgotten must not be read from the file's free pages; also of every older state of a session.
    connection.execute("PRAGMA secure_delete = ON")
    # A spilled cache locks readers out long before the commit: an ingest keeps its pages in memory instead.
    connection.execute("PRAGMA cache_spill = OFF")
    wanted = journal_mode(sqlite3.sqlite_version_info)
    try:
        got = str(connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()[0])
    except sqlite3.OperationalError:
        got = "locked"
    if got.lower() != wanted.lower():
        log.warning("the database keeps its journal mode (%s instead of %s): another process has it open", got, wanted)


def _spare_the_disk(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def _begin(connection: Connection) -> None:
    # A transaction that will write takes its place in the queue at once: two that start as readers could block each other.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
