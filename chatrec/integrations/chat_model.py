"""The shop's language model as a LangChain chat model: the bare model, without the shop's records and without the sentence gate."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any, cast

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import Field, PrivateAttr

from chatrec.errors import SettingsError
from chatrec.generation.chat_template import ChatTemplate
from chatrec.stepping import Steps

if TYPE_CHECKING:
    from chatrec.bot import ChatRec

_ROLES: tuple[tuple[type[BaseMessage], str], ...] = (
    (SystemMessage, "system"), (HumanMessage, "user"), (AIMessage, "assistant"), (ToolMessage, "tool"),
)  # fmt: skip


class ChatRecModel(BaseChatModel):
    """A chat model over a :class:`chatrec.protocols.Generator`.

    It streams, honours ``stop`` and ``max_tokens``, and tells usage and the reason it ended. Closing a stream, or cancelling the task
    that reads it, stops the work within one token. ``stop``, ``seed`` and ``max_tokens`` may be given with a call. What it writes is not
    checked: for answers that hold to the shop's records use :meth:`chatrec.ChatRec.as_runnable`. Raises
    :class:`chatrec.errors.GeneratorFailed` when the model is gone.
    """

    generator: Any = Field(exclude=True, repr=False)
    template: Any = Field(default_factory=ChatTemplate, exclude=True, repr=False)
    max_tokens: int = Field(256, ge=1, le=4096)
    seed: int = 0
    stop: list[str] | None = None
    _steps: Steps = PrivateAttr(default_factory=Steps)

    @property
    def _llm_type(self) -> str:
        return "chatrec"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.generator.name, "max_tokens": self.max_tokens, "seed": self.seed}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> Any:
        told = super()._get_ls_params(stop=stop or self.stop, **kwargs)
        return {"ls_model_name": self.generator.name, **told, "ls_provider": "chatrec"}

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:  # fmt: skip
        return generate_from_stream(self._chunks(messages, stop, kwargs))

    async def _agenerate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:  # fmt: skip
        async with aclosing(self._steps.walk(lambda: self._chunks(messages, stop, kwargs))) as chunks:
            return generate_from_stream(iter([chunk async for chunk in chunks]))

    def _stream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:  # fmt: skip
        with closing(self._chunks(messages, stop, kwargs)) as chunks:
            for chunk in chunks:
                if run_manager is not None and chunk.text:
                    run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk

    async def _astream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:  # fmt: skip
        async with aclosing(self._steps.walk(lambda: self._chunks(messages, stop, kwargs))) as chunks:
            async for chunk in chunks:
                if run_manager is not None and chunk.text:
                    await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk

    def _chunks(
        self, messages: Sequence[BaseMessage], stop: Sequence[str] | None, asked: dict[str, Any]
    ) -> Generator[ChatGenerationChunk, None, None]:
        """The text as it comes, then one chunk that tells usage and why it ended."""
        most, seed = int(asked.get("max_tokens") or self.max_tokens), int(asked.get("seed") or self.seed)
        prompt, said = self.template.render([_plain(m) for m in messages]), ""
        ends = tuple(stop or self.stop or ())
        pieces = cast(Generator[str, None, None], self.generator.generate(prompt, max_tokens=most, stop=ends, seed=seed))
        with closing(pieces):
            for text in pieces:
                said += text
                yield ChatGenerationChunk(message=AIMessageChunk(content=text))
        yield self._end(prompt, said, most)

    def _end(self, prompt: str, said: str, most: int) -> ChatGenerationChunk:
        read, written = self.template.count(prompt), self.template.count(said)
        usage, reason = None, "stop"
        if read is not None and written is not None:
            usage = UsageMetadata(input_tokens=read, output_tokens=written, total_tokens=read + written)
            reason = "length" if written >= most else "stop"
        told = {"finish_reason": reason, "model_name": self.generator.name, "model_provider": "chatrec"}
        last = AIMessageChunk(content="", usage_metadata=usage, response_metadata=told, chunk_position="last")
        return ChatGenerationChunk(message=last, generation_info={"finish_reason": reason})


def chat_model(bot: ChatRec, **more: Any) -> ChatRecModel:
    """The language model of an open shop, shared with it: loaded once, and closed with the shop. ``more`` are fields of
    :class:`ChatRecModel`. Raises :class:`SettingsError` where the shop writes with templates alone."""
    if bot.generator is None:
        raise SettingsError("this shop writes without a language model (model.engine = template); choose another engine")
    local = bot.settings.model.engine != "openai"
    return ChatRecModel(generator=bot.generator, template=_template(bot.settings.model.base) if local else ChatTemplate(), **more)


_TEMPLATES: dict[str, ChatTemplate] = {}
_GUARD = threading.Lock()


def _template(base: str) -> ChatTemplate:
    with _GUARD:
        if base not in _TEMPLATES:
            _TEMPLATES[base] = ChatTemplate.of(base)
        return _TEMPLATES[base]


def _plain(message: BaseMessage) -> dict[str, str]:
    """Role and text. Raises ``ValueError`` for a message that holds anything but text."""
    role = next((role for kind, role in _ROLES if isinstance(message, kind)), None)
    if role is None:
        raise ValueError(f"a message of type '{message.type}' cannot be given to this model; use system, human, ai or tool")
    blocks = [] if isinstance(message.content, str) else message.content
    if other := [b.get("type") for b in blocks if isinstance(b, dict) and b.get("type") != "text"]:
        raise ValueError(f"this model reads text; a message holds '{other[0]}'")
    return {"role": role, "content": str(message.text)}
