"""How often and how much: requests of an address, a key and a session are counted, and large bodies refused before they are read."""

from __future__ import annotations

import logging
import math
import threading
import time

from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from chatrec.errors import RateExceeded, SettingsError
from chatrec.settings import ServeSettings

log = logging.getLogger(__name__)

_QUIET_S = 60.0


class Limits:
    """Counts requests. Thread-safe. In memory every worker process counts alone; with a storage URL they count together.

    A storage that does not answer stops nobody: a shop goes on selling, and the log says so once a minute.
    """

    def __init__(self, serve: ServeSettings) -> None:
        try:
            self._limiter = MovingWindowRateLimiter(storage_from_string(serve.rate_storage, wrap_exceptions=True))
        except (ConfigurationError, NotImplementedError, ImportError, ValueError, AssertionError) as error:
            raise SettingsError(f"serve.rate_storage = {_without_password(serve.rate_storage)!r} cannot be used: {error}") from error
        self._rates = {
            name: parse_many(text) if text else []
            for name, text in (("address", serve.rate_address), ("key", serve.rate_key), ("session", serve.rate_session))
        }
        self._told_at, self._guard = -math.inf, threading.Lock()

    def of_address(self, address: str) -> None:
        """One more request of an address. Raises :class:`RateExceeded`."""
        self._count("address", address)

    def of_key(self, key_id: str) -> None:
        """One more request with an API key. Raises :class:`RateExceeded`."""
        self._count("key", key_id)

    def of_session(self, session_id: str) -> None:
        """One more turn of a session. Raises :class:`RateExceeded`."""
        self._count("session", session_id)

    def _count(self, what: str, who: str) -> None:
        for rate in self._rates[what]:
            try:
                wait_s = 0 if self._limiter.hit(rate, what, who) else self._wait_s(rate, what, who)
            except StorageError as error:
                self._tell(error)
                return
            if wait_s:
                raise RateExceeded(f"too many requests of this {what}: at most {rate}; try again in {wait_s} s", wait_s)

    def _wait_s(self, rate: RateLimitItem, what: str, who: str) -> int:
        return max(1, math.ceil(self._limiter.get_window_stats(rate, what, who).reset_time - time.time()))

    def _tell(self, error: StorageError) -> None:
        with self._guard:
            quiet = time.monotonic() - self._told_at < _QUIET_S
            self._told_at = self._told_at if quiet else time.monotonic()
        if not quiet:
            log.error("requests are not counted: serve.rate_storage does not answer (%s)", type(error.storage_error).__name__)


def _without_password(url: str) -> str:
    scheme, split, rest = url.partition("://")
    return f"{scheme}{split}{rest.rpartition('@')[2]}"
