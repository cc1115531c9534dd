"""The last exchange on the chat page: asked again, changed, taken back; and the page in another language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from browsing import MARKS, Paced, ask, at_rest, chat_page, heard, open_page, say, see, titles, watched

from chatrec.bot import ChatRec

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = MARKS


@pytest.fixture(scope="module")
def address(demo_bot: ChatRec, paced: Paced) -> Iterator[str]:
    with chat_page(demo_bot) as place:
        yield place


@pytest.fixture
def page(browser: Browser, address: str, paced: Paced) -> Iterator[Page]:
    paced.afresh()
    with watched(browser, address, locale="en-GB") as shown:
        yield shown


def last(page: Page, act: str) -> Locator:
    return page.locator(f'.cr-last [data-act="{act}"]')


def wishes(page: Page) -> list[str]:
    return [chip.strip(" ×") for chip in page.locator('.cr-chip[data-act="drop"]').all_inner_texts()]


def session(page: Page, bot: ChatRec) -> str:
    return str(page.evaluate("sessionStorage.getItem('chatrec.session')"))


def test_the_last_turn_is_taken_back_and_asked_again(page: Page, demo_bot: ChatRec, paced: Paced) -> None:
    ask(page, "hiking boots under 200")
    first, before = titles(page), wishes(page)
    state = demo_bot.state(session(page, demo_bot))
    ask(page, "cheaper please")
    see(page.locator(".cr-last"), 1)
    cheaper = titles(page)
    last(page, "again").click()  # as if it had not been said before
    page.wait_for_function("document.body.classList.contains('cr-busy')")
    at_rest(page)
    assert heard(page) == ["hiking boots under 200", "cheaper please"] and titles(page) == cheaper
    assert paced.asked == ["hiking boots under 200", "cheaper please", "cheaper please"]
    last(page, "take_back").click()
    see(page.locator("#cr-chat .user-row"), 1)
    at_rest(page)
    assert (titles(page), wishes(page)) == (first, before)
    assert demo_bot.state(session(page, demo_bot)).needs == state.needs and demo_bot.state(session(page, demo_bot)).turn == state.turn
    assert "taken back" in page.locator(".cr-heard").inner_text()  # for those who hear the page
    page.locator('.cr-chip[data-act="drop"]', has_text="price").click()
    see(page.locator("#cr-chat .user-row"), 2)
    at_rest(page)
    assert last(page, "again").count() == last(page, "edit").count() == 0  # a press is not written
    last(page, "take_back").click()
    see(page.locator("#cr-chat .user-row"), 1)
    at_rest(page)
    assert wishes(page) == before
    unwanted = page.locator(".cr-card").first
    unwanted.get_by_role("button", name="Not for me").click()
    see(page.locator("#cr-chat .user-row"), 2)
    at_rest(page)
    assert unwanted.locator('.cr-dislike[aria-pressed="true"]').count() == 1
    last(page, "take_back").click()
    see(page.locator("#cr-chat .user-row"), 1)
    see(page.locator('.cr-dislike[aria-pressed="true"]'), 0)  # the judgement went with it
    at_rest(page)
    last(page, "take_back").click()
    see(page.locator("#cr-chat .user-row"), 0)
    at_rest(page)
    see(page.locator("#cr-chips .cr-chip"), 4)  # as it began
    page.reload()
    page.locator(".cr-welcome").wait_for()


def test_the_last_message_is_changed(page: Page, paced: Paced) -> None:
    ask(page, "a tent under 200")
    box = page.locator("#cr-compose textarea")
    box.fill("half a thought")
    last(page, "edit").click()
    assert box.input_value() == "a tent under 200" and page.locator(".cr-changing").is_visible()
    assert box.evaluate("(box) => box === document.activeElement")
    box.press("Escape")  # nothing happened, and what was being written is there again
    assert box.input_value() == "half a thought" and not page.locator(".cr-changing").inner_text()
    last(page, "edit").click()
    say(page, "a tent under 300")
    page.locator("#cr-chat .user-row", has_text="300").wait_for()
    at_rest(page)
    assert heard(page) == ["a tent under 300"] and wishes(page) == ["tents", "price up to $300"]
    page.reload()
    page.locator("#cr-chat .user-row", has_text="300").wait_for()
    at_rest(page)
    assert heard(page) == ["a tent under 300"]


def test_what_failed_or_was_stopped_is_asked_again(page: Page, paced: Paced) -> None:
    paced.failures = [OSError("no such luck")]
    say(page, "hiking socks")
    page.locator("#cr-chat .bot-row", has_text="Something went wrong on our side").wait_for()
    at_rest(page)
    last(page, "again").click()
    page.locator(".cr-card").first.wait_for()
    at_rest(page)
    assert heard(page) == ["hiking socks"] and "went wrong" not in page.locator("#cr-chat").inner_text()
    paced.pause_s = 0.5
    say(page, "a headlamp")
    page.wait_for_function("document.querySelectorAll('.cr-card').length > 3")
    page.get_by_role("button", name="Stop").click()
    page.locator("#cr-chat .bot-row", has_text="Stopped.").wait_for()
    at_rest(page)
    paced.pause_s = 0.0
    last(page, "again").click()
    page.wait_for_function("document.querySelector('.cr-last') && !document.querySelector('#cr-chat').innerText.includes('Stopped.')")
    at_rest(page)
    assert heard(page) == ["hiking socks", "a headlamp"]


def test_what_changed_the_cart_is_not_taken_back(page: Page) -> None:
    ask(page, "a headlamp")
    page.locator(".cr-card").first.get_by_role("button", name="Add to cart").click()
    at_rest(page)
    cart = page.locator("#cr-kept li")
    for _ in range(3):  # a version, and a yes, where they are asked for
        page.locator(".cr-last").wait_for()
        at_rest(page)
        if cart.count():
            break
        page.locator("#cr-chips .cr-chip-answer").first.click()
        page.wait_for_timeout(300)
    see(cart, 1)
    before = heard(page)
    last(page, "take_back").click()
    page.locator("#cr-chat .bot-row", has_text="it cannot be taken back").wait_for()
    at_rest(page)
    assert heard(page) == before and cart.count() == 1


def test_the_page_speaks_chinese_where_the_browser_does_and_a_choice_is_remembered(browser: Browser, address: str, paced: Paced) -> None:
    paced.afresh()
    with watched(browser, address, locale="zh-CN") as page:
        assert page.evaluate("document.documentElement.lang") == "zh-Hans"
        assert page.get_by_role("button", name="发送").is_visible() and page.get_by_label("您的消息").is_visible()
        ask(page, "a tent under 200")
        assert page.locator(".cr-card").first.get_by_role("button", name="加入购物车").is_visible()
        assert page.locator(".cr-card .cr-title").first.get_attribute("lang") == "en"  # what the shop says is in its own language
        assert page.locator("#cr-chat .bot .prose[lang=en]").count()
        page.locator("#cr-compose textarea").fill("half a thought")
        shown = titles(page)
        page.locator(".cr-language", has_text="English").click()
        page.get_by_role("button", name="Send").wait_for()
        at_rest(page)
        assert page.evaluate("document.documentElement.lang") == "en" and titles(page) == shown
        assert page.locator(".cr-card").first.get_by_role("button", name="Add to cart").is_visible()
        assert page.locator("#cr-compose textarea").input_value() == "half a thought"
        assert page.locator("#cr-variety", has_text="Variety").count() and page.locator("#cr-why", has_text="Why this answer?").count()
        open_page(page, address)  # the choice goes before what the browser says
        assert page.evaluate("document.documentElement.lang") == "en" and titles(page) == shown
        page.locator(".cr-language", has_text="中文").click()
        page.get_by_role("button", name="新对话").click()
        see(page.locator("#cr-chat .message-row"), 0)
        assert "想找什么" in page.locator(".cr-welcome").inner_text()
