"""A shop's conversation as a LangChain ``Runnable``: one message in, one grounded turn out, whole or as it comes."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping
from contextlib import aclosing, closing
from typing import Any, Protocol, cast

from langchain_core.callbacks import AsyncCallbackManagerForChainRun, CallbackManagerForChainRun
from langchain_core.messages import HumanMessage
from langchain_core.runnables import Runnable, RunnableConfig, ensure_config
from langchain_core.runnables.utils import AddableDict

from chatrec.domain.reply import ReplyEvent
from chatrec.domain.reply_json import TurnJson
from chatrec.errors import InvalidMessage
from chatrec.stepping import Steps

_KEYS = ("message", "session_id", "user_id")
Said = str | dict[str, Any] | HumanMessage


class Replies(Protocol):
    """What can answer a shopper: an open shop."""

    def reply(self, session_id: str, message: str, *, user_id: str | None = None) -> Iterator[ReplyEvent]:
        """One turn."""


class ChatRunnable(Runnable[Said, dict[str, Any]]):
    """Takes a message (``str`` or ``HumanMessage``), or a dict of ``message`` and, where known, ``session_id`` and ``user_id``.

    Gives a dict: ``session_id``, ``turn_id``, ``text``, ``sentences``, ``cards``, ``alternatives``, ``comparisons``, ``chips``,
    ``action``. Streamed, each event is a dict of what it adds (cards come before text), and the sum of the chunks is the whole.
    Session and shopper may also stand in ``config["configurable"]``; without a session a new conversation begins, whose id the answer
    tells. Raises :class:`InvalidMessage` for any other input.
    """

    def __init__(self, bot: Replies, *, at_once: int = 8) -> None:
        self._bot = bot
        self._steps = Steps(at_once)

    def get_name(self, suffix: str | None = None, *, name: str | None = None) -> str:
        """The name in traces."""
        return super().get_name(suffix, name=name or "chatrec")

    def invoke(self, input: Said, config: RunnableConfig | None = None, **kwargs: Any) -> dict[str, Any]:
        """One whole turn."""
        return self._call_with_config(self._whole, input, config, run_type="chain")

    async def ainvoke(self, input: Said, config: RunnableConfig | None = None, **kwargs: Any) -> dict[str, Any]:
        """One whole turn; the event loop stays free. Cancelled, it stops the turn."""
        return await self._acall_with_config(self._awhole, input, config, run_type="chain")

    def stream(self, input: Said, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[dict[str, Any]]:
        """The turn as it comes. Closing the iterator stops the turn."""
        yield from self.transform(iter([input]), config)

    async def astream(self, input: Said, config: RunnableConfig | None = None, **kwargs: Any) -> AsyncIterator[dict[str, Any]]:
        """The turn as it comes; the event loop stays free."""

        async def once() -> AsyncIterator[Said]:
            yield input

        async for chunk in self.atransform(once(), config):
            yield chunk

    def transform(self, input: Iterator[Said], config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[dict[str, Any]]:
        """As :meth:`stream`, for an input that comes in pieces."""
        yield from self._transform_stream_with_config(input, self._pieces, config, run_type="chain")

    async def atransform(
        self, input: AsyncIterator[Said], config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """As :meth:`astream`, for an input that comes in pieces."""
        async for chunk in self._atransform_stream_with_config(input, self._apieces, config, run_type="chain"):
            yield chunk

    def _begin(self, said: Said, config: RunnableConfig) -> tuple[str, Callable[[], Generator[ReplyEvent, None, None]]]:
        message, session_id, user_id = _asked(said, config)
        session = session_id or f"lc-{secrets.token_urlsafe(18)}"

        def turn() -> Generator[ReplyEvent, None, None]:
            return cast(Generator[ReplyEvent, None, None], self._bot.reply(session, message, user_id=user_id))

        return session, turn

    def _whole(self, said: Said, run_manager: CallbackManagerForChainRun, config: RunnableConfig) -> dict[str, Any]:
        _, turn = self._begin(said, config)
        with closing(turn()) as events:
            return _summed(map(_Chunks().of, events))

    async def _awhole(self, said: Said, run_manager: AsyncCallbackManagerForChainRun, config: RunnableConfig) -> dict[str, Any]:
        session, turn = self._begin(said, config)
        async with aclosing(self._steps.walk(turn, session)) as events:
            return _summed(map(_Chunks().of, [event async for event in events]))

    def _pieces(self, said: Iterator[Said], run_manager: CallbackManagerForChainRun, config: RunnableConfig) -> Iterator[dict[str, Any]]:
        _, turn = self._begin(_joined(list(said)), config)
        with closing(turn()) as events:
            yield from filter(None, map(_Chunks().of, events))

    async def _apieces(
        self, said: AsyncIterator[Said], run_manager: AsyncCallbackManagerForChainRun, config: RunnableConfig
    ) -> AsyncGenerator[dict[str, Any], None]:
        session, turn = self._begin(_joined([piece async for piece in said]), config)
        chunks = _Chunks()
        async with aclosing(self._steps.walk(turn, session)) as events:
            async for event in events:
                if chunk := chunks.of(event):
                    yield chunk


def as_runnable(bot: Replies, *, at_once: int = 8) -> ChatRunnable:
    """The shop's conversation as a Runnable; of asynchronous turns at most ``at_once`` are computed side by side."""
    return ChatRunnable(bot, at_once=at_once)


