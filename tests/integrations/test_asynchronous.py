from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.domain.reply import Cards, Done, Said
from chatrec.errors import ShopNotFound, UnknownItem
from chatrec.integrations.asynchronous import AsyncChatRec

# Between two ticks of 5 ms the loop may be late, on a busy machine, by this much; a turn takes longer than that.
MOST_SILENCE_S = 0.25


@pytest.fixture
def shop(bot: ChatRec) -> AsyncChatRec:
    return AsyncChatRec(bot, at_once=4)


def test_a_turn_gives_the_events_of_the_synchronous_one(shop: AsyncChatRec, bot: ChatRec) -> None:
    async def turn() -> list[str]:
        return [type(event).__name__ async for event in shop.reply("async-same", "a tent under 300")]

    assert asyncio.run(turn()) == [type(event).__name__ for event in bot.reply("sync-same", "a tent under 300")]
    assert bot.state("async-same").last_shown() == bot.state("sync-same").last_shown()


def test_the_loop_ticks_while_turns_are_computed(shop: AsyncChatRec) -> None:
    late: list[float] = []

    async def tick() -> None:
        before = time.monotonic()
        while True:
            await asyncio.sleep(0.005)
            now = time.monotonic()
            late.append(now - before)
            before = now

    async def one(n: int) -> Done:
        events = [event async for event in shop.reply(f"ticking-{n}", "a rain jacket under 200, and do you ship to Malta?")]
        assert isinstance(events[-1], Done)
        return events[-1]

    async def many() -> None:
        ticking = asyncio.create_task(tick())
        await asyncio.gather(*(one(n) for n in range(8)))
        ticking.cancel()

    asyncio.run(many())
    assert len(late) >= 10
    assert sorted(late)[len(late) // 2] < MOST_SILENCE_S


def test_leaving_after_the_cards_saves_nothing(shop: AsyncChatRec) -> None:
    async def leave() -> int:
        async with aclosing(shop.reply("async-left", "a tent under 300")) as events:
            async for event in events:
                if isinstance(event, Cards):
                    break
        return (await shop.state("async-left")).turn

    assert asyncio.run(leave()) == 0


def test_a_cancelled_task_lets_go_of_its_session(shop: AsyncChatRec) -> None:
    async def cancel() -> tuple[int, int]:
        begun = asyncio.Event()

        async def read() -> None:
            async with aclosing(shop.reply("async-cancelled", "a tent under 300", keep_stopped=True)) as events:
                async for event in events:
                    if isinstance(event, Said):
                        begun.set()
                        await asyncio.sleep(60)

        reading = asyncio.create_task(read())
        await begun.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        stopped = (await shop.state("async-cancelled")).turn
        again = [event async for event in shop.reply("async-cancelled", "cheaper")]
        assert isinstance(again[-1], Done)
        return stopped, (await shop.state("async-cancelled")).turn

    assert asyncio.run(asyncio.wait_for(cancel(), 60)) == (1, 2)


def test_turns_of_one_session_go_one_after_another(shop: AsyncChatRec) -> None:
    async def both() -> int:
        async def turn(message: str) -> None:
            async for _ in shop.reply("async-queue", message):
                pass

        await asyncio.gather(*(turn(m) for m in ("a tent", "under 300", "green", "cheaper", "lighter", "the first")))
        return (await shop.state("async-queue")).turn

    assert asyncio.run(both()) == 6


def test_feedback_receipts_and_forgetting(shop: AsyncChatRec) -> None:
    async def live() -> None:
        events = [event async for event in shop.reply("async-feedback", "a sleeping bag")]
        done = events[-1]
        assert isinstance(done, Done)
        item_id = (await shop.state("async-feedback")).last_shown()[0]
        await shop.feedback("async-feedback", item_id, "like")
        assert (await shop.state("async-feedback")).liked == (item_id,)
        assert (await shop.live_item(item_id)).item_id == item_id
        kept = await shop.receipt(done.receipt.turn_id)
        assert kept is not None
        assert kept.shown == done.receipt.shown
        with pytest.raises(UnknownItem):
            await shop.feedback("async-feedback", "no-such-item", "like")
        assert (await shop.forget(session_id="async-feedback"))["sessions"] == 1
        assert (await shop.state("async-feedback")).turn == 0
        assert (await shop.about())["items"] > 0
        assert len((await shop.recommend("home", k=4)).cards) == 4

    asyncio.run(live())


def test_a_shop_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(ShopNotFound):
        asyncio.run(AsyncChatRec.open(tmp_path / "nothing"))
