"""``chatrec serve``: the HTTP service with the chat page."""

from __future__ import annotations

import errno
import json
import os
import socket
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatrec.cli.screen import console, progress
from chatrec.cli.train import ShopOption
from chatrec.errors import ChatrecError
from chatrec.settings import load_settings

if TYPE_CHECKING:
    from chatrec.bot import ChatRec


def serve_command(
    shop: ShopOption = "demo",
    host: Annotated[str | None, typer.Option("--host", help="address to listen on; 127.0.0.1 unless the settings say otherwise")] = None,
    port: Annotated[int | None, typer.Option("--port", help="port to listen on; 7860 unless the settings say otherwise")] = None,
    engine: Annotated[str | None, typer.Option("--engine", help="auto, openvino, transformers, openai or template")] = None,
    user: Annotated[str | None, typer.Option("--user", help="chat as this verified shopper (for trying things out)")] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="processes side by side; several have no chat page")] = None,
) -> None:
    """Serve a shop: the chat page at /, the HTTP API under /v1, the OpenAI shape, webhooks and the widget. It listens on this machine only
    unless you give another --host.

    Example: chatrec serve --shop myshop --port 8000
    """
    from chatrec.bot import ChatRec
    from chatrec.service.access import check_start
    from chatrec.service.logs import set_up_logs
    from chatrec.shops import DEMO, demo_folder

    overrides: dict[str, dict[str, Any]] = {"model": {"engine": engine}} if engine else {}
    if workers is not None:
        overrides["serve"] = {"workers": workers}
    asked = load_settings(demo_folder() if shop == DEMO else Path(shop).expanduser(), overrides)
    address, door, processes = host or asked.serve.host, port or asked.serve.port, asked.serve.workers
    check_door(address, door)  # before the shop is opened: that may take a while
    with progress() as report:
        bot = ChatRec.open(shop, settings=overrides, progress=report)
    check_start(bot.database, asked.serve, address)
    set_up_logs(asked.log)
    shown = f"[{address}]" if ":" in address else address
    console.print(f"{bot.about()['shop']}: http://{shown}:{door}   (stop with Ctrl-C)", markup=False, highlight=False)
    with suppress(KeyboardInterrupt):
        if processes > 1:
            bot.close()  # every worker opens the shop itself
            _run_workers(processes, address, door, {"shop": str(bot.folder), "settings": overrides, "host": address})
        else:
            _run(bot, address, door, user)


def _run(bot: ChatRec, host: str, port: int, user_id: str | None) -> None:
    from chatrec.service.app import make_app
    from chatrec.service.listen import server

    server(make_app(bot, host=host, user_id=user_id, owns_bot=True), host, port).run()


def _run_workers(processes: int, host: str, port: int, told: dict[str, object]) -> None:
    """Several processes on one port. What they need to know comes by the environment: a worker is a fresh Python."""
    import uvicorn

    from chatrec.service.app import WORKER_VARIABLE
    from chatrec.service.listen import OPTIONS
    from chatrec.service.measures import MULTIPROCESS_VARIABLE
    from chatrec.storage.staging import sweep

    os.environ[WORKER_VARIABLE] = json.dumps(told)
    with TemporaryDirectory(prefix="chatrec-figures-") as figures:
        os.environ.setdefault(MULTIPROCESS_VARIABLE, figures)  # where the figures of all workers meet
        try:
            uvicorn.run("chatrec.service.app:make_worker", factory=True, workers=processes, host=host, port=port, **OPTIONS)
        finally:
            sweep(Path(str(told["shop"])))  # the copy of a worker that was killed, and that nobody came to replace


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
