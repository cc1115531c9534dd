"""How work is told to stop from outside: whoever runs a turn hands a flag down, and whoever writes word by word looks at it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Stop = threading.Event
_NOW: ContextVar[Stop | None] = ContextVar("chatrec_stop", default=None)


@contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """What runs inside is asked to stop as soon as ``stop`` is set."""
    token = _NOW.set(stop)
    try:
        yield
    finally:
        _NOW.reset(token)


def is_stop_asked() -> bool:
    """Whether nobody reads any more what this thread is working on."""
    stop = _NOW.get()
    return stop is not None and stop.is_set()
