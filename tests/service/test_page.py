"""The chat page in a real browser: cards, chips and the receipt appear, a chip can be dropped, and nothing is loaded from elsewhere."""

from __future__ import annotations

import gc
import shutil
import socket
import warnings
from collections.abc import Iterator

import pytest

from chatrec.bot import ChatRec

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: install it to run the browser test"),
    # gradio and its server warn of their own dependencies' deprecations
    pytest.mark.filterwarnings("default"),
]


@pytest.fixture(scope="module")
def address(demo_bot: ChatRec) -> Iterator[str]:
    from chatrec.service.page import launch

    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    blocks = launch(demo_bot, host="127.0.0.1", port=port, block=False)
    yield f"http://127.0.0.1:{port}/"
    blocks.close()
    with warnings.catch_warnings():  # the server leaves event loops behind; they are collected here, not in some later test
        warnings.simplefilter("ignore")
        gc.collect()


def test_a_shopper_sees_cards_and_can_drop_a_chip(address: str) -> None:
    from playwright.sync_api import expect, sync_playwright

    strangers: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("request", lambda r: strangers.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None)
        page.goto(address, timeout=60_000)
        box = page.get_by_label("Your message")
        box.fill("I need a tent under 200 <b>now</b>")
        box.press("Enter")
        expect(page.locator(".cr-card").first).to_be_visible(timeout=60_000)
        dropped = page.locator('.cr-chip[data-act="drop"]', has_text="price up to $200")
        expect(dropped).to_be_visible(timeout=30_000)
        assert page.locator(".cr-card").count() == 3
        assert page.locator("b", has_text="now").count() == 0  # the shopper's words are shown as text
        dropped.click()
        expect(dropped).to_have_count(0, timeout=30_000)
        expect(page.locator(".cr-card")).to_have_count(6, timeout=30_000)
        browser.close()
    assert not strangers
