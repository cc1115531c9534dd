"""Playing scripts against the demo shop: the steps, what is told of a failure, and the example of the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.errors import ScriptError
from chatrec.evaluation.player import play
from chatrec.evaluation.scripts import Script, load_script

from .test_scripts import example, write


def script(*turns: dict[str, object], user: str | None = None) -> Script:
    return Script("a test", "test.yaml", "demo", user, {}, turns)


def test_the_example_of_the_page_passes(tmp_path: Path, demo_bot: ChatRec) -> None:
    assert play(load_script(write(tmp_path, example())), demo_bot).failures == []


def test_a_failure_names_file_turn_and_what_was_found(demo_bot: ChatRec) -> None:
    played = play(script({"shopper": "hello"}, {"shopper": "a tent under 100", "expect": {"items": {"first": "boot-01"}}}), demo_bot)
    assert [f for f in played.failures if f.startswith("test.yaml turn 2: first is ['tent-")] == played.failures != []


def test_the_turns_are_told_as_they_come(demo_bot: ChatRec) -> None:
    told: list[int] = []
    play(script({"shopper": "hello"}, {"diversity": 0.5}, {"shopper": "bye"}), demo_bot, lambda n, _: told.append(n))
    assert told == [1, 2, 3]


def test_buttons_chips_and_stock(demo_bot: ChatRec) -> None:
    played = play(
        script(
            {"shopper": "tents under 100"},
            {"like": 1},
            {"dislike": 2, "expect": {"items": {"exclude": [{"turn": 1, "card": 2}]}}},
            {"drop": "price:at_most", "expect": {"not_in_ledger": ["price"]}},
            {"stock": {"item": "tent-03", "pieces": 0}},
            {"tap": "Compare", "expect": {"acts": ["compare"]}},
        ),
        demo_bot,
    )
    assert played.failures == []
    assert [bool(t.receipt) for t in played.turns] == [True, False, True, True, False, True]
    assert demo_bot.live("tent-03").stock


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (({"like": 1},), "only 0 cards"),
        (({"shopper": "tents under 100"}, {"dislike": 9}), "only 3 cards"),
        (({"shopper": "tents under 100"}, {"drop": "brand"}), "nothing to drop called 'brand'"),
        (({"drop": "price"},), "nothing to drop called 'price'"),
        (({"shopper": "tents under 100"}, {"tap": "no such chip"}), "no chip to tap called 'no such chip'"),
    ],
)
def test_a_step_that_can_not_be_taken_is_an_error_of_the_script(demo_bot: ChatRec, steps: tuple[dict[str, object], ...], said: str) -> None:
    with pytest.raises(ScriptError, match=said):
        play(script(*steps), demo_bot)


def test_a_broken_script_still_puts_the_stock_back(demo_bot: ChatRec) -> None:
    before = demo_bot.live("tent-03")
    with pytest.raises(ScriptError):
        play(script({"stock": {"item": "tent-03", "pieces": 1}}, {"like": 4}), demo_bot)
    assert demo_bot.live("tent-03") == before


def test_two_plays_of_a_script_are_the_same(demo_bot: ChatRec) -> None:
    one = script({"shopper": "a gift under 40"}, {"shopper": "show me others"}, {"shopper": "compare them"})
    first, second = (play(one, demo_bot) for _ in range(2))
    assert [(t.text, t.cards) for t in first.turns] == [(t.text, t.cards) for t in second.turns]


def test_a_changed_row_counts_at_once_and_is_put_back(demo_bot: ChatRec) -> None:
    before = demo_bot.live("tent-03")
    played = play(
        script(
            {"shopper": "tents under 80", "expect": {"items": {"include": ["tent-03"]}}},
            {"row": {"item": "tent-03", "price": 95}},
            {"shopper": "tents under 80", "expect": {"items": {"exclude": ["tent-03"]}}},
            {"row": {"item": "tent-03", "price": None}},
            {"stock": {"item": "tent-03", "pieces": 1}},
        ),
        demo_bot,
    )
    assert played.failures == []
    assert demo_bot.live("tent-03") == before


def test_who_comes_again_has_a_new_session(demo_bot: ChatRec) -> None:
    sessions: list[str] = []
    played = play(
        script(
            {"shopper": "tents under 100"},
            {"visit": "again"},
            {"shopper": "hello", "expect": {"needs": 0}},
        ),
        demo_bot,
        lambda _, turn: sessions.append(turn.receipt.session_id) if turn.receipt else None,
    )
    assert played.failures == []
    assert len(set(sessions)) == 2
    assert all(demo_bot.state(s).version == 0 for s in sessions)


def test_a_new_shopper_is_known_while_the_script_is_played(demo_bot: ChatRec) -> None:
    known: list[bool] = []
    before = demo_bot.database.users.all()
    played = play(
        script({"shopper": "where is my order?", "expect": {"text": {"lacks": ["sign in"]}}}, user="new"),
        demo_bot,
        lambda _, turn: known.extend(demo_bot.database.users.known(u) for u in demo_bot.database.users.all().keys() - before.keys()),
    )
    assert played.failures == []
    assert known == [True]
    assert demo_bot.database.users.all() == before
