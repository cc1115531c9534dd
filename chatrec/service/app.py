"""The service: one FastAPI application over one open shop."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from chatrec import __version__
from chatrec.bot import ChatRec
from chatrec.service import (
    analyst,
    chat_routes,
    chatwoot_routes,
    demo_site,
    front_page,
    health_routes,
    metrics_routes,
    openai_routes,
    rasa_routes,
    recommend_routes,
    session_routes,
    token_routes,
    widget_routes,
)
from chatrec.service.access import Gatekeeper
from chatrec.service.failures import answer_failures, answer_unknown_paths, documented, what_failed
from chatrec.service.headers import guard_page, stand_around
from chatrec.service.logs import set_up_logs
from chatrec.service.observing import observe
from chatrec.service.stream import Turns
from chatrec.settings import Settings

log = logging.getLogger(__name__)

DESCRIPTION = """A conversational recommender for one shop: answers, cards and lists from the shop's own records.

Send `Authorization: Bearer KEY` with an API key (made with `chatrec keys create`) or a widget token. Every error has one body,
`{"error": {"code", "message", "retry_after_s"}}`; 429 and 503 carry `Retry-After`."""
TAGS = [
    {"name": "chat", "description": "One turn of a conversation: a message, or a button that begins a turn."},
    {"name": "sessions", "description": "Conversations: begun, read, erased; receipts of turns."},
    {"name": "pages", "description": "Lists and records for the shop's own pages, without a chat."},
    {"name": "feedback", "description": "What shoppers did with what they were shown."},
    {"name": "access", "description": "Tokens for shoppers' browsers."},
    {"name": "OpenAI", "description": "The shop as a model, for clients that speak OpenAI's chat completions."},
    {"name": "Rasa", "description": "Rasa's REST channel."},
    {"name": "Chatwoot", "description": "An agent bot of a Chatwoot inbox."},
    {"name": "operation", "description": "For whoever runs the service."},
]
# In the order in which the documentation lists them. A page's route stands behind those of the API.
ROUTERS: tuple[APIRouter, ...] = (
    chat_routes.router,
    session_routes.router,
    recommend_routes.router,
    token_routes.router,
    openai_routes.router,
    rasa_routes.router,
    chatwoot_routes.router,
    health_routes.router,
    metrics_routes.router,
    analyst.router,
    widget_routes.router,
    demo_site.router,
)
# What a worker process that is started beside others needs to know.
WORKER_VARIABLE = "CHATREC_WORKER"


def make_app(
    bot: ChatRec,
    settings: Settings | None = None,
    *,
    host: str | None = None,
    user_id: str | None = None,
    page: bool | None = None,
    owns_bot: bool = False,
) -> FastAPI:
    """The service over an open shop.

    ``settings`` are the shop's own unless given, ``host`` is the address that it will listen on, ``user_id`` the verified shopper of the
    chat page, for trying things out; ``page`` says whether there is that page at all. The bot is the caller's to close, unless the service
    ``owns_bot``.
    """
    settings = settings or bot.settings
    app = FastAPI(
        title="chatrec", version=__version__, description=DESCRIPTION, openapi_tags=TAGS, docs_url=None, redoc_url=None, lifespan=_live,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"}, responses=documented(500),
    )  # fmt: skip
    app.state.bot, app.state.settings, app.state.began, app.state.owns_bot = bot, settings, time.monotonic(), owns_bot
    app.state.is_warm = True
    serve = settings.serve
    app.state.turns = Turns(serve.turns, serve.queue, serve.turn_budget_s, serve.writing)
    app.state.gate = Gatekeeper.of(bot, host, serve)
    answer_failures(app)
    for router in ROUTERS:
        app.include_router(router)
    answer_unknown_paths(app)
    if serve.page != "off" if page is None else page:
        from chatrec.service.page import mount

        mount(app, bot, app.state.turns, user_id)
        guard_page(app, app.state.gate, settings, only_here=user_id is not None)
    else:
        app.include_router(front_page.router)
    stand_around(app, settings)
    observe(app, bot)  # outermost: what is refused before it reaches a route is counted too
    return app


def make_worker() -> FastAPI:
    """The service in one of several processes, as ``chatrec serve --workers`` starts them. It opens the shop itself.

    Without the chat page: that keeps what a browser does in the memory of one process, and the next request may reach another.
    """
    told = json.loads(os.environ[WORKER_VARIABLE])
    bot = ChatRec.open(told["shop"], settings=told["settings"])
    set_up_logs(bot.settings.log)
    return make_app(bot, host=told["host"], page=False, owns_bot=True)


@asynccontextmanager
async def _live(app: FastAPI) -> AsyncIterator[None]:
    """The models load while the first requests come in; at the end nothing new begins, and what was opened is closed."""
    app.state.is_warm = False
    threading.Thread(target=_warm_up, args=(app,), name="warm-up", daemon=True).start()
    try:
        yield
    finally:
        app.state.turns.close()
        if app.state.owns_bot:
            app.state.bot.close()


def _warm_up(app: FastAPI) -> None:
    """What cannot be loaded now is told by the turns that need it: they answer more weakly, or with an error."""
    try:
        app.state.bot.warm_up()
    except Exception as error:
        log.error("the models could not be loaded before the first turn: %s", what_failed(error))
    finally:
        app.state.is_warm = True
