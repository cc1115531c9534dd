"""``chatrec forget``: erase a shopper or a session."""

from __future__ import annotations

from typing import Annotated

import typer

from chatrec.cli.screen import out
from chatrec.cli.train import ShopOption
from chatrec.errors import ChatrecError
from chatrec.shops import resolve_shop


def forget_command(
    shop: ShopOption = "demo",
    user: Annotated[str | None, typer.Option("--user", help="the shopper's id, as the shop knows it")] = None,
    session: Annotated[str | None, typer.Option("--session", help="one session")] = None,
) -> None:
    """Erase events, sessions, receipts, profile and cart of a shopper, or of one session.

    Example: chatrec forget --shop myshop --user customer-17
    """
    from chatrec.storage.database import Database

    if (user is None) == (session is None):
        raise ChatrecError("say whom to forget: either --user ID or --session ID")
    with Database.open(resolve_shop(shop), create=False) as database:
        erased = database.forget(user_id=user, session_id=session)
    whom = f"shopper '{user}'" if user is not None else f"session '{session}'"
    counts = ", ".join(f"{count} {table}" for table, count in erased.items() if count)
    out.print(f"erased of {whom}: {counts}" if counts else f"nothing is kept of {whom}", markup=False, highlight=False)
