"""``chatrec train``: fit collaborative filtering on a shop's events."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatrec.cli.screen import out, progress
from chatrec.shops import open_database, resolve_shop

ShopOption = Annotated[str, typer.Option("--shop", help="the shop's folder, or 'demo' for the built-in one")]


QueriesOption = Annotated[
    Path | None, typer.Option("--queries", help="requests with their right items: a line each, request, tab, item ids separated by spaces")
]


def train_command(shop: ShopOption = "demo", queries: QueriesOption = None) -> None:
    """Learn who likes what from the shop's events, beside a running service.

    The result goes into a new generation, which the service takes up at its next turn. Stopping it at any moment leaves the old one
    serving. With --queries the shares of meaning and keywords are tuned on labelled requests too, at least thirty; they are kept until
    the next --queries, and settings of the shop come before them.

    Example: chatrec train --shop myshop
    """
    from chatrec.candidates.training import train
    from chatrec.settings import load_settings
    from chatrec.storage.generations import Generations

    with progress() as report:
        folder = resolve_shop(shop, report)
        with open_database(folder) as database:
            settings = load_settings(folder)
            done = train(database, Generations(folder), settings.train, progress=report, queries=queries, offer=settings.offer)
    out.print(str(done), markup=False, highlight=False)
