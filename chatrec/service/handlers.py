"""What the chat page does when something is said, pressed or stopped."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr  # read at run time: a handler's annotation tells Gradio to hand it the event

from chatrec.domain.event import EventKind
from chatrec.domain.reply import Done, ReplyEvent
from chatrec.errors import Busy, CannotUndo, NothingToUndo, TurnTimeout, UnknownItem
from chatrec.service.conversation import Message, View, Writing, hear, look, offer, settle, stream, without_last
from chatrec.service.failures import what_failed
from chatrec.service.page_memo import read_memo, write_memo
from chatrec.service.page_texts import Texts, texts_in
from chatrec.service.render import examples_html
from chatrec.service.side import side_html
from chatrec.service.stream import Turns

if TYPE_CHECKING:
    from chatrec.bot import ChatRec
    from chatrec.keeping import Shopper

log = logging.getLogger(__name__)

Update = tuple[Any, Any, Any, Any]  # messages, chips, receipt and side, or what leaves one of them as it is
Updates = AsyncGenerator[Update, None]
Opened = tuple[list[Message], str, str, str, str]
Start = Callable[[], Iterator[ReplyEvent]]
# What is heard when the variety slider came to rest, by how far it was moved.
_VARIETY = ((0.34, "heard_closest"), (0.67, "heard_balanced"), (1.01, "heard_wider"))


class MovedOn(CannotUndo):
    """The conversation went on in another window than the one where this was pressed."""


# What a shopper is told, by the kind of the error; what nobody foresaw is the shop's own trouble.
_TOLD: tuple[tuple[type[Exception], str], ...] = (
    (UnknownItem, "gone"), (Busy, "busy"), (TurnTimeout, "late"), (MovedOn, "moved_on"), (NothingToUndo, "not_kept"),
    (CannotUndo, "not_changed"),
)  # fmt: skip


class ChatPage:
    """The page's handlers. Holds no conversation: a browser tab carries its session's id in a memo.

    Its turns line up in ``turns`` with those of all other faces of the service, so that one limit holds for all.
    """

    def __init__(self, bot: ChatRec, turns: Turns, user_id: str | None, examples: tuple[str, ...] = ()) -> None:
        self._bot, self._turns, self._user_id, self._examples = bot, turns, user_id, examples

    async def press(self, event: gr.EventData, messages: list[Message], memo: str) -> Updates:
        """An action of the page, as ``page.js`` hands it over one at a time: a message, or a button on a card or a chip."""
        data = {str(k): str(v) for k, v in (event._data or {}).items()}
        act = {
            "say": self._say, "again": self._say, "why": self._why, "like": self._like, "dislike": self._dislike, "drop": self._drop,
            "vary": self._vary, "fresh": self._fresh, "cart": self._cart, "uncart": self._uncart, "unlearn": self._unlearn,
            "take_back": self._take_back, "unjudge": self._unjudge,
        }  # fmt: skip
        chosen = act.get(data.get("act", ""))
        view = settle(View(list(messages), texts=texts_in(data.get("language", ""))))
        yield gr.skip(), gr.skip(), gr.skip(), gr.skip()  # an action that shows nothing leaves the page as it is
        session_id = read_memo(memo).session_id
        if chosen is None or not session_id:
            return
        try:
            async with aclosing(chosen(data, view, session_id)) as updates:
                async for update in updates:
                    yield update
        except Exception as error:  # whatever it was, the shopper gets an answer, and nothing of the shop's insides
            told = next((key for kind, key in _TOLD if isinstance(error, kind)), "failed")
            if told == "failed":
                log.error("a turn of the chat page failed: %s", what_failed(error))
            settle(view).messages.append({"role": "assistant", "content": view.texts(told)})
            yield offer(view).messages, view.chips or gr.skip(), view.receipt or gr.skip(), gr.skip()

    def stop(self, messages: list[Message], memo: str) -> list[Message]:
        """The shopper stopped the answer: what was said stays."""
        view = settle(View(list(messages), texts=read_memo(memo).texts))
        view.messages.append({"role": "assistant", "content": view.texts("stopped")})
        return offer(view).messages

    async def _fresh(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        yield [], examples_html(self._examples, view.texts), "", await self._beside(session_id, view.texts)

    async def _say(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        message = data.get("message", "")
        if "turn" in data:  # said in place of the last exchange: as it was, or changed
            await self._undo(data, session_id)
            view = without_last(view)
        turn = partial(self._bot.reply, session_id, message, user_id=self._user_id, keep_stopped=True)
        async for update in self._play(message, turn, view, session_id):
            yield update

    async def _take_back(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        await self._undo(data, session_id)
        before = await asyncio.to_thread(self._kept, session_id, view.texts)
        chips = before.chips or examples_html(self._examples, view.texts)
        yield before.messages, chips, before.receipt, await self._beside(session_id, view.texts)

    async def _undo(self, data: Mapping[str, str], session_id: str) -> None:
        """The exchange of this turn is taken back, as far as any of it was kept."""
        turn = int(data.get("turn", "0"))

        def work() -> None:
            now = self._bot.state(session_id).turn
            if now == turn:
                self._bot.undo(session_id, user_id=self._user_id)
            elif now != turn - 1:  # else it failed, or was stopped, before there was anything to keep
                raise MovedOn(f"turn {turn} is not the newest of its conversation")

        await self._turns.call(session_id, work)

    async def _why(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        item_id, position = data.get("item", ""), int(data.get("position", "0"))

        def which() -> str:
            """A number means the newest list; a card further up is called by its name."""
            listed = self._bot.state(session_id).last_shown()
            return f"number {position}" if listed[position - 1 : position] == (item_id,) else self._bot.live_item(item_id).title

        message = f"Why did you show me {await asyncio.to_thread(which)}?"
        async for update in self._say({"message": message}, view, session_id):
            yield update

    async def _like(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        await self._turns.call(session_id, partial(self._judge, data, session_id, EventKind.LIKE))
        yield gr.skip(), gr.skip(), gr.skip(), await self._beside(session_id, view.texts)  # the button shows it; the next list counts it

    async def _unjudge(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        await self._turns.call(session_id, partial(self._bot.unjudge, session_id, data.get("item", ""), user_id=self._user_id))
        yield gr.skip(), gr.skip(), gr.skip(), await self._beside(session_id, view.texts)

    def _dislike(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        judge = partial(self._judge, data, session_id, EventKind.DISLIKE)
        return self._again(data.get("label") or view.texts("dislike"), judge, view, session_id)

    def _drop(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        drop = partial(self._bot.drop, session_id, int(data.get("need", "0")), data.get("key", ""))
        label = data.get("label", "")
        return self._again(label[:1].upper() + label[1:], drop, view, session_id)

    async def _vary(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        diversity = float(data.get("value", "0"))
        vary = partial(self._bot.set_diversity, session_id, diversity)
        if not (await asyncio.to_thread(self._bot.state, session_id)).last_shown():
            await self._turns.call(session_id, vary)
            return
        heard = view.texts(next(key for most, key in _VARIETY if diversity < most))
        async for update in self._again(heard, vary, view, session_id):
            yield update

    def _again(self, heard: str, change: Callable[[], object], view: View, session_id: str) -> Updates:
        """The list made anew after a change, under a line that says what the shopper did."""

        def turn() -> Iterator[ReplyEvent]:
            change()
            yield from self._bot.refresh(session_id, user_id=self._user_id, heard=heard)

        return self._play(heard, turn, view, session_id, pressed=True)

    def _judge(self, data: Mapping[str, str], session_id: str, kind: EventKind) -> None:
        self._bot.feedback(session_id, data.get("item", ""), kind, user_id=self._user_id)

    def _cart(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        heard, item_id = data.get("label") or view.texts("cart"), data.get("item", "")
        turn = partial(self._bot.put_in_cart, session_id, item_id, user_id=self._user_id, heard=heard)
        return self._play(heard, turn, view, session_id, pressed=True)

    async def _uncart(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        take_out = partial(self._shopper(session_id).take_out, data.get("item", ""), data.get("variant", ""))
        await self._turns.call(session_id, take_out)
        yield gr.skip(), gr.skip(), gr.skip(), await self._beside(session_id, view.texts)

    async def _unlearn(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        await self._turns.call(session_id, partial(self._shopper(session_id).drop, data.get("key", "")))
        yield gr.skip(), gr.skip(), gr.skip(), await self._beside(session_id, view.texts)

    async def _play(self, heard: str, start: Start, view: View, session_id: str, *, pressed: bool = False) -> Updates:
        """One turn, as far as it goes: what was heard, then what is found, then what can be done with it."""
        number = (await asyncio.to_thread(self._bot.state, session_id)).turn + 1
        yield look(hear(view, heard, number, pressed=pressed)).messages, "", view.receipt, gr.skip()
        writing = Writing(view)
        async with self._turns.begin(session_id, start) as turn:
            async for event in turn:
                now = writing.take(event)
                yield now.messages, now.chips, now.receipt, gr.skip()
        yield offer(view).messages, gr.skip(), gr.skip(), await self._beside(session_id, view.texts)

    def _shopper(self, session_id: str) -> Shopper:
        return self._bot.shopper(session_id, user_id=self._user_id)

    async def _beside(self, session_id: str, texts: Texts) -> str:
        return await asyncio.to_thread(self.side, session_id, texts)

    def side(self, session_id: str, texts: Texts) -> str:
        """The cart, and what is remembered of a verified shopper."""
        shopper = self._shopper(session_id)
        return side_html(shopper.cart(), shopper.profile(), self._bot, texts)

    def _kept(self, session_id: str, texts: Texts) -> View:
        """The conversation as it is kept."""
        view = View(texts=texts)
        for message, events in self._shopper(session_id).turns():
            view = replayed(view, message, events)
        return offer(view)

    def resume(self, memo: str) -> Opened:
        """The conversation that the browser remembers, as it was left, or a new one: messages, chips, receipt, side, and the memo for the
        browser. A session of another shopper, or one that is gone, is never resumed."""
        known = read_memo(memo)
        view = self._kept(known.session_id, known.texts) if known.session_id else View(texts=known.texts)
        session_id = known.session_id if view.messages else new_session()
        told = write_memo(self._bot.state(session_id), known.texts)
        chips = view.chips or examples_html(self._examples, known.texts)
        return view.messages, chips, view.receipt, self.side(session_id, known.texts), told

    def begin(self, memo: str) -> Opened:
        """An empty page with a session of its own, in the language of before."""
        texts, session_id = read_memo(memo).texts, new_session()
        told = write_memo(self._bot.state(session_id), texts)
        return [], examples_html(self._examples, texts), "", self.side(session_id, texts), told


def new_session() -> str:
    """A session id that nobody guesses."""
    return f"page-{secrets.token_hex(12)}"


def replayed(view: View, message: str, events: Iterable[ReplyEvent]) -> View:
    """The view with a turn that was kept; one that the shopper stopped says so."""
    kept = list(events)
    receipt = next((event.receipt for event in kept if isinstance(event, Done)), None)
    if message and receipt is not None:
        view = hear(view, message, receipt.turn, pressed=not receipt.message)
    view = deque(stream(view, kept), maxlen=1)[-1]
    if receipt is not None and receipt.stopped:
        view.messages.append({"role": "assistant", "content": view.texts("stopped")})
    return view
