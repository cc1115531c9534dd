"""Taking the last turn of a conversation back: the state of before it holds again, and the turn is no part of the conversation any more."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatrec.domain.event import EventKind
from chatrec.domain.reply import Receipt
from chatrec.domain.state import DialogueState
from chatrec.domain.tool import Caller
from chatrec.errors import CannotUndo, NothingToUndo
from chatrec.keeping import Keeper, heard
from chatrec.protocols import SessionStore
from chatrec.storage.database import Database


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A turn that was taken back. ``message`` is what the shopper had written, or empty where a button began the turn; then ``heard``
    holds what a page had shown in its place. ``state`` is that of now."""

    turn_id: str
    message: str
    heard: str
    state: DialogueState


class TurnsBack:
    """Takes turns back, one by one from the newest. Its callers hold the session."""

    def __init__(self, database: Database, sessions: SessionStore, keeper: Keeper) -> None:
        self._database, self._sessions, self._keeper = database, sessions, keeper

    def press(self, before: DialogueState, after: DialogueState) -> DialogueState:
        """Saves the state after a button, so that taking back the turn which the button begins takes the press back as well."""
        with self._database.transaction():
            saved = self._sessions.save(after)
            self._database.checkpoints.keep(before, anew=False)
        return saved

    def take(self, session_id: str, user_id: str | None, turn_id: str | None) -> TakenBack:
        """Takes the newest turn back, all of it or nothing; see :meth:`chatrec.bot.ChatRec.undo`."""
        now = self._sessions.load(session_id)
        receipt = self._newest(now, user_id)
        if turn_id is not None and receipt.turn_id != turn_id:
            raise CannotUndo(f"turn {turn_id!r:.120} is not the newest of its conversation; only that one can be taken back")
        kept = self._database.checkpoints.load(session_id, receipt.turn)
        if kept is None:
            raise NothingToUndo("this turn cannot be taken back any more: the state of before it is not kept")
        if kept.changed:
            raise CannotUndo(f"this turn changed something outside the conversation ({kept.changed}); that is not taken back by itself")
        with self._database.transaction():
            before = self._judgements_back(replace(kept.state, version=now.version), now, user_id)
            state = self._sessions.save(before)
            self._database.checkpoints.drop_from(session_id, receipt.turn)
            self._database.receipts.take_back(receipt)
        return TakenBack(receipt.turn_id, receipt.message, heard(receipt), state)

    def _newest(self, now: DialogueState, user_id: str | None) -> Receipt:
        receipts = self._keeper.receipts(now.session_id, user_id)
        if not receipts or receipts[-1].turn != now.turn:
            raise NothingToUndo("there is no turn to take back in this conversation")
        return receipts[-1]

    def _judgements_back(self, before: DialogueState, now: DialogueState, user_id: str | None) -> DialogueState:
        """The state of before, with the hearts that were pressed since and without those that were taken back since: they are no part of
        a turn. Other judgements go, from the log and the profile as well."""
        pressed = {e.item_id for e in self._database.events.of_session(now.session_id, kinds=(EventKind.LIKE,))}
        new = [item_id for item_id in (*now.liked, *now.disliked) if item_id not in (*before.liked, *before.disliked)]
        staying = tuple(item_id for item_id in new if item_id in now.liked and item_id in pressed)
        for item_id in new:
            if item_id in staying:
                continue
            self._database.events.erase_judgement(Caller(now.session_id, user_id).owner, item_id)
            if user_id is not None:
                self._keeper.drop(user_id, f"item:{item_id}")
        judged = {*now.liked, *now.disliked}
        liked, disliked = ([i for i in old if i in judged] for old in (before.liked, before.disliked))
        return replace(before, user_id=user_id, liked=(*liked, *staying), disliked=tuple(disliked))
