"""Who may do what: API keys, widget tokens, and callers on this machine."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from chatrec.errors import NotAuthenticated, NotPermitted, SettingsError
from chatrec.service.addresses import address, is_local, is_loopback, networks
from chatrec.service.limits import Limits
from chatrec.service.tokens import WIDGET_SCOPES, Signer, signing_secrets
from chatrec.settings import ServeSettings
from chatrec.storage.api_keys import KEY_PREFIX
from chatrec.storage.database import Database

if TYPE_CHECKING:
    from chatrec.bot import ChatRec

SCOPES = {
    "chat": "chat, in a session of one's own",
    "recommend": "recommendations for the shop's pages",
    "feedback": "what shoppers did: views, likes, carts, purchases",
    "sessions": "read and delete any session, read receipts, forget shoppers",
    "analyst": "the analyst's page and figures over all conversations",
    "metrics": "figures for Prometheus, which hold no words and no ids",
    "users": "name the shopper of a request, and make widget tokens",
}
OPEN_SCOPES = frozenset(WIDGET_SCOPES)
_BEARER = HTTPBearer(auto_error=False, scheme_name="key or token", description="An API key (crk_...) or a widget token.")
# What is written into an address stands in every log on the way.
_NAMES_OF_KEYS = frozenset({"key", "api_key", "apikey", "api-key", "token", "access_token", "auth_token", "authorization"})
# The ids made here. A caller without a key may use no other: a short one could be guessed by the next caller.
_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{22,200}")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Caller:
    """Who sent a request. ``user_id`` and ``session_id`` are those of a widget token; ``key_id`` is fit for logs, a key is not.

    ``local``: a program on this machine, while the shop has no keys; ``open``: anybody, where ``serve.open`` is set.
    """

    kind: Literal["local", "key", "widget", "open"]
    scopes: frozenset[str]
    user_id: str | None = None
    session_id: str | None = None
    key_id: str = ""

    def shopper(self, asked: str | None = None) -> str | None:
        """The verified shopper of this request, where it names ``asked``. Raises :class:`NotPermitted` for a name it may not give."""
        if self.kind == "widget":
            if asked is not None and asked != self.user_id:
                raise NotPermitted("a widget token speaks for its own shopper only; leave user_id out")
            return self.user_id
        if asked is not None and "users" not in self.scopes:
            raise NotPermitted("this caller may not name a shopper; use a key with the scope 'users', or leave user_id out")
        return asked

    def session(self, asked: str | None = None) -> str:
        """The session of this request: a token's own, else the one named, else a new one. Raises :class:`NotPermitted`."""
        if self.kind == "widget":
            if asked is not None and asked != self.session_id:
                raise NotPermitted("a widget token is good for its own session only; leave session_id out")
            return str(self.session_id)
        if asked is None:
            return new_session_id()
        if self.kind == "open" and not _SESSION_ID.fullmatch(asked):
            raise NotPermitted("a caller without a key uses session ids that this service gave it; leave session_id out to get one")
        return asked

    def must_see(self, session_id: str) -> None:
        """Raises :class:`NotPermitted` unless this caller may read and delete the session.

        The answer is the same whether there is such a session or not. Who has no key but knows the id is who was given it.
        """
        if self.kind == "open":
            self.session(session_id)
        elif "sessions" not in self.scopes and (self.kind != "widget" or session_id != self.session_id):
            raise NotPermitted("this caller may not see that session; use its own widget token, or a key with the scope 'sessions'")


