"""Errors as a client reads them: a status, a code, a sentence, and when to try again. Nothing of the shop's insides."""

from __future__ import annotations

import errno
import logging
import traceback
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from chatrec import errors
from chatrec.service.wire import ErrorBody
from chatrec.storage.trouble import DatabaseTrouble, kind_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, for a client. ``message`` is for the developer who calls; ``retry_after_s`` where trying again helps."""

    status: int
    code: str
    message: str
    retry_after_s: int | None = None

    def body(self) -> dict[str, Any]:
        """The error body that all of the API shares."""
        told: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.retry_after_s is not None:
            told["retry_after_s"] = self.retry_after_s
        return {"error": told}

    def headers(self) -> dict[str, str]:
        """``Retry-After``, where trying again helps; how to say who calls, where that is missing."""
        asked = {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}
        return asked if self.retry_after_s is None else {**asked, "Retry-After": str(self.retry_after_s)}


INTERNAL = Failure(500, "internal", "Something went wrong on the shop's side. The shop's log holds the details.")
_FULL = Failure(503, "storage_full", "The shop's disk is full: nothing can be kept at the moment.", 30)
_STORAGE = Failure(503, "storage", "The shop's database cannot be used at the moment. Try again.", 5)
_LOCKED = Failure(503, "storage_busy", "The shop's database is busy. Try again.", 2)
_DATABASE = {"locked": _LOCKED, "full": _FULL, "other": _STORAGE}
# Of the shop's own side a client is told what to do, never a path or a name of this machine.
_OURS: tuple[tuple[type[Exception], Failure], ...] = (
    (errors.Busy, Failure(429, "busy", "Too many shoppers are waiting for an answer. Try again in some seconds.", 2)),
    (errors.TurnTimeout, Failure(503, "timeout", "The answer took too long and was given up. Try again.", 5)),
    (errors.GeneratorBusy, Failure(503, "busy", "The language model is busy. Try again in some seconds.", 2)),
    (errors.SessionConflict, Failure(409, "conflict", "Another message of this session was answered meanwhile. Send yours again.", 1)),
    (errors.ShopError, Failure(503, "not_ready", "The shop's catalogue cannot be opened at the moment. Try again.", 5)),
    (errors.GenerationError, Failure(503, "not_ready", "The shop's catalogue cannot be opened at the moment. Try again.", 5)),
    (errors.ModelError, Failure(503, "model", "The language model cannot be used at the moment. Try again.", 5)),
)
# What the caller did: the error's own message names the thing, the value and what to do.
_THEIRS: tuple[tuple[type[Exception], int, str], ...] = (
    (errors.InvalidMessage, 422, "invalid_message"),
    (errors.NotAuthenticated, 401, "unauthorized"),
    (errors.NotPermitted, 403, "forbidden"),
    (errors.PlacementError, 422, "placement"),
    (errors.UnknownItem, 404, "unknown_item"),
    (errors.UnknownShopper, 404, "unknown_shopper"),
    (errors.SessionError, 409, "session"),
)


class NotFound(errors.ServiceError):
    """There is no such thing here."""


def failure_of(error: Exception) -> Failure:
    """What a client is told of this error. Total: what nobody foresaw is :data:`INTERNAL`."""
    if isinstance(error, NotFound):
        return Failure(404, "not_found", str(error))
    if isinstance(error, errors.RateExceeded):
        return Failure(429, "rate", str(error), error.retry_after_s)
    for kind, failure in _OURS:
        if isinstance(error, kind):
            return failure
    for kind, status, code in _THEIRS:
        if isinstance(error, kind):
            return Failure(status, str(getattr(error, "code", code)), str(error))
    if isinstance(error, DatabaseTrouble):
        return _DATABASE[kind_of(error)]
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _FULL
    return INTERNAL


def of_http(error: HTTPException) -> Failure:
    """The failure that an error of the web framework stands for."""
    return Failure(error.status_code, _CODES.get(error.status_code, "refused"), str(error.detail))


def note(error: Exception, where: str) -> Failure:
    """The failure, with a line in the log where it is the shop's to mend."""
    failure = failure_of(error)
    if failure.status >= 500:
        log.error("%s failed: %s", where, what_failed(error))
    return failure


