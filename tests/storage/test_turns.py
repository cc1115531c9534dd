"""The slim row of each turn: moods, and how often questions are answered; no word of the shopper."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from chatrec.domain.reply import Receipt
from chatrec.storage import schema
from chatrec.storage.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database.open(tmp_path / "shop.db")


def save(database: Database, turn: int, mood: float = 0.0, waiting: str = "", answer: str = "", asked: str = "") -> None:
    question = {"asked": asked, "waiting": waiting, "answer": answer}
    reading = {"mood": mood, "language": "en", "intents": [{"text": "secretword"}]}
    acts = [{"kind": "recommend"}, {"kind": "ask"}]
    database.receipts.save(Receipt(f"t{turn}", "s1", turn, 1, "secretword", reading, acts=acts, question=question), "ann")


def test_moods_come_back_in_order_and_since_a_moment(database: Database) -> None:
    for n, mood in enumerate((-0.5, 0.0, 0.75)):
        save(database, n, mood)
    assert [p.mood for p in database.turns.moods()] == [-0.5, 0.0, 0.75]
    assert database.turns.moods(since=database.turns.moods()[-1].at + 1) == []
    assert [p.mood for p in database.turns.moods(most=1)] == [0.75]


def test_answers_are_counted_by_field(database: Database) -> None:
    told = [("price", "answered"), ("price", "skipped"), ("colour", "any"), ("price", "answered"), ("", "")]
    for n, (field, answer) in enumerate(told):
        save(database, n, waiting=field, answer=answer)
    assert database.turns.answers() == {"price": (2, 3), "colour": (0, 1)}


def test_a_turn_that_was_taken_back_answered_and_passed_over_nothing(database: Database) -> None:
    save(database, 1, -0.5, waiting="price", answer="passed")
    passed = database.receipts.load("t1")
    assert passed is not None and database.turns.answers() == {"price": (0, 1)}
    database.receipts.take_back(passed)
    assert database.turns.answers() == {} and [p.mood for p in database.turns.moods()] == [-0.5]
    save(database, 2, waiting="price", answer="answered")
    assert database.turns.answers() == {"price": (1, 1)}


def test_counts_are_kept_for_a_while(database: Database) -> None:
    assert database.turns.answers_lately() == {}
    save(database, 1, waiting="price", answer="answered")
    assert database.turns.answers_lately() == {} and database.turns.answers() == {"price": (1, 1)}


def test_a_receipt_saved_again_is_one_turn_and_no_word_is_kept(database: Database) -> None:
    save(database, 1, -0.5)
    save(database, 1, -0.25)
    with database._connections.reading() as connection:
        rows = [dict(r._mapping) for r in connection.execute(select(schema.turns))]
    assert len(rows) == 1 and rows[0]["mood"] == -0.25 and rows[0]["acts"] == "recommend,ask"
    assert "secretword" not in str(rows)


def test_forgetting_erases_the_turns(database: Database) -> None:
    save(database, 1, -0.5)
    assert database.forget(user_id="ann")["turns"] == 1 and database.turns.moods() == []
