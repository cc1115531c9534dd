"""Lists for the shop's pages, and an item's record."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AfterValidator

from chatrec.bot import ChatRec
from chatrec.catalog.pictures import picture_for
from chatrec.service import wire
from chatrec.service import wire_shop as shapes
from chatrec.service.access import Caller, require
from chatrec.service.failures import documented
from chatrec.service.stream import Turns
from chatrec.storage.sessions import MOST_ID_CHARS

router = APIRouter(prefix="/v1", tags=["pages"])

Reader = Annotated[Caller, Depends(require("recommend"))]
ItemId = Annotated[str, Path(min_length=1, max_length=MOST_ID_CHARS, description="an item"), AfterValidator(wire.printable)]


@router.get("/recommend/{placement}", summary="A list for a page", responses=documented(401, 403, 404, 422, 429, 503))
async def recommend(
    placement: shapes.PLACEMENTS, asked: Annotated[shapes.RecommendQuery, Query()], request: Request, caller: Reader
) -> shapes.Recommended:
    """`home`: popular and varied; `item`: goes with, or is like, item_id; `cart`: completes the cart; `search`: for the words of q, limits
    and all ("tent under 200, not red"); `personal`: by what the shopper liked and did. Where a session or a shopper is named, what is shown
    is logged. A list waits for its place like a turn, but for no turn of its session; where too many wait the answer is 429."""
    session_id = caller.session(asked.session_id) if caller.kind == "widget" or asked.session_id is not None else None
    turns: Turns = request.app.state.turns
    make = partial(
        request.app.state.bot.recommend, placement, item_id=asked.item_id, cart=asked.cart, query=asked.q, k=asked.k,
        session_id=session_id, user_id=caller.shopper(asked.user_id),
    )  # fmt: skip
    return shapes.recommended(await turns.call(None, make))


@router.get("/items/{item_id:path}", summary="An item's record", responses=documented(401, 403, 404, 422, 429, 503))
def item(item_id: ItemId, request: Request, _: Reader) -> shapes.Item:
    """The shop's record, with price and stock as they are at this moment."""
    bot: ChatRec = request.app.state.bot
    record = bot.live_item(item_id)
    return shapes.item(record, picture_for(record, bot.settings.shop.picture_hosts))
