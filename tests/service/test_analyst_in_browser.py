"""The analyst's pages in a real browser: nothing that keeps anybody out, light and dark, on a desk and on a phone."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chatrec.bot import ChatRec
from chatrec.domain.event import EventKind

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
DESKTOP, PHONE = (1280, 900), (390, 844)
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: install it to run the browser test"),
    # the server and the browser's driver warn of their own dependencies' deprecations
    pytest.mark.filterwarnings("default"),
]
SAID = ("a tent for two under 300", "compare the first two", "tents under 3", "a grand piano")


@pytest.fixture(scope="module")
def session(demo_bot: ChatRec) -> str:
    """A conversation with everything that the pages show: a list, a comparison, nothing found, an unknown word, a purchase."""
    session_id = f"analyst-browser-{secrets.token_hex(4)}"
    list(demo_bot.reply(session_id, SAID[0]))
    for kind in (EventKind.CLICK, EventKind.CART, EventKind.PURCHASE):
        demo_bot.feedback(session_id, demo_bot.state(session_id).last_shown()[0], kind)
    for line in SAID[1:]:
        list(demo_bot.reply(session_id, line))
    return session_id


@pytest.fixture(scope="module")
def address(demo_bot: ChatRec) -> Iterator[str]:
    from chatrec.service.app import make_app
    from chatrec.service.listen import listening

    known = demo_bot.watchers._all
    with listening(make_app(demo_bot, page=False)) as place:
        yield place
    demo_bot.watchers._all = known


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_no_page_has_a_serious_barrier(browser: Browser, address: str, session: str, scheme: str, size: tuple[int, int]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    pictures = os.environ.get("CHATREC_TEST_PICTURES", "")
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    for name, path in (("overview", ""), ("conversations", "/conversations"), ("conversation", f"/conversations/{session}")):
        page.goto(f"{address}/analyst{path}?days=1", wait_until="load")
        page.evaluate("for (const told of document.querySelectorAll('details')) told.open = true")
        found = Axe().run(page).response
        serious = [
            f"{v['id']} at {[n['target'] for n in v['nodes'][:3]]}" for v in found["violations"] if v["impact"] in ("serious", "critical")
        ]
        assert found["passes"] and not serious, (name, scheme, size, serious)  # a page that axe could not read has neither
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the screen"
        if pictures:
            page.screenshot(path=Path(pictures) / f"analyst-{name}-{scheme}-{size[0]}.png", full_page=True)
    context.close()


def test_plots_are_drawn_for_the_paper_they_stand_on(browser: Browser, address: str, session: str) -> None:
    drawn = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
        page = context.new_page()
        page.goto(f"{address}/analyst?days=1", wait_until="load")
        plot = page.locator("figure img").first
        assert plot.evaluate("(img) => img.naturalWidth") > 0
        drawn[scheme] = plot.evaluate("(img) => img.currentSrc")
        context.close()
    assert drawn["light"] != drawn["dark"]
