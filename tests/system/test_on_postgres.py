"""A whole shop whose rows lie in PostgreSQL: ingest, training, dialogues, several processes, a process that dies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.candidates.training import train
from chatrec.catalog.ingest import ingest
from chatrec.catalog.sources import Sources
from chatrec.errors import SessionConflict, ShopNotFound
from chatrec.settings import load_settings
from chatrec.shops import resolve_shop
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations
from chatrec.testing.embedders import HashingEmbedder
from chatrec.testing.postgres import schema_url

from .shop import COLUMNS, QUICK, open_shop, product_rows, say, write_shop, write_table
from .two import Worker

BESIDE = {"workers": 2}


@pytest.fixture(scope="module")
def place(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The tea shop, its rows in PostgreSQL; the folder and the URL."""
    folder, url = tmp_path_factory.mktemp("on-postgres"), schema_url(postgres, "tea_shop")
    ingest(folder / "shop", write_shop(folder), embedder=HashingEmbedder(), url=url)
    with Database.of_shop(folder / "shop", url) as database:
        train(database, Generations(folder / "shop"), load_settings(folder, {"train": QUICK}).train)
    return folder / "shop", url


@pytest.fixture
def bot(place: tuple[Path, str]) -> Iterator[ChatRec]:
    """The shop, opened as one of several processes."""
    with open_shop(place[0], storage={"url": place[1]}, serve=BESIDE) as opened:
        yield opened


def test_a_dialogue_is_kept_in_postgres_alone(bot: ChatRec, place: tuple[Path, str]) -> None:
    assert not (bot.folder / "shop.db").exists()
    first = say(bot, "s", "a kettle under 60", "u1")
    assert first.ids and first.done.receipt.degraded == []
    bot.feedback("s", first.ids[0], "like", user_id="u1")
    assert say(bot, "s", "not Corrow", "u1").done.receipt.turn == 2
    bot.set_price("t6", None)
    list(bot.put_in_cart("s", "t9", user_id="u1"))
    with open_shop(place[0], storage={"url": place[1]}, serve=BESIDE) as other:
        assert other.state("s").turn == 3 and first.ids[0] in other.state("s").liked
        assert [line.item_id for line in other.shopper("s", user_id="u1").cart()] == ["t9"]
        assert other.receipt(first.done.receipt.turn_id) == bot.receipt(first.done.receipt.turn_id)
        assert other.recommend("cart", session_id="s", user_id="u1").cards
    erased = bot.forget(user_id="u1")
    assert erased["sessions"] == 1 and erased["receipts"] == 3 and erased["carts"] == 1
    assert bot.state("s").turn == 0


def test_an_older_state_is_never_saved_over_a_newer(bot: ChatRec) -> None:
    say(bot, "old", "a kettle")
    old = bot.state("old")
    say(bot, "old", "a teapot")
    with pytest.raises(SessionConflict):
        bot._sessions.save(old)


def test_ingest_beside_a_running_shop(bot: ChatRec, place: tuple[Path, str], tmp_path: Path) -> None:
    before = Generations(bot.folder).numbers()[-1]
    assert say(bot, "i", "a kettle").done.receipt.generation == before
    ingest(place[0], Sources(items=write_table(tmp_path / "again.csv", COLUMNS, product_rows())), embedder=HashingEmbedder(), url=place[1])
    assert say(bot, "i", "a kettle").done.receipt.generation == before + 1


def test_two_processes_take_turns_in_one_session(bot: ChatRec, place: tuple[Path, str]) -> None:
    with Worker(place[0], CHATREC_STORAGE__URL=place[1]) as worker:
        worker.opened().tell("chat", session_id="both", n=5)
        mine = [say(bot, "both", f"a teapot under {60 + n}").done.receipt.turn for n in range(5)]
        assert sorted([*mine, *worker.answer()["turns"]]) == list(range(1, 11))
        assert worker.do("half", session_id="both", message="not Corrow") == {}
        worker.kill()
        assert say(bot, "both", "not Senn").done.receipt.turn == 11
        assert len(bot.database.receipts.of_session("both")) == 11


def test_a_folder_is_this_shop_only_with_the_address(place: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ShopNotFound):
        resolve_shop(place[0])
    monkeypatch.setenv("CHATREC_STORAGE__URL", place[1])
    assert resolve_shop(place[0]) == place[0]
