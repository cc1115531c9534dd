"""Receipts: what each turn understood, did and showed."""

from __future__ import annotations

import time
from dataclasses import replace

from sqlalchemy import delete, insert, select, update

from chatrec.domain.reply import Receipt
from chatrec.storage import schema
from chatrec.storage.codec import Codec
from chatrec.storage.connections import Connections
from chatrec.storage.turns import turn_row

_RECEIPT: Codec[Receipt] = Codec(Receipt)


class ReceiptTable:
    """The receipts, by turn."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def save(self, receipt: Receipt, user_id: str | None = None) -> None:
        """Keeps a receipt and its slim row; those of the same turn are replaced. ``user_id`` lets :meth:`Database.forget` find them."""
        at = time.time()
        row = {
            "turn_id": receipt.turn_id,
            "session_id": receipt.session_id,
            "user_id": user_id,
            "turn": receipt.turn,
            "at": at,
            "receipt": _RECEIPT.text(receipt),
        }
        with self._connections.writing() as connection:
            connection.execute(delete(schema.receipts).where(schema.receipts.c.turn_id == receipt.turn_id))
            connection.execute(insert(schema.receipts), row)
            connection.execute(delete(schema.turns).where(schema.turns.c.turn_id == receipt.turn_id))
            connection.execute(insert(schema.turns), turn_row(receipt, user_id, at))

    def take_back(self, receipt: Receipt) -> None:
        """Notes on a receipt that is kept that its turn was taken back. What became of a question there is counted no more: it waits again,
        and the turn that comes in place of this one says what becomes of it."""
        text = _RECEIPT.text(replace(receipt, taken_back=True))
        with self._connections.writing() as connection:
            connection.execute(update(schema.receipts).where(schema.receipts.c.turn_id == receipt.turn_id).values(receipt=text))
            here = schema.turns.c.turn_id == receipt.turn_id
            connection.execute(update(schema.turns).where(here).values(asked="", waiting="", answer=""))

    def load(self, turn_id: str) -> Receipt | None:
        """The receipt of this turn, or ``None``."""
        with self._connections.reading() as connection:
            text = connection.execute(select(schema.receipts.c.receipt).where(schema.receipts.c.turn_id == turn_id)).scalar()
        return None if text is None else _RECEIPT.value(text)

    def timed_of_session(self, session_id: str) -> list[tuple[float, Receipt]]:
        """All receipts of a session with the times (unix seconds) at which they were kept, first turn first."""
        c = schema.receipts.c
        with self._connections.reading() as connection:
            rows = connection.execute(select(c.at, c.receipt).where(c.session_id == session_id).order_by(c.turn, c.at)).all()
        return [(float(at), _RECEIPT.value(text)) for at, text in rows]

    def of_session(self, session_id: str) -> list[Receipt]:
        """All receipts of a session, first turn first."""
        c = schema.receipts.c
        with self._connections.reading() as connection:
            texts = connection.execute(select(c.receipt).where(c.session_id == session_id).order_by(c.turn, c.at)).scalars().all()
        return [_RECEIPT.value(text) for text in texts]
