"""What a shopper was told is done stays done: processes killed in a turn and in a write, a locked database, an index that is gone."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from chatrec.domain.event import EventKind
from chatrec.errors import GenerationError, ShopNotReady
from chatrec.storage.database import Database

from .shop import environment, open_shop, python, say
from .two import SEVERAL

# Fifty take a minute on a quiet machine: CHATREC_TEST_KILLS=50.
KILLS = int(os.environ.get("CHATREC_TEST_KILLS", "6"))
SEED = 20


def lived(shop: Path) -> dict[str, Any]:
    command = python(str(Path(__file__).with_name("killing.py")), str(shop), str(KILLS), str(SEED))
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=1200, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert isinstance(told, dict)
    return told


@pytest.mark.timeout(1500)
def test_nothing_acknowledged_is_lost_when_a_process_is_killed(shop: Path) -> None:
    told = lived(shop)
    acknowledged = told["acknowledged"]
    assert [one for one in acknowledged if "failed" in one] == []
    assert told["integrity"] == ["ok"] * KILLS
    turns = [one for one in acknowledged if "turn_id" in one]
    judged = [one for one in acknowledged if "kind" in one]
    assert len({one["life"] for one in acknowledged}) > KILLS / 3 and turns and judged
    with Database.open(shop, create=False) as database:
        store, kept = database.sessions(), {}
        for session_id in {one["session_id"] for one in acknowledged}:
            state = store.load(session_id)
            receipts = {r.turn_id: r for r in database.receipts.of_session(session_id)}
            kept |= receipts
            assert state.turn == len(receipts), "a turn is kept whole or not at all"
            assert sorted(r.turn for r in receipts.values()) == list(range(1, state.turn + 1))
            # what was liked last of an item stands, and every judgement is in the log
            log = Counter((e.item_id, str(e.kind)) for e in database.events.history(f"anon:{session_id}", 100_000, list(EventKind)))
            for (item_id, kind), n in Counter((o["item_id"], o["kind"]) for o in judged if o["session_id"] == session_id).items():
                assert log[(item_id, kind)] >= n
            shown = Counter(item_id for r in receipts.values() for item_id in (row["item_id"] for row in r.shown))
            assert {i: n for (i, kind), n in log.items() if kind == "shown"} == dict(shown), "shown events belong to kept turns"
        for one in turns:
            receipt = kept[one["turn_id"]]
            assert receipt.turn == one["turn"] and [row["item_id"] for row in receipt.shown] == one["shown"]
    with open_shop(shop, serve={"workers": 2}) as bot:
        assert say(bot, "s0", "a kettle").text
    print(f"{KILLS} kills ({Counter(told['how'])}) in {told['seconds']:.0f} s: {len(turns)} turns, {len(judged)} judgements kept")


def test_a_locked_database_is_a_plain_error_and_passes(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatrec.storage.connections.BUSY_TIMEOUT_S", 0.3)
    with open_shop(shop, **{name: value for name, value in SEVERAL.items() if name != "model"}) as bot:
        before = say(bot, "s", "a kettle under 60")
        with closing(sqlite3.connect(shop / "shop.db", isolation_level=None)) as other:
            for lock in ("BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"):
                other.execute(lock)
                with pytest.raises(OperationalError, match="locked"):
                    say(bot, "s", "not Corrow")
                with pytest.raises(OperationalError, match="locked"):
                    bot.feedback("s", before.ids[0], "like")
                other.execute("ROLLBACK")
        after = say(bot, "s", "not Corrow")
        assert after.done.receipt.turn == 2 and before.ids[0] not in bot.state("s").liked


def test_an_index_that_is_deleted_while_two_serve(shop: Path, copied: Callable[[str], Path]) -> None:
    spare, several = copied("spare"), {name: value for name, value in SEVERAL.items() if name != "model"}
    with open_shop(shop, **several) as one, open_shop(shop, **several) as two:
        for bot in (one, two):
            assert say(bot, "s", "a kettle").ids
        slow = one.reply("slow", "a teapot")
        next(slow)
        shutil.rmtree(shop / "generations")
        assert list(slow), "a turn under way ends on what it began with"
        for bot in (one, two):
            with pytest.raises((ShopNotReady, GenerationError), match="ingest"):
                say(bot, "s", "a teapot")
        with pytest.raises((ShopNotReady, GenerationError), match="ingest"):
            open_shop(shop, **several)
        shutil.copytree(spare / "generations", shop / "generations")
        for bot in (one, two):
            assert say(bot, "s", "a teapot").ids
    assert not list(shop.glob(".staging-*"))
