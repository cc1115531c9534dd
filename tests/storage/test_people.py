from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chatrec.domain.event import Event, EventKind
from chatrec.domain.item import Order, Review
from chatrec.domain.profile import Profile
from chatrec.domain.reply import Receipt
from chatrec.domain.state import DialogueState
from chatrec.storage.database import Database
from chatrec.storage.forget import anonymous


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database.open(tmp_path)


def test_users_keep_their_attributes(database: Database) -> None:
    database.users.replace_all({"old": {}})
    assert database.users.replace_all({"u1": {"age": "34", "city": "Łódź"}, "u2": {}}) == 2
    assert database.users.attributes("u1") == {"age": "34", "city": "Łódź"}
    assert database.users.attributes("old") == {}
    assert database.users.all() == {"u1": {"age": "34", "city": "Łódź"}, "u2": {}}


def test_the_shop_knows_those_it_listed_sold_to_or_logged_but_no_chat_visitor(database: Database) -> None:
    database.users.replace_all({"listed": {}})
    database.orders.replace_all([Order("o1", "buyer", "i1", "sent")])
    database.events.replace_imported([Event("logged", "i1", EventKind.VIEW, 1.0)])
    database.events.append([Event("invented", "i1", EventKind.VIEW, 1.0)])
    assert [database.users.known(u) for u in ("listed", "buyer", "logged", "invented", "")] == [True, True, True, False, False]


def test_a_shopper_sees_only_their_own_orders_newest_first(database: Database) -> None:
    mine = [Order("o1", "me", "i1", "sent", "2026-01-05", "2026-01-09"), Order("o2", "me", "i2", "packed", "2026-03-01")]
    database.orders.replace_all([*mine, Order("o3", "you", "i3", "sent", "2026-02-01"), Order("o2", "me", "i4", "packed", "2026-03-01")])
    assert [(o.order_id, o.item_id) for o in database.orders.of_user("me")] == [("o2", "i2"), ("o2", "i4"), ("o1", "i1")]
    assert database.orders.of_user("me", ["o1", "o3"]) == [mine[0]]
    assert database.orders.of_user("nobody") == []
    assert database.orders.set_status("o2", "sent", "2026-03-04") == 2
    assert {(o.status, o.eta) for o in database.orders.of_user("me", ["o2"])} == {("sent", "2026-03-04")}
    assert database.orders.replace_all([]) == 0
    assert database.orders.count() == 0


def test_policies_and_reviews_are_replaced_whole(database: Database) -> None:
    database.policies.replace_all({"old": "gone"})
    assert database.policies.replace_all({"shipping": "# Shipping\n\nto Malta", "returns": "# Returns"}) == 2
    assert list(database.policies.all().items()) == [("returns", "# Returns"), ("shipping", "# Shipping\n\nto Malta")]
    reviews = [Review("i1", "u1", "warm", 4.5, 12.0), Review("i2", "u1", "cold"), Review("i1", "u2", "heavy", 2.0)]
    assert database.reviews.replace_all(reviews) == 3
    assert database.reviews.of_item("i1") == [reviews[0], reviews[2]]
    assert database.reviews.by_item() == {"i1": [reviews[0], reviews[2]], "i2": [reviews[1]]}
    assert database.reviews.of_item("i9") == []


def test_profiles_round_trip(database: Database) -> None:
    assert database.profiles.load("u1") == Profile("u1")
    profile = Profile("u1", ("i1", "i2"), ("i3",), (("brand:Ødegård", 0.75),))
    database.profiles.save(Profile("u1", ("old",)))
    database.profiles.save(profile)
    assert database.profiles.load("u1") == profile


def test_a_cart_takes_each_effect_once(database: Database) -> None:
    carts = database.carts
    assert carts.add("u1", "i1", key="t1")
    assert not carts.add("u1", "i1", key="t1")
    assert carts.add("u1", "i1", quantity=2, key="t2")
    assert carts.add("u1", "i1", variant_id="v2", key="t3")
    assert carts.lines("u1") == [("i1", "", 3), ("i1", "v2", 1)]
    assert carts.lines("u2") == []
    carts.clear("u1")
    assert carts.lines("u1") == []


