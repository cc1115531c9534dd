"""What every :class:`chatrec.protocols.SessionStore` must do. Subclass and give ``make``."""

# ruff: noqa: D102 (the name of each test is its sentence)

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.state import DialogueState, OpenQuestion, ShownList
from chatrec.domain.tool import Pending
from chatrec.errors import SessionConflict
from chatrec.protocols import SessionStore

TTL_DAYS = 30.0
_DAY_S = 86_400.0


class Clock:
    """Unix seconds that move only when told."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_days(self, days: float) -> None:
        """Moves on."""
        self.now += days * _DAY_S


def full_state(session_id: str) -> DialogueState:
    """A state with something in every field."""
    price = Constraint("price", Op.AT_MOST, number=149.99, unit="EUR", turn=1, said='under 149.99, "please" 😀')
    brand = Constraint("brand", Op.IS_NOT, ("Łódź & Co",), strength=Strength.AVOID, turn=2)
    need = Need(1, "a light tent", recipient="my mother", constraints=(price, brand), opened_turn=1)
    return DialogueState(
        session_id,
        turn=3,
        user_id="u'1",
        needs=(need, Need(2, "socks")),
        active_need=1,
        liked=("i1",),
        disliked=("i2", "i3"),
        shown=(ShownList(1, 1, ("i1", "i2")), ShownList(2, 1, ())),
        question=OpenQuestion(1, "capacity", "For how many?", ("1", "2"), 3),
        asked=("1:capacity",),
        focus=("i1",),
        past=((need,), ()),
        failures=1,
        handed_off=True,
        diversity=0.25,
        pending=Pending("cart", "add", (("items", "i1\ni2"), ("i1:size", "42 ½")), "i2:colour", ("blue", "red"), 3),
    )


class SessionStoreContract(ABC):
    """Three lines make a test class: ``class TestMine(SessionStoreContract):`` with ``make`` returning a store."""

    @abstractmethod
    def make(self, folder: Path, ttl_days: float, clock: Callable[[], float]) -> SessionStore:
        """A store of the shop in ``folder``: two calls with one folder give two views of the same sessions. ``clock`` gives unix
        seconds."""

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def store(self, tmp_path: Path, clock: Clock) -> SessionStore:
        return self.make(tmp_path, TTL_DAYS, clock)

    def test_is_a_session_store(self, store: SessionStore) -> None:
        assert isinstance(store, SessionStore)

    def test_an_unknown_session_is_fresh(self, store: SessionStore) -> None:
        assert store.load("new") == DialogueState("new")

    def test_what_was_saved_comes_back_whole(self, store: SessionStore, tmp_path: Path, clock: Clock) -> None:
        saved = store.save(full_state("s"))
        assert saved == replace(full_state("s"), version=1)
        assert store.load("s") == saved
        assert self.make(tmp_path, TTL_DAYS, clock).load("s") == saved

    def test_versions_count_saves(self, store: SessionStore) -> None:
        state = store.load("s")
        for version in (1, 2, 3):
            state = store.save(replace(state, turn=version))
            assert (state.version, store.load("s").turn) == (version, version)

    def test_a_stale_save_is_refused_and_changes_nothing(self, store: SessionStore) -> None:
        first = store.save(DialogueState("s"))
        newer = store.save(replace(first, turn=5))
        with pytest.raises(SessionConflict):
            store.save(replace(first, turn=9))
        with pytest.raises(SessionConflict):
            store.save(DialogueState("s", turn=9))
        assert store.load("s") == newer

    def test_a_version_from_nowhere_is_refused(self, store: SessionStore) -> None:
        with pytest.raises(SessionConflict):
            store.save(DialogueState("s", version=4))
        assert store.load("s").version == 0

    @pytest.mark.parametrize("version", [0, 1])
    def test_of_many_saves_at_once_one_wins(self, tmp_path: Path, clock: Clock, version: int) -> None:
        stores = [self.make(tmp_path, TTL_DAYS, clock) for _ in range(4)]
        start = stores[0].save(DialogueState("s")) if version else DialogueState("s")

        def save(turn: int) -> DialogueState | None:
            try:
                return stores[turn % 4].save(replace(start, turn=turn))
            except SessionConflict:
                return None

        with ThreadPoolExecutor(8) as pool:
            kept = [state for state in pool.map(save, range(16)) if state is not None]
        assert len(kept) == 1
        assert stores[1].load("s") == kept[0]

    def test_an_unused_session_expires(self, store: SessionStore, clock: Clock) -> None:
        saved = store.save(DialogueState("s", turn=1))
        clock.pass_days(TTL_DAYS - 0.5)
        assert store.load("s").turn == 1
        again = store.save(saved)
        clock.pass_days(TTL_DAYS - 0.5)
        assert store.load("s") == again
        clock.pass_days(1.0)
        assert store.load("s") == DialogueState("s")
        assert store.save(DialogueState("s", turn=7)).version == 1
        assert store.load("s").turn == 7

    def test_a_deleted_session_is_gone(self, store: SessionStore) -> None:
        saved = store.save(DialogueState("s", turn=1))
        store.delete("s")
        store.delete("never there")
        assert store.load("s") == DialogueState("s")
        with pytest.raises(SessionConflict):
            store.save(saved)

    @pytest.mark.parametrize("other", ["S", "s ", "s%", "_", "%", "s'; DROP TABLE sessions; --", "", "ś", "s\u0301"])
    def test_no_session_reads_another(self, store: SessionStore, other: str) -> None:
        store.save(DialogueState("s", turn=1))
        assert store.load(other) == DialogueState(other)
        store.save(DialogueState(other, turn=2))
        assert (store.load("s").turn, store.load(other).turn) == (1, 2)
        store.delete(other)
        assert store.load("s").turn == 1

    def test_no_shop_reads_another(self, tmp_path: Path, store: SessionStore, clock: Clock) -> None:
        store.save(DialogueState("s", turn=1))
        folder = tmp_path / "other shop"
        folder.mkdir()
        assert self.make(folder, TTL_DAYS, clock).load("s") == DialogueState("s")
