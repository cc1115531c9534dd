"""The built-in cart, kept in the shop's database. A shop with a cart of its own registers tools of the same names instead."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from chatrec.actions.tools import make_tool
from chatrec.domain.event import Event, EventKind
from chatrec.domain.item import Item, Variant
from chatrec.domain.tool import Caller, CartLine, Tool
from chatrec.errors import ToolRefused
from chatrec.storage.database import Database

MOST_PIECES = 50
MOST_LINES = 100
Pieces = Annotated[int, Field(ge=1, le=MOST_PIECES)]
"""How many pieces one call may put into a cart or take out of it."""


class DatabaseCart:
    """The functions behind ``cart_add``, ``cart_remove``, ``cart_empty`` and ``cart_show``. A cart belongs to the verified shopper, or
    to the session of a visitor. Prices and stock are those of this moment."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tools(self) -> Iterator[Tool]:
        """The four tools; they share the turn's transaction."""
        for function, changes in ((self.cart_add, True), (self.cart_remove, True), (self.cart_empty, True), (self.cart_show, False)):
            yield make_tool(function, changes=changes, time_limit_s=0)

    def cart_add(self, item_id: str, caller: Caller, variant_id: str = "", quantity: Pieces = 1) -> None:
        """Puts pieces into the cart. Refuses what is not sold, a product in versions without a version, and more than is in stock."""
        item = next(iter(self._database.items.some([item_id])), None)
        if item is None:
            raise ToolRefused("That product is no longer in the shop.")
        variant = _version(item, variant_id)
        lines = self._database.carts.lines(caller.owner)
        if len(lines) >= MOST_LINES:
            raise ToolRefused(f"A cart holds {MOST_LINES} different products at most.")
        held = next((n for i, v, n in lines if (i, v) == (item_id, variant_id)), 0)
        stock = variant.stock if variant is not None else item.stock
        if stock is not None and held + quantity > stock:
            raise ToolRefused(_short(stock, held))
        self._database.carts.put(caller.owner, item_id, variant_id, held + quantity)
        self._database.events.append([Event(caller.owner, item_id, EventKind.CART, time.time(), session_id=caller.session_id)])

    def cart_remove(self, item_id: str, caller: Caller, variant_id: str = "") -> None:
        """Takes a line out of the cart, whatever its pieces. Refuses what is not there."""
        if not self._database.carts.remove(caller.owner, item_id, variant_id):
            raise ToolRefused("That is not in your cart any more.")

    def cart_empty(self, caller: Caller) -> None:
        """Takes everything out of the cart."""
        self._database.carts.clear(caller.owner)

    def cart_show(self, caller: Caller) -> tuple[CartLine, ...]:
        """The lines of the cart, oldest first; what the shop no longer sells is left out."""
        lines = self._database.carts.lines(caller.owner)
        items = {item.item_id: item for item in self._database.items.some([i for i, _, _ in lines])}
        return tuple(line for i, v, n in lines if i in items and (line := _line(items[i], v, n)) is not None)


def _version(item: Item, variant_id: str) -> Variant | None:
    if not item.variants and not variant_id:
        return None
    found = next((v for v in item.variants if v.variant_id == variant_id), None)
    if found is None:
        gone, many = "That version of it is no longer in the shop.", "It comes in several versions; one must be chosen."
        raise ToolRefused(gone if variant_id else many)
    return found


def _short(stock: int, held: int) -> str:
    if stock <= 0:
        return "It is out of stock."
    have = f", and {held} of them {'is' if held == 1 else 'are'} in your cart already" if held else ""
    return f"There {'is' if stock == 1 else 'are'} only {stock} left{have}."


def _line(item: Item, variant_id: str, quantity: int) -> CartLine | None:
    variant = next((v for v in item.variants if v.variant_id == variant_id), None)
    if variant_id and variant is None:
        return None
    price = variant.price if variant is not None and variant.price is not None else item.price
    stock = variant.stock if variant is not None else item.stock
    return CartLine(item.item_id, variant_id, quantity, item.title, variant.options if variant else (), price, item.currency, stock)