class Gatekeeper:
    """Tells who calls, what they may do and how often. One for each open shop. Thread-safe."""

    def __init__(self, database: Database, serve: ServeSettings, signer: Callable[[], Signer], host: str | None = None) -> None:
        self.keys, self.serve, self.limits = database.api_keys, serve, Limits(serve)
        self._signer = signer
        self._here = is_loopback(serve.host if host is None else host)
        self._proxies = networks(serve.proxies)

    @classmethod
    def of(cls, bot: ChatRec, host: str | None = None, serve: ServeSettings | None = None) -> Gatekeeper:
        """The gatekeeper of an open shop that listens on ``host`` (``serve.host`` where none is given)."""
        return cls(bot.database, serve or bot.settings.serve, lambda: signer_of(bot.folder, bot.database), host)

    @property
    def signer(self) -> Signer:
        """Makes and reads widget tokens; read anew each time, so that a rotated secret needs no restart."""
        return self._signer()

    def address(self, request: HTTPConnection) -> str:
        """The caller's address, for limits. Never logged together with words."""
        return address(request, self._proxies)

    def is_here(self, request: HTTPConnection) -> bool:
        """Whether the service listens on this machine only and a program on it sent this request."""
        return self._here and is_local(request)

    def admit(self, request: HTTPConnection, scopes: Iterable[str] = ()) -> Caller:
        """The caller, who has all ``scopes`` and did not come too often.

        Raises :class:`NotAuthenticated`, :class:`NotPermitted` or :class:`chatrec.errors.RateExceeded`.
        """
        try:
            caller = self._known(request)
        except NotAuthenticated:
            self.limits.of_address(self.address(request))
            raise
        if caller.kind == "key":
            self.limits.of_key(caller.key_id)
        elif caller.kind != "local":
            self.limits.of_address(self.address(request))
        if missing := sorted(set(scopes) - caller.scopes):
            raise NotPermitted(f"this needs the scope '{missing[0]}', which {_who(caller)} does not have")
        return caller

    def session(self, caller: Caller, asked: str | None = None) -> str:
        """The session in which this caller's turn runs (see :meth:`Caller.session`), counted against its rate."""
        session_id = caller.session(asked)
        if caller.kind != "local":
            self.limits.of_session(session_id)
        return session_id

    def _known(self, request: HTTPConnection) -> Caller:
        if any(name.lower() in _NAMES_OF_KEYS or value.startswith(KEY_PREFIX) for name, value in request.query_params.multi_items()):
            raise NotAuthenticated("a key or token in the address ends up in logs; send the header Authorization: Bearer KEY")
        text = _bearer(request)
        if text is None:
            return self._without_key(request)
        return self._of_key(text) if text.startswith(KEY_PREFIX) else self._of_token(text)

    def _without_key(self, request: HTTPConnection) -> Caller:
        if self.is_here(request) and not self.keys.any():
            return Caller("local", frozenset(SCOPES))
        if self.serve.open:
            return Caller("open", OPEN_SCOPES)
        raise NotAuthenticated("send the header Authorization: Bearer KEY, with an API key (chatrec keys create) or a widget token")

    def _of_key(self, text: str) -> Caller:
        found = self.keys.find(text)
        if found is None:
            raise NotAuthenticated("this shop has no such API key, or it was revoked; make one with: chatrec keys create")
        return Caller("key", found.scopes & frozenset(SCOPES), key_id=found.key_id)

    def _of_token(self, text: str) -> Caller:
        said = self.signer.read(text)
        if said.key_id and not self.keys.stands(said.key_id):
            raise NotAuthenticated("the API key that asked for this token was revoked; ask the shop for a new token")
        return Caller("widget", said.scopes & OPEN_SCOPES, said.user_id, said.session_id, said.key_id)


def require(*scopes: str) -> Callable[..., Caller]:
    """A FastAPI dependency that gives the :class:`Caller`, who has all these scopes; errors are 401, 403 and 429."""
    if unknown := set(scopes) - set(SCOPES):
        raise ValueError(f"there is no scope {sorted(unknown)}; known: {', '.join(SCOPES)}")

    def caller(request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)] = None) -> Caller:
        gate: Gatekeeper = request.app.state.gate
        return gate.admit(request, scopes)

    return caller


def new_session_id() -> str:
    """A session id that nobody guesses: 144 random bits."""
    return f"s-{secrets.token_urlsafe(18)}"


def signer_of(folder: Path, database: Database) -> Signer:
    """The signer of the shop in ``folder``. Raises :class:`SettingsError` where its secret cannot be used."""
    return Signer(signing_secrets(folder), database.api_keys.shop_mark())


def check_start(database: Database, serve: ServeSettings, host: str) -> None:
    """Raises :class:`SettingsError` where the service would listen beyond this machine and nothing says who may call."""
    if not (is_loopback(host) or serve.open or any(key.revoked_at is None for key in database.api_keys.all())):
        raise SettingsError(
            f"{host} is reached from other machines, and this shop has no API key; "
            "make a key with 'chatrec keys create', or let anyone chat with serve.open = true"
        )


def _bearer(request: HTTPConnection) -> str | None:
    """What stands behind ``Bearer``; ``None`` without the header. Raises :class:`NotAuthenticated` for any other header."""
    sent = request.headers.getlist("authorization")
    if not sent:
        return None
    scheme, _, text = sent[0].partition(" ")
    if len(sent) > 1 or scheme.lower() != "bearer" or not text.strip():
        raise NotAuthenticated("the header is: Authorization: Bearer KEY, once")
    return text.strip()


def _who(caller: Caller) -> str:
    return {"key": f"the key {caller.key_id}", "widget": "a widget token"}.get(caller.kind, "a caller without a key")
