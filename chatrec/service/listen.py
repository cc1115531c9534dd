"""The application on an address: in the foreground, or in a thread of its own beside the caller's work."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chatrec.errors import ServiceError

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

# Streams that are still open when the service stops get so long to end.
GRACE_S = 5
_START_S = 60.0
# No access log: a line of it would hold the words of a search. What else is logged goes where chatrec's own lines go. Who calls through
# which proxy is told by chatrec.service.addresses alone.
OPTIONS: Mapping[str, Any] = {
    "log_level": "warning", "log_config": None, "access_log": False, "server_header": False, "proxy_headers": False,
    "timeout_graceful_shutdown": GRACE_S,
    # uvicorn's other parser takes headers without end, and keeps them; a key, a token and what proxies add need a tenth of this.
    "http": "h11", "h11_max_incomplete_event_size": 65_536,
}  # fmt: skip


def server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    """A server that is not started yet."""
    import uvicorn

    return uvicorn.Server(uvicorn.Config(app, host=host, port=port, **OPTIONS))


@contextmanager
def listening(app: FastAPI, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """The service in a thread while the block runs; gives its address (``http://host:port``). Port 0 lets the machine choose.

    Raises :class:`ServiceError` when it does not come up.
    """
    running = server(app, host, port)
    thread = threading.Thread(target=running.run, name="chatrec-service", daemon=True)
    thread.start()
    try:
        ends = time.monotonic() + _START_S
        while not running.started:
            if not thread.is_alive() or time.monotonic() > ends:
                raise ServiceError(f"the service does not come up on {host}:{port}; look at its log")
            time.sleep(0.01)
        door = running.servers[0].sockets[0].getsockname()[1]
        yield f"http://{host}:{door}"
    finally:
        running.should_exit = True
        thread.join(GRACE_S + 5.0)
