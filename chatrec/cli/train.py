"""``chatrec train``: fit collaborative filtering on a shop's events."""

from __future__ import annotations

from typing import Annotated

import typer

from chatrec.cli.screen import out, progress
from chatrec.shops import resolve_shop

ShopOption = Annotated[str, typer.Option("--shop", help="the shop's folder, or 'demo' for the built-in one")]


def train_command(shop: ShopOption = "demo") -> None:
    """Learn who likes what from the shop's events, beside a running service.

    The result goes into a new generation, which the service takes up at its next turn. Stopping it at any moment leaves the old one
    serving.

    Example: chatrec train --shop myshop
    """
    from chatrec.candidates.training import train
    from chatrec.settings import load_settings
    from chatrec.storage.database import Database
    from chatrec.storage.generations import Generations

    with progress() as report:
        folder = resolve_shop(shop, report)
        with Database.open(folder, create=False) as database:
            done = train(database, Generations(folder), load_settings(folder).train, progress=report)
    out.print(str(done), markup=False, highlight=False)
