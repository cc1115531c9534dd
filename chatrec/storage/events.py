"""The event log: what was shown and what shoppers did, imported or in the chat."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Select, bindparam, delete, func, insert, select

from chatrec.domain.event import Event, EventKind
from chatrec.storage import schema
from chatrec.storage.connections import Connections, insert_new

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

IMPORTED = "interactions"
_BATCH = 20_000
_KINDS = tuple(EventKind)
_COLUMNS = ("user_id", "item_id", "kind", "timestamp", "value", "session_id", "turn_id", "position", "propensity")


@dataclass(frozen=True, slots=True)
class EventArrays:
    """The log as columns of equal length n, in the order of the log.

    ``user`` and ``item`` (int32) index ``user_ids`` and ``item_ids`` (ids in order of first appearance); ``kind`` (int8) indexes
    ``kinds``; ``value`` is float32, ``timestamp`` float64 unix seconds.
    """

    user_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    kinds: tuple[EventKind, ...]
    user: NDArray[np.int32]
    item: NDArray[np.int32]
    kind: NDArray[np.int8]
    value: NDArray[np.float32]
    timestamp: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.user)


class EventLog:
    """The event log. Imported events and those of the chat lie side by side; an import never touches the latter."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def append(self, batch: Iterable[Event], key: str | None = None) -> int:
        """Adds events of the chat, all or none; gives their number. A second call with the same ``key`` adds nothing and gives 0."""
        rows = [_row(event, "") for event in batch]
        if not rows:
            return 0
        with self._connections.writing() as connection:
            if key is not None:
                done = {"key": f"events:{key}", "session_id": rows[0]["session_id"], "at": time.time()}
                if not insert_new(connection, schema.effects, done):
                    return 0
            connection.execute(insert(schema.events), rows)
        return len(rows)

    def replace_imported(self, events: Iterable[Event], source: str = IMPORTED) -> int:
        """Puts ``events`` in place of all that was imported from ``source`` before, in one transaction; gives their number.

        So a second ingest of a file does not double the log, and what happened in the chat stays.
        """
        if not source:
            raise ValueError("an import needs a source name: the empty one marks events of the chat")
        count = 0
        with self._connections.writing() as connection:
            connection.execute(delete(schema.events).where(schema.events.c.source == source))
            rest = iter(events)
            while rows := [_row(event, source) for event in islice(rest, _BATCH)]:
                connection.execute(insert(schema.events), rows)
                count += len(rows)
        return count

    def erase_judgement(self, user_id: str, item_id: str) -> int:
        """Erases the likes and dislikes that this shopper gave an item in the chat; gives their number."""
        c = schema.events.c
        judged = c.kind.in_([EventKind.LIKE.value, EventKind.DISLIKE.value])
        with self._connections.writing() as connection:
            return connection.execute(
                delete(schema.events).where(c.user_id == user_id, c.item_id == item_id, c.source == "", judged)
            ).rowcount

    def arrays(self, kinds: Collection[EventKind] | None = None, since: float | None = None) -> EventArrays:
        """The log for training: events of these ``kinds`` (``None``: all) from ``since`` (unix seconds) on."""
        c = schema.events.c
        statement = select(c.user_id, c.item_id, c.kind, c.value, c.timestamp).order_by(c.id)
        if kinds is not None:
            statement = statement.where(c.kind.in_([k.value for k in kinds]))
        if since is not None:
            statement = statement.where(c.timestamp >= since)
        with self._connections.reading() as connection:
            # Past the ORM's row objects: half a million rows are read in about a second.
            rows = connection.execute(statement).cursor.fetchall()
        return _arrays(rows)

    def history(self, user_id: str, limit: int = 200, kinds: Collection[EventKind] | None = None) -> list[Event]:
        """The shopper's newest ``limit`` events of these ``kinds`` (``None``: all), oldest first."""
        return self._newest("user_id", user_id, limit, kinds)

    def of_session(self, session_id: str, limit: int = 200, kinds: Collection[EventKind] | None = None) -> list[Event]:
        """The session's newest ``limit`` events of these ``kinds`` (``None``: all), oldest first."""
        return self._newest("session_id", session_id, limit, kinds)

    def counts_by_item(self, kinds: Collection[EventKind] | None = None, since: float | None = None) -> dict[str, int]:
        """How many events of these ``kinds`` each item has; items without any are absent."""
        c = schema.events.c
        statement = select(c.item_id, func.count()).group_by(c.item_id).order_by(c.item_id)
        if kinds is not None:
            statement = statement.where(c.kind.in_([k.value for k in kinds]))
        if since is not None:
            statement = statement.where(c.timestamp >= since)
        with self._connections.reading() as connection:
            return {item_id: int(count) for item_id, count in connection.execute(statement)}

    def count(self, source: str | None = None) -> int:
        """How many events there are, in all or from one source ("" is the chat)."""
        statement = select(func.count()).select_from(schema.events)
        if source is not None:
            statement = statement.where(schema.events.c.source == source)
        with self._connections.reading() as connection:
            return int(connection.execute(statement).scalar_one())

    def _newest(self, column: str, value: str, limit: int, kinds: Collection[EventKind] | None) -> list[Event]:
        chosen = _KINDS if kinds is None else kinds
        given = {"value": value, "kinds": [k.value for k in chosen], "most": limit}
        with self._connections.reading() as connection:
            rows = connection.execute(_newest_of(column), given).all()
        return [_event(row) for row in reversed(rows)]


@cache  # one is run in every turn, and making it takes longer than running it
def _newest_of(column: str) -> Select[Any]:
    c = schema.events.c
    found = select(*(c[name] for name in _COLUMNS)).where(c[column] == bindparam("value"), c.kind.in_(bindparam("kinds", expanding=True)))
    return found.order_by(c.timestamp.desc(), c.id.desc()).limit(bindparam("most"))


def _row(event: Event, source: str) -> dict[str, Any]:
    return {
        "user_id": event.user_id,
        "item_id": event.item_id,
        "kind": event.kind.value,
        "timestamp": event.timestamp,
        "value": event.value,
        "session_id": event.session_id,
        "turn_id": event.turn_id,
        "position": event.position,
        "propensity": event.propensity,
        "source": source,
    }


def _event(row: Row[Any]) -> Event:
    values = dict(row._mapping)
    values["kind"] = EventKind(values["kind"])
    return Event(**values)


def _arrays(rows: Sequence[Sequence[Any]]) -> EventArrays:
    import numpy as np

    n = len(rows)
    users: dict[str, int] = {}
    items: dict[str, int] = {}
    kinds = {kind.value: number for number, kind in enumerate(_KINDS)}
    user, item, kind, value, timestamp = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return EventArrays(
        user=np.fromiter((users.setdefault(u, len(users)) for u in user), dtype=np.int32, count=n),
        item=np.fromiter((items.setdefault(i, len(items)) for i in item), dtype=np.int32, count=n),
        kind=np.fromiter((kinds[k] for k in kind), dtype=np.int8, count=n),
        value=np.fromiter(value, dtype=np.float32, count=n),
        timestamp=np.fromiter(timestamp, dtype=np.float64, count=n),
        user_ids=tuple(users),
        item_ids=tuple(items),
        kinds=_KINDS,
    )
