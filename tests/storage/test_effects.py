from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

import chatrec.storage
from chatrec.domain.need import Constraint, Op, Strength
from chatrec.domain.profile import Profile, wish_key
from chatrec.storage.connections import Connections, connect
from chatrec.storage.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path) as opened:
        yield opened


def test_a_key_is_claimed_once_also_by_many_at_once(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda _: database.effects.claim("k", "s1", "ann"), range(8)))
    assert sorted(won) == [False] * 7 + [True]
    assert database.effects.outcome("k") == "" == database.effects.outcome("unknown")
    database.effects.settle("k", '{"text": "done"}')
    assert database.effects.outcome("k") == '{"text": "done"}'


def test_forgetting_takes_the_outcomes_along_though_their_turn_was_never_saved(database: Database) -> None:
    for key, session, user in (("a", "s1", "ann"), ("b", "s2", None), ("c", "s3", "bob")):
        database.effects.claim(key, session, user)
        database.effects.settle(key, f"outcome {key}")
    assert database.forget(user_id="ann")["effects"] == 1
    assert database.forget(session_id="s2")["effects"] == 1
    assert [database.effects.outcome(key) for key in "abc"] == ["", "", "outcome c"]


def test_an_older_database_keeps_its_rows_and_gets_the_columns(tmp_path: Path) -> None:
    connections = Connections(connect(tmp_path / "shop.db"))
    config = Config()
    config.set_main_option("script_location", str(Path(chatrec.storage.__file__).with_name("migrations")))
    with connections.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    connections.close()
    with sqlite3.connect(tmp_path / "shop.db") as old:
        old.execute("INSERT INTO effects (key, session_id, at) VALUES ('cart:k', 's1', 1.0)")
        old.execute("""INSERT INTO profiles VALUES ('ann', '{"user_id":"ann","liked":["i1"],"disliked":[],"tastes":[]}', 1.0)""")
        old.execute("""INSERT INTO sessions VALUES ('s1', 3, NULL, '{"session_id":"s1","turn":2,"liked":["i1"]}', 4e9)""")
        old.execute(
            """INSERT INTO receipts VALUES ('t1', 's1', NULL, 1, 1.0, '{"turn_id":"t1","session_id":"s1","turn":1,"generation":1,"message":"hi"}')"""
        )
    old.close()
    with Database.open(tmp_path) as database:
        assert not database.effects.claim("cart:k", "s1") and database.effects.outcome("cart:k") == ""
        assert database.effects.claim("cart:l", "s1", "ann")
        assert database.profiles.load("ann") == Profile("ann", liked=("i1",))
        state = database.sessions().load("s1")
        assert (state.turn, state.liked, state.pending, state.version) == (2, ("i1",), None, 3)
        (receipt,) = database.receipts.of_session("s1")
        assert (receipt.message, receipt.told, receipt.chips, receipt.stopped) == ("hi", [], [], False)


SIZE = Constraint("size", Op.IS, ("42",), strength=Strength.PREFER)
NEVER = Constraint("brand", Op.IS, ("Kolder",), strength=Strength.AVOID)


def test_a_profile_keeps_the_newer_word() -> None:
    profile = Profile("ann").wishing(SIZE).wishing(NEVER)
    assert profile.wishing(Constraint("size", Op.IS, ("43",), strength=Strength.PREFER)).wishes[-1].values == ("43",)
    assert len(profile.wishing(Constraint("size", Op.IS, ("43",), strength=Strength.PREFER)).wishes) == 2
    assert profile.wishing(Constraint("brand", Op.IS, ("Kolder",), strength=Strength.PREFER)).wishes[-1].strength is Strength.PREFER
    assert profile.judging(("i1",), ("i2",)).judging(("i2",), ()).disliked == ()
    assert profile.without(f"wish:{wish_key(SIZE)}").wishes == (NEVER,)
    assert profile.without("wish:nothing") == profile == profile.without("item:nothing")


def test_wishes_round_trip_and_an_empty_profile_leaves_no_row(database: Database) -> None:
    database.profiles.save(Profile("ann", wishes=(SIZE, NEVER)))
    assert database.profiles.load("ann").wishes == (SIZE, NEVER)
    database.profiles.save(Profile("ann"))
    assert database.forget(user_id="ann")["profiles"] == 0


def test_a_cart_line_is_set_moved_and_removed(database: Database) -> None:
    carts = database.carts
    carts.put("anon:s", "i1", "", 2)
    carts.put("anon:s", "i1", "", 3)
    carts.put("anon:s", "i2", "v", 1)
    carts.put("ann", "i2", "v", 4)
    carts.move("anon:s", "ann")
    assert carts.lines("anon:s") == [] and sorted(carts.lines("ann")) == [("i1", "", 3), ("i2", "v", 4)]
    assert carts.remove("ann", "i1") and not carts.remove("ann", "i1")
