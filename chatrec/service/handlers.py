"""What the chat page does when something is said, pressed or stopped."""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr  # read at run time: a handler's annotation tells Gradio to hand it the event

from chatrec.domain.event import EventKind
from chatrec.domain.reply import Done, ReplyEvent
from chatrec.errors import UnknownItem
from chatrec.service.conversation import Message, View, hear, look, settle, stream
from chatrec.service.failures import what_failed
from chatrec.service.side import side_html

if TYPE_CHECKING:
    from chatrec.bot import ChatRec
    from chatrec.keeping import Shopper

log = logging.getLogger(__name__)

FAILED = "Something went wrong on our side, sorry. Please try that again."
GONE = "This product is no longer in the shop."
STOPPED = "Stopped."
_SESSION = re.compile(r"page-[0-9a-f]{24}")
Update = tuple[Any, Any, Any, Any]  # messages, chips, receipt and side, or what leaves one of them as it is
Updates = Generator[Update, None, None]
# What is heard when the variety slider came to rest, by how far it was moved.
_VARIETY = ((0.34, "Show me the closest matches"), (0.67, "Show me a balanced choice"), (1.01, "Show me a wider choice"))


class ChatPage:
    """The page's handlers. Holds no conversation: the session id is the only thing that a browser tab carries."""

    def __init__(self, bot: ChatRec, user_id: str | None, examples: str = "") -> None:
        self._bot, self._user_id, self._examples = bot, user_id, examples

    def press(self, event: gr.EventData, messages: list[Message], session_id: str) -> Updates:
        """An action of the page, as ``page.js`` hands it over one at a time: a message, or a button on a card or a chip."""
        data = {str(k): str(v) for k, v in (event._data or {}).items()}
        act = {
            "say": self._say, "why": self._why, "like": self._like, "dislike": self._dislike, "drop": self._drop, "vary": self._vary,
            "fresh": self._fresh, "cart": self._cart, "uncart": self._uncart, "unlearn": self._unlearn,
        }  # fmt: skip
        chosen = act.get(data.get("act", ""))
        view = settle(View(list(messages)))
        yield gr.skip(), gr.skip(), gr.skip(), gr.skip()  # an action that shows nothing leaves the page as it is
        if chosen is None:
            return
        try:
            with closing(chosen(data, view, session_id)) as updates:
                yield from updates
        except Exception as error:  # whatever it was, the shopper gets an answer, and nothing of the shop's insides
            log.error("a turn of the chat page failed: %s", what_failed(error))
            settle(view).messages.append({"role": "assistant", "content": GONE if isinstance(error, UnknownItem) else FAILED})
            yield view.messages, view.chips, view.receipt, gr.skip()

    def stop(self, messages: list[Message]) -> list[Message]:
        """The shopper stopped the answer: what was said stays."""
        view = settle(View(list(messages)))
        view.messages.append({"role": "assistant", "content": STOPPED})
        return view.messages

    def _fresh(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        yield [], self._examples, "", self.side(session_id)

    def _say(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        message = data.get("message", "")
        turn = partial(self._bot.reply, session_id, message, user_id=self._user_id, keep_stopped=True)
        yield from self._play(hear(view, message), turn, session_id)

    def _why(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        item_id, position = data.get("item", ""), int(data.get("position", "0"))
        listed = self._bot.state(session_id).last_shown()
        # a number means the newest list; a card further up is called by its name
        which = f"number {position}" if listed[position - 1 : position] == (item_id,) else self._bot.live_item(item_id).title
        yield from self._say({"message": f"Why did you show me {which}?"}, view, session_id)

    def _like(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        self._judge(data, session_id, EventKind.LIKE)
        yield gr.skip(), gr.skip(), gr.skip(), self.side(session_id)  # the button itself shows it; the next list counts it

    def _dislike(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        self._judge(data, session_id, EventKind.DISLIKE)
        yield from self._again(f"{data.get('label', 'Not for me')}", view, session_id)

    def _drop(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        self._bot.drop(session_id, int(data.get("need", "0")), data.get("key", ""))
        yield from self._again(data.get("label", "").capitalize(), view, session_id)

    def _vary(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        diversity = float(data.get("value", "0"))
        self._bot.set_diversity(session_id, diversity)
        if self._bot.state(session_id).last_shown():
            yield from self._again(next(words for most, words in _VARIETY if diversity < most), view, session_id)

    def _again(self, heard: str, view: View, session_id: str) -> Updates:
        """The list made anew, under a line that says what the shopper did."""
        yield from self._play(hear(view, heard), partial(self._bot.refresh, session_id, user_id=self._user_id, heard=heard), session_id)

    def _judge(self, data: Mapping[str, str], session_id: str, kind: EventKind) -> None:
        self._bot.feedback(session_id, data.get("item", ""), kind, user_id=self._user_id)

    def _cart(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        heard, item_id = data.get("label", "Add to cart"), data.get("item", "")
        turn = partial(self._bot.put_in_cart, session_id, item_id, user_id=self._user_id, heard=heard)
        yield from self._play(hear(view, heard), turn, session_id)

    def _uncart(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        self._shopper(session_id).take_out(data.get("item", ""), data.get("variant", ""))
        yield gr.skip(), gr.skip(), gr.skip(), self.side(session_id)

    def _unlearn(self, data: Mapping[str, str], view: View, session_id: str) -> Updates:
        self._shopper(session_id).drop(data.get("key", ""))
        yield gr.skip(), gr.skip(), gr.skip(), self.side(session_id)

    def _play(self, view: View, events: Callable[[], Iterator[ReplyEvent]], session_id: str) -> Updates:
        yield look(view).messages, "", view.receipt, gr.skip()
        for now in stream(view, events()):
            yield now.messages, now.chips, now.receipt, gr.skip()
        yield gr.skip(), gr.skip(), gr.skip(), self.side(session_id)

    def _shopper(self, session_id: str) -> Shopper:
        return self._bot.shopper(session_id, user_id=self._user_id)

    def side(self, session_id: str) -> str:
        """The cart, and what is remembered of a verified shopper."""
        shopper = self._shopper(session_id)
        return side_html(shopper.cart(), shopper.profile(), self._bot)

    def resume(self, memo: str) -> tuple[list[Message], str, str, str, str, str]:
        """The conversation that the browser remembers, as it was left, or a new one: messages, chips, receipt, side, session id, and the
        memo for the browser (session id, likes and dislikes). A session of another shopper, or one that is gone, is never resumed."""
        known = memo if _SESSION.fullmatch(memo or "") else ""
        view = View()
        if known:
            for message, events in self._shopper(known).turns():
                view = replayed(hear(view, message) if message else view, events)
        session_id = known if view.messages else new_session()
        state = self._bot.state(session_id)
        said = json.dumps({"session": session_id, "liked": state.liked, "disliked": state.disliked})
        return view.messages, view.chips or self._examples, view.receipt, self.side(session_id), session_id, said

    def begin(self) -> tuple[list[Message], str, str, str, str, str]:
        """An empty page with a session of its own."""
        return self.resume("")


def new_session() -> str:
    """A session id that nobody guesses."""
    return f"page-{secrets.token_hex(12)}"


def replayed(view: View, events: Iterable[ReplyEvent]) -> View:
    """The view with a turn that was kept; one that the shopper stopped says so."""
    kept = list(events)
    view = deque(stream(view, kept), maxlen=1)[-1]
    if any(isinstance(event, Done) and event.receipt.stopped for event in kept):
        view.messages.append({"role": "assistant", "content": STOPPED})
    return view
