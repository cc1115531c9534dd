"""Many tabs at once on the chat page: each keeps its own conversation, and one limit holds for the page and the API together."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest
from browsing import MARKS, Paced, ask, at_rest, chat_page, heard, open_page, say, see, titles, watch, watched

from chatrec.bot import ChatRec

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = MARKS
KINDS = (
    "a tent", "hiking boots", "a headlamp", "hiking socks", "a sleeping bag", "a rain jacket", "a backpack", "a camping stove",
    "trekking poles", "a water bottle",
)  # fmt: skip


@pytest.fixture(scope="module")
def address(demo_bot: ChatRec, paced: Paced) -> Iterator[str]:
    with chat_page(demo_bot, turns=2, queue=3) as place:
        yield place


def test_ten_tabs_of_one_browser_hold_ten_conversations(browser: Browser, address: str, demo_bot: ChatRec, paced: Paced) -> None:
    """Two turns each, the first all at once; the shop runs two at a time and lets the rest wait. A reload brings each its own."""
    paced.afresh()
    context = browser.new_context(viewport={"width": 800, "height": 700})
    tabs: list[Page] = [context.new_page() for _ in KINDS]
    wrong = [watch(tab, address) for tab in tabs]
    for tab in tabs:
        open_page(tab, address)
    for tab, kind in zip(tabs, KINDS, strict=True):
        say(tab, f"{kind} under 300")
    for tab, kind in zip(tabs, KINDS, strict=True):
        settle(tab)
        assert heard(tab) == [f"{kind} under 300"]
    for tab in tabs:
        say(tab, "cheaper please")
    for tab in tabs:
        see(tab.locator("#cr-chat .user-row"), 2)
        settle(tab)
    sessions = [str(tab.evaluate("sessionStorage.getItem('chatrec.session')")) for tab in tabs]
    assert len(set(sessions)) == len(KINDS)
    for tab, kind, session_id in zip(tabs, KINDS, sessions, strict=True):
        assert [message for message, _ in demo_bot.shopper(session_id).turns()] == [f"{kind} under 300", "cheaper please"] == heard(tab)
        shown = {demo_bot.live_item(i).title for i in demo_bot.state(session_id).all_shown()}
        assert shown and {title for title in titles(tab) if title} <= shown | {
            demo_bot.live_item(i).title for i in cards_of(demo_bot, session_id)
        }
    tabs[3].reload()
    see(tabs[3].locator("#cr-chat .user-row"), 2)
    assert heard(tabs[3]) == [f"{KINDS[3]} under 300", "cheaper please"]  # not that of the newest tab
    context.close()
    assert not any(wrong)


def cards_of(bot: ChatRec, session_id: str) -> set[str]:
    """Every item that stood on a card, alternatives among them."""
    turns = bot.shopper(session_id).turns()
    return {card.item_id for _, events in turns for event in events for card in getattr(event, "cards", ())}


def settle(tab: Page) -> None:
    """Waits for the answer; where the shop said that it is busy, asks again as a shopper would."""
    for _ in range(30):
        tab.locator(".cr-last").wait_for()
        at_rest(tab)
        if tab.locator("#cr-chat .bot-row", has_text="Many shoppers are asking").count() == 0:
            return
        tab.wait_for_timeout(300)
        tab.locator('.cr-last [data-act="again"]').click()
        tab.wait_for_timeout(200)
    raise AssertionError("the shop stayed busy")


def test_the_page_waits_in_the_line_of_the_api(browser: Browser, address: str, paced: Paced) -> None:
    paced.afresh()
    paced.pause_s = 1.0
    with watched(browser, address) as page, httpx.Client(base_url=address, timeout=120) as api:
        busy = [threading.Thread(target=api.post, args=("v1/chat",), kwargs={"json": {"message": "a tent"}}) for _ in range(5)]
        for thread in busy:
            thread.start()
        while len(paced.asked) < 2:  # two run, three wait: the line is full
            page.wait_for_timeout(50)
        page.wait_for_timeout(300)
        say(page, "a headlamp")
        page.locator("#cr-chat .bot-row", has_text="Many shoppers are asking at this moment").wait_for()
        at_rest(page)
        assert "a headlamp" not in paced.asked
        paced.pause_s = 0.0
        for thread in busy:
            thread.join()
        page.locator('.cr-last [data-act="again"]').click()
        page.locator(".cr-card").first.wait_for()
        at_rest(page)
        assert heard(page) == ["a headlamp"] and "Many shoppers" not in page.locator("#cr-chat").inner_text()


def test_a_conversation_that_went_on_elsewhere_is_not_taken_back(browser: Browser, address: str, demo_bot: ChatRec, paced: Paced) -> None:
    paced.afresh()
    with watched(browser, address) as page:
        ask(page, "a tent under 300")
        session_id = str(page.evaluate("sessionStorage.getItem('chatrec.session')"))
        list(demo_bot.reply(session_id, "cheaper please"))
        page.locator('.cr-last [data-act="take_back"]').click()
        page.locator("#cr-chat .bot-row", has_text="went on in another window").wait_for()
        at_rest(page)
        assert demo_bot.state(session_id).turn == 2
