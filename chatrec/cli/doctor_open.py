"""What ``chatrec doctor`` says about who may call the shop's service, and what leaves this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from chatrec.settings import ServeSettings, Settings

if TYPE_CHECKING:
    from chatrec.storage.api_keys import ApiKey

# A key that nobody used for so long is somebody's forgotten one.
UNUSED_DAYS = 90
_DAY_S = 86_400.0
# A "proxy" network wider than this (IPv4) holds more than a shop's own machines.
_WIDEST_PREFIX = 8


def what_is_open(folder: Path, settings: Settings) -> Iterator[str]:
    """Keys, addresses, limits and what is logged. Raises :class:`chatrec.errors.SettingsError` for a secret that others may read."""
    from chatrec.service.addresses import is_loopback
    from chatrec.service.tokens import SECRET_FILE, SECRET_FILE_VARIABLE, SECRET_VARIABLE, signing_secrets

    keys = _keys(folder, settings)
    standing = [key for key in keys if key.revoked_at is None]
    here = is_loopback(settings.serve.host)
    yield from _who_may(settings.serve, here, keys, standing)
    yield from _door(settings.serve, here)
    yield from _old_keys(standing)
    yield from _limits(settings.serve)
    yield from _words(folder, settings)
    if os.environ.get(SECRET_VARIABLE) or os.environ.get(SECRET_FILE_VARIABLE) or (folder / SECRET_FILE).exists():
        count = len(signing_secrets(folder))
        yield "widget tokens are signed with one secret" + (", and those of the one before are accepted" if count > 1 else "")


def _keys(folder: Path, settings: Settings) -> list[ApiKey]:
    from chatrec.storage.database import Database

    if not settings.storage.url and not (folder / "shop.db").is_file():
        return []
    with Database.of_shop(folder, settings.storage.url, create=False) as database:
        return database.api_keys.all()


def _who_may(serve: ServeSettings, here: bool, keys: list[ApiKey], standing: list[ApiKey]) -> Iterator[str]:
    if standing:
        yield f"{len(standing)} API key{'s' * (len(standing) > 1)}: {', '.join(key.name for key in standing)}"
    elif not here and not serve.open:
        yield f"NOTE serve.host is {serve.host} and no API key stands: chatrec serve will not start; run: chatrec keys create NAME"
    elif keys:
        yield "NOTE all API keys are revoked; where one is needed run: chatrec keys create NAME"
    elif here:
        yield "no API keys: programs on this machine may do everything, all others nothing"


def _door(serve: ServeSettings, here: bool) -> Iterator[str]:
    if not here:
        yield f"NOTE the service listens on {serve.host}: let a proxy with TLS stand before it, or keys travel for all to read"
    if serve.open:
        yield "NOTE serve.open: anyone who reaches the service may chat, ask for recommendations and give feedback"
    if serve.page == "open" or (serve.open and serve.page == "local"):
        yield "NOTE the chat page is open to anyone who reaches it"
    for origin in serve.cors:
        if origin.startswith("http://") and not _is_this_machine(origin):
            yield f"NOTE pages of {origin} may call the API, and come without TLS: who stands between can change them"
    for network in serve.proxies:
        if ip_network(network, strict=False).prefixlen < _WIDEST_PREFIX:
            yield f"NOTE serve.proxies trusts {network}: anyone there may say who they are; name your proxies alone"


def _is_this_machine(origin: str) -> bool:
    from chatrec.service.addresses import is_loopback

    return is_loopback(origin.partition("://")[2].rpartition(":")[0] or origin.partition("://")[2])


def _old_keys(standing: list[ApiKey]) -> Iterator[str]:
    oldest = datetime.fromtimestamp(time.time() - UNUSED_DAYS * _DAY_S, UTC).date().isoformat()
    for key in standing:
        if (key.last_used_day or datetime.fromtimestamp(key.created_at, UTC).date().isoformat()) < oldest:
            yield f"NOTE key {key.key_id} '{key.name}' was not used for {UNUSED_DAYS} days; take it away: chatrec keys revoke {key.key_id}"


def _limits(serve: ServeSettings) -> Iterator[str]:
    for name in ("rate_address", "rate_key", "rate_session"):
        if not getattr(serve, name):
            yield f"NOTE serve.{name} is empty: requests are not limited by it"
    if serve.workers > 1 and serve.rate_storage.startswith("memory:"):
        yield f"NOTE {serve.workers} workers count requests each for itself: limits are so many times as wide (serve.rate_storage)"


def _words(folder: Path, settings: Settings) -> Iterator[str]:
    if settings.serve.log_words:
        yield "NOTE serve.log_words: the log holds what shoppers write, personal data taken out as far as it is recognised"
    if settings.telemetry.content:
        yield "NOTE telemetry.content: spans hold what shoppers write"
    toml = folder / "chatrec.toml"
    if settings.storage.url.partition("://")[2].partition("@")[0].count(":") and toml.is_file() and "@" in toml.read_text("utf-8"):
        yield "NOTE chatrec.toml holds the database's password; give it as CHATREC_STORAGE__URL instead"
