"""The shop's database: one object with a table a concern."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

from chatrec.errors import ShopError, ShopNotFound
from chatrec.storage.analysis import AnalysisTable
from chatrec.storage.api_keys import ApiKeyTable
from chatrec.storage.checkpoints import CheckpointTable
from chatrec.storage.connections import Connections, connect
from chatrec.storage.effects import EffectTable
from chatrec.storage.events import EventLog
from chatrec.storage.forget import forget
from chatrec.storage.items import ItemTable
from chatrec.storage.leases import LeaseTable
from chatrec.storage.migrate import bring_up_to_date
from chatrec.storage.people import CartTable, OrderTable, ProfileTable, UserTable
from chatrec.storage.receipts import ReceiptTable
from chatrec.storage.sessions import SessionTable
from chatrec.storage.texts import PolicyTable, ReviewTable
from chatrec.storage.turns import TurnTable

FILE = "shop.db"


class Database:
    """Catalogue, events, sessions, profiles, carts, orders and receipts of one shop. Safe to share between threads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self.analysis = AnalysisTable(connections)
        self.checkpoints = CheckpointTable(connections)
        self.items = ItemTable(connections)
        self.effects = EffectTable(connections)
        self.events = EventLog(connections)
        self.orders = OrderTable(connections)
        self.receipts = ReceiptTable(connections)
        self.turns = TurnTable(connections)
        self.policies = PolicyTable(connections)
        self.users = UserTable(connections)
        self.profiles = ProfileTable(connections)
        self.reviews = ReviewTable(connections)
        self.carts = CartTable(connections)
        self.leases = LeaseTable(connections)
        self.api_keys = ApiKeyTable(connections)

    @classmethod
    def open(cls, place: Path | str, *, create: bool = True) -> Database:
        """Opens the database at ``place``: a shop folder, a SQLite file, or a URL such as ``postgresql+psycopg://user@host/shop``.

        Makes it where absent (unless ``create`` is False: then :class:`ShopNotFound`) and brings it to the newest schema. Raises
        :class:`ShopError` when the file is no database, cannot be opened, or belongs to a newer chatrec.
        """
        connections = Connections(connect(_located(place, create)))
        try:
            bring_up_to_date(connections)
        except DatabaseError as error:
            connections.close()
            raise ShopError(f"the database {_named(place)} cannot be used: {error.orig}; check that it is the shop's database") from error
        except ShopError:
            connections.close()
            raise
        return cls(connections)

    @classmethod
    def of_shop(cls, folder: Path, url: str = "", *, create: bool = True) -> Database:
        """Opens the database of the shop in ``folder``: at ``url`` (setting storage.url) where there is one, else its own file.

        Raises :class:`ShopError` where the folder holds a file as well: which of the two is the truth is not for this to guess.
        """
        if not url:
            return cls.open(folder, create=create)
        if (folder / FILE).exists():
            raise ShopError(
                f"storage.url names a database server, but '{folder}' holds {FILE} as well; move that file away and ingest again to use "
                "the server, or leave storage.url empty to use the file"
            )
        return cls.open(url)

    def sessions(self, ttl_days: float = 30.0, *, clock: Callable[[], float] = time.time) -> SessionTable:
        """The :class:`chatrec.protocols.SessionStore` of this shop; a session unused for ``ttl_days`` is forgotten."""
        return SessionTable(self._connections, ttl_days, clock)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything this thread writes inside is committed together at the end, or not at all when an error leaves the block."""
        with self._connections.writing():
            yield

    def forget(self, *, user_id: str | None = None, session_id: str | None = None) -> dict[str, int]:
        """Erases events, sessions, receipts, profile and cart of one shopper or one session; gives rows erased by table."""
        return forget(self._connections, user_id=user_id, session_id=session_id)

    def close(self) -> None:
        """Closes all connections; the object must not be used afterwards."""
        self.leases.close()
        self._connections.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _named(place: Path | str) -> str:
    """The place for a message: of a URL without its password."""
    return make_url(place).render_as_string(hide_password=True) if isinstance(place, str) and "://" in place else str(place)


def _located(place: Path | str, create: bool) -> Path | str:
    if isinstance(place, str) and "://" in place:
        return place
    path = Path(place)
    if path.is_dir():
        path = path / FILE
    if not path.exists():
        if not create:
            raise ShopNotFound(f"there is no shop database at {path}; run 'chatrec ingest' first")
        path.parent.mkdir(parents=True, exist_ok=True)
    return path
