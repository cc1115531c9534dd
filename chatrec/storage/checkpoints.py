"""States as they were before a turn, so that the turn can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import delete, insert, select, update

from chatrec.domain.state import DialogueState
from chatrec.storage import schema
from chatrec.storage.codec import Codec
from chatrec.storage.connections import Connections

_STATE: Codec[DialogueState] = Codec(DialogueState)
# Further back than this nobody takes a turn back one by one.
MOST_KEPT = 12


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A session before one of its turns. ``changed`` names what the turn changed outside the dialogue, and is empty for most."""

    state: DialogueState
    changed: str = ""


class CheckpointTable:
    """The newest checkpoints of each session. They go with their session."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def keep(self, before: DialogueState, *, changed: str = "", anew: bool = True) -> None:
        """Keeps ``before`` for the turn that comes after it. Without ``anew`` one that is there stays: a button was pressed before the turn
        that it begins, and taking that turn back takes the press back."""
        c, turn = schema.checkpoints.c, before.turn + 1
        here = (c.session_id == before.session_id, c.turn == turn)
        with self._connections.writing() as connection:
            if not anew and connection.execute(update(schema.checkpoints).where(*here).values(changed=changed)).rowcount:
                return
            old = (c.session_id == before.session_id, (c.turn == turn) | (c.turn <= turn - MOST_KEPT))
            connection.execute(delete(schema.checkpoints).where(*old))
            row = {"session_id": before.session_id, "turn": turn, "changed": changed, "state": _STATE.text(before)}
            connection.execute(insert(schema.checkpoints), row)

    def load(self, session_id: str, turn: int) -> Checkpoint | None:
        """The session before this turn; ``None`` where that is not kept, or was kept by a version that this one cannot read."""
        c = schema.checkpoints.c
        with self._connections.reading() as connection:
            row = connection.execute(select(c.state, c.changed).where(c.session_id == session_id, c.turn == turn)).first()
        if row is None:
            return None
        try:
            return Checkpoint(replace(_STATE.value(row.state), session_id=session_id), row.changed)
        except ValueError:
            return None

    def drop_from(self, session_id: str, turn: int) -> None:
        """Erases the checkpoints of this turn and of any after it."""
        c = schema.checkpoints.c
        with self._connections.writing() as connection:
            connection.execute(delete(schema.checkpoints).where(c.session_id == session_id, c.turn >= turn))
