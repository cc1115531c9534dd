"""``/v1/chat/completions`` and ``/v1/models``: the shop as a model, for any client that speaks OpenAI's chat completions."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from chatrec.bot import ChatRec
from chatrec.domain.reply import ReplyEvent
from chatrec.errors import NotAuthenticated
from chatrec.generation.token_count import count_tokens
from chatrec.service import openai_wire as wire
from chatrec.service.access import SCOPES, Caller, Gatekeeper, require
from chatrec.service.event_stream import CLIENT_GONE, PING, Pieces, streamed, unless_gone
from chatrec.service.failures import note, of_http
from chatrec.service.openai_sessions import Conversation, answered, find_session
from chatrec.service.openai_text import Writing
from chatrec.service.stream import Start, Turns

SESSION_HEADER = "X-Chatrec-Session"
USER_HEADER = "X-Chatrec-User"


def known_caller(request: Request) -> Caller:
    """Who calls. OpenAI's clients always send a key: on this machine, while the shop has none, whatever they send is fine."""
    gate: Gatekeeper = request.app.state.gate
    try:
        return require("chat")(request)
    except NotAuthenticated:
        if gate.is_here(request) and not gate.keys.any():
            return Caller("local", frozenset(SCOPES))
        raise


class OpenAIRoute(APIRoute):
    """Answers every error in OpenAI's shape, those of the gate too."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """The route's own handler, and what it raises put into words."""
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as unread:
                refused = wire.unreadable(unread.errors())
                return JSONResponse(refused.body(), status_code=refused.status)
            except wire.Refused as refused:
                return JSONResponse(refused.body(), status_code=refused.status)
            except HTTPException as refused:  # the body grew too long while it was read
                failure = of_http(refused)
                return JSONResponse(wire.failure_body(failure), status_code=failure.status, headers=dict(refused.headers or {}))
            except Exception as error:
                failure = note(error, f"POST {self.path}")
                return JSONResponse(wire.failure_body(failure), status_code=failure.status, headers=failure.headers())

        return told


