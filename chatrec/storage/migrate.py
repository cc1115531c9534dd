"""Brings a database to the newest schema. Costs one small query when it is already there."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from chatrec.errors import ShopError
from chatrec.storage.connections import Connections
from chatrec.storage.schema import HEAD

_VERSIONS = "alembic_version"
# Any fixed number will do, so long as every chatrec process asks for the same one.
_POSTGRES_LOCK = 7240417


def bring_up_to_date(connections: Connections) -> bool:
    """Runs the missing migrations in one transaction; gives whether there were any.

    Raises :class:`ShopError` when the database was written by a newer chatrec.
    """
    with connections.reading() as connection:
        if stored_version(connection) == HEAD:
            return False
    with connections.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _POSTGRES_LOCK})
        if stored_version(connection) == HEAD:
            return False  # another process was quicker
        _upgrade(connection)
    return True


def stored_version(connection: Connection) -> str | None:
    """The migration the database stands at; ``None`` for an empty one."""
    if not inspect(connection).has_table(_VERSIONS):
        return None
    row = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).first()
    return None if row is None else str(row[0])


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        version = stored_version(connection)
        raise ShopError(
            f"the database stands at schema '{version}', which this chatrec (newest: '{HEAD}') does not know; use the newer chatrec "
            "that wrote it"
        ) from error
