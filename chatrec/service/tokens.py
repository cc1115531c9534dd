"""Widget tokens: what a shop hands to a shopper's browser. Signed, short-lived, and good for one session of one shop only."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jwt

from chatrec.errors import NotAuthenticated, SettingsError

SECRET_FILE = "secret"
SECRET_VARIABLE = "CHATREC_SECRET"
SECRET_FILE_VARIABLE = "CHATREC_SECRET_FILE"
WIDGET_SCOPES = ("chat", "recommend", "feedback")
MINUTES = 60
MOST_MINUTES = 24 * 60
# RFC 7518 3.2: a key of HS256 is at least as long as its hash.
LEAST_SECRET_BYTES = 32
# The signing secret and the one before it: tokens of an hour ago stay good while the new one takes over.
MOST_SECRETS = 2
_ALGORITHM = "HS256"
_LEEWAY_S = 5
_MOST_CHARS = 4096
_EXPIRED = "the token has expired; the shop's page asks its own server for a new one"
_WRONG = "this is no token of this shop, or it was changed; ask the shop for a new one"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. ``key_id`` is the API key that asked for it, empty where ``chatrec keys token`` did."""

    session_id: str
    user_id: str | None
    scopes: frozenset[str]
    key_id: str
    expires_at: int


class Signer:
    """Makes and reads the tokens of one shop. The first secret signs; every one of them is accepted."""

    def __init__(self, secret_texts: tuple[str, ...], shop_mark: str, clock: Callable[[], float] = time.time) -> None:
        self._secrets, self._shop_mark, self._clock = secret_texts, shop_mark, clock

    def make(self, session_id: str, user_id: str | None = None, minutes: int = MINUTES, key_id: str = "") -> tuple[str, int]:
        """A token for one session, and when it expires (unix seconds)."""
        now = int(self._clock())
        claims = {
            "aud": self._shop_mark, "sid": session_id, "scope": " ".join(WIDGET_SCOPES), "iat": now, "exp": now + minutes * 60,
            "key": key_id, **({} if user_id is None else {"sub": user_id}),
        }  # fmt: skip
        return jwt.encode(claims, self._secrets[0], algorithm=_ALGORITHM), now + minutes * 60

    def read(self, text: str) -> Claims:
        """What the token says. Raises :class:`NotAuthenticated` for one that is not this shop's, was changed or has expired."""
        if len(text) > _MOST_CHARS:
            raise NotAuthenticated(_WRONG)
        for secret in self._secrets:
            try:
                return self._claims(text, secret)
            except jwt.InvalidSignatureError:
                continue
        raise NotAuthenticated(_WRONG)

    def _claims(self, text: str, secret: str) -> Claims:
        try:
            said = jwt.decode(
                text, secret, algorithms=[_ALGORITHM], audience=self._shop_mark, leeway=_LEEWAY_S,
                options={"require": ["exp", "iat", "aud", "sid", "scope"], "verify_exp": False, "verify_iat": False},
            )  # fmt: skip
            claims = Claims(_text(said["sid"]), _text(said["sub"]) if "sub" in said else None, frozenset(_text(said["scope"]).split()),
                            str(said.get("key", "")), int(said["exp"]))  # fmt: skip
        except jwt.InvalidSignatureError:
            raise
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError, OverflowError) as error:
            raise NotAuthenticated(_WRONG) from error
        if claims.expires_at + _LEEWAY_S < self._clock():
            raise NotAuthenticated(_EXPIRED, "token_expired")
        return claims


def signing_secrets(folder: Path) -> tuple[str, ...]:
    """The secrets from ``CHATREC_SECRET``, from the file that ``CHATREC_SECRET_FILE`` names, or from ``secret`` in the shop's folder.

    The last is made at first use, readable by its owner alone. Two may stand one after the other (blank or line between): the first signs,
    both are accepted. Raises :class:`SettingsError` for a short secret, more than two, or a file that others may read.
    """
    if written := os.environ.get(SECRET_VARIABLE, ""):
        return _checked(written.split(), SECRET_VARIABLE)
    named = os.environ.get(SECRET_FILE_VARIABLE, "")
    if named:
        return _checked(_read(Path(named)).split(), named)
    path = folder / SECRET_FILE
    if not path.exists():
        _make(path)
    _check_mode(path)
    return _checked(_read(path).split(), str(path))


def rotate(folder: Path) -> Path:
    """Puts a new secret before the present one in the shop's folder. Twice in a row ends every token. Gives the file.

    Raises :class:`SettingsError` where the secret comes from the environment: it is changed there.
    """
    if os.environ.get(SECRET_VARIABLE) or os.environ.get(SECRET_FILE_VARIABLE):
        raise SettingsError(
            f"the secret comes from {SECRET_VARIABLE} or {SECRET_FILE_VARIABLE}: change it there, the new one first, the old one second"
        )
    kept = signing_secrets(folder)[: MOST_SECRETS - 1]
    path = folder / SECRET_FILE
    _write(path.with_name(f".{SECRET_FILE}-{secrets.token_hex(4)}"), "\n".join((secrets.token_urlsafe(48), *kept)), path)
    return path


def _checked(found: list[str], where: str) -> tuple[str, ...]:
    if not 1 <= len(found) <= MOST_SECRETS:
        raise SettingsError(f"{where} holds {len(found)} secrets; write one, or the new one and the one before it")
    if any(len(secret.encode()) < LEAST_SECRET_BYTES for secret in found):
        raise SettingsError(
            f"a secret in {where} is shorter than {LEAST_SECRET_BYTES} characters; make one with: "
            'python -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    return tuple(found)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the secret in {path} cannot be read: {error}; check the file and its rights") from error


def _check_mode(path: Path) -> None:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise SettingsError(f"others may read {path}, with which tokens are signed; run: chmod 600 {path}")


def _make(path: Path) -> None:
    """Of several processes that come first, one writes the file; it appears whole or not at all."""
    draft = path.with_name(f".{SECRET_FILE}-{secrets.token_hex(4)}")
    _write(draft, secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _write(draft: Path, text: str, then: Path | None = None) -> None:
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    if then is not None:
        draft.replace(then)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError("a claim is an empty text, or none")
    return value
