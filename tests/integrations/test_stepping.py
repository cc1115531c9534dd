from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator
from contextlib import aclosing
from contextvars import ContextVar

import pytest

from chatrec.stepping import Steps


class Counting:
    """Generators that count how many run, how far they came, and whether they were closed."""

    def __init__(self, step_s: float = 0.0) -> None:
        self.step_s, self.running, self.most, self.given, self.closed = step_s, 0, 0, 0, 0
        self._guard = threading.Lock()

    def walk(self, length: int) -> Generator[int, None, None]:
        try:
            for n in range(length):
                with self._guard:
                    self.running += 1
                    self.most = max(self.most, self.running)
                time.sleep(self.step_s)
                with self._guard:
                    self.running -= 1
                    self.given += 1
                yield n
        finally:
            self.closed += 1


async def read(steps: Steps, counting: Counting, length: int, key: str = "") -> list[int]:
    return [n async for n in steps.walk(lambda: counting.walk(length), key)]


def test_a_walk_gives_all_in_order_and_nothing_ahead_of_its_reader() -> None:
    counting, steps = Counting(), Steps()

    async def half() -> None:
        async with aclosing(steps.walk(lambda: counting.walk(10))) as walk:
            assert [await anext(walk) for _ in range(4)] == [0, 1, 2, 3]

    assert asyncio.run(read(steps, counting, 10)) == list(range(10))
    asyncio.run(half())
    assert counting.given == 14
    assert counting.closed == 2


def test_no_more_than_at_once_and_the_loop_goes_on_ticking() -> None:
    counting, steps, ticks = Counting(0.02), Steps(at_once=3), 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    async def all_of_them() -> None:
        ticking = asyncio.create_task(tick())
        await asyncio.gather(*(read(steps, counting, 5) for _ in range(9)))
        ticking.cancel()

    asyncio.run(all_of_them())
    assert counting.most == 3
    assert counting.closed == 9
    assert ticks >= 10


def test_walks_of_one_key_go_one_after_another() -> None:
    counting, steps = Counting(0.01), Steps(at_once=4)

    async def both() -> None:
        await asyncio.gather(*(read(steps, counting, 3, "same") for _ in range(4)))

    asyncio.run(both())
    assert counting.most == 1


def test_walks_that_hold_a_lock_between_steps_never_starve_each_other() -> None:
    """As a turn holds its session, and an engine its place, while the reader is slow."""
    lock, steps = threading.Lock(), Steps(at_once=2)

    def holding() -> Generator[int, None, None]:
        with lock:
            for n in range(3):
                time.sleep(0.005)
                yield n

    async def slowly() -> int:
        seen = 0
        async for _ in steps.walk(holding):
            await asyncio.sleep(0.01)
            seen += 1
        return seen

    async def many() -> list[int]:
        return await asyncio.wait_for(asyncio.gather(*(slowly() for _ in range(8))), 20)

    assert asyncio.run(many()) == [3] * 8


def test_a_cancelled_reader_closes_the_generator_and_makes_room() -> None:
    counting, steps = Counting(0.05), Steps(at_once=1)

    async def cancel() -> None:
        reading = asyncio.create_task(read(steps, counting, 100, "k"))
        await asyncio.sleep(0.12)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert counting.closed == 1  # closed when the cancelled task ends, not some time later
        assert counting.given < 10
        assert await asyncio.wait_for(read(steps, counting, 2, "k"), 5) == [0, 1]

    asyncio.run(cancel())


def test_one_that_is_cancelled_while_it_waits_takes_no_place_with_it() -> None:
    counting, steps = Counting(0.03), Steps(at_once=1)

    async def queue() -> None:
        first = asyncio.create_task(read(steps, counting, 5, "k"))
        await asyncio.sleep(0.02)
        waiting = [asyncio.create_task(read(steps, counting, 5, key)) for key in ("k", "other")]
        await asyncio.sleep(0.02)
        for task in waiting:
            task.cancel()
        assert await first == list(range(5))
        assert await asyncio.wait_for(read(steps, counting, 2, "k"), 5) == [0, 1]

    asyncio.run(queue())


def test_an_error_of_a_step_reaches_the_reader() -> None:
    def failing() -> Generator[int, None, None]:
        yield 1
        raise LookupError("gone")

    async def run() -> list[int]:
        seen = []
        with pytest.raises(LookupError, match="gone"):
            async for n in Steps().walk(failing):
                seen.append(n)
        return seen

    assert asyncio.run(run()) == [1]


def test_every_step_of_a_walk_sees_one_context() -> None:
    told: ContextVar[str] = ContextVar("told", default="nothing")

    def telling() -> Generator[str, None, None]:
        token = told.set("begun")
        yield told.get()
        yield told.get()
        told.reset(token)  # raises in any other context
        yield told.get()

    async def run() -> list[str]:
        told.set("outside")
        return [text async for text in Steps().walk(telling)]

    assert asyncio.run(run()) == ["begun", "begun", "outside"]


def test_the_same_steps_serve_several_event_loops() -> None:
    counting, steps = Counting(), Steps(at_once=1)
    for _ in range(3):
        assert asyncio.run(read(steps, counting, 3, "k")) == [0, 1, 2]
