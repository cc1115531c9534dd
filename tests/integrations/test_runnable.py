"""What every LangChain Runnable must do: invoke, batch, stream and their asynchronous forms, alone and in a chain."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any, cast

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableLambda

from chatrec.bot import ChatRec
from chatrec.domain.reply import ReplyEvent
from chatrec.errors import InvalidMessage
from chatrec.runnable import ChatRunnable, as_runnable

SAID = "a tent under 300"
WHOLE = {"session_id", "turn_id", "text", "sentences", "cards", "alternatives", "comparisons", "chips", "action"}


@pytest.fixture
def chat(bot: ChatRec) -> ChatRunnable:
    return bot.as_runnable()


def summed(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole = whole + chunk  # type: ignore[operator]  # the chunks are AddableDict
    return whole


def test_invoke_gives_a_whole_turn(chat: ChatRunnable, bot: ChatRec) -> None:
    answer = chat.invoke(SAID)
    assert set(answer) == WHOLE
    assert answer["text"] == " ".join(s["text"] for s in answer["sentences"])
    assert [card["position"] for card in answer["cards"]] == [1, 2, 3]
    assert all(float(card["price"]) <= 300 for card in answer["cards"])
    assert {cited for s in answer["sentences"] for cited in s["cites"]} == {card["item_id"] for card in answer["cards"]}
    receipt = bot.receipt(answer["turn_id"])
    assert receipt is not None
    assert receipt.session_id == answer["session_id"]


def test_a_session_goes_on_by_the_input_or_by_the_configuration(chat: ChatRunnable, bot: ChatRec) -> None:
    first = chat.invoke(SAID)
    chat.invoke({"message": "cheaper", "session_id": first["session_id"]})
    third = chat.invoke("lighter", config={"configurable": {"session_id": first["session_id"]}})
    assert third["session_id"] == first["session_id"]
    assert bot.state(first["session_id"]).turn == 3
    assert chat.invoke(SAID)["session_id"] != first["session_id"]


def test_the_shopper_may_be_named(chat: ChatRunnable, bot: ChatRec, shopper: str) -> None:
    answer = chat.invoke({"message": "where is my order?", "user_id": shopper})
    assert bot.state(answer["session_id"]).user_id == shopper
    configured = chat.invoke("where is my order?", config={"configurable": {"user_id": shopper}})
    assert configured["text"] == answer["text"]


def test_the_chunks_of_a_stream_add_up_and_cards_come_before_text(chat: ChatRunnable) -> None:
    chunks = list(chat.stream({"message": SAID, "session_id": "lc-stream"}))
    kinds = [next(iter(chunk)) for chunk in chunks]
    assert kinds.index("cards") < kinds.index("text")
    whole, again = summed(chunks), chat.invoke({"message": SAID, "session_id": "lc-invoke"})
    assert whole["cards"] == again["cards"]
    assert whole["text"] == again["text"]
    assert whole["session_id"] == "lc-stream"


def test_the_asynchronous_forms_give_the_same(chat: ChatRunnable) -> None:
    async def both() -> tuple[dict[str, Any], dict[str, Any]]:
        chunks = [chunk async for chunk in chat.astream(SAID)]
        return summed(chunks), await chat.ainvoke(SAID)

    streamed, whole = asyncio.run(both())
    assert streamed["text"] == whole["text"] == chat.invoke(SAID)["text"]
    assert len(whole["cards"]) == 3


def test_batches(chat: ChatRunnable) -> None:
    said = [SAID, "a rain jacket", "do you ship to Malta?"]
    answers = chat.batch(said, config={"max_concurrency": 2})
    assert [bool(a["cards"]) for a in answers] == [True, True, False]
    assert [a["text"] for a in asyncio.run(chat.abatch(said))] == [a["text"] for a in answers]
    broken = chat.batch([SAID, 7], return_exceptions=True)  # type: ignore[list-item]
    assert isinstance(broken[1], InvalidMessage)


def test_it_is_a_link_of_a_chain_and_tells_its_events(chat: ChatRunnable) -> None:
    chain = RunnableLambda(lambda text: {"message": text}) | chat | RunnableLambda(lambda answer: answer["text"])
    assert chain.invoke(SAID) == chat.invoke(SAID)["text"]

    async def events() -> list[str]:
        return [e["event"] async for e in chat.astream_events(SAID, version="v2") if e["name"] == "chatrec"]

    told = asyncio.run(events())
    assert told[0] == "on_chain_start"
    assert told[-1] == "on_chain_end"
    assert told.count("on_chain_stream") > 3


def test_a_message_object_will_do_and_nothing_else(chat: ChatRunnable) -> None:
    assert chat.invoke(HumanMessage(SAID))["cards"]
    for wrong in (None, 7, {"text": SAID}, {"message": SAID, "sesion_id": "x"}, {"message": SAID, "session_id": 7}):
        with pytest.raises(InvalidMessage):
            chat.invoke(wrong)  # type: ignore[arg-type]


def test_a_stream_that_is_left_saves_nothing_and_the_session_is_free(chat: ChatRunnable, bot: ChatRec) -> None:
    stream = chat.stream({"message": SAID, "session_id": "lc-left"})
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert bot.state("lc-left").turn == 0
    assert chat.invoke({"message": SAID, "session_id": "lc-left"})["cards"]


class Held:
    """The shop, whose turns rest after their first event until they are let go."""

    def __init__(self, bot: ChatRec) -> None:
        self._bot = bot
        self.began, self.go_on = threading.Event(), threading.Event()

    def reply(self, session_id: str, message: str, *, user_id: str | None = None) -> Iterator[ReplyEvent]:
        with closing(cast(Generator[ReplyEvent], self._bot.reply(session_id, message, user_id=user_id))) as events:
            yield next(events)
            self.began.set()
            assert self.go_on.wait(60)
            yield from events


def test_a_cancelled_call_stops_its_turn(bot: ChatRec) -> None:
    held = Held(bot)
    chat = as_runnable(held, at_once=1)

    async def cancel() -> None:
        task = asyncio.create_task(chat.ainvoke({"message": SAID, "session_id": "lc-cancelled"}))
        await asyncio.to_thread(held.began.wait, 60)
        task.cancel()
        await asyncio.sleep(0)
        held.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert bot.state("lc-cancelled").turn == 0
        assert (await chat.ainvoke({"message": SAID, "session_id": "lc-cancelled"}))["cards"]

    asyncio.run(asyncio.wait_for(cancel(), 60))
