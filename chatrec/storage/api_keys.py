"""API keys of the service. The key itself is never stored: who reads the database cannot call the shop."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Row, func, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from chatrec.storage import schema
from chatrec.storage.connections import Connections, insert_new

KEY_PREFIX = "crk_"
_KEY_BYTES = 32  # 256 bits
_SHOP = "shop"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key. Times are unix seconds; ``last_used_day`` is an ISO date in UTC, empty where it was never used."""

    key_id: str
    name: str
    scopes: frozenset[str]
    created_at: float
    last_used_day: str = ""
    revoked_at: float | None = None


class ApiKeyTable:
    """The keys of one shop. Safe to share between threads and processes; a revoked key is refused from the next request on."""

    def __init__(self, connections: Connections, clock: Callable[[], float] = time.time) -> None:
        self._connections, self._clock = connections, clock

    def create(self, name: str, scopes: Iterable[str]) -> tuple[ApiKey, str]:
        """A new key, and its text: the only time that it is seen."""
        text = KEY_PREFIX + secrets.token_urlsafe(_KEY_BYTES)
        key = ApiKey(secrets.token_hex(4), name, frozenset(scopes), self._clock())
        row = {
            "key_id": key.key_id, "digest": digest(text), "name": name, "scopes": " ".join(sorted(key.scopes)),
            "created_at": key.created_at, "last_used_day": "",
        }  # fmt: skip
        with self._connections.writing() as connection:
            connection.execute(insert(schema.api_keys).values(row))
        return key, text

    def find(self, text: str) -> ApiKey | None:
        """The key with this text, unless it was revoked; notes the day on which it was used."""
        wanted = digest(text)
        with self._connections.reading() as connection:
            row = connection.execute(select(schema.api_keys).where(schema.api_keys.c.digest == wanted)).first()
        # The index has compared already; this comparison does not tell by its time how much of a digest was right.
        if row is None or not hmac.compare_digest(row.digest, wanted) or row.revoked_at is not None:
            return None
        self._note_use(row.key_id, row.last_used_day)
        return _key(row)

    def stands(self, key_id: str) -> bool:
        """Whether there is such a key, not revoked: what it signed for stands with it."""
        c = schema.api_keys.c
        with self._connections.reading() as connection:
            return connection.execute(select(c.key_id).where(c.key_id == key_id, c.revoked_at.is_(None))).first() is not None

    def any(self) -> bool:
        """Whether any key was ever made, revoked ones too: a shop whose last key was taken away is closed, not open."""
        with self._connections.reading() as connection:
            return bool(connection.execute(select(func.count()).select_from(schema.api_keys)).scalar())

    def all(self) -> list[ApiKey]:
        """Every key, oldest first."""
        with self._connections.reading() as connection:
            rows = connection.execute(select(schema.api_keys).order_by(schema.api_keys.c.created_at, schema.api_keys.c.key_id)).all()
        return [_key(row) for row in rows]

    def revoke(self, name: str) -> list[ApiKey]:
        """Revokes the keys with this id or name; gives those that stood until now."""
        c = schema.api_keys.c
        named = (or_(c.key_id == name, c.name == name), c.revoked_at.is_(None))
        with self._connections.writing() as connection:
            rows = connection.execute(select(schema.api_keys).where(*named)).all()
            connection.execute(update(schema.api_keys).where(*named).values(revoked_at=self._clock()))
        return [_key(row) for row in rows]

    def shop_mark(self) -> str:
        """A random name of this shop's database, made at first use: tokens signed for one shop are refused by every other."""
        c = schema.marks.c
        with self._connections.reading() as connection:
            found = connection.execute(select(c.value).where(c.name == _SHOP)).scalar()
        if found is None:
            with self._connections.writing() as connection:
                insert_new(connection, schema.marks, {"name": _SHOP, "value": secrets.token_hex(8)})
                found = connection.execute(select(c.value).where(c.name == _SHOP)).scalar_one()
        return str(found)

    def _note_use(self, key_id: str, last_used_day: str) -> None:
        today = datetime.fromtimestamp(self._clock(), UTC).date().isoformat()
        if last_used_day == today:  # one write a day, not one a request
            return
        here = update(schema.api_keys).where(schema.api_keys.c.key_id == key_id)
        try:
            with self._connections.writing() as connection:
                connection.execute(here.values(last_used_day=today))
        except SQLAlchemyError as error:  # a full disk must not lock callers out
            log.warning("the day on which a key was used could not be noted: %s", type(error).__name__)


def digest(text: str) -> str:
    """SHA-256 of a key, as hexadecimal.

    A slow hash with salt protects passwords, which people choose and which can be guessed. A key is 256 random bits: nobody guesses it
    however fast the hash is, no two are alike, and it must be checked at every request.
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _key(row: Row[tuple[object, ...]]) -> ApiKey:
    return ApiKey(row.key_id, row.name, frozenset(row.scopes.split()), row.created_at, row.last_used_day, row.revoked_at)
