from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from chatrec.domain.state import DialogueState
from chatrec.protocols import SessionStore
from chatrec.storage.database import Database
from chatrec.testing.session_contract import Clock, SessionStoreContract


class TestSessionTable(SessionStoreContract):
    def make(self, folder: Path, ttl_days: float, clock: Callable[[], float]) -> SessionStore:
        return Database.open(folder).sessions(ttl_days, clock=clock)


def test_sweep_erases_the_expired_and_only_them(tmp_path: Path) -> None:
    clock = Clock()
    store = Database.open(tmp_path).sessions(1.0, clock=clock)
    store.save(DialogueState("old"))
    clock.pass_days(0.9)
    store.save(DialogueState("young", turn=4))
    clock.pass_days(0.2)
    assert store.sweep() == 1
    assert store.sweep() == 0
    assert store.load("young").turn == 4


def test_a_state_of_another_version_starts_over_and_can_be_saved(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Database.open(tmp_path).sessions()
    store.save(replace(DialogueState("s"), turn=3))
    with create_engine(f"sqlite:///{tmp_path / 'shop.db'}").begin() as connection:
        connection.execute(text("""UPDATE sessions SET state = '{"turn": "my secret words"}'"""))
    with caplog.at_level(logging.WARNING):
        state = store.load("s")
    assert state == DialogueState("s", version=1)
    assert store.save(state).version == 2
    assert "starts over" in caplog.text
    assert "secret" not in caplog.text
