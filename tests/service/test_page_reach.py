"""The chat page for everybody: without a mouse, on a phone, in light and dark, and for those who hear it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from browsing import MARKS, Paced, ask, at_rest, barriers, chat_page, heard, see, watched

from chatrec.bot import ChatRec

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = MARKS
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# The parts of the page that are the project's own; the rest is Gradio's markup.
OURS = ("#cr-chips", "#cr-bridge", "#cr-kept", "#cr-variety", "#cr-compose", ".cr-top", ".cr-cards", ".cr-scroll", ".cr-last", ".user-row")


@pytest.fixture(scope="module")
def address(demo_bot: ChatRec, paced: Paced) -> Iterator[str]:
    with chat_page(demo_bot) as place:
        yield place


def axe(page: Page) -> dict[str, Any]:
    from axe_playwright_python.sync_playwright import Axe

    there = [[part] for part in OURS if page.locator(part).count()]
    return dict(Axe().run(page, context={"include": there}).response)


@pytest.mark.parametrize(
    ("size", "scheme", "locale"), [(DESKTOP, "light", "en-GB"), (PHONE, "dark", "zh-CN")], ids=["desktop-light", "phone-dark-chinese"]
)
def test_no_barrier_in_what_is_ours(browser: Browser, address: str, paced: Paced, size: dict[str, int], scheme: str, locale: str) -> None:
    paced.afresh()
    with watched(browser, address, viewport=size, color_scheme=scheme, locale=locale, reduced_motion="reduce") as page:
        barriers(axe(page), "empty")
        ask(page, "a tent under 300")
        page.locator(".cr-card .cr-like").first.click()
        see(page.locator('.cr-like[aria-pressed="true"]'), 1)
        at_rest(page)
        ask(page, "compare the first two")
        page.locator("#cr-why button").first.click()
        page.locator('.cr-last [data-act="edit"]').click()
        page.evaluate("document.querySelector('#cr-chat .bubble-wrap').scrollTop = 0")
        barriers(axe(page), f"{scheme}, two turns")
        page.evaluate("document.querySelector('#cr-chat .bubble-wrap').scrollTop = 1e6")
        barriers(axe(page), f"{scheme}, at the end")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def focused(page: Page) -> str:
    """What has the focus, and whether that can be seen."""
    return str(
        page.evaluate("""() => { const it = document.activeElement; const style = getComputedStyle(it);
        const marked = style.outlineStyle !== 'none' || style.boxShadow !== 'none' || it.tagName === 'TEXTAREA';
        return `${it.dataset.act || it.id || it.tagName.toLowerCase()}${marked ? '' : ' unmarked'}`; }""")
    )


def walk(page: Page, key: str, wanted: str, most: int = 60) -> list[str]:
    """Presses a key until the wanted thing has the focus; gives what had it on the way."""
    passed: list[str] = []
    for _ in range(most):
        page.keyboard.press(key)
        passed.append(focused(page))
        if passed[-1].startswith(wanted):
            return passed
    raise AssertionError(f"{key} never came to {wanted}: {passed}")


def test_a_whole_conversation_by_keys_alone(browser: Browser, address: str, paced: Paced) -> None:
    paced.afresh()
    with watched(browser, address, locale="en-GB") as page:
        page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")  # one can write at once
        page.keyboard.type("a tent under 300")
        page.keyboard.press("Enter")
        see(page.locator(".cr-card"), 3)
        at_rest(page)
        page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
        back = walk(page, "Shift+Tab", "like")  # over the chips and the last exchange to the cards
        assert {"say", "drop", "take_back", "again", "why"} <= set(back) and not [name for name in back if "unmarked" in name]
        page.keyboard.press("Enter")
        see(page.locator('.cr-like[aria-pressed="true"]'), 1)
        at_rest(page)
        walk(page, "Tab", "drop")
        page.keyboard.press("Space")
        see(page.locator("#cr-chat .user-row"), 2)
        at_rest(page)
        page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")  # the chip is gone: one can write on
        walk(page, "Shift+Tab", "take_back")
        page.keyboard.press("Enter")
        see(page.locator("#cr-chat .user-row"), 1)
        at_rest(page)
        assert heard(page) == ["a tent under 300"]
        page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
        walk(page, "Shift+Tab", "edit")
        page.keyboard.press("Enter")
        assert page.locator("#cr-compose textarea").input_value() == "a tent under 300"
        page.keyboard.press("Escape")
        assert page.locator("#cr-compose textarea").input_value() == "" and focused(page).startswith("textarea")
        walk(page, "Shift+Tab", "language")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="发送").wait_for()
