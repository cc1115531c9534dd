"""What a button does to a conversation before a turn: a wish is dropped, the variety set, the last turn taken back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING

from chatrec.dialogue import ledger
from chatrec.domain.state import DialogueState
from chatrec.domain.tool import Caller
from chatrec.errors import SessionError

if TYPE_CHECKING:
    from chatrec.keeping import Keeper
    from chatrec.protocols import SessionStore
    from chatrec.storage.database import Database
    from chatrec.taking_back import TakenBack, TurnsBack


class Pressing(ABC):
    """The part of :class:`chatrec.bot.ChatRec` that is about the buttons of a conversation."""

    database: Database
    _sessions: SessionStore
    _keeper: Keeper
    _back: TurnsBack

    @abstractmethod
    def _turn_of(self, session_id: str) -> AbstractContextManager[None]:
        """The session is the caller's meanwhile."""

    @abstractmethod
    def _check_shopper(self, user_id: str | None) -> None:
        """Raises :class:`chatrec.errors.UnknownShopper`."""

    def drop(self, session_id: str, need_id: int, key: str) -> DialogueState:
        """Take one constraint out of the ledger (its chip was tapped); an unknown key changes nothing."""
        with self._turn_of(session_id):
            state = self._sessions.load(session_id)
            return self._back.press(state, ledger.drop(state, need_id, key))

    def set_diversity(self, session_id: str, diversity: float | None) -> None:
        """How varied the lists of this session are, 0 to 1; ``None`` is the shop's default."""
        if diversity is not None and not 0.0 <= diversity <= 1.0:
            raise SessionError(f"diversity is {diversity}; it lies between 0 and 1")
        with self._turn_of(session_id):
            state = self._sessions.load(session_id)
            self._back.press(state, replace(state, diversity=diversity))

    def unjudge(self, session_id: str, item_id: str, *, user_id: str | None = None) -> int:
        """Take back a like or a "not for me" that was pressed or said: the conversation, the log and the shopper's profile know nothing of
        it any more. Gives the entries that the log loses; what was never judged changes nothing."""
        self._check_shopper(user_id)
        with self._turn_of(session_id), self.database.transaction():
            state = self._sessions.load(session_id)
            if item_id in (*state.liked, *state.disliked):
                self._sessions.save(ledger.unjudge(state, item_id))
            erased = self.database.events.erase_judgement(Caller(session_id, user_id).owner, item_id)
            if user_id is not None:
                self._keeper.drop(user_id, f"item:{item_id}")
        return erased

    def undo(self, session_id: str, *, turn_id: str | None = None, user_id: str | None = None) -> TakenBack:
        """Take the newest turn back, so that the conversation stands as before it. ``turn_id`` guards against taking back another one.

        A press that began the turn (not for me, a dropped wish, the variety) goes back with it; a like that was pressed stays. The receipt
        is kept and marked, the log keeps what was shown. All or nothing. Raises :class:`chatrec.errors.NothingToUndo` where no turn is left
        (the newest twelve can be taken back one by one), and :class:`CannotUndo` where the turn changed something outside the conversation
        (cart, order, profile, a person who was called) or is not the newest.
        """
        self._check_shopper(user_id)
        with self._turn_of(session_id):
            return self._back.take(session_id, user_id, turn_id)
