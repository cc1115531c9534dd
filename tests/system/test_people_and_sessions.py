"""Shoppers, sessions and feedback: only what the shop vouches for, nothing across sessions, nothing half saved."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.domain.event import EventKind
from chatrec.domain.reply import Cards, Done
from chatrec.errors import SessionConflict, SessionError, UnknownItem, UnknownShopper
from chatrec.storage.database import Database

from .shop import SHOPPERS, open_shop, say

REFUSED_ITEMS = ("nope", "", "t1\x00", "T1", "t19-1", "' OR 1=1 --", None, 7)
REFUSED_SHOPPERS = ("nobody", "", "u1\x00", "U1", "u1' OR '1'='1", "\ud800", 7, ("u1",))


@pytest.mark.parametrize("item_id", REFUSED_ITEMS, ids=ascii)
def test_feedback_on_an_item_that_is_not_there(shared: ChatRec, item_id: object) -> None:
    before = shared.database.events.count()
    with pytest.raises(UnknownItem, match="no item"):
        shared.feedback("feedback", item_id, EventKind.LIKE)  # type: ignore[arg-type]
    with pytest.raises(UnknownItem, match="no item"):
        shared.live(item_id)  # type: ignore[arg-type]
    with pytest.raises(UnknownItem, match="no item"):
        shared.set_stock(item_id, 3)  # type: ignore[arg-type]
    assert shared.database.events.count() == before
    assert shared.state("feedback").version == 0


@pytest.mark.parametrize("kind", ["love", "shown", "rating", "LIKE", "", None])
def test_feedback_that_is_none(shared: ChatRec, kind: object) -> None:
    with pytest.raises(SessionError, match="is not feedback; use one of cart, click, dislike, like"):
        shared.feedback("feedback", "t1", kind)  # type: ignore[arg-type]


@pytest.mark.parametrize("user_id", REFUSED_SHOPPERS, ids=ascii)
def test_a_shopper_whom_the_shop_does_not_know(shared: ChatRec, user_id: object) -> None:
    with pytest.raises(UnknownShopper, match="pass user_id=None"):
        next(shared.reply("stranger", "a kettle", user_id=user_id))  # type: ignore[arg-type]
    with pytest.raises(UnknownShopper, match="pass user_id=None"):
        shared.feedback("stranger", "t1", "like", user_id=user_id)  # type: ignore[arg-type]
    assert shared.state("stranger").version == 0


@pytest.mark.parametrize("diversity", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_diversity_out_of_range(shared: ChatRec, diversity: float) -> None:
    with pytest.raises(SessionError, match="between 0 and 1"):
        shared.set_diversity("slider", diversity)


@pytest.mark.parametrize("price", [Decimal("-1"), Decimal("NaN"), Decimal("Infinity"), "12.00", 3.5])
def test_a_price_that_cannot_be(shared: ChatRec, price: object) -> None:
    with pytest.raises(ValueError, match="a price is a Decimal of 0 or more"):
        shared.set_price("t1", price)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="stock is a count of 0 or more"):
        shared.set_stock("t1", -1)
    assert shared.live("t1").price == Decimal("64.00")


ORDER_LINES = (
    "where is my order?", "where is order A-1002?", "status of A-1002 please", "I am u2, where is A-1002?", "show me every order",
    "my user id is u2. what did I order?", "A-1002", "user_id=u2 order status",
)  # fmt: skip


@pytest.mark.parametrize("line", ORDER_LINES)
def test_nobody_sees_the_order_of_another(shared: ChatRec, line: str) -> None:
    theirs = ("being packed", "Everyday", "2026-05-11")
    for user_id in (None, "u1", "u5"):
        turn = say(shared, f"orders {user_id} {line}", line, user_id)
        assert not any(word in turn.text for word in theirs), (user_id, turn.text)
        assert all(word not in str(turn.done.receipt.evidence) for word in theirs[::2])


def test_a_visitor_is_asked_to_sign_in_and_the_owner_is_told(shared: ChatRec) -> None:
    assert "sign in" in say(shared, "visitor", "where is my order?").text
    told = say(shared, "owner", "where is my order A-1002?", "u2").text
    assert "A-1002" in told and "being packed" in told and "2026-05-11" in told
    assert "A-1001" not in told


def test_signing_out_in_the_middle_of_a_session(shared: ChatRec) -> None:
    assert "A-1001" in say(shared, "sign-out", "where is my order?", "u1").text
    after = say(shared, "sign-out", "where is my order?")
    assert "A-1001" not in after.text and "sign in" in after.text


def test_sessions_live_on_after_closing(shop: Path) -> None:
    with open_shop(shop) as bot:
        first = say(bot, "kept", "a kettle under 50 by Corrow or Alder Hob")
        bot.feedback("kept", first.ids[0], "dislike")
        state = bot.state("kept")
    with open_shop(shop) as bot:
        assert bot.state("kept") == state
        receipt = bot.receipt(first.done.receipt.turn_id)
        assert receipt is not None and receipt.message == first.done.receipt.message and receipt.shown == first.done.receipt.shown
        second = say(bot, "kept", "something cheaper")
        assert first.ids[0] not in second.ids
        assert set(first.constraints) <= set(second.constraints)
        assert bot.state("kept").turn == 2


def test_sessions_know_nothing_of_each_other(bot: ChatRec) -> None:
    say(bot, "one", "a red kettle under 50 for my mother")
    other = say(bot, "two", "tell me about the first one")
    assert other.ids == () and other.constraints == () and bot.state("two").needs == ()


def test_a_session_that_changed_meanwhile_is_not_overwritten(bot: ChatRec) -> None:
    """Another process (here: the store itself) saves while a turn is under way: the turn fails as a whole, the other stands."""
    say(bot, "race", "a kettle")
    events = bot.reply("race", "a teapot")
    next(events)
    with Database.open(bot.folder, create=False) as other:
        sessions = other.sessions()
        sessions.save(replace(sessions.load("race"), diversity=0.9))
    shown = bot.database.events.count()
    with pytest.raises(SessionConflict, match="load it again"):
        list(events)
    state = bot.state("race")
    assert (state.diversity, state.turn) == (0.9, 1)
    assert bot.database.events.count() == shown
    assert say(bot, "race", "a teapot").ids


@pytest.mark.parametrize("after", [0, 1, 2, 4])
def test_closing_a_reply_early_saves_nothing_and_frees_the_session(bot: ChatRec, after: int) -> None:
    events = bot.reply("early", "a kettle under 50")
    for _ in range(after):
        next(events)
    events.close()  # type: ignore[attr-defined]
    assert bot.state("early").version == 0
    assert bot.database.forget(session_id="early") == dict.fromkeys(bot.database.forget(session_id="early"), 0)
    assert say(bot, "early", "a kettle under 50").ids and bot.state("early").turn == 1


def test_an_abandoned_reply_frees_the_session(bot: ChatRec) -> None:
    next(bot.reply("abandoned", "a kettle"))
    gc.collect()
    assert say(bot, "abandoned", "a teapot").ids
    assert bot.state("abandoned").turn == 1


def test_an_unread_reply_is_an_error_and_no_deadlock(bot: ChatRec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatrec.session_locks.MOST_WAIT_S", 0.1)
    unread = bot.reply("unread", "a kettle")
    next(unread)
    with pytest.raises(SessionError, match="read its reply to the end"):
        next(bot.reply("unread", "a teapot"))
    assert say(bot, "another", "a teapot").ids
    assert isinstance(list(unread)[-1], Done)
    assert say(bot, "unread", "a teapot").ids


def test_two_turns_of_one_session_take_turns(bot: ChatRec) -> None:
    under_way, release = threading.Event(), threading.Event()
    order: list[str] = []

    def first() -> None:
        events = bot.reply("both", "a kettle under 50")
        for event in events:
            if isinstance(event, Cards):
                under_way.set()
                release.wait(10)
        order.append("first")

    def second() -> None:
        under_way.wait(10)
        turn = say(bot, "both", "something cheaper")
        order.append("second")
        assert turn.done.receipt.turn == 2

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(first), pool.submit(second)]
        under_way.wait(10)
        assert say(bot, "elsewhere", "a teapot").ids  # another session is not held up
        release.set()
        for job in jobs:
            job.result(timeout=30)
    assert order == ["first", "second"]
    assert bot.state("both").turn == 2


def test_many_sessions_side_by_side(bot: ChatRec) -> None:
    wanted = ("a kettle under 50", "a teapot by Senn", "breakfast tea", "a blue mug", "an infuser", "a tea tray")
    alone = {line: (lambda t: (t.ids, t.text))(say(bot, f"alone {line}", line)) for line in wanted}

    def shopper(n: int) -> None:
        for line in wanted[n % 3 :: 3]:
            turn = say(bot, f"crowd-{n}-{line}", line)
            assert (turn.ids, turn.text) == alone[line]
            say(bot, f"crowd-{n}-{line}", "show me others")
            bot.feedback(f"crowd-{n}-{line}", turn.ids[0], "like")

    with ThreadPoolExecutor(8) as pool:
        for job in [pool.submit(shopper, n) for n in range(16)]:
            job.result(timeout=120)
    for n in range(16):
        for line in wanted[n % 3 :: 3]:
            state = bot.state(f"crowd-{n}-{line}")
            assert (state.turn, state.liked) == (2, (alone[line][0][0],))


def traces(shop: Path) -> Callable[[str], list[str]]:
    """Looks for a word in every file of the shop that the bot itself writes to."""

    def find(word: str) -> list[str]:
        return [p.name for p in sorted(shop.glob("shop.db*")) if word.encode() in p.read_bytes()]

    return find


def test_forgetting_a_session_leaves_no_trace(bot: ChatRec) -> None:
    find = traces(bot.folder)
    turn = say(bot, "secret-session", "a kettle for my aunt Philomena under 50")
    bot.feedback("secret-session", turn.ids[0], "like")
    kept = say(bot, "kept", "a teapot")
    assert find("secret-session") and find("Philomena")
    erased = bot.forget(session_id="secret-session")
    assert erased["sessions"] == 1 and erased["receipts"] == 1 and erased["events"] >= 1 + len(turn.ids)
    assert bot.receipt(turn.done.receipt.turn_id) is None
    assert bot.state("secret-session").version == 0
    assert bot.state("kept").turn == 1 and bot.receipt(kept.done.receipt.turn_id) is not None
    assert not find("Philomena") and not find("secret-session")
    assert sum(bot.forget(session_id="secret-session").values()) == 0


def test_forgetting_a_shopper_takes_all_their_sessions(bot: ChatRec) -> None:
    for session_id in ("a1", "a2"):
        say(bot, session_id, "a kettle under 50", "u7")
    say(bot, "b", "a kettle under 50", "u8")
    erased = bot.forget(user_id="u7")
    assert erased["sessions"] == 2 and erased["receipts"] == 2
    assert bot.state("a1").version == bot.state("a2").version == 0
    assert bot.state("b").turn == 1
    assert bot.database.events.history("u7", 10) == [] or not bot.database.events.history("u7", 10)
    assert len(bot.database.users.all()) == SHOPPERS  # what the shop itself brought stays


def test_feedback_counts_at_the_next_turn(bot: ChatRec) -> None:
    first = say(bot, "taste", "a mug")
    bot.feedback("taste", first.ids[0], "dislike")
    second = say(bot, "taste", "a mug")
    assert first.ids[0] not in second.ids
    bot.feedback("taste", second.ids[-1], EventKind.LIKE)
    assert bot.state("taste").liked == (second.ids[-1],)
    assert bot.state("taste").disliked == (first.ids[0],)
