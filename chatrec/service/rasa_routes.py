"""Rasa's REST channel: a front end or help desk made for a Rasa assistant talks to the shop without a change.

Shapes after https://rasa.com/docs/reference/channels/your-own-website/#restinput and the OpenAPI document of Rasa's server
(https://rasa.com/docs/reference/api/pro/http-api/channel-webhooks/post-user-message-from-a-rest-channel).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from chatrec.domain.reply import Alternatives, Cards, Chips, Comparison, Done, ReplyEvent, Said
from chatrec.service import wire
from chatrec.service.access import Caller, Gatekeeper, require
from chatrec.service.event_stream import CLIENT_GONE, unless_gone
from chatrec.service.failures import documented
from chatrec.service.stream import Turns

router = APIRouter(prefix="/webhooks/rest", tags=["Rasa"])
# Of a chip only these say something when they are tapped.
_SAID = ("answer", "followup", "undo")


class RasaMessage(BaseModel):
    """A shopper's message. Further fields of Rasa's clients (metadata, input_channel) are taken and not used."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [{"sender": "desk-42", "message": "a tent under $200"}]})

    sender: str | None = Field(None, min_length=1, max_length=200, description="names the conversation; a new one begins without it")
    message: str = Field(max_length=wire.MOST_MESSAGE_CHARS, description="what the shopper wrote")


class RasaButton(BaseModel):
    """Something to tap, which sends ``payload``."""

    title: str
    payload: str


class RasaReply(BaseModel):
    """One message of the bot: text, with buttons under the last one, a picture, or ``custom`` (cards, a comparison, an action)."""

    recipient_id: str
    text: str | None = None
    buttons: list[RasaButton] | None = None
    image: str | None = None
    custom: dict[str, Any] | None = None


@router.get("/", summary="Rasa's sign of life")
async def alive() -> dict[str, str]:
    """The channel is there."""
    return {"status": "ok"}


@router.post(
    "/webhook", summary="Send a message, as to Rasa", response_model=list[RasaReply], response_model_exclude_none=True,
    responses=documented(400, 401, 403, 409, 413, 422, 429, 503),
)  # fmt: skip
async def webhook(request: Request, said: RasaMessage, caller: Annotated[Caller, Depends(require("chat"))]) -> Any:
    """One turn. Cards come as ``custom`` in the order of the ranking, then the text of each act; what may be asked next are buttons."""
    gate: Gatekeeper = request.app.state.gate
    turns: Turns = request.app.state.turns
    session_id = gate.session(caller, said.sender)
    start = partial(request.app.state.bot.reply, session_id, said.message, user_id=caller.shopper())
    events = await unless_gone(request, turns.whole(session_id, start))
    return Response(status_code=CLIENT_GONE) if events is None else list(replies(events, session_id))


def replies(events: Iterable[ReplyEvent], recipient: str) -> Iterator[RasaReply]:
    """The messages of a turn."""
    texts: dict[str, list[str]] = {}
    buttons: list[RasaButton] = []
    action = ""
    for event in events:
        if isinstance(event, Said):
            texts.setdefault(event.act, []).append(event.sentence.rendered)
        elif isinstance(event, Chips):
            buttons = [RasaButton(title=c.label, payload=c.message) for c in event.chips if c.kind in _SAID and c.message]
        elif isinstance(event, Done):
            action = event.action
        else:
            yield from _shown(event, recipient)
    said = [" ".join(sentences) for sentences in texts.values()]
    for n, text in enumerate(said, start=1):
        yield RasaReply(recipient_id=recipient, text=text, buttons=(buttons or None) if n == len(said) else None)
    if action:
        yield RasaReply(recipient_id=recipient, custom={"action": action})


def _shown(event: ReplyEvent, recipient: str) -> Iterator[RasaReply]:
    if isinstance(event, Cards | Alternatives):
        told = wire.card_list(event)
        name = "cards" if isinstance(event, Cards) else "alternatives"
        yield RasaReply(recipient_id=recipient, custom={name: told.model_dump(mode="json")})
        yield from (RasaReply(recipient_id=recipient, image=card.image) for card in told.cards if card.image)
    elif isinstance(event, Comparison):
        yield RasaReply(recipient_id=recipient, custom={"comparison": wire.comparison(event).model_dump(mode="json")})