def _asked(said: Said, config: RunnableConfig) -> tuple[str, str | None, str | None]:
    """Message, session and shopper; what the input says counts before the configuration."""
    configured: Mapping[str, Any] = ensure_config(config).get("configurable") or {}
    given: Mapping[str, Any] = said if isinstance(said, Mapping) else {"message": said.text if isinstance(said, HumanMessage) else said}
    unknown = [str(key) for key in given if key not in _KEYS]
    message = given.get("message")
    if unknown or not isinstance(message, str):
        wrong = f"it has {', '.join(unknown)!r:.80}" if unknown else f"its message is {type(message).__name__}"
        raise InvalidMessage(f"the input is a message or a dict of {', '.join(_KEYS)}; {wrong}")
    named = {key: given.get(key) or configured.get(key) for key in ("session_id", "user_id")}
    for key, value in named.items():
        if value is not None and not isinstance(value, str):
            raise InvalidMessage(f"{key} is {type(value).__name__}; it is text, or left out")
    return message, named["session_id"], named["user_id"]


def _joined(pieces: list[Said]) -> Said:
    """An input that came in pieces, as one."""
    whole: Any = pieces[0] if pieces else ""
    for piece in pieces[1:]:
        whole = whole + piece if not isinstance(whole, Mapping) else {**whole, **cast(dict[str, Any], piece)}
    return cast(Said, whole)


class _Chunks:
    """What each event of one turn adds to the answer; the chunks add up to the whole."""

    def __init__(self) -> None:
        self._turn, self._spoke = TurnJson(), False

    def of(self, event: ReplyEvent) -> AddableDict:
        """The chunk of this event; empty for what a shopper does not see."""
        name, data = self._turn.tell(event)
        if name in ("cards", "alternatives"):
            return AddableDict({name: [{**card, "need_id": data["need_id"]} for card in data["cards"]]})
        if name == "sentence":
            text, self._spoke = f" {data['text']}" if self._spoke else data["text"], True
            return AddableDict(text=text, sentences=[data])
        if name == "comparison":
            return AddableDict(comparisons=[data])
        if name == "chips":
            return AddableDict(chips=data["chips"])
        if name == "done":
            return AddableDict({key: data[key] for key in ("session_id", "turn_id", "action")})
        return AddableDict()


def _summed(chunks: Iterable[AddableDict]) -> dict[str, Any]:
    whole = AddableDict(session_id="", turn_id="", text="", sentences=[], cards=[], alternatives=[], comparisons=[], chips=[], action="")
    for chunk in chunks:
        whole = whole + chunk
    return dict(whole)
