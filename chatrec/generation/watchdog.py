"""A generator's chunks under a time limit that also holds while the generator is silent."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from chatrec.domain.stopping import is_stop_asked

Chunk = TypeVar("Chunk", str, bytes)

# How often a reader of a silent engine looks whether anybody still waits for the reply.
_LOOK_S = 0.1
# How long a reader that stops waits for the engine to finish its token, so that the next reply finds it free.
_LAST_TOKEN_S = 0.5


class _End:
    """Nothing more comes."""


def within_budget(start: Callable[[], Iterator[Chunk]], budget_s: float) -> Iterator[Chunk]:
    """The chunks of ``start()``, made in a thread of their own, at most two ahead of the reader.

    Raises :class:`TimeoutError` when a chunk is not there ``budget_s`` after the first was asked for: an engine that hangs in its
    first token, or a server that takes the connection and says nothing. Such an engine cannot be stopped from outside; its thread
    ends with it, and keeps no process alive. Errors of the engine are raised here. Closing the iterator closes the engine's after
    the token that it is at.
    """
    relay: queue.Queue[Chunk | Exception | _End] = queue.Queue(maxsize=1)
    stopped = threading.Event()
    worker = threading.Thread(target=_work, args=(start, relay, stopped), name="chatrec-writer", daemon=True)
    deadline = time.monotonic() + budget_s
    worker.start()
    hangs = False
    try:
        while True:
            try:
                got = relay.get(timeout=min(_LOOK_S, max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                if is_stop_asked():
                    hangs = True  # nobody reads any more: the engine ends its token alone
                    return
                if time.monotonic() < deadline:
                    continue
                hangs = True
                raise TimeoutError(f"the language model was not done after {budget_s:g} s") from None
            if isinstance(got, _End):
                return
            if isinstance(got, Exception):
                raise got
            yield got
    finally:
        _stop(relay, stopped)
        if not hangs:
            worker.join(_LAST_TOKEN_S)


def _stop(relay: queue.Queue[Chunk | Exception | _End], stopped: threading.Event) -> None:
    """The worker looks at ``stopped`` behind every chunk that it hands over; one that waits for room gets it."""
    stopped.set()
    try:
        relay.get_nowait()
    except queue.Empty:
        return


def _work(start: Callable[[], Iterator[Chunk]], relay: queue.Queue[Chunk | Exception | _End], stopped: threading.Event) -> None:
    last: Exception | _End = _End()
    chunks: Iterator[Chunk] | None = None
    try:
        chunks = start()
        for chunk in chunks:
            relay.put(chunk)
            if stopped.is_set():
                break
    except Exception as error:  # raised again where the text is read
        last = error
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            try:
                close()
            except Exception as error:
                last = error
        if not stopped.is_set():
            relay.put(last)
