"""``/metrics``: figures of the running service, as Prometheus reads them; and the middleware that counts requests."""

from __future__ import annotations

import json
import time
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatrec.bot import ChatRec
from chatrec.service.access import Caller, require
from chatrec.service.failures import documented
from chatrec.service.measures import Measures

router = APIRouter(tags=["operation"])

# An error body is short; what is longer is none of ours.
_MOST_ERROR_BYTES = 4096
UNKNOWN_ROUTE = "(other)"
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {"content": {METRICS_TYPE: {"example": 'chatrec_turns_total{end="done"} 17.0\n'}}, "description": "Prometheus text format"},
        **documented(401, 403, 404, 429),
    },
)
def metrics(request: Request, _: Annotated[Caller, Depends(require("metrics"))]) -> Response:
    """Counts and times of turns, refusals and feedback since the service began. They hold no shopper's words and no ids."""
    measures: Measures | None = getattr(request.app.state, "measures", None)
    if measures is None or not request.app.state.settings.telemetry.metrics:
        raise HTTPException(404, "metrics are switched off: telemetry.metrics = false")
    note_load(request.app, measures)
    body, content_type = measures.exposed()
    return Response(body, headers={"content-type": content_type})


def measure(app: FastAPI, bot: ChatRec) -> Measures:
    """Counts what this application does from now on, and gives the figures. A second call gives the same ones."""
    known: Measures | None = getattr(app.state, "measures", None)
    if known is not None:
        return known
    measures = app.state.measures = Measures()
    bot.watchers.add(measures)
    app.add_middleware(Counting, application=app, measures=measures)
    return measures


def note_load(app: FastAPI, measures: Measures) -> None:
    """Notes how many turns run and wait in this process."""
    measures.load(app.state.turns.running, app.state.turns.waiting)


class Counting:
    """Middleware: times each request and notes the code of each error. It changes nothing."""

    def __init__(self, app: ASGIApp, application: FastAPI, measures: Measures) -> None:
        self._app, self._application, self._measures = app, application, measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, counted when it is over."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = _Seen(self._measures)
        began = time.perf_counter()

        async def watched(message: Message) -> None:
            seen.see(message)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", UNKNOWN_ROUTE)
            self._measures.requested(route, seen.status, time.perf_counter() - began)
            note_load(self._application, self._measures)


class _Seen:
    """What passes of one answer: its status, and the code of its error, also of one in the middle of a stream."""

    def __init__(self, measures: Measures) -> None:
        self.status = 500  # an answer that never began
        self._measures, self._body, self._streams = measures, b"", False

    def see(self, message: Message) -> None:
        """Notes what one message of the answer says."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._streams = any(k == b"content-type" and v.startswith(b"text/event-stream") for k, v in message["headers"])
        elif message["type"] == "http.response.body":
            self._read(message.get("body", b""), last=not message.get("more_body", False))

    def _read(self, body: bytes, *, last: bool) -> None:
        if self._streams:
            if b'"error"' in body:  # one event a message, as it is sent
                self._note(body.partition(b"data:")[2])
        elif self.status >= 400:
            self._body = (self._body + body)[:_MOST_ERROR_BYTES]
            if last:
                self._note(self._body)

    def _note(self, body: bytes) -> None:
        try:
            told = json.loads(body.decode("utf-8").strip())
        except ValueError:
            told = None
        error = told.get("error") if isinstance(told, dict) else None
        code = error.get("code") if isinstance(error, dict) else None
        if code or not self._streams:
            self._measures.refused(str(code or self.status))
