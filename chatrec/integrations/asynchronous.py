"""``ChatRec`` for asyncio: the same turns, computed in worker threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from chatrec.bot import ChatRec
from chatrec.domain.context import Context
from chatrec.domain.event import EventKind
from chatrec.domain.item import Item
from chatrec.domain.reply import Receipt, ReplyEvent
from chatrec.domain.state import DialogueState
from chatrec.stepping import Steps

if TYPE_CHECKING:
    from chatrec.placements import Placement


class AsyncChatRec:
    """One open shop in an asyncio program. At most ``at_once`` turns are computed side by side, more wait in order; turns of one
    session go one after another. The event loop is never blocked.

    >>> async with await AsyncChatRec.open("demo") as bot:                         # doctest: +SKIP
    ...     async for event in bot.reply("session-1", "a tent under 200"): ...
    """

    def __init__(self, bot: ChatRec, *, at_once: int = 8) -> None:
        self.bot = bot
        self._steps = Steps(at_once)

    @classmethod
    async def open(
        cls, shop: str | Path = "demo", *, settings: Mapping[str, Mapping[str, Any]] | None = None, at_once: int = 8, **more: Any
    ) -> AsyncChatRec:
        """Opens a shop in a worker thread; takes what :meth:`ChatRec.open` takes, and raises what it raises."""
        return cls(await asyncio.to_thread(lambda: ChatRec.open(shop, settings=settings, **more)), at_once=at_once)

    def reply(
        self, session_id: str, message: str, *, user_id: str | None = None, context: Context | None = None, keep_stopped: bool = False
    ) -> AsyncGenerator[ReplyEvent, None]:
        """One turn, as :meth:`ChatRec.reply` gives it. Cancelling the task that waits for an event, or ``aclose``, stops the turn and
        saves nothing (with ``keep_stopped`` what was shown so far). A reader that may leave the loop early, or be cancelled inside it,
        reads through ``contextlib.aclosing``: else asyncio closes the turn a moment later, when it finds the iterator abandoned."""
        return self._walk(
            session_id, lambda: self.bot.reply(session_id, message, user_id=user_id, context=context, keep_stopped=keep_stopped)
        )

    def refresh(self, session_id: str, *, user_id: str | None = None) -> AsyncGenerator[ReplyEvent, None]:
        """The active need offered again, without a message."""
        return self._walk(session_id, lambda: self.bot.refresh(session_id, user_id=user_id))

    def put_in_cart(self, session_id: str, item_id: str, *, user_id: str | None = None) -> AsyncGenerator[ReplyEvent, None]:
        """One turn for a button that says so."""
        return self._walk(session_id, lambda: self.bot.put_in_cart(session_id, item_id, user_id=user_id))

    def _walk(self, session_id: str, begin: Any) -> AsyncGenerator[ReplyEvent, None]:
        return self._steps.walk(lambda: cast(Generator[ReplyEvent, None, None], begin()), session_id)

    async def recommend(
        self, placement: str, *, item_id: str | None = None, cart: Iterable[str] = (), query: str = "", k: int = 6,
        session_id: str | None = None, user_id: str | None = None,
    ) -> Placement:  # fmt: skip
        """A list for a page without a chat, as :meth:`ChatRec.recommend` gives it."""
        return await self._steps.call(
            lambda: self.bot.recommend(placement, item_id=item_id, cart=cart, query=query, k=k, session_id=session_id, user_id=user_id)
        )

    async def feedback(self, session_id: str, item_id: str, kind: EventKind | str, *, user_id: str | None = None) -> None:
        """Logs what the shopper did with an item. Raises :class:`chatrec.errors.UnknownItem`."""
        await self._steps.call(lambda: self.bot.feedback(session_id, item_id, kind, user_id=user_id), key=session_id)

    async def drop(self, session_id: str, need_id: int, key: str) -> DialogueState:
        """Takes one constraint out of the ledger."""
        return await self._steps.call(self.bot.drop, session_id, need_id, key, key=session_id)

    async def state(self, session_id: str) -> DialogueState:
        """What is remembered of a session."""
        return await self._steps.call(self.bot.state, session_id)

    async def receipt(self, turn_id: str) -> Receipt | None:
        """The receipt of a turn, or ``None``."""
        return await self._steps.call(self.bot.receipt, turn_id)

    async def live_item(self, item_id: str) -> Item:
        """The record with price and stock as they are now. Raises :class:`chatrec.errors.UnknownItem`."""
        return await self._steps.call(self.bot.live_item, item_id)

    async def forget(self, *, session_id: str | None = None, user_id: str | None = None) -> dict[str, int]:
        """Erases a session, or all of a shopper; gives rows erased by table."""
        return await self._steps.call(lambda: self.bot.forget(session_id=session_id, user_id=user_id), key=session_id or "")

    async def warm_up(self) -> None:
        """Loads the models now, not at the first message."""
        await self._steps.call(self.bot.warm_up)

    async def about(self) -> dict[str, Any]:
        """Shop, generation, sizes and model."""
        return await self._steps.call(self.bot.about)

    async def close(self) -> None:
        """Releases the index folder and the database. Turns under way fail."""
        await asyncio.to_thread(self.bot.close)

    async def __aenter__(self) -> AsyncChatRec:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()
