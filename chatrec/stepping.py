"""A synchronous iterator walked from an event loop: every step in a worker thread, and closed when its reader goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from contextvars import Context, copy_context
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary, WeakValueDictionary

from chatrec.domain.stopping import Stop, stoppable

T = TypeVar("T")
R = TypeVar("R")
_END = object()


class Steps:
    """Walks generators for any number of event loops, at most ``at_once`` of them on a loop; more wait without a thread.

    A walk has a thread at its disposal from its beginning to its end, so that one that holds a lock between two of its steps can
    always go on. Nothing is computed ahead of its reader. Walks of one ``key`` go one after another.
    """

    def __init__(self, at_once: int = 8) -> None:
        if at_once < 1:
            raise ValueError(f"at_once is {at_once}; at least one walk must be possible")
        self._at_once = at_once
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _Desk] = WeakKeyDictionary()

    async def walk(self, begin: Callable[[], Generator[T, None, None]], key: str = "") -> AsyncGenerator[T, None]:
        """What the generator gives. Closing this iterator, or cancelling the task that waits for its next value, closes the generator;
        a step under way is asked to stop (see :mod:`chatrec.domain.stopping`) and waited for."""
        desk = self._desk()
        leave = await desk.enter(key)
        context, stop, events, step = copy_context(), Stop(), begin(), None
        try:
            while True:
                step = desk.pool.submit(context.run, _advance, events, stop)
                got = await asyncio.wrap_future(step)
                if got is _END:
                    return
                yield cast(T, got)
        finally:
            stop.set()
            closing = desk.pool.submit(_close, context, events, step)
            closing.add_done_callback(_told(asyncio.get_running_loop(), leave))
            await asyncio.shield(asyncio.wrap_future(closing))

    async def call(self, function: Callable[..., R], *arguments: Any, key: str = "") -> R:
        """A short call in a thread; one with a ``key`` waits for the walks of that key."""
        if not key:
            return await asyncio.to_thread(function, *arguments)
        async with self._desk().lock(key):
            return await asyncio.to_thread(function, *arguments)

    def _desk(self) -> _Desk:
        loop = asyncio.get_running_loop()
        found = self._loops.get(loop)
        if found is None:
            found = self._loops[loop] = _Desk(self._at_once)
        return found


class _Desk:
    """What belongs to one event loop: locks and semaphores of asyncio cannot be shared among loops."""

    def __init__(self, at_once: int) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        # one thread more than walks: a step that nobody waits for any more may still be under way when its walk is closed
        self.pool = ThreadPoolExecutor(at_once + 1, thread_name_prefix="chatrec-step")

    def lock(self, key: str) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())

    async def enter(self, key: str) -> Callable[[], None]:
        """Waits for the walks of this key, then for a free place; gives what makes room again."""
        lock = self.lock(key) if key else None
        if lock is not None:
            await lock.acquire()
        try:
            await self._slots.acquire()
        except BaseException:
            if lock is not None:
                lock.release()
            raise

        def leave() -> None:
            self._slots.release()
            if lock is not None:
                lock.release()

        return leave


def _advance(events: Generator[T, None, None], stop: Stop) -> object:
    with stoppable(stop):
        return next(events, _END)


def _close(context: Context, events: Generator[T, None, None], step: Future[Any] | None) -> None:
    if step is not None:
        wait([step])  # a generator that is running cannot be closed
    context.run(events.close)


def _told(loop: asyncio.AbstractEventLoop, then: Callable[[], None]) -> Callable[[Future[None]], None]:
    def tell(_: Future[None]) -> None:
        with suppress(RuntimeError):  # the loop is gone, and whoever waited for room with it
            loop.call_soon_threadsafe(then)

    return tell
