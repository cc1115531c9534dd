"""Server-sent events of a turn, and a watch on whether the client is still there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from fastapi import Request
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
# Proxies hand each event on as it comes, and keep none.
_HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}


class EventStream(EventSourceResponse):
    """Answers with ``content``, and closes the turn behind it in any case: read to the end, failed, or the client gone."""

    def __init__(self, content: AsyncIterator[bytes], turn: Turn) -> None:
        super().__init__(content, headers=_HEADERS)
        self._turn = turn

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the stream."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._turn.close()


def sse(name: str, data: BaseModel) -> bytes:
    """One named event with its JSON."""
    return format_sse_event(event=name, data_str=data.model_dump_json(exclude_none=name == "error"))


async def with_pings(turn: Turn, every_s: float = PING_S) -> AsyncIterator[ReplyEvent | None]:
    """The events of a turn; ``None`` whenever nothing came for ``every_s``, so that a sign of life can be sent."""
    coming: asyncio.Task[ReplyEvent] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(_next(turn))
            done, _ = await asyncio.wait({coming}, timeout=every_s)
            if not done:
                yield None
                continue
            finished, coming = coming, None
            try:
                event = finished.result()
            except _Over:
                return
            yield event
    finally:
        if coming is not None:
            coming.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await coming


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
