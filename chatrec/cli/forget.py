"""``chatrec forget``: erase a shopper or a session."""

from __future__ import annotations

from typing import Annotated

import typer

from chatrec.cli.screen import out
from chatrec.cli.train import ShopOption
from chatrec.errors import ChatrecError
from chatrec.shops import open_database, resolve_shop


def forget_command(
    shopper: Annotated[str | None, typer.Argument(help="the shopper's id, as the shop knows it")] = None,
    shop: ShopOption = "demo",
    user: Annotated[str | None, typer.Option("--user", help="the same as the argument")] = None,
    session: Annotated[str | None, typer.Option("--session", help="one session")] = None,
) -> None:
    """Erase events, sessions, receipts, effects, profile and cart of a shopper, or of one session.

    What the shop itself keeps (its list of customers, orders, reviews) stays, and models that were trained before stay as they are: train
    again to have them without this shopper.

    Example: chatrec forget --shop myshop customer-17
    """
    if shopper is not None and user is not None and shopper != user:
        raise ChatrecError(f"two shoppers are named, '{shopper}' and '{user}'; forget one at a time")
    user = user if shopper is None else shopper
    if (user is None) == (session is None):
        raise ChatrecError("say whom to forget: either --user ID or --session ID")
    with open_database(resolve_shop(shop)) as database:
        erased = database.forget(user_id=user, session_id=session)
    whom = f"shopper '{user}'" if user is not None else f"session '{session}'"
    counts = ", ".join(f"{count} {table}" for table, count in erased.items() if count)
    out.print(f"erased of {whom}: {counts}" if counts else f"nothing is kept of {whom}", markup=False, highlight=False)
