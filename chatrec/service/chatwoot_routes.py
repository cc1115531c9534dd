"""Chatwoot's agent bot: the shop answers in the help desk's inbox, and hands over to a person by opening the conversation.

Shapes after https://www.chatwoot.com/hc/user-guide/articles/1677693021-how-to-use-webhooks (the payload),
https://developers.chatwoot.com/api-reference/messages/create-new-message and .../conversations/toggle-status (the answers),
https://github.com/chatwoot/chatwoot/pull/13573 and /pull/13892 (signatures; of agent bots from Chatwoot 4.13 on).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import time
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Header, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from chatrec.bot import ChatRec
from chatrec.domain.reply import Done
from chatrec.errors import NotAuthenticated
from chatrec.service.chatwoot_desk import Desk
from chatrec.service.failures import documented, note
from chatrec.service.openai_text import Writing
from chatrec.service.stream import Turn, Turns
from chatrec.settings import ChatwootSettings

router = APIRouter(prefix="/webhooks/chatwoot", tags=["Chatwoot"])
# A delivery is signed with its time; an older one is somebody's copy. Chatwoot names this bound.
MOST_AGE_S = 300.0
UNABLE = "Sorry, that did not work. I am passing you on to a person from our team."
_UNDER_WAY: set[asyncio.Task[None]] = set()
_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Account(_Loose):
    """Whose help desk it is."""

    id: int


class Talk(_Loose):
    """The conversation that a message belongs to."""

    id: int
    status: str = ""


class Delivery(_Loose):
    """What Chatwoot tells of an event; of messages more than of the rest."""

    event: str
    id: int | str | None = None
    content: str | None = None
    message_type: str | int | None = Field(None, description="incoming (or 0) for what a shopper wrote")
    private: bool | None = None
    account: Account | None = None
    conversation: Talk | None = None

    def to_answer(self) -> bool:
        """Whether a shopper wrote this in a conversation that the bot keeps: no private note, nothing sent, no person has taken over."""
        incoming = self.message_type in ("incoming", 0)
        talking = self.account is not None and self.conversation is not None and self.conversation.status in ("pending", "")
        return self.event == "message_created" and incoming and not self.private and bool((self.content or "").strip()) and talking


class Taken(BaseModel):
    """What became of a delivery."""

    status: Literal["answering", "ignored"] = Field(description="ignored: nothing for the bot, or a repetition")


@router.post("", summary="Chatwoot's agent bot", response_model=Taken, responses=documented(400, 401, 404, 413, 422, 429, 503))
async def webhook(
    request: Request, delivery: Delivery,
    sent_at: Annotated[str | None, Header(alias="X-Chatwoot-Timestamp", description="unix seconds")] = None,
    signature: Annotated[str | None, Header(alias="X-Chatwoot-Signature", description="sha256=HMAC of timestamp.body")] = None,
) -> Taken:  # fmt: skip
    """A delivery of Chatwoot, signed with the agent bot's secret. A shopper's message is answered through Chatwoot's own API after this
    request; the same message delivered twice is answered once. Where too many turns wait already the answer is 429."""
    asked: ChatwootSettings = request.app.state.settings.chatwoot
    if not (asked.url and asked.token and asked.secret):
        raise HTTPException(404, "chatwoot.url, token and secret are not set")
    check_signature(asked.secret, await request.body(), sent_at, signature)
    if not delivery.to_answer():
        return Taken(status="ignored")
    return await _take(request, asked, delivery)


async def _take(request: Request, asked: ChatwootSettings, delivery: Delivery) -> Taken:
    assert delivery.account is not None and delivery.conversation is not None and delivery.content is not None
    bot: ChatRec = request.app.state.bot
    turns: Turns = request.app.state.turns
    session_id = session_of(asked.secret, delivery.account.id, delivery.conversation.id)
    turn = turns.begin(session_id, partial(bot.reply, session_id, delivery.content))
    try:
        fresh = await asyncio.to_thread(bot.database.effects.claim, f"{session_id}:{delivery.id}", session_id)
    except BaseException:
        turn.close()
        raise
    if not fresh:
        turn.close()
        return Taken(status="ignored")
    desk = Desk(asked, delivery.account.id, delivery.conversation.id)
    task = asyncio.create_task(answer(turn, session_id, desk))
    _UNDER_WAY.add(task)  # the loop itself keeps no hold of its tasks
    task.add_done_callback(_UNDER_WAY.discard)
    return Taken(status="answering")


async def answer(turn: Turn, session_id: str, desk: Desk) -> None:
    """The turn, said in the help desk. Where it fails, or the bot wants to, a person takes over."""
    writing, action = Writing(session_id, with_items=True), ""
    try:
        async with turn:
            async for event in turn:
                for _ in writing.add(event):
                    pass
                action = event.action if isinstance(event, Done) else action
        text = writing.text
    except Exception as error:  # nobody else would hear of it
        note(error, "a turn for Chatwoot")
        text, action = UNABLE, "hand_off"
    try:
        if text:
            await desk.say(text)
        if action == "hand_off":
            await desk.open()
    except Exception as error:
        note(error, "an answer to Chatwoot")


def check_signature(secret: str, body: bytes, sent_at: str | None, signature: str | None, now: float | None = None) -> None:
    """Raises :class:`NotAuthenticated` unless this body was signed with the secret, and lately."""
    told, at = signature or "", sent_at or ""
    if not _SIGNATURE.fullmatch(told) or not at.isascii() or not at.isdecimal() or len(at) > 12:
        raise NotAuthenticated("a delivery carries X-Chatwoot-Timestamp and X-Chatwoot-Signature; agent bots sign from Chatwoot 4.13 on")
    right = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(told, f"sha256={right}"):
        raise NotAuthenticated("the signature is not that of chatwoot.secret; copy the agent bot's secret from Chatwoot")
    if abs((time.time() if now is None else now) - int(at)) > MOST_AGE_S:
        raise NotAuthenticated(f"the delivery is more than {MOST_AGE_S:g} s old, or the clocks differ")


def session_of(secret: str, account: int, conversation: int) -> str:
    """The session of a conversation in the help desk, which nobody can guess from its number."""
    return f"cw-{hmac.new(secret.encode(), f'session:{account}:{conversation}'.encode(), hashlib.sha256).hexdigest()[:36]}"
