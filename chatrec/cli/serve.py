"""``chatrec serve``: the chat page."""

from __future__ import annotations

import threading
from typing import Annotated

import typer

from chatrec.cli.screen import console, progress
from chatrec.cli.train import ShopOption


def serve_command(
    shop: ShopOption = "demo",
    host: Annotated[str | None, typer.Option("--host", help="address to listen on; 127.0.0.1 unless the settings say otherwise")] = None,
    port: Annotated[int | None, typer.Option("--port", help="port to listen on; 7860 unless the settings say otherwise")] = None,
    engine: Annotated[str | None, typer.Option("--engine", help="transformers, openai or template")] = None,
    user: Annotated[str | None, typer.Option("--user", help="chat as this verified shopper (for trying things out)")] = None,
) -> None:
    """Open the chat page of a shop. It listens on this machine only unless you give another --host."""
    from chatrec.bot import ChatRec
    from chatrec.service.page import launch

    overrides = {"model": {"engine": engine}} if engine else None
    with progress() as report:
        bot = ChatRec.open(shop, settings=overrides, progress=report)
    chosen = bot.settings.serve
    address, door = host or chosen.host, port or chosen.port
    console.print(f"{bot.about()['shop']}: http://{address}:{door}   (stop with Ctrl-C)", markup=False, highlight=False)
    with bot:
        threading.Thread(target=bot.warm_up, name="warm-up", daemon=True).start()
        launch(bot, host=address, port=door, user_id=user)
