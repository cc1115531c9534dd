"""Sessions: begun, read, erased; the buttons of a conversation; feedback; receipts; and forgetting a shopper."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import AfterValidator

from chatrec.bot import ChatRec
from chatrec.domain.event import EventKind
from chatrec.domain.reply import Receipt, ReplyEvent
from chatrec.domain.state import DialogueState
from chatrec.errors import NotPermitted
from chatrec.service import wire
from chatrec.service import wire_sessions as shapes
from chatrec.service.access import Caller, Gatekeeper, new_session_id, require
from chatrec.service.chat_routes import ANSWERS, answered
from chatrec.service.failures import NotFound, documented
from chatrec.service.stream import Turns
from chatrec.storage.sessions import MOST_ID_CHARS

router = APIRouter(prefix="/v1", tags=["sessions"])

MOST_TURN_ID_CHARS = 100
Session = Annotated[str, Path(min_length=1, max_length=MOST_ID_CHARS, description="a session"), AfterValidator(wire.printable)]
Anyone = Annotated[Caller, Depends(require())]
Chatter = Annotated[Caller, Depends(require("chat"))]
Judge = Annotated[Caller, Depends(require("chat", "feedback"))]
ItemId = Annotated[str, Path(min_length=1, max_length=MOST_ID_CHARS, description="an item"), AfterValidator(wire.printable)]


@router.post("/sessions", summary="Begin a session", status_code=201, responses=documented(401, 403, 429, 503))
async def begin(caller: Chatter) -> shapes.NewSession:
    """A session id that nobody guesses; of a widget token its own. Nothing is stored before the first message."""
    return shapes.NewSession(session_id=caller.session_id or new_session_id())


@router.get("/sessions/{session_id}", summary="Read a conversation", responses=documented(401, 403, 404, 422, 429, 503))
def read(session_id: Session, request: Request, caller: Anyone) -> shapes.Kept:
    """What is remembered of a conversation, so that a page can show it again. A session that has no turn yet, expired or was forgotten is
    empty; so is that of a verified shopper for anybody else's token."""
    caller.must_see(session_id)
    bot: ChatRec = request.app.state.bot
    state, user_id = _visible(bot, session_id, caller)
    shopper = bot.shopper(session_id, user_id=user_id)
    return shapes.Kept(
        session_id=session_id,
        turns=[shapes.past_turn(session_id, message, events) for message, events in shopper.turns()],
        needs=shapes.needs(state),
        active_need=state.active_need,
        liked=list(state.liked),
        disliked=list(state.disliked),
        cart=[shapes.cart_line(line) for line in shopper.cart()],
    )


@router.delete("/sessions/{session_id}", summary="Erase a conversation", responses=documented(401, 403, 422, 429, 503))
async def erase(session_id: Session, request: Request, caller: Anyone) -> shapes.Erased:
    """Erases the session with its messages, receipts and events. The cart and profile of a verified shopper stay: see POST /v1/forget."""
    caller.must_see(session_id)
    erased = await _turns(request).call(session_id, partial(request.app.state.bot.forget, session_id=session_id))
    return shapes.Erased(erased=erased)


@router.post("/sessions/{session_id}/drop", summary="Drop a wish", tags=["chat"], response_model=wire.ChatReply, responses=ANSWERS)
async def drop(session_id: Session, asked: shapes.DropRequest, request: Request, caller: Chatter) -> Any:
    """A constraint chip was tapped: the wish goes, and the list is made anew. An unknown key drops nothing."""
    session_id, user_id = _own(request, caller, session_id, asked.user_id)
    bot: ChatRec = request.app.state.bot

    def turn() -> Iterator[ReplyEvent]:
        bot.drop(session_id, asked.need_id, asked.key)
        yield from bot.refresh(session_id, user_id=user_id, heard=asked.heard)

    return await answered(request, session_id, turn, stream=asked.stream)


@router.post(
    "/sessions/{session_id}/cart", summary="Put an item into the cart", tags=["chat"], response_model=wire.ChatReply, responses=ANSWERS
)
async def put_in_cart(session_id: Session, asked: shapes.CartRequest, request: Request, caller: Chatter) -> Any:
    """A button on a card was pressed. Where the item comes in versions, the turn asks which; otherwise it goes in at once."""
    session_id, user_id = _own(request, caller, session_id, asked.user_id)
    bot: ChatRec = request.app.state.bot
    turn = partial(bot.put_in_cart, session_id, asked.item_id, user_id=user_id, heard=asked.heard)
    return await answered(request, session_id, turn, stream=asked.stream)


@router.post("/sessions/{session_id}/dislike", summary="Not for me", tags=["chat"], response_model=wire.ChatReply, responses=ANSWERS)
async def dislike(session_id: Session, asked: shapes.DislikeRequest, request: Request, caller: Judge) -> Any:
    """A button on a card was pressed: the item is not for the shopper, which is logged, and the list is made anew without it."""
    session_id, user_id = _own(request, caller, session_id, asked.user_id)
    bot: ChatRec = request.app.state.bot

    def turn() -> Iterator[ReplyEvent]:
        bot.feedback(session_id, asked.item_id, EventKind.DISLIKE, user_id=user_id)
        yield from bot.refresh(session_id, user_id=user_id, heard=asked.heard)

    return await answered(request, session_id, turn, stream=asked.stream)


