"""Several processes on one shop: each its own copy of the index, one turn at a time for each session, new generations for all."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.errors import GenerationError, IndexInUse, SessionError
from chatrec.session_locks import SessionLocks, is_gone, process_name
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations

from .shop import Turn, open_shop, python, say, train_shop
from .two import Worker

BESIDE = {"serve": {"workers": 2}}


def copies(shop: Path) -> list[Path]:
    return sorted(shop.glob(".staging-*/chroma"))


@pytest.fixture(scope="module")
def two(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ChatRec, Worker]]:
    """This process, which owns the index, and another that serves beside it."""
    shop = Path(shutil.copytree(built / "shop", tmp_path_factory.mktemp("several") / "shop"))
    with open_shop(shop, **BESIDE) as bot, Worker(shop) as worker:
        yield bot, worker.opened()


def test_each_process_serves_a_copy_of_its_own(two: tuple[ChatRec, Worker]) -> None:
    bot, worker = two
    assert len(copies(bot.folder)) == 1
    with open_shop(bot.folder, **BESIDE) as third:
        assert len(copies(bot.folder)) == 2
        theirs, mine = worker.do("say", session_id="s", message="a kettle under 60"), say(third, "s", "not Corrow")
        assert (theirs["turn"], mine.done.receipt.turn) == (1, 2)
        assert worker.do("home") == {"home": [c.item_id for c in bot.recommend("home").cards]}
        assert [c.item_id for c in third.recommend("home").cards] == [c.item_id for c in bot.recommend("home").cards]
    assert len(copies(bot.folder)) == 1, "a copy goes with whoever made it"
    turn = say(bot, "s", "show me more")
    assert turn.done.receipt.turn == 3 and not any(c.brand == "Corrow" for c in turn.cards)


def test_whoever_does_not_say_so_is_still_refused(two: tuple[ChatRec, Worker]) -> None:
    with pytest.raises(IndexInUse, match="in use by"):
        open_shop(two[0].folder)


def test_a_new_generation_is_taken_up_by_all(two: tuple[ChatRec, Worker]) -> None:
    bot, worker = two
    train_shop(bot.folder)
    assert worker.do("say", session_id="a", message="a kettle")["generation"] == 3
    assert say(bot, "b", "a kettle").done.receipt.generation == 3
    assert say(bot, "b", "a teapot").done.receipt.degraded == []
    for _ in range(2):
        train_shop(bot.folder)
    assert Generations(bot.folder).numbers() == [3, 4, 5], "one that is served, owned or copied, is not pruned"
    assert worker.do("say", session_id="a", message="a mug")["generation"] == 5


def test_a_spoilt_index_is_not_copied(shop: Path) -> None:
    with open_shop(shop, **BESIDE):
        spoilt = shop / "generations" / "000002" / "chroma" / "chroma.sqlite3"
        kept = spoilt.read_bytes()
        spoilt.write_bytes(kept[: len(kept) // 2])
        with pytest.raises(GenerationError, match=r"cannot be copied.*ingest again"):
            open_shop(shop, **BESIDE)
        assert copies(shop) == []
        spoilt.write_bytes(kept)


def test_turns_of_one_session_follow_each_other_across_processes(two: tuple[ChatRec, Worker]) -> None:
    bot, worker = two
    worker.tell("chat", session_id="both", n=6)
    mine = [say(bot, "both", f"a teapot under {60 + n}").done.receipt.turn for n in range(6)]
    theirs = worker.answer()["turns"]
    assert sorted([*mine, *theirs]) == list(range(1, 13))
    state = bot.state("both")
    assert (state.turn, state.version) == (12, 12)
    assert len(bot.database.receipts.of_session("both")) == 12
    with bot.database.leases._connections.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM turn_leases").scalar() == 0


def test_a_process_killed_in_a_turn_frees_the_session_at_once(two: tuple[ChatRec, Worker]) -> None:
    bot, held = two[0], len(copies(two[0].folder))
    with Worker(bot.folder) as worker:
        worker.opened()
        assert worker.do("say", session_id="killed", message="a kettle under 60")["turn"] == 1
        assert worker.do("half", session_id="killed", message="not Corrow") == {}
        turn, took = _said_while_dying(bot, worker)
    assert turn.done.receipt.turn == 2, "the turn that was killed was never acknowledged and is not kept"
    assert 0.4 < took < 8.0, "it waited for the turn under way, and not for the lease to expire"
    assert len(copies(bot.folder)) == held + 1
    with open_shop(bot.folder, **BESIDE):
        assert len(copies(bot.folder)) == held + 1, "what the dead left is swept away by the next"
    assert len(copies(bot.folder)) == held


def _said_while_dying(bot: ChatRec, worker: Worker) -> tuple[Turn, float]:
    """A turn in the session of a process that is killed half a second later, and how long it took."""
    waiting = threading.Event()

    def meanwhile() -> None:
        waiting.set()
        time.sleep(0.5)
        worker.kill()

    killer = threading.Thread(target=meanwhile)
    killer.start()
    waiting.wait()
    start = time.monotonic()
    turn = say(bot, "killed", "not Senn")
    took = time.monotonic() - start
    killer.join()
    return turn, took


def test_a_lease_of_another_machine_expires(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        database.leases.take("s", "elsewhere|1|1|x", 0.5)
        start = time.monotonic()
        with SessionLocks(database.leases).hold("s"):
            assert 0.3 < time.monotonic() - start < 5.0


def test_a_long_turn_keeps_its_lease_and_others_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Database.open(tmp_path) as database, ExitStack() as open_until_here:
        first, second = SessionLocks(database.leases, 0.6), SessionLocks(database.leases, 0.6)
        open_until_here.callback(first.close)
        monkeypatch.setattr("chatrec.session_locks.MOST_WAIT_S", 2.0)
        with first.hold("s"):
            with pytest.raises(SessionError, match="has been under way for 2 s"), second.hold("s"):
                pass
            with second.hold("another"):
                pass
        with second.hold("s"):
            pass
        second.close()


def test_a_process_is_told_from_another_of_its_number() -> None:
    import os
    import subprocess

    me = process_name(os.getpid())
    place, pid, started = me.split("|")
    assert not is_gone(me) and is_gone(f"{place}|{pid}|{int(started) - 1}")
    child = subprocess.Popen(python("-c", "input()"), stdin=subprocess.PIPE)
    name = process_name(child.pid)
    assert not is_gone(name)
    child.kill()
    while child.poll() is None:
        time.sleep(0.01)
    assert child.stdin
    child.stdin.close()
    assert is_gone(name)
    for unknown in ("", "|1|2", f"elsewhere|{pid}|1", f"{place}|x|1"):
        assert not is_gone(unknown)
