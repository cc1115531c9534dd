"""The shapes of OpenAI's chat completions: what its clients send, what they read, and its errors.

Written after https://platform.openai.com/docs/api-reference/chat and what the official Python client reads and raises.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from chatrec.service.failures import Failure

MODEL = "chatrec"
PATHS = ("/v1/chat/completions", "/v1/models")
"""Below these every answer has OpenAI's shape, that of an error too."""
MOST_MESSAGES = 200
_BYTES_PER_TOKEN = 4  # OpenAI's own rule of thumb for English, where no tokenizer is here to count
# Parameters of the API that say how a model samples, or where OpenAI keeps and bills things: taken, and without effect on what a shop
# may truthfully say. See https://platform.openai.com/docs/api-reference/chat/create
WITHOUT_EFFECT = frozenset(
    "frequency_penalty logit_bias max_completion_tokens max_tokens metadata modalities moderation parallel_tool_calls prediction "
    "presence_penalty prompt_cache_key prompt_cache_options prompt_cache_retention reasoning_effort seed service_tier stop store "
    "temperature top_p verbosity tools functions".split()
)
_TYPES = {
    400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
    413: "invalid_request_error", 422: "invalid_request_error", 429: "rate_limit_error",
}  # fmt: skip


class Refused(Exception):
    """A request that OpenAI's API would refuse with 400, or 404 for a model; ``param`` names the part."""

    def __init__(self, message: str, param: str | None = None, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.param, self.code, self.status = param, code, status

    def body(self) -> dict[str, Any]:
        """As OpenAI words it."""
        return error_body(str(self), _TYPES[self.status], self.param, self.code)


class Part(BaseModel):
    """One part of a message's content."""

    model_config = ConfigDict(extra="allow")

    type: str
    text: str = ""


class Message(BaseModel):
    """One message of the conversation so far."""

    model_config = ConfigDict(extra="allow")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    def text(self, place: int) -> str:
        """The text of all parts. Raises :class:`Refused` for a part of the shopper's that is no text."""
        if not isinstance(self.content, list):
            return self.content or ""
        for n, part in enumerate(self.content):
            if part.type != "text" and self.role == "user":
                told = f"This model reads text; the message holds a part of type '{part.type:.40}'."
                raise Refused(told, f"messages[{place}].content[{n}]")
        return "\n".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    """How to stream."""

    model_config = ConfigDict(extra="allow")

    include_usage: bool = Field(False, description="one more chunk before the end, with usage and no choices")


class Extension(BaseModel):
    """What chatrec adds to a request."""

    model_config = ConfigDict(extra="forbid")

    cards: Literal["markdown", "field"] = Field(
        "markdown", description="markdown: the items also as a list at the end of the text; field: only in the answer's field `chatrec`"
    )


class CompletionRequest(BaseModel):
    """A conversation, of which the last message is the shopper's."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"examples": [{"model": MODEL, "messages": [{"role": "user", "content": "a tent under $200"}], "stream": False}]},
    )

    model: str = Field(description="chatrec")
    messages: list[Message] = Field(min_length=1, max_length=MOST_MESSAGES)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = Field(None, description="1: a shop gives one answer")
    user: str | None = Field(None, max_length=512, description="keeps apart conversations that begin alike; no proof of who it is")
    safety_identifier: str | None = Field(None, max_length=512, description="as user")
    response_format: dict[str, Any] | None = Field(None, description="text")
    tool_choice: str | dict[str, Any] | None = Field(None, description="none or auto: this model calls no tools of the caller")
    logprobs: bool | None = Field(None, description="false")
    chatrec: Extension = Extension()

    def check(self) -> None:
        """Raises :class:`Refused` for what cannot be done, and for names that there are not."""
        for name in self.model_extra or {}:
            if name not in WITHOUT_EFFECT:
                raise Refused(f"Unrecognized request argument supplied: {name:.60}", name)
        if self.model != MODEL:
            raise Refused(f"The model '{self.model:.80}' does not exist; use '{MODEL}'.", "model", "model_not_found", 404)
        self._check_asked()
        if self.messages[-1].role != "user":
            raise Refused("The last message must be the shopper's, with role 'user'.", "messages")

    def _check_asked(self) -> None:
        if self.n not in (None, 1):
            raise Refused("A shop gives one answer: n must be 1.", "n")
        if self.stream_options is not None and not self.stream:
            raise Refused("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")
        if self.response_format is not None and self.response_format.get("type") != "text":
            raise Refused("The answer is text: response_format must be of type 'text'.", "response_format")
        if self.tool_choice not in (None, "none", "auto"):
            raise Refused("This model calls no tools: tool_choice must be 'none' or 'auto'.", "tool_choice")
        if self.logprobs:
            raise Refused("This model gives no log probabilities: logprobs must be false.", "logprobs")

    def shopper_said(self) -> list[str]:
        """The shopper's messages, oldest first, the one to be answered last. Raises :class:`Refused`."""
        said = [m.text(n) for n, m in enumerate(self.messages) if m.role == "user"]
        if not said[-1].strip():
            raise Refused("The last message holds no text.", "messages")
        return said


def unreadable(errors: Sequence[Any]) -> Refused:
    """What to say of a body that is no such request: which part, and why; its value is not repeated."""
    first = errors[0]
    if first["type"] == "json_invalid":
        return Refused("We could not parse the JSON body of your request.")
    place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in first["loc"] if p != "body").removeprefix(".")
    return Refused(f"Invalid '{place}': {first['msg']}.", place or None)


def error_body(message: str, kind: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    """An error as OpenAI's clients read it."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def failure_body(failure: Failure) -> dict[str, Any]:
    """A failure of ours in OpenAI's shape."""
    return error_body(failure.message, _TYPES.get(failure.status, "server_error"), None, failure.code)


def usage(read: str, written: str, count: Callable[[str], int | None] = lambda text: None) -> dict[str, int | bool]:
    """How much was read (the messages as given) and written (the text as released), in tokens. ``count`` is that of the model's own
    tokenizer; without one the figures come from the length of the text, and ``estimated`` says so."""
    counted = [count(text) for text in (read, written)]
    prompt, completion = (
        math.ceil(len(text.encode()) / _BYTES_PER_TOKEN) if n is None else n for n, text in zip(counted, (read, written), strict=True)
    )
    found: dict[str, int | bool] = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {**found, "estimated": True} if None in counted else found


def model_card(created: int) -> dict[str, Any]:
    """The one model that there is."""
    return {"id": MODEL, "object": "model", "created": created, "owned_by": "chatrec"}


def completion(id: str, created: int, text: str, told: dict[str, Any], used: dict[str, int | bool]) -> dict[str, Any]:
    """A whole answer; ``told`` is the field ``chatrec``."""
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        "id": id, "object": "chat.completion", "created": created, "model": MODEL, "chatrec": told, "usage": used,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
    }  # fmt: skip


def chunk(id: str, created: int, delta: dict[str, Any], ended: bool = False) -> dict[str, Any]:
    """One piece of a streamed answer."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": "stop" if ended else None}
    return {"id": id, "object": "chat.completion.chunk", "created": created, "model": MODEL, "choices": [choice]}