@router.post(
    "/sessions/{session_id}/undo", summary="Take the last turn back", tags=["chat"],
    responses=documented(401, 403, 404, 409, 413, 422, 429, 503),
)  # fmt: skip
async def undo(session_id: Session, asked: shapes.UndoRequest, request: Request, caller: Chatter) -> shapes.Undone:
    """The state of before the turn holds again, and the turn is no part of the conversation any more. A turn that changed the cart, an
    order or the profile, or called a person, is refused."""
    session_id, user_id = _own(request, caller, session_id, asked.user_id)
    taken = await _turns(request).call(session_id, partial(request.app.state.bot.undo, session_id, turn_id=asked.turn_id, user_id=user_id))
    return shapes.Undone(turn_id=taken.turn_id, message=taken.message, heard=taken.heard)


@router.delete(
    "/sessions/{session_id}/judgements/{item_id:path}", summary="Take a like back", tags=["feedback"],
    responses=documented(401, 403, 404, 409, 422, 429, 503),
)  # fmt: skip
async def unjudge(
    session_id: Session, item_id: ItemId, request: Request, caller: Annotated[Caller, Depends(require("feedback"))],
    user_id: wire.UserId | None = None,
) -> shapes.Erased:  # fmt: skip
    """A like, or a "not for me", was taken back: it counts no more from the session's next turn on, and leaves the log and the shopper's
    profile. What was never judged erases nothing."""
    session_id, shopper = caller.session(session_id), caller.shopper(user_id)
    erased = await _turns(request).call(session_id, partial(request.app.state.bot.unjudge, session_id, item_id, user_id=shopper))
    return shapes.Erased(erased={"events": erased})


@router.post(
    "/feedback", summary="Tell what a shopper did", tags=["feedback"], responses=documented(400, 401, 403, 404, 409, 413, 422, 429, 503)
)
async def feedback(
    asked: shapes.FeedbackRequest, request: Request, caller: Annotated[Caller, Depends(require("feedback"))]
) -> shapes.Logged:
    """Logs a view, click, like, dislike, cart or purchase. Likes and dislikes count from the session's next turn on."""
    session_id, user_id = caller.session(asked.session_id), caller.shopper(asked.user_id)
    work = partial(request.app.state.bot.feedback, session_id, asked.item_id, asked.kind, user_id=user_id)
    await _turns(request).call(session_id, work)
    return shapes.Logged()


@router.post("/forget", summary="Forget a shopper or a session", responses=documented(400, 401, 403, 413, 422, 429, 503))
def forget(asked: shapes.ForgetRequest, request: Request, caller: Anyone) -> shapes.Erased:
    """Erases what the bot itself recorded: events, sessions, messages, receipts, cart and profile. What the shop brought in (orders,
    reviews, its list of shoppers) stays. A widget token may forget its own session and its own shopper."""
    bot: ChatRec = request.app.state.bot
    if asked.session_id is not None:
        caller.must_see(asked.session_id)
        return shapes.Erased(erased=bot.forget(session_id=asked.session_id))
    if "sessions" not in caller.scopes and (caller.kind != "widget" or caller.user_id != asked.user_id):
        raise NotPermitted(
            "this caller may not forget that shopper; use the shopper's own widget token, or a key with the scope 'sessions'"
        )
    return shapes.Erased(erased=bot.forget(user_id=asked.user_id))


@router.get("/turns/{turn_id}", summary="Read a turn's receipt", responses=documented(401, 403, 404, 422, 429, 503))
def receipt(
    turn_id: Annotated[str, Path(min_length=1, max_length=MOST_TURN_ID_CHARS), AfterValidator(wire.printable)],
    request: Request,
    _: Annotated[Caller, Depends(require("sessions"))],
) -> Receipt:
    """What the turn understood, which filters it kept, where each item came from and how probably it was shown, what was said and what was
    held back, which model answered, and how long each step took."""
    found: Receipt | None = request.app.state.bot.receipt(turn_id)
    if found is None:
        raise NotFound(f"there is no receipt of a turn {turn_id!r:.120}; it was never made, or was forgotten")
    return found


def _own(request: Request, caller: Caller, session_id: str, user_id: str | None) -> tuple[str, str | None]:
    """Session and shopper of a button, both this caller's to name."""
    gate: Gatekeeper = request.app.state.gate
    return gate.session(caller, session_id), caller.shopper(user_id)


def _visible(bot: ChatRec, session_id: str, caller: Caller) -> tuple[DialogueState, str | None]:
    """The session as this caller may see it, and whose it is: a verified shopper's is hidden from a token that is not theirs."""
    state = bot.state(session_id)
    if "sessions" in caller.scopes:
        return state, state.user_id
    return (state if state.user_id == caller.user_id else DialogueState(session_id)), caller.user_id


def _turns(request: Request) -> Turns:
    turns: Turns = request.app.state.turns
    return turns
