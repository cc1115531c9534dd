"""Whole turns while the language model's server is in trouble: an answer from the records, in time, and the receipt says so."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.domain.reply import Said
from chatrec.testing.embedders import HashingEmbedder
from chatrec.testing.model_server import ModelServer, running

from .shop import open_shop, say

BUDGET_S = 0.5
MANY = "a kettle under 50 and a teapot, and also a mug; do you ship to Malta?"


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with running() as one:
        yield one


def served_by(shop: Path, server: ModelServer, behaviour: str, budget_s: float = BUDGET_S) -> ChatRec:
    model = {"engine": "openai", "url": server.url, "remote_model": behaviour, "time_budget_s": budget_s}
    return ChatRec.open(shop, settings={"model": model}, embedder=HashingEmbedder())


@pytest.mark.parametrize("behaviour", ["mute", "hang", "drip", "slow", "half", "status", "rubbish"])
def test_a_turn_of_several_acts_ends_in_time_and_says_who_wrote(shop: Path, server: ModelServer, behaviour: str) -> None:
    with open_shop(shop) as bot:
        wanted = say(bot, "t", MANY)
    with served_by(shop, server, behaviour) as bot:
        say(bot, "warm", "hello")
        start = time.perf_counter()
        turn = say(bot, "s", MANY)
        assert time.perf_counter() - start < BUDGET_S + 15.0
        assert turn.ids == wanted.ids and turn.text
        assert [line for line in turn.done.receipt.degraded if "language model" in line]
        assert {row["origin"] for row in turn.done.receipt.sentences} - {"code"} == {"template"}


def test_a_shopper_who_leaves_hangs_up_on_the_server(shop: Path) -> None:
    with running() as server, served_by(shop, server, "endless", budget_s=20.0) as bot:
        server.says = "[1] is made of steel. "
        events = bot.reply("s", "a kettle under 50")
        for _ in range(3):
            next(events)
            if server.sent:
                break
        events.close()  # type: ignore[attr-defined]  # a generator function
        assert not server.requests or server.hung_up.wait(5)
        assert say(bot, "s", "hello").text


def test_shoppers_at_once_all_get_their_own_answer(shop: Path, server: ModelServer) -> None:
    lines = ("a kettle under 50", "a teapot of glass", "a mug", "green tea", "an infuser", "a tray")
    with open_shop(shop) as bot:
        wanted = [say(bot, f"t{n}", line).ids for n, line in enumerate(lines)]
    with served_by(shop, server, "mute") as bot, ThreadPoolExecutor(len(lines)) as pool:
        start = time.perf_counter()
        turns = list(pool.map(lambda pair: say(bot, f"s{pair[0]}", pair[1]), enumerate(lines)))
        assert time.perf_counter() - start < BUDGET_S + 15.0
        assert [t.ids for t in turns] == wanted
        assert all(any(isinstance(e, Said) for e in t.events) for t in turns)
