"""What the analyst's page reads: bounded, newest first where it lists, and the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from chatrec.domain.event import Event, EventKind
from chatrec.domain.reply import Receipt
from chatrec.storage import receipts as receipts_module
from chatrec.storage.database import Database
from chatrec.testing.postgres import schema_url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    place: Path | str = tmp_path / "shop.db"
    if request.param == "postgresql":
        place = schema_url(request.getfixturevalue("postgres"), f"analysis_{abs(hash(str(tmp_path)))}")
    with Database.open(place) as opened:
        yield opened


@pytest.fixture
def filled(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Three conversations, ten seconds between two turns; the second is in a bad mood and handed over."""
    clock = iter(range(1_000, 2_000, 10))
    monkeypatch.setattr(receipts_module, "time", SimpleNamespace(time=lambda: float(next(clock))))
    for session, user, mood, actions in (("a", None, 0.0, ("", "")), ("b", "u1", -0.5, ("", "hand_off")), ("c", None, 0.3, ("",))):
        for turn, action in enumerate(actions, start=1):
            receipt = Receipt(
                f"{session}.{turn}.x", session, turn, 1, f"words of {session}", {"mood": mood, "language": "en"}, action=action
            )
            database.receipts.save(receipt, user)
    return database


def test_conversations_are_listed_newest_first_page_by_page(filled: Database) -> None:
    found = filled.analysis.conversations()
    assert [(c.session_id, c.user_id, c.turns, c.handed_off) for c in found] == [
        ("c", None, 1, False),
        ("b", "u1", 2, True),
        ("a", None, 2, False),
    ]
    assert found[1].mood == pytest.approx(-0.5) and (found[1].began, found[1].ended) == (1_020.0, 1_030.0)
    (newest,) = filled.analysis.conversations(most=1)
    assert [c.session_id for c in filled.analysis.conversations(before=newest.ended, most=1)] == ["b"]
    assert [c.session_id for c in filled.analysis.conversations(since=1_025.0)] == ["c", "b"]


def test_conversations_are_chosen(filled: Database) -> None:
    assert [c.session_id for c in filled.analysis.conversations(only="hand_off")] == ["b"]
    assert [c.session_id for c in filled.analysis.conversations(only="negative")] == ["b"]


def test_totals_count_conversations_and_turns(filled: Database) -> None:
    assert filled.analysis.totals() == {"conversations": 3, "turns": 5, "mood": pytest.approx(-0.14), "handed_off": 1}
    assert filled.analysis.totals(since=5_000.0) == {"conversations": 0, "turns": 0, "mood": 0.0, "handed_off": 0}


def test_receipts_come_oldest_first_and_of_too_many_the_newest(filled: Database) -> None:
    assert [(at, receipt["session_id"]) for at, receipt in filled.analysis.receipts(most=2)] == [(1_030.0, "b"), (1_040.0, "c")]
    assert len(filled.analysis.receipts(since=1_020.0)) == 3


def test_happenings_leave_out_imports_and_say_nothing_of_who(database: Database) -> None:
    database.events.replace_imported([Event("u1", "i1", EventKind.CLICK, 5.0)])
    database.events.append(
        [Event("u1", "i1", EventKind.SHOWN, 10.0, session_id="s", turn_id="s.1.x", position=1), Event("u1", "i1", EventKind.VIEW, 11.0)]
    )
    database.events.append([Event("u1", "i1", EventKind.PURCHASE, 12.0, session_id="s")])
    found = database.analysis.happenings()
    assert [(h.kind, h.session_id, h.turn_id, h.position) for h in found] == [
        (EventKind.SHOWN, "s", "s.1.x", 1),
        (EventKind.PURCHASE, "s", "", None),
    ]
    assert not hasattr(found[0], "user_id")
    assert [h.kind for h in database.analysis.happenings(most=1)] == [EventKind.PURCHASE] and database.analysis.happenings(since=13.0) == []
