"""API keys in the database: only digests, revoked at once, one write a day."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import event, inspect

from chatrec.storage import migrate
from chatrec.storage.api_keys import KEY_PREFIX, ApiKeyTable, digest
from chatrec.storage.connections import Connections, connect
from chatrec.storage.database import Database
from chatrec.storage.schema import HEAD, METADATA


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "shop.db") as opened:
        yield opened


def test_a_key_is_found_by_its_text_alone(database: Database) -> None:
    key, said = database.api_keys.create("web shop", ["chat", "recommend"])
    assert said.startswith(KEY_PREFIX) and len(said) >= len(KEY_PREFIX) + 43  # 256 bits
    found = database.api_keys.find(said)
    assert found is not None and found.key_id == key.key_id and found.scopes == {"chat", "recommend"}
    for wrong in (said[:-1], said + "x", said.upper(), "", KEY_PREFIX, key.key_id, digest(said), "crk_\ud800", "crk_\x00' OR 1=1 --"):
        assert database.api_keys.find(wrong) is None


def test_the_key_itself_stands_nowhere_in_the_files(database: Database, tmp_path: Path) -> None:
    _, said = database.api_keys.create("web shop", ["chat"])
    secret = said.removeprefix(KEY_PREFIX).encode()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files and not any(secret in path.read_bytes() for path in files)
    assert any(digest(said).encode() in path.read_bytes() for path in files)


def test_two_keys_never_agree(database: Database) -> None:
    made = [database.api_keys.create(f"key {n}", ["chat"]) for n in range(50)]
    assert len({key.key_id for key, _ in made}) == len({said for _, said in made}) == 50


def test_a_revoked_key_is_refused_from_the_next_request_on(database: Database) -> None:
    key, said = database.api_keys.create("web shop", ["chat"])
    other, other_said = database.api_keys.create("help desk", ["chat"])
    assert [k.key_id for k in database.api_keys.revoke("web shop")] == [key.key_id]
    assert database.api_keys.find(said) is None and not database.api_keys.stands(key.key_id)
    assert database.api_keys.find(other_said) is not None and database.api_keys.stands(other.key_id)
    assert database.api_keys.revoke("web shop") == [] == database.api_keys.revoke("no such key")
    assert [k.revoked_at is not None for k in database.api_keys.all()] == [True, False]


def test_another_process_sees_the_revocation(database: Database, tmp_path: Path) -> None:
    key, said = database.api_keys.create("web shop", ["chat"])
    with Database.open(tmp_path / "shop.db") as other:
        assert other.api_keys.find(said) is not None
        database.api_keys.revoke(key.key_id)
        assert other.api_keys.find(said) is None


def test_whose_last_key_was_revoked_is_not_without_keys(database: Database) -> None:
    assert not database.api_keys.any()
    key, _ = database.api_keys.create("web shop", ["chat"])
    database.api_keys.revoke(key.key_id)
    assert database.api_keys.any()


def test_the_day_of_use_is_written_once_a_day(tmp_path: Path) -> None:
    now = [1_800_000_000.0]
    connections = Connections(connect(tmp_path / "shop.db"))
    migrate.bring_up_to_date(connections)
    table = ApiKeyTable(connections, lambda: now[0])
    _, said = table.create("web shop", ["chat"])
    assert table.all()[0].last_used_day == ""
    writes: list[str] = []
    event.listen(
        connections.engine, "before_cursor_execute", lambda *a: writes.append(a[2]) if a[2].lstrip().upper().startswith("UPDATE") else None
    )
    for _ in range(5):
        table.find(said)
    assert table.all()[0].last_used_day == "2027-01-15" and len(writes) == 1
    now[0] += 86_400
    table.find(said)
    assert table.all()[0].last_used_day == "2027-01-16" and len(writes) == 2
    connections.close()


def test_a_key_works_while_nothing_can_be_written(database: Database, tmp_path: Path) -> None:
    _, said = database.api_keys.create("web shop", ["chat"])
    with sqlite3.connect(tmp_path / "shop.db") as other:
        other.execute("CREATE TRIGGER full BEFORE UPDATE ON api_keys BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END")
    other.close()
    assert database.api_keys.find(said) is not None


def test_the_mark_of_a_shop_is_its_own_and_stays(database: Database, tmp_path: Path) -> None:
    mark = database.api_keys.shop_mark()
    assert mark == database.api_keys.shop_mark() and len(mark) == 16
    with Database.open(tmp_path / "other.db") as other:
        assert other.api_keys.shop_mark() != mark
    with Database.open(tmp_path / "shop.db") as again:
        assert again.api_keys.shop_mark() == mark


def test_an_older_database_gets_the_tables(tmp_path: Path) -> None:
    older = Connections(connect(tmp_path / "shop.db"))
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).with_name("migrations")))
    with older.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        assert not inspect(connection).has_table("api_keys")
    older.close()
    with Database.open(tmp_path / "shop.db") as database:
        assert database.api_keys.all() == []
        with database._connections.reading() as connection:
            assert migrate.stored_version(connection) == HEAD
            for name in ("api_keys", "marks"):
                made = {column["name"] for column in inspect(connection).get_columns(name)}
                assert made == set(METADATA.tables[name].c.keys())
