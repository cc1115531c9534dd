"""The same tables on PostgreSQL: a server is started for these tests, or CHATREC_TEST_POSTGRES names a database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from chatrec.domain.event import Event, EventKind
from chatrec.domain.item import Attribute, Item, Order, Variant
from chatrec.domain.profile import Profile
from chatrec.domain.reply import Receipt
from chatrec.domain.state import DialogueState
from chatrec.errors import SessionError, ShopError
from chatrec.protocols import SessionStore
from chatrec.session_locks import SessionLocks
from chatrec.storage.database import Database
from chatrec.storage.schema import METADATA
from chatrec.testing.postgres import schema_url
from chatrec.testing.session_contract import SessionStoreContract


def shop_url(server: str, folder: Path) -> str:
    """A schema of its own for each shop of a test."""
    return schema_url(server, f"shop_{abs(hash(str(folder)))}")


class TestSessionsOnPostgres(SessionStoreContract):
    @pytest.fixture(autouse=True)
    def closing(self, postgres: str) -> Iterator[None]:
        self.server = postgres
        self.opened: list[Database] = []
        yield
        for database in self.opened:
            database.close()

    def make(self, folder: Path, ttl_days: float, clock: Callable[[], float]) -> SessionStore:
        self.opened.append(Database.open(shop_url(self.server, folder)))
        return self.opened[-1].sessions(ttl_days, clock=clock)


@pytest.fixture
def database(tmp_path: Path, postgres: str) -> Iterator[Database]:
    with Database.open(shop_url(postgres, tmp_path)) as opened:
        yield opened


def test_items_keep_prices_and_order(database: Database) -> None:
    variants = (Variant("v1", (("size", "S"),), Decimal("9.90"), 3), Variant("v2", (("size", "L"),), None, 4))
    full = Item("z", "Łódka", price=Decimal("19.90"), stock=7, attributes=(Attribute("weight", ("5",), 5.0, "g"),), variants=variants)
    database.items.replace_all([full, Item("a", "a")])
    database.items.upsert([Item("b", "b"), replace(full, title="again")])
    assert database.items.all() == [replace(full, title="again"), Item("a", "a"), Item("b", "b")]
    database.items.set_live("z", Decimal("5.00"), 1, variant_id="v1")
    assert database.items.live(["z"])["z"].stock == 5
    assert database.items.remove(["z"]) == 1


def test_events_are_idempotent_and_come_back_as_arrays(database: Database) -> None:
    events = [Event(f"u{n % 3}", f"i{n % 5}", EventKind.VIEW, float(n)) for n in range(50)]
    assert (database.events.append(events, key="k"), database.events.append(events, key="k")) == (50, 0)
    for _ in range(2):
        database.events.replace_imported(events)
    arrays = database.events.arrays()
    assert (len(arrays), arrays.user_ids, arrays.timestamp[:3].tolist()) == (100, ("u0", "u1", "u2"), [0.0, 1.0, 2.0])
    assert database.events.counts_by_item()["i0"] == 20


def test_a_shopper_can_be_forgotten(database: Database) -> None:
    database.events.append([Event("ann", "i", EventKind.LIKE, 1.0, session_id="s")])
    database.sessions().save(DialogueState("s", user_id="ann"))
    database.receipts.save(Receipt("t", "s", 1, 1, "nul \x00, half \ud800"), "ann")
    assert database.receipts.of_session("s")[0].message == "nul \x00, half \ud800"
    database.profiles.save(Profile("ann", ("i",)))
    assert database.carts.add("ann", "i", key="t") and not database.carts.add("ann", "i", key="t")
    database.orders.replace_all([Order("o", "ann", "i", "sent")])
    database.users.replace_all({"ann": {}})
    assert database.users.known("ann")
    erased = database.forget(user_id="ann")
    assert erased == {"events": 1, "receipts": 1, "turns": 1, "sessions": 1, "effects": 0, "carts": 1, "profiles": 1}


def test_a_wrong_address_is_a_shop_error() -> None:
    with pytest.raises(ShopError, match="cannot be used"):
        Database.open("postgresql+psycopg://nobody@127.0.0.1:1/none")


def test_a_message_never_holds_the_password_of_an_address() -> None:
    with pytest.raises(ShopError) as told:
        Database.open("postgresql+psycopg://nobody:verysecret@127.0.0.1:1/none")
    assert "verysecret" not in str(told.value) and "nobody" in str(told.value)


def test_the_migrations_make_exactly_the_tables_of_the_schema(database: Database) -> None:
    with database._connections.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA) == []


def test_a_shop_is_at_the_address_or_in_the_file(tmp_path: Path, postgres: str) -> None:
    url = shop_url(postgres, tmp_path)
    with Database.of_shop(tmp_path, url) as database:
        database.items.replace_all([Item("a", "a")])
    assert not (tmp_path / "shop.db").exists()
    with Database.of_shop(tmp_path, url, create=False) as database:
        assert database.items.count() == 1
    Database.open(tmp_path).close()
    with pytest.raises(ShopError, match=r"holds shop\.db as well; move that file away"):
        Database.of_shop(tmp_path, url)


def test_many_may_open_a_new_shop_at_once(tmp_path: Path, postgres: str) -> None:
    url, failed = shop_url(postgres, tmp_path), []

    def open_it() -> None:
        try:
            Database.open(url).close()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_leases_hold_across_connections(tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = shop_url(postgres, tmp_path)
    with Database.open(url) as one, Database.open(url) as two:
        assert one.leases.is_shared
        first, second = SessionLocks(one.leases, 0.6), SessionLocks(two.leases, 0.6)
        monkeypatch.setattr("chatrec.session_locks.MOST_WAIT_S", 1.5)
        with first.hold("s"):
            with pytest.raises(SessionError, match="under way"), second.hold("s"):
                pass
            with second.hold("other"):
                pass
        with second.hold("s"):
            pass
        one.leases.take("dead", "elsewhere|1|1|x", 0.3)
        with first.hold("dead"):
            pass
        one.leases.take("left", "elsewhere|1|1|x", -1.0)
        assert two.leases.sweep() == 1
        first.close()
        second.close()
