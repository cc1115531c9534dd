"""What stands at ``/`` where the chat page does not: a few lines that say what answers here."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chatrec.service.page_texts import preferred

router = APIRouter(include_in_schema=False)


@router.get("/")
def front(request: Request) -> HTMLResponse:
    """The shop's name and where to go on, in the reader's language. Plain HTML: nothing to load."""
    texts = preferred(request.headers.get("accept-language", ""))
    shop = escape(request.app.state.settings.shop.name or request.app.state.bot.folder.name)
    link, setting = '<a href="/openapi.json">/openapi.json</a>', "<code>serve.page = off</code>"
    return HTMLResponse(
        f'<!doctype html><html lang="{texts.language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{shop}</title><h1>{shop}</h1><p>{texts('off')} {texts('off_why', setting=setting, link=link)}</p></html>",
        headers={"Vary": "Accept-Language"},
    )