def test_receipts_come_back_by_turn_and_by_session(database: Database) -> None:
    second = Receipt("t2", "s", 2, 7, "half \ud800, nul \x00, <b>", {"intents": [["recommend", 0.5]]}, timings_ms={"all": 12.5})
    first = Receipt("t1", "s", 1, 7, "hello", shown=[{"item_id": "i1", "propensity": 0.25}])
    for receipt in (second, first, Receipt("t1", "other", 1, 7, "replaced below"), first):
        database.receipts.save(receipt)
    assert database.receipts.load("t2") == second
    assert database.receipts.load("t9") is None
    assert database.receipts.of_session("s") == [first, second]
    assert database.receipts.of_session("other") == []


def _live_a_little(database: Database, user_id: str | None, session_id: str, word: str) -> None:
    who = user_id or anonymous(session_id)
    store = database.sessions()
    state = DialogueState(session_id, user_id=user_id, turn=1, liked=(word,))
    for turns in (1, 40, 2):  # an older, longer state leaves free bytes behind
        state = store.save(replace(state, focus=(word,) * turns))
    database.events.append([Event(who, word, EventKind.LIKE, 1.0, session_id=session_id)], key=f"{session_id}-1")
    database.receipts.save(Receipt(f"{session_id}-1", session_id, 1, 1, word), user_id)
    database.carts.add(who, "i1", key=f"{session_id}-1", session_id=session_id)
    if user_id:
        database.profiles.save(Profile(user_id, (word,)))


def test_forgetting_a_shopper_leaves_no_trace_of_them_and_others_whole(database: Database, tmp_path: Path) -> None:
    _live_a_little(database, "ann", "s1", "annsecretword")
    _live_a_little(database, "ann", "s2", "annsecretword")
    _live_a_little(database, "bob", "s3", "bobsword")
    # what ann did in s1 before she was verified
    database.events.append([Event(anonymous("s1"), "annsecretword", EventKind.VIEW, 0.5, session_id="s1")])
    erased = database.forget(user_id="ann")
    assert erased == {"events": 3, "receipts": 2, "turns": 2, "sessions": 2, "effects": 4, "carts": 1, "profiles": 1}
    assert database.sessions().load("s1") == DialogueState("s1")
    assert database.events.history("ann") == database.events.of_session("s1") == []
    assert database.receipts.of_session("s2") == []
    assert database.profiles.load("ann") == Profile("ann")
    assert database.sessions().load("s3").turn == 1
    assert len(database.events.history("bob")) == len(database.receipts.of_session("s3")) == len(database.carts.lines("bob")) == 1
    assert database.profiles.load("bob").liked == ("bobsword",)
    assert database.forget(user_id="ann") == dict.fromkeys(erased, 0)
    database.close()
    content = (tmp_path / "shop.db").read_bytes()
    assert b"bobsword" in content
    assert b"annsecretword" not in content


def test_forgetting_a_session_leaves_the_other_sessions_of_its_shopper(database: Database) -> None:
    _live_a_little(database, None, "s1", "x")
    _live_a_little(database, None, "s2", "y")
    assert database.forget(session_id="s1") == {
        "events": 1,
        "receipts": 1,
        "turns": 1,
        "sessions": 1,
        "effects": 2,
        "carts": 1,
        "profiles": 0,
    }
    assert database.sessions().load("s2").turn == 1
    assert len(database.events.of_session("s2")) == 1


def test_forgetting_spares_the_import_of_others_and_takes_the_shoppers_own(database: Database) -> None:
    database.events.replace_imported([Event("ann", "i1", EventKind.VIEW, 1.0), Event("bob", "i1", EventKind.VIEW, 1.0)])
    database.forget(user_id="ann")
    assert database.events.arrays().user_ids == ("bob",)


@pytest.mark.parametrize("arguments", [{}, {"user_id": "a", "session_id": "b"}])
def test_forget_wants_one_of_the_two(database: Database, arguments: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="either"):
        database.forget(**arguments)
