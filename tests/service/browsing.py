"""A real browser before the service: how it is started, how it is paced, and what a shopper does with the chat page."""

from __future__ import annotations

import gc
import shutil
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from chatrec.bot import ChatRec

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
WAIT_MS = 60_000
MARKS = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: install it to run the browser test"),
    # gradio, the server and the browser's driver warn of their own dependencies' deprecations
    pytest.mark.filterwarnings("default"),
]


class Paced:
    """How long an answer waits before each of its events (an answer of a language model takes seconds, one of the template none), and
    whether the shop fails to give one."""

    def __init__(self, bot: ChatRec) -> None:
        self.pause_s, self.ended = 0.0, 0
        self.asked: list[str] = []
        self.failures: list[Exception] = []
        self._reply = bot.reply

    def afresh(self) -> None:
        """As at the beginning."""
        self.pause_s, self.asked, self.ended, self.failures = 0.0, [], 0, []

    def reply(self, session_id: str, message: str, **given: Any) -> Iterator[Any]:
        """The bot's own reply, at this pace."""
        self.asked.append(message)
        try:
            if self.failures:
                raise self.failures.pop(0)
            for event in self._reply(session_id, message, **given):
                time.sleep(self.pause_s)
                yield event
        finally:
            self.ended += 1


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@contextmanager
def chat_page(bot: ChatRec, **settings: Any) -> Iterator[str]:
    """The service over the bot with the chat page; gives the page's address. ``settings`` are those of ``serve``."""
    from chatrec.service.app import make_app
    from chatrec.service.listen import listening

    chosen = bot.settings.model_copy(update={"serve": bot.settings.serve.model_copy(update=settings)})
    known = bot.watchers._all
    with listening(make_app(bot, chosen)) as address:
        yield f"{address}/"
    bot.watchers._all = known
    with warnings.catch_warnings():  # the server leaves event loops behind; they are collected here, not in some later test
        warnings.simplefilter("ignore")
        gc.collect()


@contextmanager
def watched(browser: Browser, address: str, **given: Any) -> Iterator[Page]:
    """The chat page, open and ready. A request to another host or an error of a script fails the test."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **given})
    shown = context.new_page()
    wrong = watch(shown, address)
    open_page(shown, address)
    yield shown
    context.close()
    assert not wrong


def watch(page: Page, address: str) -> list[str]:
    """What the page asks of other hosts, and its errors: a list that grows."""
    wrong: list[str] = []
    page.set_default_timeout(WAIT_MS)
    page.on("request", lambda r: wrong.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None)
    page.on("pageerror", lambda e: wrong.append(str(e)))
    return wrong


def open_page(page: Page, address: str) -> None:
    """Opens the chat page and waits until it is ready."""
    page.goto(address)
    page.locator("#cr-compose textarea").wait_for()
    page.wait_for_function("window.chatrecKept !== undefined")
    at_rest(page)


def say(page: Page, words: str) -> None:
    """Sends a message."""
    box = page.locator("#cr-compose textarea")
    box.fill(words)
    box.press("Enter")
    page.wait_for_function("document.querySelector('#cr-compose textarea').value === ''")  # sent: nobody types faster than that


def at_rest(page: Page) -> None:
    """Waits until nothing is under way."""
    page.wait_for_function("!document.body.classList.contains('cr-busy')")


def ask(page: Page, words: str) -> None:
    """Sends a message and waits for the whole answer."""
    before = page.locator("#cr-chat .user-row").count()
    say(page, words)
    see(page.locator("#cr-chat .user-row"), before + 1)
    at_rest(page)


def heard(page: Page) -> list[str]:
    """What the shopper said, or pressed, so far."""
    return [text.strip() for text in page.locator("#cr-chat .user-row").all_inner_texts()]


def titles(page: Page) -> list[str | None]:
    """The names on the cards, from the first to the last."""
    return [card.get_attribute("aria-label") for card in page.locator(".cr-card").all()]


def see(found: Locator, count: int) -> None:
    """Waits until so many can be seen."""
    from playwright.sync_api import expect

    expect(found.filter(visible=True)).to_have_count(count, timeout=WAIT_MS)


def barriers(found: dict[str, Any], where: str) -> None:
    """Fails for what axe calls serious or critical."""
    serious = [
        f"{where}: {v['id']} at {[n['target'] for n in v['nodes'][:3]]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert found["passes"] and not serious, serious  # a page that axe could not read has neither
