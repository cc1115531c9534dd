"""``POST /v1/tokens``: the shop's server asks for a token that its page hands to the widget."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from chatrec.errors import SessionError
from chatrec.service.access import Caller, Gatekeeper, new_session_id, require
from chatrec.service.failures import documented
from chatrec.service.tokens import MINUTES, MOST_MINUTES
from chatrec.storage.sessions import MOST_ID_CHARS, check_session_id

router = APIRouter(tags=["access"])


class TokenRequest(BaseModel):
    """For whom the token is, and for how long."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"user_id": "u0001", "minutes": 30}, {}, {"session_id": "s-4rGmV0c2hWfKs9Q1u8xYtA7b"}]},
    )

    user_id: str | None = Field(
        None, min_length=1, max_length=MOST_ID_CHARS, description="the shopper whom the shop has verified; absent for a visitor"
    )
    session_id: str | None = Field(
        None, min_length=1, max_length=MOST_ID_CHARS, description="a conversation to go on with; absent for a new one"
    )
    minutes: int = Field(MINUTES, ge=1, le=MOST_MINUTES, description="how long the token is good")


class TokenReply(BaseModel):
    """A token for one session: chat, recommendations and feedback."""

    token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOi4uLn0.c2lnbmF0dXJl"])
    session_id: str = Field(examples=["s-4rGmV0c2hWfKs9Q1u8xYtA7b"])
    expires_at: int = Field(description="unix seconds", examples=[1795300000])


@router.post("/v1/tokens", summary="A widget token for one session", responses=documented(400, 401, 403, 404, 409, 413, 422, 429, 503))
def make_token(asked: TokenRequest, request: Request, caller: Annotated[Caller, Depends(require("users"))]) -> TokenReply:
    """A short-lived token for a shopper's browser. It speaks for its own session only, and ends when its key is revoked.

    Ask for it on your server, after you have verified the shopper; an API key never goes into a page.
    """
    gate: Gatekeeper = request.app.state.gate
    bot = request.app.state.bot
    session_id = asked.session_id or new_session_id()
    check_session_id(session_id)
    if asked.user_id is not None:
        bot.shopper(session_id, user_id=asked.user_id)  # raises UnknownShopper
    owner = bot.state(session_id).user_id
    if owner is not None and owner != asked.user_id:
        raise SessionError("this session belongs to another shopper; leave session_id out to begin a new one")
    token, expires_at = gate.signer.make(session_id, asked.user_id, asked.minutes, caller.key_id)
    return TokenReply(token=token, session_id=session_id, expires_at=expires_at)
