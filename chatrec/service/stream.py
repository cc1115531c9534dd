"""The way from waiting clients to working threads: turns compute at most so many at once, wait in one bounded line, and stop when asked.
A turn that waits for the language model gives its place to the next in line, so that nobody's cards wait for somebody else's words.

A turn is a synchronous iterator. Its steps run in worker threads, one step each time its reader asks for the next event: a reader that
takes its time holds the turn back, and one that is gone ends it.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import TypeVar

from chatrec.domain.giving_way import told_of_giving_way
from chatrec.domain.reply import ReplyEvent
from chatrec.domain.stopping import Stop, stoppable
from chatrec.errors import Busy, TurnTimeout

Value = TypeVar("Value")
Start = Callable[[], Iterator[ReplyEvent]]


class _End:
    """Nothing more comes."""


_END = _End()


class _Place:
    """A place in the line, and then among those that run. ``ready`` is done as soon as it may run; ``gave_way``: it waits for the language
    model. Of one ``key`` one runs at a time; what belongs to no session has a key of its own."""

    def __init__(self, session_id: str | None) -> None:
        self.key: object = self if session_id is None else session_id
        self.gave_way = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Turns:
    """Admits turns: at most ``at_once`` compute, at most ``waiting`` wait, and of one session one at a time, in the order they came.

    At most ``writing`` turns that wait for the language model run beside those; one more keeps its place until one of them has ended.
    Belongs to one event loop. ``budget_s`` is the longest time of a turn, its wait included.
    """

    def __init__(self, at_once: int, waiting: int, budget_s: float, writing: int = 0) -> None:
        self._at_once, self._most_waiting, self._most_writing, self.budget_s = at_once, waiting, writing, budget_s
        self._waiting: deque[_Place] = deque()
        self._running: dict[object, _Place] = {}
        self.threads = self._new_threads()

    @property
    def running(self) -> int:
        """Turns that run now, those that wait for the language model among them."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """Turns that wait now."""
        return len(self._waiting)

    def begin(self, session_id: str, start: Start) -> Turn:
        """A turn of this session, to be read with ``async with`` and ``async for``. Nothing runs before the first event is asked for.

        Raises :class:`Busy` at once when too many wait already.
        """
        return Turn(self, self._line_up(session_id), start)

    async def call(self, session_id: str | None, work: Callable[[], Value]) -> Value:
        """Something short that must not cross a turn of the session (feedback, a dropped chip), or with ``None`` something that belongs to
        no session, such as a list for a page. Raises as :meth:`begin`, and :class:`TurnTimeout`; what has begun is ended even when the
        caller is gone."""
        place = self._line_up(session_id)
        try:
            async with asyncio.timeout(self.budget_s):
                await place.ready
        except BaseException as stopped:
            self.leave(place)
            if isinstance(stopped, TimeoutError):
                raise TurnTimeout(f"there was no place for {self.budget_s:g} s") from None
            raise
        done = asyncio.get_running_loop().run_in_executor(self.threads, work)
        done.add_done_callback(lambda _: self.leave(place))
        return await asyncio.shield(done)

    async def whole(self, session_id: str, start: Start) -> list[ReplyEvent]:
        """All events of a turn. Cancelled, it stops the turn."""
        async with self.begin(session_id, start) as turn:
            return [event async for event in turn]

    def close(self) -> None:
        """Steps under way end in their own time; their threads are not used again."""
        old, self.threads = self.threads, self._new_threads()
        old.shutdown(wait=False, cancel_futures=True)

    def _new_threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=self._at_once + self._most_writing, thread_name_prefix="chatrec-turn")

    def _line_up(self, session_id: str | None) -> _Place:
        place = _Place(session_id)
        self._waiting.append(place)
        self._admit()
        if not place.ready.done() and len(self._waiting) > self._most_waiting:
            self._waiting.remove(place)
            raise Busy(f"{len(self._running)} turns run and {self._most_waiting} wait already; try again in some seconds")
        return place

    def leave(self, place: _Place) -> None:
        """The place is free again; doing so twice is fine."""
        if place in self._waiting:
            self._waiting.remove(place)
        elif self._running.get(place.key) is place:
            del self._running[place.key]
            self._admit()

    def give_way(self, place: _Place) -> None:
        """This turn waits for the language model until its end: the next in line may compute."""
        place.gave_way = True
        self._admit()

    def _admit(self) -> None:
        """Those first in line whose session has no turn under way, as many as there is room for."""
        for place in list(self._waiting):
            if not self._has_room():
                return
            if place.key not in self._running and not place.ready.cancelled():
                self._waiting.remove(place)
                self._running[place.key] = place
                place.ready.set_result(None)

    def _has_room(self) -> bool:
        writing = sum(place.gave_way for place in self._running.values())
        return len(self._running) - min(writing, self._most_writing) < self._at_once


class Turn:
    """One turn under way. An asynchronous iterator of reply events, and a context manager that ends the turn in any case.

    Iterating raises what the turn raises, and :class:`TurnTimeout` when it is not done in time. :meth:`close` stops the work within one
    token of the language model; the place is free as soon as the work has really ended.
    """

    def __init__(self, turns: Turns, place: _Place, start: Start) -> None:
        self._turns, self._place, self._start = turns, place, start
        self._loop = asyncio.get_running_loop()
        self._events: Iterator[ReplyEvent] | None = None
        self._step: asyncio.Future[ReplyEvent | _End] | None = None
        self._stop = Stop()
        self._context = contextvars.copy_context()  # every step sees the same one, whichever thread runs it
        self._closed = self._expired = False
        self._ends = time.monotonic() + turns.budget_s
        self._alarm = self._loop.call_later(turns.budget_s, self._expire)

    async def __aenter__(self) -> Turn:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __aiter__(self) -> Turn:
        return self

    async def __anext__(self) -> ReplyEvent:
        try:
            async with asyncio.timeout(max(0.0, self._ends - time.monotonic())):
                await asyncio.shield(self._place.ready)
                event = await self._next()
        except TimeoutError:
            self._expired = True
            self.close()
        except BaseException:
            self.close()
            raise
        if self._expired:
            raise TurnTimeout(f"the turn was not done after {self._turns.budget_s:g} s; try again")
        if isinstance(event, _End):
            self.close()
            raise StopAsyncIteration
        return event

    def close(self) -> None:
        """End the turn. What runs is stopped, and the place is given up when it has. Doing so twice is fine."""
        if self._closed:
            return
        self._closed = True
        self._alarm.cancel()
        self._stop.set()
        if self._step is not None and not self._step.done():
            self._step.add_done_callback(self._shut)
        else:
            self._shut(None)

    async def _next(self) -> ReplyEvent | _End:
        if self._closed:
            return _END
        self._step = self._loop.run_in_executor(self._turns.threads, self._context.run, self._advance)
        return await asyncio.shield(self._step)

    def _advance(self) -> ReplyEvent | _End:
        """One step, in a worker thread."""
        with stoppable(self._stop), told_of_giving_way(self._give_way):
            if self._events is None:
                self._events = self._start()
            return next(self._events, _END)

    def _give_way(self) -> None:
        with suppress(RuntimeError):  # the loop is gone, and whoever waited with it
            self._loop.call_soon_threadsafe(self._turns.give_way, self._place)

    def _expire(self) -> None:
        self._expired = True
        self.close()

    def _shut(self, step: asyncio.Future[ReplyEvent | _End] | None) -> None:
        """The iterator rests now: it is closed in a worker thread, since closing may write to the database."""
        if step is not None and not step.cancelled():
            step.exception()  # nobody waits for it any more
        close = getattr(self._events, "close", None)
        if close is None:
            self._turns.leave(self._place)
            return
        with suppress(RuntimeError):  # the service is going down: its threads take no more work
            closing = self._loop.run_in_executor(self._turns.threads, self._context.run, close)
            closing.add_done_callback(self._left)

    def _left(self, closing: asyncio.Future[None]) -> None:
        if not closing.cancelled():
            closing.exception()
        self._turns.leave(self._place)
