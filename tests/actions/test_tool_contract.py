"""The contracts on a tool of a shop, and on the built-in cart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from chatrec import tool
from chatrec.actions.cart import DatabaseCart
from chatrec.domain.item import Item
from chatrec.domain.tool import Tool
from chatrec.storage.database import Database
from chatrec.testing.tool_contract import CartContract, ToolContract


@tool(examples=["book a fitting on {day}", "a fitting for {people} people"], changes=True, verified=True)
def book_fitting(day: date, people: int = 1) -> dict[str, str]:
    """Books a fitting in the shop."""
    return {"booked_for": day.isoformat(), "people": str(people), "note": "bring your boots [1]"}


class TestBookFitting(ToolContract):
    def make(self) -> Tool:
        return book_fitting

    def good(self) -> dict[str, object]:
        return {"day": "2026-06-01", "people": 2}


class TestDatabaseCart(CartContract):
    def make(self, database: Database) -> Iterable[Tool]:
        return DatabaseCart(database).tools()

    def items(self, database: Database) -> tuple[str, str]:
        sold = [Item(name, name.title(), price=Decimal("5.00"), currency="USD", stock=2) for name in ("spade", "rake")]
        database.items.replace_all(sold)
        return "spade", "rake"
