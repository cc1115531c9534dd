"""What stands around every answer: size limit, security headers, CORS, and no trace of a fault. Pure ASGI, so that streams flow through."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress

from fastapi import FastAPI, HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatrec.errors import NotPermitted, RateExceeded
from chatrec.service.access import Gatekeeper
from chatrec.service.failures import Failure, failure_of, note
from chatrec.service.openai_wire import PATHS, failure_body
from chatrec.settings import Settings

# The Gradio page sends its conversation along with every message; a long one is larger than any body of the API.
PAGE_BODY_BYTES = 4_194_304
_PAGE_PREFIX = "/gradio_api/"
# What Gradio offers beside a page: to keep anybody's files on this disk, and to fetch from other machines.
_NOT_OURS = ("/gradio_api/upload", "/gradio_api/proxy=", "/upload", "/proxy=")
_PLAIN_PATHS = ("/health", "/ready", "/metrics", "/openapi.json")
_METHODS = ("GET", "POST", "DELETE")
# What browsers of other origins may send along, and read of the answer.
_SENT = ("Authorization", "Content-Type", "X-Chatrec-Session")
_TOLD = ("Retry-After", "X-Chatrec-Session")
_PREFLIGHT_S = 600
_FEATURES = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"

log = logging.getLogger(__name__)


def stand_around(app: FastAPI, settings: Settings) -> None:
    """Puts everything of this file around ``app``; ``app.state.gate`` is there when the first request comes. Call it once, last."""
    logging.getLogger("uvicorn.access").addFilter(shorten_address)  # for whoever runs the application with a server of their own
    app.add_middleware(Envelope, settings=settings)
    if settings.serve.cors:
        app.add_middleware(ApiCors, origins=settings.serve.cors)  # outside: a page must be able to read why it was refused


def guard_page(app: FastAPI, gate: Gatekeeper, settings: Settings, *, only_here: bool = False) -> None:
    """Puts a door before the Gradio page, which is mounted last: who may not use it, and how often others may.

    ``only_here``: the page speaks for one shopper, for trying things out; whatever the settings say, nobody else may be that shopper.
    """
    page = app.router.routes[-1]
    if not isinstance(page, Mount):
        raise TypeError(f"the last route is {page!r}, not the mounted page")
    page.app = PageDoor(page.app, gate, settings, only_here)


class Envelope:
    """Bodies that are too long are refused unread; every answer gets its security headers; a fault leaves no words in any log."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._body_bytes = app, settings.serve.body_bytes
        self._for_pages, self._for_data = page_policy(settings), data_policy()
        self._framed = bool(settings.serve.frames)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        shape = failure_body if scope["path"].startswith(PATHS) else Failure.body
        answer = _Answer(send, lambda headers: self._protect(headers, scope["path"]), shape)
        most = max(self._body_bytes, PAGE_BODY_BYTES) if scope["path"].startswith(_PAGE_PREFIX) else self._body_bytes
        body = _Body(receive, most)
        try:
            if body.is_too_long(Headers(scope=scope)):
                raise _TooLong(most)
            await self._app(scope, body.receive, answer.send)
        except _TooLong as error:
            await answer.fail(Failure(413, "too_large", error.detail), error.headers)
        except Exception as error:  # a server's own log would print it whole, and its text may quote a shopper
            await answer.fail(note(error, "a request"))

    def _protect(self, headers: MutableHeaders, path: str) -> None:
        is_page = headers.get("content-type", "").startswith("text/html")
        headers.setdefault("Content-Security-Policy", self._for_pages if is_page else self._for_data)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", _FEATURES)
        if not (is_page and self._framed):  # the old header knows no list of origins
            headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        if is_api(path) and "no-store" not in headers.get("cache-control", ""):
            headers["Cache-Control"] = "no-store"


class PageDoor:
    """Before the Gradio page: ``serve.page`` says who may use it, and what an address may send is counted."""

    def __init__(self, app: ASGIApp, gate: Gatekeeper, settings: Settings, only_here: bool) -> None:
        self._app, self._gate, self._policy = app, gate, gradio_policy(settings)
        opened = settings.serve.page == "open" or (settings.serve.page == "local" and settings.serve.open)
        self._open = opened and not only_here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request to the page."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, lambda headers: headers.setdefault("Content-Security-Policy", self._policy) and None)
        try:
            self._admit(HTTPConnection(scope))
        except (NotPermitted, RateExceeded) as error:
            await (answer.fail(failure_of(error)) if scope["type"] == "http" else send({"type": "websocket.close", "code": 1008}))
            return
        await self._app(scope, receive, answer.send)

    def _admit(self, request: HTTPConnection) -> None:
        if request.scope["path"].startswith(_NOT_OURS):
            raise NotPermitted("the chat page takes no files and fetches none")
        if self._gate.is_here(request):
            return
        if not self._open:
            raise NotPermitted("the chat page is for this machine only; the shop's owner opens it with serve.page = open")
        if request.scope.get("method", "POST") == "POST":
            self._gate.limits.of_address(self._gate.address(request))


