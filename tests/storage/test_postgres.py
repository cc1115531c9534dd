"""The same tables on PostgreSQL. CHATREC_TEST_POSTGRES names an empty database: ``postgresql+psycopg://user@host:port/name``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import create_engine, text

from chatrec.domain.event import Event, EventKind
from chatrec.domain.item import Attribute, Item, Order, Variant
from chatrec.domain.profile import Profile
from chatrec.domain.reply import Receipt
from chatrec.domain.state import DialogueState
from chatrec.errors import ShopError
from chatrec.protocols import SessionStore
from chatrec.storage.database import Database
from chatrec.testing.session_contract import SessionStoreContract

URL = os.environ.get("CHATREC_TEST_POSTGRES", "")
pytestmark = pytest.mark.skipif(not URL, reason="CHATREC_TEST_POSTGRES names no PostgreSQL database")


def shop_url(folder: Path) -> str:
    """A schema of its own for each shop of a test."""
    name = f"shop_{abs(hash(str(folder)))}"
    engine = create_engine(URL)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
    engine.dispose()
    return f"{URL}?options={quote(f'-csearch_path={name}')}"


class TestSessionsOnPostgres(SessionStoreContract):
    @pytest.fixture(autouse=True)
    def closing(self) -> Iterator[None]:
        self.opened: list[Database] = []
        yield
        for database in self.opened:
            database.close()

    def make(self, folder: Path, ttl_days: float, clock: Callable[[], float]) -> SessionStore:
        self.opened.append(Database.open(shop_url(folder)))
        return self.opened[-1].sessions(ttl_days, clock=clock)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(shop_url(tmp_path)) as opened:
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
    assert database.forget(user_id="ann") == {"events": 1, "receipts": 1, "sessions": 1, "effects": 0, "carts": 1, "profiles": 1}


def test_a_wrong_address_is_a_shop_error() -> None:
    with pytest.raises(ShopError, match="cannot be used"):
        Database.open("postgresql+psycopg://nobody@127.0.0.1:1/none")
