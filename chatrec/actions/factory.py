"""The tool desk of a shop: the built-in tools, and over them the shop's own."""

from __future__ import annotations

from collections.abc import Iterable

from chatrec.actions.cart import DatabaseCart
from chatrec.actions.desk import ToolDesk
from chatrec.domain.tool import Tool
from chatrec.protocols import Embedder
from chatrec.storage.database import Database


def make_desk(tools: Iterable[Tool], database: Database, embedder: Embedder, least_score: float) -> ToolDesk:
    """The built-in cart and the shop's ``tools``; one of a built-in's name takes its place. Raises :class:`SettingsError`."""
    return ToolDesk([*DatabaseCart(database).tools(), *tools], database, embedder, least_score)
