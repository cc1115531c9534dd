from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

import chatrec.storage
from chatrec.domain.event import Event, EventKind
from chatrec.domain.reply import Receipt
from chatrec.domain.state import DialogueState
from chatrec.errors import ShopError, ShopNotFound
from chatrec.storage.connections import journal_mode
from chatrec.storage.database import Database
from chatrec.storage.schema import HEAD, METADATA

EVENT = Event("u", "i", EventKind.CLICK, 1.0, session_id="s")


def test_a_folder_a_file_and_a_url_name_the_same_database(tmp_path: Path) -> None:
    with Database.open(tmp_path / "new" / "shop.db") as database:
        database.events.append([EVENT])
    for place in (tmp_path / "new", str(tmp_path / "new" / "shop.db"), f"sqlite:///{tmp_path / 'new' / 'shop.db'}"):
        with Database.open(place) as database:
            assert database.events.count() == 1


def test_without_create_an_absent_shop_is_an_error_and_stays_absent(tmp_path: Path) -> None:
    with pytest.raises(ShopNotFound, match="chatrec ingest"):
        Database.open(tmp_path / "typo", create=False)
    assert not (tmp_path / "typo").exists()


def test_the_migrations_make_exactly_the_tables_of_the_schema(tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    with create_engine(f"sqlite:///{tmp_path / 'shop.db'}").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA) == []


def test_head_names_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(chatrec.storage.__file__).with_name("migrations")))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_opening_a_current_database_is_quick_and_loads_no_alembic(tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    code = "import sys; from chatrec.storage.database import Database; Database.open(sys.argv[1]); sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0
    times = []
    for _ in range(5):
        start = time.perf_counter()
        Database.open(tmp_path).close()
        times.append(time.perf_counter() - start)
    assert min(times) < 0.1


def test_many_processes_may_open_a_new_shop_at_once(tmp_path: Path) -> None:
    code = "import sys; from chatrec.storage.database import Database; print(Database.open(sys.argv[1]).items.count())"
    children = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) for _ in range(3)]
    assert [child.communicate()[0].strip() for child in children] == [b"0"] * 3


def test_a_database_of_a_newer_chatrec_is_refused_untouched(tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(ShopError, match=r"'9999'.*newer chatrec"):
        Database.open(tmp_path)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_bytes(b"item_id,title\n1,tent\n" * 100)
    with pytest.raises(ShopError, match=r"shop\.db|cannot be used"):
        Database.open(tmp_path)


def test_a_migration_killed_half_way_leaves_no_half_schema(tmp_path: Path) -> None:
    code = """
import os, signal, sys
from alembic.operations import Operations
made = 0
create = Operations.create_table
def dying(self, *args, **kwargs):
    global made
    made += 1
    if made == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return create(self, *args, **kwargs)
import alembic.op
alembic.op.create_table = lambda *a, **k: dying(alembic.op._proxy, *a, **k)
from chatrec.storage.database import Database
Database.open(sys.argv[1])
"""
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -9
    with Database.open(tmp_path) as database:
        assert database.items.count() == 0


def test_wal_only_where_the_library_is_free_of_the_reset_race(tmp_path: Path) -> None:
    assert [journal_mode(v) for v in ((3, 40, 1), (3, 51, 2), (3, 51, 3), (3, 60, 0))] == ["TRUNCATE", "TRUNCATE", "WAL", "WAL"]
    database = Database.open(tmp_path)
    with database._connections.reading() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys", "busy_timeout")]
    assert pragmas == [journal_mode(sqlite3.sqlite_version_info).lower(), 1, 30_000]


def test_a_transaction_commits_all_or_nothing(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    store = database.sessions()
    with pytest.raises(RuntimeError), database.transaction():
        store.save(DialogueState("s"))
        database.events.append([EVENT])
        database.receipts.save(Receipt("t", "s", 1, 1, "hello"))
        assert database.events.count() == 1  # it sees its own writes
        raise RuntimeError
    assert (store.load("s").version, database.events.count(), database.receipts.load("t")) == (0, 0, None)
    with database.transaction():
        store.save(DialogueState("s"))
        database.events.append([EVENT])
    assert (store.load("s").version, database.events.count()) == (1, 1)
