"""``chatrec mcp``: the shop as an MCP server."""

from __future__ import annotations

import importlib.util
from typing import Annotated, Any

import typer

from chatrec.cli.screen import console, progress
from chatrec.cli.serve import check_door
from chatrec.cli.train import ShopOption
from chatrec.errors import ChatrecError

# Over HTTP anybody who reaches the port may call: there are no keys here.
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def mcp_command(
    shop: ShopOption = "demo",
    http: Annotated[bool, typer.Option("--http", help="streamable HTTP on this machine, instead of standard input and output")] = False,
    host: Annotated[str, typer.Option("--host", help="with --http: an address of this machine itself")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="with --http: port to listen on")] = 7861,
) -> None:
    """Offer a shop to assistants over MCP: search, recommend, explain, item and feedback, and its policies to read.

    It speaks on standard input and output, as assistants start it; --http listens on this machine only, at /mcp.

    Example: chatrec mcp --shop myshop
    """
    if importlib.util.find_spec("mcp") is None:
        raise ChatrecError("the MCP SDK is not installed; install it with: pip install 'chatrec[mcp]'")
    if http:
        _check_loopback(host)
        check_door(host, port)
    from chatrec.bot import ChatRec
    from chatrec.integrations.mcp_server import make_server

    no_model: dict[str, dict[str, Any]] = {"model": {"engine": "template"}}  # no reply is written here
    with progress() as report:
        bot = ChatRec.open(shop, settings=no_model, progress=report)
    with bot:
        server = make_server(bot)
        if not http:
            server.run()
            return
        console.print(f"{bot.about()['shop']}: http://{host}:{port}/mcp   (stop with Ctrl-C)", markup=False, highlight=False)
        server.run("streamable-http", host=host, port=port)


def _check_loopback(host: str) -> None:
    if host not in LOOPBACK:
        raise ChatrecError(f"--host is '{host}'; over MCP there are no keys, so it listens on this machine only: {', '.join(LOOPBACK)}")
