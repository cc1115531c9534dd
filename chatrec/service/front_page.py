"""What stands at ``/`` where the chat page does not: a few lines that say what answers here."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)


@router.get("/")
def front(request: Request) -> HTMLResponse:
    """The shop's name and where to go on. Plain HTML: nothing to load."""
    shop = escape(request.app.state.settings.shop.name or request.app.state.bot.folder.name)
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{shop}</title>'
        f"<h1>{shop}</h1><p>The chat service of this shop is running. The chat page is switched off here (<code>serve.page = off</code>, "
        'or several workers): chat through the widget or the API, described in <a href="/openapi.json">/openapi.json</a>.</p></html>'
    )
