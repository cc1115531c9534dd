"""The service as its clients meet it: a real uvicorn server on a free port of this machine."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from sqlalchemy import delete

from chatrec.bot import ChatRec
from chatrec.service.app import make_app
from chatrec.shops import prepare_demo
from chatrec.storage import schema

STARTS_S = 30.0


@pytest.fixture(scope="session")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatRec]:
    """The demo shop with the template writer, on a copy."""
    folder = Path(shutil.copytree(prepare_demo(), tmp_path_factory.mktemp("demo") / "shop"))
    with ChatRec.open(folder, settings={"model": {"engine": "template"}}) as opened:
        yield opened


@contextmanager
def running(app: Any) -> Iterator[str]:
    """The address of ``app``, which listens while the block runs."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        ends = time.monotonic() + STARTS_S
        while not server.started:
            assert time.monotonic() < ends, "the server does not start"
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(STARTS_S)


@pytest.fixture(scope="session")
def serving(bot: ChatRec) -> Callable[..., Any]:
    """Starts the service with some settings of its own, by section."""

    @contextmanager
    def serve(**sections: dict[str, Any]) -> Iterator[str]:
        changed = {name: getattr(bot.settings, name).model_copy(update=values) for name, values in sections.items()}
        with running(make_app(bot, bot.settings.model_copy(update=changed), page=False)) as url:
            yield url

    return serve


@pytest.fixture(scope="session")
def service(serving: Callable[..., Any]) -> Iterator[str]:
    """The service as it stands by default."""
    with serving() as url:
        yield url


@pytest.fixture
def key(bot: ChatRec) -> Iterator[str]:
    """An API key that may chat; the shop has keys only while the test runs."""
    yield bot.database.api_keys.create("a help desk", ["chat"])[1]
    with bot.database._connections.writing() as connection:
        connection.execute(delete(schema.api_keys))
