"""``chatrec replay``: a turn comes out as it did, differences are told, and nothing is changed by it."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from chatrec.bot import ChatRec
from chatrec.cli.main import app
from chatrec.cli.replay import replay_lines
from chatrec.domain.context import Context
from chatrec.domain.event import EventKind
from chatrec.domain.reply import Cards, Done, Receipt
from chatrec.errors import GenerationError, SessionError
from chatrec.evaluation.replay import Replay, replay_turn

TEMPLATE = {"model": {"engine": "template"}}


def talk(bot: ChatRec, session: str, *lines: str) -> list[Receipt]:
    return [end.receipt for line in lines for end in bot.reply(session, line) if isinstance(end, Done)]


@pytest.fixture(scope="module")
def session() -> str:
    return f"replay-{secrets.token_hex(4)}"


@pytest.fixture(scope="module")
def receipts(demo_bot: ChatRec, session: str) -> list[Receipt]:
    """A conversation with a list, a refinement, a dislike, a dropped wish, a button and a question of the shop."""
    made = talk(demo_bot, session, "a tent for two under 300", "something cheaper", "compare the first two")
    shown = demo_bot.state(session).last_shown()
    demo_bot.feedback(session, shown[0], EventKind.DISLIKE)
    made += [e.receipt for e in demo_bot.refresh(session, heard="Not for me") if isinstance(e, Done)]
    chip = next(c for c in made[-1].chips if c["kind"] == "constraint" and c["key"].startswith("price"))
    demo_bot.drop(session, chip["need_id"], chip["key"])
    made += [e.receipt for e in demo_bot.refresh(session, heard="Price ×") if isinstance(e, Done)]
    made += [e.receipt for e in demo_bot.reply(session, "and a sleeping mat", context=Context()) if isinstance(e, Done)]
    return made + talk(demo_bot, session, "what is your return policy?")


@pytest.mark.parametrize("turn", [2, 4, 5, 6, 7], ids=["refined", "after a dislike", "after a dropped wish", "second need", "policy"])
def test_a_turn_comes_out_as_it_did(demo_bot: ChatRec, receipts: list[Receipt], turn: int) -> None:
    receipt = receipts[turn - 1]
    done = replay_turn(demo_bot.folder, receipt.turn_id, TEMPLATE, demo_bot._embedder)
    assert done.same_ranking and [(d.part, d.then, d.now) for d in done.differences()] == []
    assert [r["item_id"] for r in done.now.shown] == [r["item_id"] for r in receipt.shown] and done.now is not done.then
    assert receipt.turn == turn and (turn == 7 or receipt.shown)


def test_prices_are_those_of_the_turn(demo_bot: ChatRec) -> None:
    session = f"replay-{secrets.token_hex(4)}"
    (receipt,) = talk(demo_bot, session, "a tent for two under 300")
    first = receipt.shown[0]["item_id"]
    was = demo_bot.live(first).price
    demo_bot.set_price(first, None if was is None else was * 10)  # today it would not be shown any more
    try:
        assert replay_turn(demo_bot.folder, receipt.turn_id, TEMPLATE, demo_bot._embedder).same_ranking
        assert first not in [r["item_id"] for r in talk(demo_bot, f"{session}-b", "a tent for two under 300")[0].shown]
    finally:
        demo_bot.set_price(first, was)


def test_nothing_is_saved(demo_bot: ChatRec, receipts: list[Receipt], session: str) -> None:
    before = (demo_bot.state(session), demo_bot.database.events.count(), len(demo_bot.database.receipts.of_session(session)))
    replay_turn(demo_bot.folder, receipts[-1].turn_id, TEMPLATE, demo_bot._embedder)
    assert (demo_bot.state(session), demo_bot.database.events.count(), len(demo_bot.database.receipts.of_session(session))) == before


def test_the_command_says_the_same_and_exits_with_0(demo_bot: ChatRec, receipts: list[Receipt]) -> None:
    done = CliRunner().invoke(app, ["replay", receipts[0].turn_id, "--shop", str(demo_bot.folder), "--engine", "template"])
    assert done.exit_code == 0, done.output
    assert "the same: reading, ledger, acts, items, sentences" in done.output and "same order" in done.output


def test_another_ranking_exits_with_1_and_is_told(demo_bot: ChatRec, receipts: list[Receipt], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATREC_OFFER__SHOWN", "2")
    done = CliRunner().invoke(app, ["replay", receipts[0].turn_id, "--shop", str(demo_bot.folder), "--engine", "template", "--json"])
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert not told["same_ranking"]
    (items,) = [d for d in told["differences"] if d["part"] == "items"]
    assert items["then"].split(" · ")[:2] == items["now"].split(" · ")
    other = replace(receipts[0], shown=receipts[0].shown[:2])
    lines = replay_lines(Replay(receipts[0], other, ("a note",)))
    assert lines[-1] == "ANOTHER RANKING" and "  items, need 1" in lines and "  note: a note" in lines


def test_what_is_not_kept_any_more_is_said(demo_bot: ChatRec, receipts: list[Receipt]) -> None:
    with pytest.raises(SessionError, match="no receipt of turn 'nobody"):
        replay_turn(demo_bot.folder, "nobody.1.x", TEMPLATE)
    demo_bot.database.receipts.save(replace(receipts[0], turn_id="gone.1.x", session_id="gone", generation=99))
    with pytest.raises(GenerationError, match="generation 99, which is gone"):
        replay_turn(demo_bot.folder, "gone.1.x", TEMPLATE)
    demo_bot.forget(session_id="gone")


def test_a_stopped_turn_says_so(demo_bot: ChatRec) -> None:
    session = f"replay-{secrets.token_hex(4)}"
    turn = demo_bot.reply(session, "a tent for two under 300", keep_stopped=True)
    for event in turn:
        if isinstance(event, Cards):
            break
    turn.close()  # type: ignore[attr-defined]
    (receipt,) = demo_bot.database.receipts.of_session(session)
    done = replay_turn(demo_bot.folder, receipt.turn_id, TEMPLATE, demo_bot._embedder)
    assert done.same_ranking and any("stopped" in note for note in done.notes)
