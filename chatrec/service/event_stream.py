"""Server-sent events of a turn, and a watch on whether the client is still there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from chatrec.domain.reply import ReplyEvent
from chatrec.service.stream import Turn

Value = TypeVar("Value")

# A comment as often as this keeps proxies from closing a quiet line (most do after 30 or 60 s).
PING_S = 15.0
PING = format_sse_event(comment="ping")
CLIENT_GONE = 499
"""What proxies log for a client that hung up; nobody reads the answer."""
# So long a stream waits for its first event before it begins without: a turn that cannot be begun is refused well within it.
FIRST_S = 5.0
# Proxies hand each event on as it comes, and keep none.
_HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}


class Pieces:
    """The events of a turn on their way into a stream: an asynchronous iterator, which gives ``None`` whenever nothing came for ``every_s``
    seconds, so that a sign of life can be sent. Raises what the turn raises."""

    def __init__(self, turn: Turn, every_s: float = PING_S) -> None:
        self._turn, self._every_s = turn, every_s
        self._coming: asyncio.Task[ReplyEvent] | None = None

    async def begun(self, within_s: float = FIRST_S) -> Pieces:
        """These pieces, as soon as the first of them is there or ``within_s`` seconds have passed.

        What the turn raises before its first event is raised here: it can still be answered with a status of its own.
        """
        self._coming = asyncio.ensure_future(_next(self._turn))
        try:
            await asyncio.wait({self._coming}, timeout=within_s)
            if self._coming.done() and not isinstance(self._coming.exception(), _Over):
                self._coming.result()
        except BaseException:
            self.close()
            raise
        return self

    def __aiter__(self) -> Pieces:
        return self

    async def __anext__(self) -> ReplyEvent | None:
        self._coming = self._coming or asyncio.ensure_future(_next(self._turn))
        done, _ = await asyncio.wait({self._coming}, timeout=self._every_s)
        if not done:
            return None
        finished, self._coming = self._coming, None
        try:
            return finished.result()
        except _Over:
            raise StopAsyncIteration from None

    def close(self) -> None:
        """Ends the turn, wherever it is. Doing so twice is fine."""
        if self._coming is not None:
            self._coming.add_done_callback(lambda step: step.cancelled() or step.exception())  # nobody waits for it any more
            self._coming.cancel()
        self._turn.close()


class EventStream(EventSourceResponse):
    """Answers with ``content``, and closes the turn behind it in any case: read to the end, failed, or the client gone."""

    def __init__(self, content: AsyncIterator[bytes], pieces: Pieces) -> None:
        super().__init__(content, headers=_HEADERS)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the stream."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._pieces.close()


async def streamed(request: Request, turn: Turn, told: Callable[[Pieces], AsyncIterator[bytes]]) -> Response:
    """The turn as a stream that ``told`` writes. It begins with the first event: what is refused before that is raised, as it is where
    nothing streams, and the client reads a status. A first event that takes long is not waited for."""
    pieces = await unless_gone(request, Pieces(turn).begun())
    return Response(status_code=CLIENT_GONE) if pieces is None else EventStream(told(pieces), pieces)


def sse(name: str, data: BaseModel) -> bytes:
    """One named event with its JSON."""
    return format_sse_event(event=name, data_str=data.model_dump_json(exclude_none=name == "error"))


class _Over(Exception):
    """The turn has ended: a task cannot end with StopAsyncIteration."""


async def _next(turn: Turn) -> ReplyEvent:
    try:
        return await anext(turn)
    except StopAsyncIteration:
        raise _Over from None


async def unless_gone(request: Request, work: Coroutine[Any, Any, Value]) -> Value | None:
    """What ``work`` gives; ``None`` when the client hung up meanwhile, and then the work is cancelled.

    The body must have been read: what comes from the client after it can only be that it is gone.
    """
    working, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        return None
    finally:
        gone.cancel()
        if not working.done():
            working.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await working


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