router = APIRouter(prefix="/v1", tags=["OpenAI"], route_class=OpenAIRoute)
_ERROR = wire.error_body("The model 'gpt' does not exist; use 'chatrec'.", "not_found_error", "model", "model_not_found")
_EXAMPLE = wire.completion(
    "chatcmpl-9c0d1e2f3a4b", 1780000000, "Tarnhill Vale 2 weighs 1.9 kg and costs $189.00.\n\n1. **Tarnhill Vale 2** – $189.00",
    {"turn_id": "s-Jp0X2uQ4c1mZ7yVb3kTn9aQe.1.9c0d1e2f3a4b", "cards": [], "chips": []}, wire.usage("a tent", "Tarnhill Vale 2"),
)  # fmt: skip
_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": "An error in OpenAI's shape.", "content": {"application/json": {"example": _ERROR}}}
    for status in (400, 401, 403, 404, 409, 413, 429, 503)
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A chat.completion, or with stream = true chat.completion.chunk events, `[DONE]` last. The field `chatrec` (in a "
        "stream: of the last chunk) holds cards, comparison and chips.",
        "content": {"application/json": {"example": _EXAMPLE}, "text/event-stream": {"schema": {"type": "string"}}},
    },
    **_ERRORS,
}  # fmt: skip
Known = Annotated[Caller, Depends(known_caller)]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request, and where its turn runs."""

    request: wire.CompletionRequest
    session_id: str
    start: Start
    named: bool


@router.get("/models", summary="List the models", responses=_ERRORS)
def models(request: Request, caller: Known) -> dict[str, Any]:
    """The one model that there is: the shop."""
    return {"object": "list", "data": [_card(request)]}


@router.get("/models/{model}", summary="Read a model", responses=_ERRORS)
def model(request: Request, model: str, caller: Known) -> dict[str, Any]:
    """The shop as a model."""
    if model != wire.MODEL:
        raise wire.Refused(f"The model '{model:.80}' does not exist; use '{wire.MODEL}'.", "model", "model_not_found", 404)
    return _card(request)


@router.post("/chat/completions", summary="Chat, as with OpenAI", responses=_ANSWERS)
async def completions(request: Request, said: wire.CompletionRequest, caller: Known) -> Any:
    """One turn of a shop's conversation. The header X-Chatrec-Session names the session, of which then only the last message counts.
    Without it the state is found by the shopper's messages so far, or they are played again. System messages change nothing: the shop's
    own rules stand, and every sentence was checked against its records. What cannot be kept is refused, as OpenAI refuses it."""
    said.check()
    asked = await _place(request, caller, said)
    writing, turns = Writing(asked.session_id, asked.request.chatrec.cards == "markdown"), request.app.state.turns
    headers = {SESSION_HEADER: asked.session_id} if asked.named else {}
    if asked.request.stream:
        turn = turns.begin(asked.session_id, asked.start)
        stream = await streamed(request, turn, lambda pieces: _stream(pieces, writing, asked.request, request.app.state.bot))
        stream.headers.update(headers)
        return stream
    return await _whole(request, turns, asked, writing, headers)


async def _whole(request: Request, turns: Turns, asked: _Asked, writing: Writing, headers: dict[str, str]) -> Response:
    events: list[ReplyEvent] | None = await unless_gone(request, turns.whole(asked.session_id, asked.start))
    if events is None:
        return Response(status_code=CLIENT_GONE)
    for event in events:
        for _ in writing.add(event):
            pass
    used = await _used(request.app.state.bot, asked.request, writing.text)
    return JSONResponse(wire.completion(_new_id(), int(time.time()), writing.text, writing.told(), used), headers=headers)


async def _stream(pieces: Pieces, writing: Writing, asked: wire.CompletionRequest, bot: ChatRec) -> AsyncIterator[bytes]:
    id, created = _new_id(), int(time.time())
    yield _event(wire.chunk(id, created, {"role": "assistant", "content": ""}))
    try:
        async for event in pieces:
            if event is None:
                yield PING
                continue
            for text in writing.add(event):
                yield _event(wire.chunk(id, created, {"content": text}))
        yield _event({**wire.chunk(id, created, {}, ended=True), "chatrec": writing.told()})
        if asked.stream_options is not None and asked.stream_options.include_usage:
            used = await _used(bot, asked, writing.text)
            yield _event({**wire.chunk(id, created, {}), "choices": [], "usage": used})
    except Exception as error:  # whatever it was, the stream ends with an answer
        yield _event(wire.failure_body(note(error, "a streamed completion")))
    yield b"data: [DONE]\n\n"


async def _place(request: Request, caller: Caller, asked: wire.CompletionRequest) -> _Asked:
    """Where the turn runs: in the session that the header or a widget token names, else in the one that the conversation belongs to."""
    bot: ChatRec = request.app.state.bot
    gate: Gatekeeper = request.app.state.gate
    said, named = asked.shopper_said(), request.headers.get(SESSION_HEADER)
    user_id = caller.shopper(request.headers.get(USER_HEADER))
    if named is not None or caller.kind == "widget":
        session_id = gate.session(caller, named)
        return _Asked(asked, session_id, partial(bot.reply, session_id, said[-1], user_id=user_id, keep_stopped=bool(asked.stream)), True)
    if user_id is not None:
        raise wire.Refused(f"A named shopper needs a session: send {SESSION_HEADER} along with {USER_HEADER}.", USER_HEADER)
    whose = json.dumps([caller.kind, caller.key_id, asked.user or "", asked.safety_identifier or ""])
    conversation = Conversation(whose, tuple(said))
    session_id, again = await run_in_threadpool(find_session, bot, conversation)
    if caller.kind != "local":
        gate.limits.of_session(session_id)
    return _Asked(asked, session_id, partial(answered, bot, conversation, session_id, again), False)


def _card(request: Request) -> dict[str, Any]:
    return wire.model_card(int(time.time() - (time.monotonic() - request.app.state.began)))


async def _used(bot: ChatRec, asked: wire.CompletionRequest, written: str) -> dict[str, int | bool]:
    """What was read and written in tokens, counted in a thread: a long conversation takes a while."""
    read = "\n".join(m.text(n) for n, m in enumerate(asked.messages))
    return await run_in_threadpool(wire.usage, read, written, partial(count_tokens, bot.generator))


def _new_id() -> str:
    return f"chatcmpl-{secrets.token_hex(12)}"


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
