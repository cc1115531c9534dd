"""The service over the demo shop, as its clients meet it: a real server on a free port of this machine."""

from __future__ import annotations

import gc
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from chatrec.bot import ChatRec
from chatrec.domain.reply import Cards


@pytest.fixture(scope="module")
def served(demo_bot: ChatRec) -> Iterator[str]:
    """Its address."""
    from chatrec.service.app import make_app
    from chatrec.service.listen import listening

    known = demo_bot.watchers._all
    with listening(make_app(demo_bot, page=False)) as address:
        yield address
    demo_bot.watchers._all = known
    with warnings.catch_warnings():  # a server leaves event loops behind; they are collected here, not in some later test
        warnings.simplefilter("ignore")
        gc.collect()


@pytest.fixture
def slow(demo_bot: ChatRec, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Replies pause behind their cards, as with a language model; the event is set when one is closed before its end."""
    stopped, reply = threading.Event(), demo_bot.reply

    def paused(*args: Any, **named: Any) -> Iterator[Any]:
        events = reply(*args, **named)
        try:
            for event in events:
                yield event
                if isinstance(event, Cards):
                    time.sleep(0.5)
        except GeneratorExit:
            events.close()  # type: ignore[attr-defined]
            stopped.set()
            raise

    monkeypatch.setattr(demo_bot, "reply", paused)
    return stopped