class ApiCors:
    """CORS for the API alone: pages of the listed origins may call it with a header of their own, never with cookies."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._app = app
        self._shared = CORSMiddleware(
            app, allow_origins=origins, allow_methods=_METHODS, allow_headers=_SENT, expose_headers=_TOLD, max_age=_PREFLIGHT_S
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        is_shared = scope["type"] == "http" and is_api(scope["path"])
        await (self._shared if is_shared else self._app)(scope, receive, send)


def shorten_address(record: logging.LogRecord) -> bool:
    """A filter for uvicorn's access log: of an address two steps stay. What follows may be a session's id; a search is words."""
    if isinstance(record.args, tuple) and len(record.args) == 5:  # caller, method, address, version, status
        caller, method, asked, *rest = record.args
        steps = str(asked).partition("?")[0].split("/")
        record.args = (caller, method, "/".join(steps[:3]) + "/…" * (len(steps) > 3), *rest)
    return True


def is_api(path: str) -> bool:
    """Whether this path answers with data about a shopper or the shop: never kept by a cache."""
    return path.startswith(("/v1/", "/webhooks/")) or path in _PLAIN_PATHS


def page_policy(settings: Settings) -> str:
    """The policy of the pages that are ours: scripts and styles from files of this service, nothing inline, nothing from elsewhere."""
    return _policy({
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": _pictures(settings, "'self' data:"),
        "font-src": "'self'", "connect-src": "'self'", "form-action": "'self'", "base-uri": "'none'",
        "frame-ancestors": " ".join(("'self'", *settings.serve.frames)),
    })  # fmt: skip


def gradio_policy(settings: Settings) -> str:
    """The strictest under which Gradio runs: it needs inline scripts and styles and makes functions of text, but nothing from elsewhere."""
    return _policy({
        "default-src": "'self'", "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:", "style-src": "'self' 'unsafe-inline'",
        "img-src": _pictures(settings, "'self' data: blob:"), "font-src": "'self' data:", "connect-src": "'self'",
        "worker-src": "'self' blob:", "object-src": "'none'", "form-action": "'self'", "base-uri": "'self'",
        "frame-ancestors": " ".join(("'self'", *settings.serve.frames)),
    })  # fmt: skip


def data_policy() -> str:
    """The policy of what is no page: should a browser be made to show it, it can do nothing."""
    return _policy({"default-src": "'none'", "frame-ancestors": "'none'"})


def _policy(parts: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def _pictures(settings: Settings, ours: str) -> str:
    hosts = (host for host in settings.shop.picture_hosts if not set(host) & set(" ;,'\"\r\n"))
    return " ".join((ours, *(f"https://{host}" for host in hosts)))


class _TooLong(HTTPException):
    """The body is longer than it may be. FastAPI, which may be reading it, lets this kind of error through."""

    def __init__(self, most_bytes: int) -> None:
        told = f"the body is longer than {most_bytes} bytes; send less, or raise serve.body_bytes"
        super().__init__(413, told, {"Connection": "close"})


class _Body:
    """A request's body that ends with an error where it grows too long: a length that is not told must be counted."""

    def __init__(self, receive: Receive, most_bytes: int) -> None:
        self._receive, self._most, self._left = receive, most_bytes, most_bytes

    def is_too_long(self, headers: Headers) -> bool:
        told = headers.get("content-length", "0")
        return not told.isdecimal() or int(told[:20]) > self._left

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b"")) if message["type"] == "http.request" else 0
        if self._left < 0:
            raise _TooLong(self._most)
        return message


class _Answer:
    """The answer of a request: its headers are finished on the way, and a failure takes its place where it has not begun."""

    def __init__(self, send: Send, finish: object, shape: Callable[[Failure], object] = Failure.body) -> None:
        self._send, self._finish, self._shape, self._begun = send, finish, shape, False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begun = True
            self._finish(MutableHeaders(scope=message))  # type: ignore[operator]
        await self._send(message)

    async def fail(self, failure: Failure, more: Mapping[str, str] | None = None) -> None:
        """Sends the failure. After an answer has begun nothing more is sent: the connection is cut, and the client knows."""
        if self._begun:
            return
        body = json.dumps(self._shape(failure)).encode()
        told = {"Content-Type": "application/json", "Content-Length": str(len(body)), **failure.headers(), **(more or {})}
        headers = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in told.items()]
        with suppress(OSError):
            await self.send({"type": "http.response.start", "status": failure.status, "headers": headers})
            await self.send({"type": "http.response.body", "body": body})
