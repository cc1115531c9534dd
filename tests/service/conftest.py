"""The service over a small tea shop, as its clients meet it: a real server on a free port of this machine."""

from __future__ import annotations

import gc
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chatrec.bot import ChatRec
from chatrec.domain.reply import Cards

if TYPE_CHECKING:
    from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parents[1] / "system"))
sys.path.insert(0, str(Path(__file__).parent))
from browsing import Paced, chromium
from shop import build_shop, open_shop


@pytest.fixture(scope="session")
def tea_bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatRec]:
    """A tea shop of forty products, ingested and open, with the template writer."""
    place = tmp_path_factory.mktemp("tea")
    build_shop(place)
    with open_shop(place / "shop") as bot:
        yield bot


@pytest.fixture(scope="module")
def served(tea_bot: ChatRec) -> Iterator[str]:
    """Its address."""
    from chatrec.service.app import make_app
    from chatrec.service.listen import listening

    known = tea_bot.watchers._all
    with listening(make_app(tea_bot, page=False)) as address:
        yield address
    tea_bot.watchers._all = known
    with warnings.catch_warnings():  # a server leaves event loops behind; they are collected here, not in some later test
        warnings.simplefilter("ignore")
        gc.collect()


@pytest.fixture
def slow(tea_bot: ChatRec, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Replies pause behind their cards, as with a language model; the event is set when one is closed before its end."""
    stopped, reply = threading.Event(), tea_bot.reply

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

    monkeypatch.setattr(tea_bot, "reply", paused)
    return stopped


@pytest.fixture(scope="module")
def paced(demo_bot: ChatRec) -> Iterator[Paced]:
    """The demo shop's replies, at a pace of the test's choosing."""
    pace = Paced(demo_bot)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_bot, "reply", pace.reply)
        yield pace


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the file's tests."""
    with chromium() as started:
        yield started
