"""``POST /v1/chat``: one message of a shopper, answered as a stream of verified pieces or as one object."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from chatrec.bot import ChatRec
from chatrec.errors import NotPermitted
from chatrec.service import wire
from chatrec.service.access import Caller, Gatekeeper, require
from chatrec.service.event_stream import CLIENT_GONE, PING, Pieces, sse, streamed, unless_gone
from chatrec.service.failures import documented, note
from chatrec.service.stream import Start, Turns
from chatrec.service.told import Teller, whole

router = APIRouter(prefix="/v1", tags=["chat"])

_STREAM = """event: session
data: {"session_id":"s-Jp0X2uQ4c1mZ7yVb3kTn9aQe"}

event: cards
data: {"cards":[{"position":1,"item_id":"ot-0042","title":"Tarnhill Vale 2","price":"189.00","currency":"USD"}],"need_id":1,"heading":""}

event: sentence
data: {"text":"Tarnhill Vale 2 weighs 1.9 kg and costs $189.00.","act":"recommend","cites":["ot-0042"]}

event: chips
data: {"chips":[{"kind":"constraint","label":"under $200.00","message":"","need_id":1,"key":"price:at_most"}]}

event: done
data: {"session_id":"s-Jp0X2uQ4c1mZ7yVb3kTn9aQe","turn_id":"s-Jp0X2uQ4c1mZ7yVb3kTn9aQe.1.9c0d1e2f3a4b","text":"...","action":""}

"""
# One event of the stream, where OpenAPI 3.2 and FastAPI itself describe it.
_EVENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["session", "cards", "alternatives", "comparison", "sentence", "chips", "done", "error"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "data"],
}
_REPLY: dict[str, Any] = {
    "session_id": "s-Jp0X2uQ4c1mZ7yVb3kTn9aQe", "turn_id": "s-Jp0X2uQ4c1mZ7yVb3kTn9aQe.1.9c0d1e2f3a4b",
    "text": "Tarnhill Vale 2 weighs 1.9 kg and costs $189.00.", "action": "", "receipt": None,
    "sentences": [{"text": "Tarnhill Vale 2 weighs 1.9 kg and costs $189.00.", "act": "recommend", "cites": ["ot-0042"]}],
    "cards": [{"cards": [wire.CARD_EXAMPLE], "need_id": 1, "heading": ""}], "alternatives": [], "comparison": None,
    "chips": [{"kind": "constraint", "label": "under $200.00", "message": "", "need_id": 1, "key": "price:at_most"}],
}  # fmt: skip
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The reply. With stream = true an event stream: `session` first, then `cards`, `alternatives`, `comparison`, "
        "`sentence` and `chips` as they are found and verified, `done` last; or `error` (the error body) where the turn failed on "
        "its way (what is refused at its beginning has the status of the error). A "
        "comment line comes every 15 seconds in which nothing else does. Hanging up stops the work; what was sent stays in the session.",
        "content": {"application/json": {"example": _REPLY}, "text/event-stream": {"itemSchema": _EVENT, "example": _STREAM}},
    },
    **documented(400, 401, 403, 404, 409, 413, 422, 429, 503),
}


@router.post("/chat", summary="Send a message", response_model=wire.ChatReply, responses=ANSWERS)
async def chat(request: Request, asked: wire.ChatRequest, caller: Annotated[Caller, Depends(require("chat"))]) -> Any:
    """One turn. Without a session_id a new session begins; the answer names it. Turns of one session run one after another, and where too
    many wait already the answer is 429. Cards and their order are fixed before any text is written, and every sentence was checked against
    the shop's records before it is sent."""
    if asked.receipt and "sessions" not in caller.scopes:
        raise NotPermitted("receipts hold the ranking and its figures; use a key with the scope 'sessions', or leave receipt out")
    gate: Gatekeeper = request.app.state.gate
    user_id, session_id = caller.shopper(asked.user_id), gate.session(caller, asked.session_id)
    start = _turn(request.app.state.bot, asked, session_id, user_id)
    return await answered(request, session_id, start, stream=asked.stream, receipt=asked.receipt)


async def answered(request: Request, session_id: str, start: Start, *, stream: bool, receipt: bool = False) -> Any:
    """A turn as the client wants it: streamed, or whole."""
    turns: Turns = request.app.state.turns
    teller = Teller(session_id, receipt)
    if stream:
        return await streamed(request, turns.begin(session_id, start), lambda pieces: _stream(pieces, teller, session_id))
    events = await unless_gone(request, turns.whole(session_id, start))
    return Response(status_code=CLIENT_GONE) if events is None else whole(events, teller)


def _turn(bot: ChatRec, asked: wire.ChatRequest, session_id: str, user_id: str | None) -> Start:
    """The turn, to be started in a worker thread. Who reads a stream and hangs up has seen what was sent: that much is kept."""
    context = asked.context.value() if asked.context is not None else None
    return partial(bot.reply, session_id, asked.message, user_id=user_id, context=context, keep_stopped=asked.stream)


async def _stream(pieces: Pieces, teller: Teller, session_id: str) -> AsyncIterator[bytes]:
    yield sse("session", wire.Begun(session_id=session_id))
    try:
        async for event in pieces:
            if event is None:
                yield PING
                continue
            for name, data in teller.tell(event):
                yield sse(name, data)
    except Exception as error:  # whatever it was, the stream ends with an answer
        yield sse("error", wire.ErrorBody.model_validate(note(error, "a streamed turn").body()))
