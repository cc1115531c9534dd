"""Orders of a verified shopper, straight from the shop's database."""

from __future__ import annotations

from collections.abc import Sequence

from chatrec.domain.item import Order
from chatrec.storage.database import Database

MOST_ORDERS = 20


class OrderBook:
    """Implements :class:`chatrec.protocols.OrderDesk`: a shopper sees their own orders and no one else's.

    ``user_id`` must come from the shop (verified); an empty one sees nothing.
    """

    def __init__(self, database: Database) -> None:
        self._orders = database.orders

    def orders(self, user_id: str, order_ids: Sequence[str] = ()) -> list[Order]:
        """This shopper's order lines, newest first, at most 20; with ``order_ids`` only those, however they were typed.

        Ids of other shoppers and unknown ids are left out.
        """
        if not user_id:
            return []
        own = self._orders.of_user(user_id)
        if order_ids:
            wanted = {_key(order_id) for order_id in order_ids}
            own = [order for order in own if _key(order.order_id) in wanted]
        return own[:MOST_ORDERS]


def _key(order_id: str) -> str:
    """ "ff-10 234" and "FF10234" are the same order."""
    return "".join(c for c in order_id.casefold() if c.isalnum())
