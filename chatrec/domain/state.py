"""The state of one dialogue: all that a turn needs to know of the turns before it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatrec.domain.context import NOWHERE, Context
from chatrec.domain.need import Need
from chatrec.domain.tool import Pending


@dataclass(frozen=True, slots=True)
class ShownList:
    """The items shown in one turn, in the order of their cards, and why each was shown. ``alternative``: they do not match all that was
    asked for, and were marked as such."""

    turn: int
    need_id: int
    item_ids: tuple[str, ...]
    whys: tuple[str, ...] = ()
    alternative: bool = False


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A clarifying question that waits for its answer."""

    need_id: int
    field: str
    text: str
    options: tuple[str, ...]
    turn: int


@dataclass(frozen=True, slots=True)
class DialogueState:
    """Everything remembered of a session. Immutable: each step returns a new one.

    ``version`` counts saves (optimistic locking). ``shown`` is oldest first. ``focus`` are the items talked about last ("it").
    ``asked`` holds ``need_id:field`` of every question ever asked, so that none is asked twice, and ``need_id:any:field`` of every
    field that the shopper left open, so that none is asked for, and ``need_id:passed:field`` of every question that was passed over.
    ``past`` are earlier ledgers, for undo, newest last. ``diversity`` overrides the shop's default when the shopper moved the slider.
    ``context`` is where the shopper was when last heard of. ``mood`` is the shopper's over the turns so far, in [-1, 1], newer turns
    counting more; ``language`` the ISO 639-1 code of the last message that told one. ``tried`` are the acts that led nowhere and the ways
    out that were offered, in words, for whoever takes over. ``pending`` is what the shopper was asked before a change.
    ``shop_question`` is the question about the shop that the last turn answered.
    """

    session_id: str
    version: int = 0
    turn: int = 0
    user_id: str | None = None
    needs: tuple[Need, ...] = ()
    active_need: int | None = None
    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    shown: tuple[ShownList, ...] = ()
    question: OpenQuestion | None = None
    asked: tuple[str, ...] = ()
    focus: tuple[str, ...] = ()
    past: tuple[tuple[Need, ...], ...] = ()
    failures: int = 0
    handed_off: bool = False
    diversity: float | None = None
    context: Context = NOWHERE
    pending: Pending | None = None
    mood: float = 0.0
    language: str = ""
    tried: tuple[str, ...] = ()
    shop_question: str = ""

    def need(self, need_id: int | None = None) -> Need | None:
        """The need with this id; without one, the active need."""
        wanted = self.active_need if need_id is None else need_id
        return next((n for n in self.needs if n.need_id == wanted), None)

    def with_need(self, need: Need) -> DialogueState:
        """This state with ``need`` added, or put in place of the one with its id."""
        known = any(n.need_id == need.need_id for n in self.needs)
        needs = tuple(need if n.need_id == need.need_id else n for n in self.needs)
        return replace(self, needs=needs if known else (*needs, need))

    def last_shown(self) -> tuple[str, ...]:
        """The items of the newest list, or nothing."""
        return self.shown[-1].item_ids if self.shown else ()

    def all_shown(self) -> frozenset[str]:
        """Every item shown in this dialogue."""
        return frozenset(i for s in self.shown for i in s.item_ids)
