"""The shop's records as an open shop shows them: with price and stock of this moment, which the shop may change at any time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from chatrec.domain.item import Item, LiveRow
from chatrec.domain.need import Constraint
from chatrec.errors import UnknownItem
from chatrec.storage.database import Database

if TYPE_CHECKING:
    from chatrec.wiring import Pinned


class Records(ABC):
    """The part of :class:`chatrec.bot.ChatRec` that is about its catalogue."""

    database: Database

    @abstractmethod
    def _using(self) -> AbstractContextManager[Pinned]:
        """The serving generation, pinned meanwhile."""

    def live(self, item_id: str) -> LiveRow:
        """Price and stock of an item at this moment. Raises :class:`UnknownItem`."""
        rows = self.database.items.live([item_id])
        if item_id not in rows:
            raise UnknownItem(f"the catalogue has no item {item_id!r:.80}")
        return rows[item_id]

    def live_item(self, item_id: str) -> Item:
        """The record with price and stock as they are now. Raises :class:`UnknownItem`."""
        row = self.live(item_id)
        with self._using() as pinned:
            return replace(pinned.shelf.item(item_id), price=row.price, stock=row.stock)

    def items(self) -> tuple[Item, ...]:
        """The records of the serving generation."""
        with self._using() as pinned:
            return pinned.shelf.items

    def set_stock(self, item_id: str, pieces: int | None) -> None:
        """The shop's stock of an item changed; the next turn knows."""
        self.database.items.set_live(item_id, self.live(item_id).price, pieces)

    def set_price(self, item_id: str, price: Decimal | None) -> None:
        """The shop's price of an item changed; the next turn knows."""
        self.database.items.set_live(item_id, price, self.live(item_id).stock)

    def satisfies(self, item: Item, constraints: Sequence[Constraint]) -> bool:
        """Whether a record meets every constraint, by the same rules as the hard filters."""
        with self._using() as pinned:
            return pinned.shelf.satisfies(item, constraints)
