"""An example shop at ``/shop`` that embeds the widget: home, categories, items, search and cart, from the bot's own catalogue.

The shelves are filled by the pages' small script from ``/v1/recommend``; ``/shop/token`` does what a shop's own server would do.
"""

from __future__ import annotations

import math
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from pydantic import BaseModel, Field

from chatrec.catalog.pictures import drawn_for
from chatrec.errors import NotPermitted
from chatrec.service.access import OPEN_SCOPES, Caller, Gatekeeper
from chatrec.service.storefront import FOLDER, ON_A_PAGE, ORDERS, Sort, Storefront, details

PREFIX = "/shop"
_FILES = {"shop.css": "text/css", "shop.js": "text/javascript", "mark.svg": "image/svg+xml", "hills.svg": "image/svg+xml"}
_FILE_HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}


class Known(BaseModel):
    """What the browser knows when it asks for a token."""

    session_id: str | None = Field(None, max_length=200)


def _visitor(request: Request) -> Gatekeeper:
    """Only who sits at this machine sees the example shop, unless everybody may chat."""
    gate: Gatekeeper = request.app.state.gate
    if not (gate.is_here(request) or gate.serve.open):
        raise NotPermitted("the example shop is shown on this machine only; embed the widget in the shop's own pages")
    return gate


def _shop(request: Request) -> Storefront:
    state = request.app.state
    if not hasattr(state, "storefront"):
        state.storefront = Storefront(state.bot)
    shop: Storefront = state.storefront
    return shop


router = APIRouter(prefix=PREFIX, include_in_schema=False, dependencies=[Depends(_visitor)])
Shop = Annotated[Storefront, Depends(_shop)]


@router.get("")
def front() -> Response:
    """The address as people type it: the chat page at ``/`` would take it otherwise."""
    return RedirectResponse(f"{PREFIX}/")


@router.get("/")
def home(request: Request, shop: Shop) -> Response:
    """The start page."""
    return shop.page("home", request)


@router.get("/category/{name:path}")
def category(request: Request, shop: Shop, name: str, sort: Sort = "name", page: Annotated[int, Query(ge=1, le=1000)] = 1) -> Response:
    """One page of a category."""
    items, total = shop.of_kind(name, sort, page)
    if not items:
        return shop.page("missing", request, 404)
    shown: dict[str, Any] = {
        "items": items,
        "total": total,
        "page": page,
        "pages": math.ceil(total / ON_A_PAGE),
        "sort": sort,
        "orders": ORDERS.items(),
    }
    return shop.page("category", request, category=name, heading=name[:1].upper() + name[1:], **shown)


@router.get("/item/{item_id:path}")
def item(request: Request, shop: Shop, item_id: str) -> Response:
    """An item's page."""
    found = shop.item(item_id)
    if found is None:
        return shop.page("missing", request, 404)
    return shop.page("item", request, item=found, category=found.category, rows=list(details(found.attributes)))


@router.get("/search")
def search(request: Request, shop: Shop, q: Annotated[str, Query(max_length=500)] = "") -> Response:
    """What was searched for; the script finds it."""
    return shop.page("search", request, q=q.strip())


@router.get("/cart")
def cart(request: Request, shop: Shop) -> Response:
    """The cart, filled by the script: it lies with the conversation."""
    return shop.page("cart", request)


@router.get("/pictures/{name:path}")
def picture(request: Request, shop: Shop, name: str) -> Response:
    """The drawn picture of an item."""
    found = shop.item(name.removesuffix(".svg"))
    if found is None:
        return Response(status_code=404)
    body = drawn_for(found).encode()
    headers = {**_FILE_HEADERS, "ETag": f'"{sha256(body).hexdigest()[:32]}"', "Cache-Control": "public, max-age=3600"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="image/svg+xml", headers=headers)


@router.get("/files/{name}")
def file(name: str) -> Response:
    """Style sheet, script and drawings of the pages."""
    if name not in _FILES:
        return Response(status_code=404)
    return FileResponse(FOLDER / name, media_type=_FILES[name], headers={**_FILE_HEADERS, "Cache-Control": "no-cache"})


@router.post("/token")
def token(known: Known, gate: Annotated[Gatekeeper, Depends(_visitor)]) -> dict[str, Any]:
    """What a shop's own server does: a token for this browser's conversation. None is needed while the service is open to the visitor."""
    if gate.serve.open or not gate.keys.any():
        return {"token": ""}
    session_id = Caller("open", OPEN_SCOPES).session(known.session_id)
    made, expires_at = gate.signer.make(session_id)
    return {"token": made, "session_id": session_id, "expires_at": expires_at}