def what_failed(error: Exception) -> str:
    """An error for the log: chatrec's own in full; of others only kind and place, since their text may quote a shopper."""
    if isinstance(error, errors.ChatrecError):
        return str(error)
    places = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {places[-1].filename}, line {places[-1].lineno}" if places else type(error).__name__


_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
_CODES = {400: "bad_request", 404: "not_found", 405: "method", 413: "too_large", 415: "media_type"}
_EXAMPLES: dict[int, tuple[str, str]] = {
    400: ("bad_request", "There was an error parsing the body"),
    401: ("unauthorized", "send the header Authorization: Bearer KEY, with an API key (chatrec keys create) or a widget token"),
    403: ("forbidden", "this needs the scope 'sessions', which the key k1 does not have"),
    404: ("unknown_item", "the catalogue has no item 'ot-9999'"),
    409: ("conflict", "Another message of this session was answered meanwhile. Send yours again."),
    413: ("too_large", "the body is larger than 65536 bytes"),
    422: ("invalid", "body.message: Field required"),
    429: ("busy", "Too many shoppers are waiting for an answer. Try again in some seconds."),
    500: ("internal", INTERNAL.message),
    503: ("not_ready", "The shop's catalogue cannot be opened at the moment. Try again."),
}
_MEANING = {
    400: "The body is no JSON.",
    401: "No key or token, or one that is not good any more.",
    403: "The key or token does not reach so far.",
    404: "There is no such thing here.",
    409: "The session is busy, or changed meanwhile.",
    413: "The body is too large.",
    422: "A value cannot be used; `details` name it.",
    429: "Too many requests, or too many turns waiting.",
    500: "Something went wrong on the shop's side.",
    503: "The shop cannot answer at the moment.",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of these errors."""
    return {status: _documented(status) for status in statuses}


def _documented(status: int) -> dict[str, Any]:
    code, message = _EXAMPLES[status]
    told = Failure(status, code, message, 2 if status in (429, 503) else None)
    wait = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "integer"}}} if told.retry_after_s else {}
    return {
        "model": ErrorBody, "description": _MEANING[status], "headers": wait, "content": {"application/json": {"example": told.body()}},
    }  # fmt: skip


def answer_failures(app: FastAPI) -> None:
    """From now on errors of ``app`` are answered with the common body; what nobody foresaw is left to :mod:`chatrec.service.headers`."""

    def told(request: Request, error: Exception) -> JSONResponse:
        return _response(note(error, f"{request.method} {_route(request)}"))

    def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return _invalid(error)

    def refused(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return _response(of_http(error), dict(error.headers or {}))

    app.add_exception_handler(errors.ChatrecError, told)
    app.add_exception_handler(DatabaseTrouble, told)
    app.add_exception_handler(OSError, told)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, refused)


def _response(failure: Failure, more: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(failure.body(), status_code=failure.status, headers={**failure.headers(), **(more or {})})


def _invalid(error: RequestValidationError) -> JSONResponse:
    """Which parts of a request cannot be read, and why. The values are not repeated: they may be a shopper's words."""
    details = [{"place": ".".join(str(p) for p in e["loc"]), "reason": e["msg"]} for e in error.errors()]
    unread = any(e["type"] == "json_invalid" for e in error.errors())
    first = f"{details[0]['place']}: {details[0]['reason']}" if details else "the request cannot be read"
    body = Failure(400 if unread else 422, "bad_request" if unread else "invalid", first).body()
    body["error"]["details"] = details
    return JSONResponse(body, status_code=400 if unread else 422)


def _route(request: Request) -> str:
    """The route's pattern: the path itself may name a session."""
    return str(getattr(request.scope.get("route"), "path", "a page"))


def answer_unknown_paths(app: FastAPI, prefix: str = "/v1") -> None:
    """From now on paths below ``prefix`` that no route before this call takes are answered with the common body: 404, or 405 where the
    path is known by another method. Behind it a page may be mounted that would answer in its own way."""
    known = list(app.router.routes)

    async def unknown(request: Request) -> Response:
        allowed = [m for m in _METHODS if any(r.matches({**request.scope, "method": m})[0] is Match.FULL for r in known)]
        if allowed:
            raise HTTPException(405, f"this path takes {', '.join(allowed)}", {"Allow": ", ".join(allowed)})
        raise HTTPException(404, "there is no such path; /openapi.json lists those that there are")

    app.router.add_route(prefix + "/{rest:path}", unknown, methods=_METHODS, include_in_schema=False)
