"""Who looks on while the shop works: figures, traces and logs are told of each turn when it is over. They change nothing."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Protocol

from chatrec.domain.event import EventKind
from chatrec.domain.reply import Receipt

log = logging.getLogger(__name__)

TURN_ID: ContextVar[str] = ContextVar("chatrec_turn_id", default="")
"""The turn under way, for log lines."""


class Watcher(Protocol):
    """Is told what happened. Called in the thread of the turn: it must be quick, and keeps no shopper's words unless told to."""

    def turn_ended(self, receipt: Receipt) -> None:
        """A turn is over: answered and kept, forgotten, or stopped by the shopper (``receipt.stopped``)."""

    def feedback_given(self, kind: EventKind) -> None:
        """A shopper did something with an item outside the conversation's words."""


class Watchers:
    """The watchers of one open shop. What goes wrong in one of them is logged, and hurts neither the turn nor the others."""

    def __init__(self) -> None:
        self._all: tuple[Watcher, ...] = ()

    def add(self, watcher: Watcher) -> None:
        """From now on this one is told too."""
        self._all = (*self._all, watcher)

    def remove(self, watcher: Watcher) -> None:
        """From now on this one is left alone; one that was never added is fine."""
        self._all = tuple(w for w in self._all if w is not watcher)

    def turn_ended(self, receipt: Receipt) -> None:
        """Tells all of a turn that is over."""
        for watcher in self._all:
            try:
                watcher.turn_ended(receipt)
            except Exception as error:
                log.warning("a watcher failed on a turn: %s", type(error).__name__)

    def feedback_given(self, kind: EventKind) -> None:
        """Tells all of what a shopper did."""
        for watcher in self._all:
            try:
                watcher.feedback_given(kind)
            except Exception as error:
                log.warning("a watcher failed on feedback: %s", type(error).__name__)
