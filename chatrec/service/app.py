"""The service: one FastAPI application over one open shop."""

from __future__ import annotations

import importlib
import importlib.util
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from chatrec import __version__
from chatrec.bot import ChatRec
from chatrec.service import health_routes
from chatrec.service.access import Gatekeeper
from chatrec.service.failures import answer_failures, documented
from chatrec.service.headers import guard_page, stand_around
from chatrec.service.observing import observe
from chatrec.service.stream import Turns
from chatrec.settings import Settings

DESCRIPTION = """A conversational recommender for one shop: answers, cards and lists from the shop's own records.

Send `Authorization: Bearer KEY` with an API key (made with `chatrec keys create`) or a widget token. Every error has one body,
`{"error": {"code", "message", "retry_after_s"}}`; 429 and 503 carry `Retry-After`."""
TAGS = [
    {"name": "chat", "description": "One turn of a conversation: a message, or a button that begins a turn."},
    {"name": "sessions", "description": "Conversations: begun, read, erased; receipts of turns."},
    {"name": "pages", "description": "Lists and records for the shop's own pages, without a chat."},
    {"name": "feedback", "description": "What shoppers did with what they were shown."},
    {"name": "access", "description": "Tokens for shoppers' browsers."},
    {"name": "operation", "description": "For whoever runs the service."},
]

# Faces beside the native API, in the order in which the documentation lists them.
FACES = (
    "chat_routes",
    "session_routes",
    "recommend_routes",
    "token_routes",
    "openai_routes",
    "rasa_routes",
    "chatwoot_routes",
    "metrics_routes",
    "analyst",
    "widget_routes",
    "demo_site",
)


def make_app(
    bot: ChatRec, settings: Settings | None = None, *, host: str | None = None, user_id: str | None = None, page: bool | None = None
) -> FastAPI:
    """The service over an open shop. ``settings`` are the shop's own unless given, ``host`` is the address that it will listen on,
    ``user_id`` the verified shopper of the chat page, for trying things out; ``page`` says whether there is that page at all. The bot is
    the caller's to close."""
    settings = settings or bot.settings
    app = FastAPI(
        title="chatrec", version=__version__, description=DESCRIPTION, openapi_tags=TAGS, docs_url=None, redoc_url=None, lifespan=_live,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"}, responses=documented(500),
    )  # fmt: skip
    app.state.bot, app.state.settings, app.state.began = bot, settings, time.monotonic()
    app.state.turns = Turns(settings.serve.turns, settings.serve.queue, settings.serve.turn_budget_s)
    app.state.gate = Gatekeeper.of(bot, host, settings.serve)
    answer_failures(app)
    app.include_router(health_routes.router)
    for name in FACES:
        if importlib.util.find_spec(f"chatrec.service.{name}") is not None:
            app.include_router(importlib.import_module(f"chatrec.service.{name}").router)
    if settings.serve.page != "off" if page is None else page:
        from chatrec.service.page import mount

        mount(app, bot, user_id)
        guard_page(app, app.state.gate, settings)
    stand_around(app, settings)
    observe(app, bot)  # outermost: what is refused before it reaches a route is counted too
    return app


@asynccontextmanager
async def _live(app: FastAPI) -> AsyncIterator[None]:
    """The models load while the first requests come in."""
    threading.Thread(target=app.state.bot.warm_up, name="warm-up", daemon=True).start()
    try:
        yield
    finally:
        app.state.turns.close()
