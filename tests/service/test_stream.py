"""The bridge between waiting clients and working threads, and a storm of clients over a real server."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from chatrec.bot import ChatRec
from chatrec.domain.giving_way import give_way
from chatrec.domain.reply import Cards, Chips, ReplyEvent
from chatrec.domain.stopping import is_stop_asked
from chatrec.errors import Busy, InvalidMessage, TurnTimeout
from chatrec.service.event_stream import Pieces
from chatrec.service.stream import Turn, Turns

EVENT = Chips(())
SOON_S = 10.0


class Work:
    """A turn that counts what becomes of it, and can be made to wait."""

    def __init__(self, events: int = 3, held: bool = False) -> None:
        self.began = self.ended = self.given = 0
        self.stopped = False
        self.go = threading.Event()
        self._events = events
        if not held:
            self.go.set()

    def __call__(self) -> Iterator[ReplyEvent]:
        self.began += 1
        try:
            for _ in range(self._events):
                while not self.go.wait(0.005):
                    if is_stop_asked():
                        self.stopped = True
                        return
                self.given += 1
                yield EVENT
        finally:
            self.ended += 1


async def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < ends, "it did not come to that"
        await asyncio.sleep(0.005)


def run(test: Callable[[Turns], Any], at_once: int = 2, waiting: int = 2, budget_s: float = 20.0, writing: int = 0) -> None:
    async def inside() -> None:
        turns = Turns(at_once, waiting, budget_s, writing)
        try:
            await test(turns)
            await until(lambda: turns.running == 0 and turns.waiting == 0)  # every place is free again in the end
        finally:
            turns.close()

    asyncio.run(inside())


def test_a_turn_gives_its_events_in_order_and_is_closed() -> None:
    async def test(turns: Turns) -> None:
        work = Work()
        assert await turns.whole("s", work) == [EVENT] * 3
        await until(lambda: work.ended == 1)

    run(test)


def test_nothing_runs_ahead_of_its_reader() -> None:
    async def test(turns: Turns) -> None:
        work = Work(50)
        async with turns.begin("s", work) as turn:
            await anext(turn)
            await asyncio.sleep(0.1)
            assert work.given == 1  # the next step is taken when it is asked for
        await until(lambda: work.ended == 1)
        assert work.given == 1

    run(test)


def test_so_many_run_so_many_wait_and_the_next_is_told_at_once() -> None:
    async def test(turns: Turns) -> None:
        held = [Work(held=True) for _ in range(4)]
        tasks = [asyncio.create_task(turns.whole(f"s{n}", work)) for n, work in enumerate(held)]
        await until(lambda: turns.running == 2 and turns.waiting == 2)
        await until(lambda: sum(w.began for w in held) == 2)
        with pytest.raises(Busy):
            turns.begin("s9", Work())
        for work in held:
            work.go.set()
        assert [len(events) for events in await asyncio.gather(*tasks)] == [3] * 4

    run(test)


def test_of_one_session_one_turn_at_a_time_and_others_pass_by() -> None:
    async def test(turns: Turns) -> None:
        first, second, other = Work(held=True), Work(), Work()
        one = asyncio.create_task(turns.whole("same", first))
        await until(lambda: first.began == 1)
        two = asyncio.create_task(turns.whole("same", second))
        assert len(await turns.whole("other", other)) == 3
        assert second.began == 0
        first.go.set()
        await asyncio.gather(one, two)
        assert first.ended == second.ended == 1

    run(test)


def test_a_reader_who_is_cancelled_stops_the_step_that_runs() -> None:
    async def test(turns: Turns) -> None:
        work = Work(held=True)
        task = asyncio.create_task(turns.whole("s", work))
        await until(lambda: work.began == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: work.ended == 1 and turns.running == 0)
        assert work.stopped

    run(test)


def test_one_that_is_cancelled_while_it_waits_never_begins() -> None:
    async def test(turns: Turns) -> None:
        first, second = Work(held=True), Work()
        one = asyncio.create_task(turns.whole("a", first))
        await until(lambda: first.began == 1)
        two = asyncio.create_task(turns.whole("b", second))
        await until(lambda: turns.waiting == 1)
        two.cancel()
        await until(lambda: turns.waiting == 0)
        first.go.set()
        await one
        assert second.began == 0

    run(test, at_once=1)


def test_a_turn_that_takes_too_long_is_given_up_and_its_place_is_free_when_it_has_ended() -> None:
    async def test(turns: Turns) -> None:
        work = Work(held=True)
        with pytest.raises(TurnTimeout):
            await turns.whole("s", work)
        await until(lambda: work.ended == 1)

    run(test, budget_s=0.2)


def test_a_reader_who_stops_reading_loses_the_place_in_the_end() -> None:
    async def test(turns: Turns) -> None:
        work = Work(50)
        turn = turns.begin("s", work)
        await anext(turn)
        await until(lambda: work.ended == 1 and turns.running == 0)
        with pytest.raises(TurnTimeout):
            await anext(turn)

    run(test, budget_s=0.2)


def test_what_a_turn_raises_reaches_the_reader() -> None:
    def broken() -> Iterator[ReplyEvent]:
        yield EVENT
        raise InvalidMessage("no")

    async def test(turns: Turns) -> None:
        async with turns.begin("s", broken) as turn:
            await anext(turn)
            with pytest.raises(InvalidMessage):
                await anext(turn)

    run(test)


def test_something_short_waits_for_the_turn_of_its_session() -> None:
    async def test(turns: Turns) -> None:
        work = Work(held=True)
        turn = asyncio.create_task(turns.whole("s", work))
        await until(lambda: work.began == 1)
        short = asyncio.create_task(turns.call("s", lambda: work.ended))
        await asyncio.sleep(0.05)
        assert not short.done()
        work.go.set()
        assert await short == 1
        await turn

    run(test)


def test_what_belongs_to_no_session_waits_for_a_place_and_for_no_turn() -> None:
    async def test(turns: Turns) -> None:
        work = Work(held=True)
        turn = asyncio.create_task(turns.whole("s", work))
        await until(lambda: work.began == 1)
        assert await asyncio.gather(*(turns.call(None, lambda: work.ended) for _ in range(3))) == [0, 0, 0]
        other = asyncio.create_task(turns.whole("other", Work(held=True)))
        await until(lambda: turns.running == 2)
        lists = [asyncio.create_task(turns.call(None, lambda: work.ended)) for _ in range(2)]
        await until(lambda: turns.waiting == 2)
        with pytest.raises(Busy):
            await turns.call(None, lambda: work.ended)
        other.cancel()
        assert await asyncio.gather(*lists) == [0, 0]
        work.go.set()
        await turn

    run(test)


class Writing(Work):
    """A turn that shows its cards at once and then waits for the language model."""

    def __call__(self) -> Iterator[ReplyEvent]:
        yield Cards(())
        give_way()
        yield from super().__call__()


def test_who_waits_for_the_model_keeps_nobodys_cards_waiting() -> None:
    async def test(turns: Turns) -> None:
        works = [Writing(held=True) for _ in range(3)]
        tasks = [asyncio.create_task(turns.whole(f"s{n}", work)) for n, work in enumerate(works)]
        await until(lambda: sum(w.began for w in works) == 3)  # one place, and two beside it: all three have shown their cards
        next_in_line = asyncio.create_task(turns.whole("s3", Work(1)))
        await until(lambda: turns.waiting == 1)
        await asyncio.sleep(0.05)
        assert not next_in_line.done()  # no more than that
        works[1].go.set()
        assert await next_in_line == [EVENT]
        tasks[2].cancel()
        await until(lambda: works[2].stopped)
        works[0].go.set()
        assert len(await tasks[0]) == len(await tasks[1]) == 4

    run(test, at_once=1, writing=2)


def test_a_turn_that_gave_way_is_still_the_only_one_of_its_session() -> None:
    async def test(turns: Turns) -> None:
        first, second = Writing(held=True), Work()
        one = asyncio.create_task(turns.whole("same", first))
        await until(lambda: first.began == 1)
        two = asyncio.create_task(turns.whole("same", second))
        assert len(await turns.whole("other", Work())) == 3
        assert second.began == 0
        first.go.set()
        await asyncio.gather(one, two)
        assert second.ended == 1

    run(test, at_once=1, writing=2)


def test_a_quiet_turn_gives_signs_of_life() -> None:
    async def test(turns: Turns) -> None:
        work = Work(1, held=True)
        async with turns.begin("s", work) as turn:
            seen = []
            async for event in Pieces(turn, 0.02):
                seen.append(event)
                if len(seen) == 3:
                    work.go.set()
        assert seen[:3] == [None] * 3 and seen[-1] is EVENT

    run(test)


def test_a_stream_that_waited_for_its_first_event_has_it_and_goes_on_with_signs_of_life() -> None:
    async def test(turns: Turns) -> None:
        work = Work(2, held=True)
        async with turns.begin("s", work) as turn:
            pieces = await Pieces(turn, 0.02).begun(within_s=0.05)  # the first event is slow: the stream begins without it
            assert work.given == 0 and await anext(pieces) is None
            work.go.set()
            assert [event async for event in pieces if event is not None] == [EVENT] * 2
        quick = await Pieces(turns.begin("s", Work(1))).begun(within_s=SOON_S)
        assert [event async for event in quick] == [EVENT]
        quick.close()

    run(test)


def test_what_a_turn_raises_before_its_first_event_is_raised_before_the_stream() -> None:
    def refused() -> Iterator[ReplyEvent]:
        raise InvalidMessage("no")
        yield EVENT

    async def test(turns: Turns) -> None:
        with pytest.raises(InvalidMessage):
            await Pieces(turns.begin("s", refused)).begun()
        work = Work(held=True)
        begun = asyncio.create_task(Pieces(turns.begin("s", work)).begun())
        await until(lambda: work.began == 1)
        begun.cancel()  # the client is gone
        await until(lambda: work.ended == 1)
        assert work.stopped

    run(test)


@pytest.mark.parametrize("storm", ["dropped", "unread"])
def test_after_a_storm_of_dropped_streams_the_machine_rests(served: str, tea_bot: ChatRec, storm: str) -> None:
    """A hundred streams opened and left: what had begun stops, what waited never begins, and nothing works on after two seconds."""

    async def flood() -> list[int]:
        async with httpx.AsyncClient(base_url=served, timeout=60, limits=httpx.Limits(max_connections=200)) as client:
            return list(await asyncio.gather(*(_drop(client, n, storm == "unread") for n in range(100))))

    for warming in [t for t in threading.enumerate() if t.name == "warm-up"]:
        warming.join(60)  # what is measured is the storm
    codes = asyncio.run(flood())
    assert set(codes) <= {200, 429} and codes.count(200) >= 1
    time.sleep(2.0)
    worked_s = time.process_time()
    time.sleep(1.0)
    assert time.process_time() - worked_s < 0.2, "something still works for clients that are gone"
    assert not [t for t in threading.enumerate() if t.name == "chatrec-writer"]
    answer = httpx.post(f"{served}/v1/chat", json={"message": "a teapot under $60"}, timeout=60)
    assert answer.status_code == 200 and answer.json()["cards"]


async def _drop(client: httpx.AsyncClient, n: int, unread: bool) -> int:
    async with client.stream("POST", "/v1/chat", json={"message": f"show me teapots under ${n % 4 + 3}0", "stream": True}) as answer:
        if answer.status_code == 200 and not unread:
            async for line in answer.aiter_lines():
                if line.startswith("event: session"):
                    break
        return answer.status_code


def test_a_client_that_hangs_up_ends_its_turn_and_keeps_what_it_saw(served: str, slow: threading.Event, tea_bot: ChatRec) -> None:
    with httpx.stream("POST", f"{served}/v1/chat", json={"message": "show me teapots", "stream": True}, timeout=60) as answer:
        session = ""
        for line in answer.iter_lines():
            if line.startswith("data: ") and not session:
                session = json.loads(line[6:])["session_id"]
            if line == "event: cards":
                break
    ends = time.monotonic() + SOON_S
    while not slow.is_set():
        assert time.monotonic() < ends, "the turn goes on though nobody reads it"
        time.sleep(0.02)
    kept = httpx.get(f"{served}/v1/sessions/{session}", timeout=60).json()
    while not kept["turns"] and time.monotonic() < ends:
        kept = httpx.get(f"{served}/v1/sessions/{session}", timeout=60).json()
    assert kept["turns"][0]["stopped"] and kept["turns"][0]["cards"]


def test_a_turn_is_an_asynchronous_iterator_of_its_own() -> None:
    async def test(turns: Turns) -> None:
        turn = turns.begin("s", Work())
        assert isinstance(turn, Turn) and aiter(turn) is turn
        turn.close()
        turn.close()

    run(test)
