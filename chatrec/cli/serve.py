"""``chatrec serve``: the chat page."""

from __future__ import annotations

import errno
import socket
from pathlib import Path
from typing import Annotated

import typer

from chatrec.cli.screen import console, progress
from chatrec.cli.train import ShopOption
from chatrec.errors import ChatrecError
from chatrec.settings import load_settings


def serve_command(
    shop: ShopOption = "demo",
    host: Annotated[str | None, typer.Option("--host", help="address to listen on; 127.0.0.1 unless the settings say otherwise")] = None,
    port: Annotated[int | None, typer.Option("--port", help="port to listen on; 7860 unless the settings say otherwise")] = None,
    engine: Annotated[str | None, typer.Option("--engine", help="auto, openvino, transformers, openai or template")] = None,
    user: Annotated[str | None, typer.Option("--user", help="chat as this verified shopper (for trying things out)")] = None,
) -> None:
    """Open the chat page of a shop. It listens on this machine only unless you give another --host.

    Example: chatrec serve --shop myshop --port 8000
    """
    from chatrec.bot import ChatRec
    from chatrec.service.app import make_app
    from chatrec.service.listen import server
    from chatrec.shops import DEMO, demo_folder

    overrides = {"model": {"engine": engine}} if engine else None
    asked = load_settings(demo_folder() if shop == DEMO else Path(shop).expanduser(), overrides).serve
    address, door = host or asked.host, port or asked.port
    check_door(address, door)  # before the shop is opened: that may take a while
    with progress() as report:
        bot = ChatRec.open(shop, settings=overrides, progress=report)
    console.print(f"{bot.about()['shop']}: http://{address}:{door}   (stop with Ctrl-C)", markup=False, highlight=False)
    with bot:
        server(make_app(bot, host=address, user_id=user), address, door).run()


def check_door(host: str, port: int) -> None:
    """Raises :class:`ChatrecError` where nobody can listen on this address and port."""
    if not 1 <= port <= 65535:
        raise ChatrecError(f"--port is {port}; a port lies between 1 and 65535")
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((host, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            more = f"port {port} on {host} is taken by another program; stop that one, or choose another port: --port {port % 65535 + 1}"
        elif error.errno == errno.EACCES:
            more = f"port {port} may not be opened by this user; choose one above 1023, for example --port 8000"
        else:
            more = f"'{host}' is not an address of this machine ({error}); leave --host out to listen on this machine only"
        raise ChatrecError(f"cannot open the chat page: {more}") from error
