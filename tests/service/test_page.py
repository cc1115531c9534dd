"""The chat page in a real browser: cards, chips and the receipt appear, no message is lost, and nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browsing import MARKS, Paced, at_rest, chat_page, heard, say, see, watched

from chatrec.bot import ChatRec

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = MARKS


@pytest.fixture(scope="module")
def address(demo_bot: ChatRec, paced: Paced) -> Iterator[str]:
    with chat_page(demo_bot) as place:
        yield place


@pytest.fixture
def page(browser: Browser, address: str, paced: Paced) -> Iterator[Page]:
    paced.afresh()
    with watched(browser, address) as shown:
        yield shown


def test_a_shopper_sees_cards_and_can_drop_a_chip(page: Page) -> None:
    assert page.title() == "Fell & Ferry"
    say(page, "I need a tent under 200 <b>now</b>")
    see(page.locator(".cr-card"), 3)
    dropped = page.locator('.cr-chip[data-act="drop"]', has_text="price up to $200")
    see(dropped, 1)
    assert page.locator("b", has_text="now").count() == 0  # the shopper's words are shown as text
    dropped.click()
    see(dropped, 0)
    see(page.locator(".cr-card"), 6)
    assert heard(page) == ["I need a tent under 200 <b>now</b>", "Drop price up to $200"]


def test_messages_sent_while_an_answer_comes_are_answered_in_order(page: Page, paced: Paced) -> None:
    paced.pause_s = 0.4
    say(page, "a tent under 200")
    page.locator("#cr-chat .cr-card").first.wait_for()
    for words in ("what is your returns policy?", "hello"):
        say(page, words)
    see(page.locator(".cr-queue > div"), 2)  # they can be seen waiting
    page.locator(".cr-queue > div", has_text="hello").get_by_role("button").click()  # and be taken back
    page.get_by_label("Your message").fill("half a thou")
    paced.pause_s = 0.0
    see(page.locator("#cr-chat .user-row"), 2)
    at_rest(page)
    assert paced.asked == ["a tent under 200", "what is your returns policy?"] == heard(page)
    assert "return" in page.locator("#cr-chat .bot-row").last.inner_text().lower()
    assert page.get_by_label("Your message").input_value() == "half a thou"  # an unsent message is never wiped
    see(page.locator(".cr-queue > div"), 0)


def test_stop_keeps_what_was_said_and_the_next_message_is_answered(page: Page, paced: Paced) -> None:
    stop = page.get_by_role("button", name="Stop")
    assert not stop.is_visible()
    paced.pause_s = 0.5
    say(page, "a sleeping bag under 150")
    page.locator("#cr-chat .cr-card").first.wait_for()
    page.wait_for_function("document.querySelector('#cr-chat .bot-row').innerText.includes('$')")
    said = page.locator("#cr-chat .bot-row").inner_text()
    stop.click()
    page.locator("#cr-chat .bot-row", has_text="Stopped.").wait_for(timeout=3000)
    at_rest(page)
    assert not stop.is_visible()
    assert set(said.splitlines()) <= set(page.locator("#cr-chat .bot-row").inner_text().splitlines())
    paced.pause_s = 0.0
    say(page, "hello")
    see(page.locator("#cr-chat .user-row"), 2)
    at_rest(page)
    page.wait_for_timeout(700)  # nothing of the stopped answer comes late
    assert page.locator("#cr-chat .bot-row").count() == 2
    assert paced.ended == 2 and "Looking" not in page.locator("#cr-chat").inner_text()


def test_stop_lets_a_waiting_message_go_next(page: Page, paced: Paced) -> None:
    paced.pause_s = 0.5
    say(page, "a headlamp")
    page.locator("#cr-chat .cr-card").first.wait_for()
    say(page, "what is your returns policy?")
    say(page, "hello")
    page.get_by_role("button", name="Stop").click()
    paced.pause_s = 0.1
    see(page.locator("#cr-chat .user-row"), 3)
    at_rest(page)
    assert paced.asked == ["a headlamp", "what is your returns policy?", "hello"] == heard(page)
    assert paced.ended == 3


def test_like_shows_and_not_for_me_brings_another(page: Page, demo_bot: ChatRec) -> None:
    say(page, "hiking socks")
    see(page.locator(".cr-card"), 3)
    at_rest(page)
    like = page.locator(".cr-card").nth(1).get_by_role("button", name="Like")
    like.click()
    see(page.locator('.cr-like[aria-pressed="true"]'), 1)
    like.click()  # a second press takes it back
    see(page.locator('.cr-like[aria-pressed="true"]'), 0)
    like.click()
    unwanted = page.locator(".cr-card").first.get_attribute("aria-label")
    page.locator(".cr-card").first.get_by_role("button", name="Not for me").click()
    page.locator("#cr-chat .user-row", has_text=f"Not for me: {unwanted}").wait_for()
    at_rest(page)
    assert unwanted not in [page.locator(".cr-card").nth(n).get_attribute("aria-label") for n in range(3, page.locator(".cr-card").count())]
    assert page.locator(".cr-card").nth(1).locator('.cr-like[aria-pressed="true"]').count() == 1  # marked still


def test_why_on_a_card_further_up_is_about_that_card(page: Page) -> None:
    say(page, "hiking socks")
    see(page.locator(".cr-card"), 3)
    at_rest(page)
    title = page.locator(".cr-card").nth(1).get_attribute("aria-label")
    say(page, "a headlamp")
    page.wait_for_function("document.querySelectorAll('.cr-card').length > 3")
    at_rest(page)
    page.locator(".cr-card").nth(1).get_by_role("button", name="Why").click()
    see(page.locator("#cr-chat .user-row"), 3)
    at_rest(page)
    assert title and title in heard(page)[-1] and title in page.locator("#cr-chat .bot-row").last.inner_text()


def test_variety_counts_at_once_by_mouse_or_keys(page: Page) -> None:
    say(page, "something for a camping trip")
    page.locator(".cr-card").first.wait_for()
    at_rest(page)
    before = page.locator(".cr-card").count()
    slider = page.locator("#cr-variety input[type=range]")
    slider.focus()
    for _ in range(8):
        slider.press("ArrowRight")
    page.locator("#cr-chat .user-row", has_text="wider choice").wait_for()
    at_rest(page)
    assert page.locator(".cr-card").count() > before
    assert len(heard(page)) == 2  # one list, not one for every step


def test_new_conversation_begins_again(page: Page, paced: Paced) -> None:
    examples = page.locator("#cr-chips .cr-chip").all_inner_texts()
    assert len(examples) == 4
    paced.pause_s = 0.4
    page.locator("#cr-chips .cr-chip").first.click()  # an example asks itself
    page.locator(".cr-card").first.wait_for()
    assert heard(page) == examples[:1]
    page.get_by_role("button", name="New conversation").click()
    see(page.locator("#cr-chat .message-row"), 0)
    page.wait_for_timeout(1000)
    assert page.locator("#cr-chat .message-row").count() == 0
    assert page.locator("#cr-chips .cr-chip").all_inner_texts() == examples
    paced.pause_s = 0.0
    say(page, "hello")
    see(page.locator("#cr-chat .bot-row"), 1)


def test_shift_enter_is_a_new_line_and_blank_is_not_sent(page: Page, paced: Paced) -> None:
    box = page.get_by_label("Your message")
    say(page, "   ")
    assert paced.asked == []
    box.fill("hello")
    box.press("Shift+Enter")
    box.type("again")
    assert box.input_value() == "hello\nagain" and paced.asked == []
    box.press("Enter")
    see(page.locator("#cr-chat .user-row"), 1)
    at_rest(page)
    assert paced.asked == ["hello\nagain"]


def test_a_failure_inside_is_said_plainly(
    page: Page, demo_bot: ChatRec, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> Iterator[Any]:
        raise OSError("/secret/place is full; the message was 'my secret wish'")

    with monkeypatch.context() as patch:
        patch.setattr(demo_bot, "reply", broken)
        say(page, "a tent")
        page.locator("#cr-chat .bot-row", has_text="Something went wrong on our side").wait_for()
    assert "secret" not in page.locator("#cr-chat").inner_text()
    assert "OSError" in caplog.text and "secret" not in caplog.text
    at_rest(page)
    say(page, "hello")
    see(page.locator("#cr-chat .bot-row"), 2)


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(page: Page, width: int, tmp_path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    for words in ("a tent under 300", "compare the first two", "w" * 300):
        say(page, words)
        page.locator("#cr-chat .user-row", has_text=words).wait_for()
        at_rest(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), words
    newest = page.locator("#cr-chat .user-row").last.bounding_box()
    window = page.locator("#cr-chat .bubble-wrap").bounding_box()
    assert newest and window and window["y"] <= newest["y"] + 1 < window["y"] + window["height"]
    send = page.get_by_role("button", name="Send").bounding_box()
    assert send and send["y"] + send["height"] <= 844 and send["x"] + send["width"] <= width


def test_a_reload_brings_the_conversation_back(page: Page) -> None:
    say(page, "hiking boots under 200")
    see(page.locator(".cr-card"), 3)
    at_rest(page)
    page.locator(".cr-card").first.get_by_role("button", name="Like").click()
    page.locator('.cr-chip[data-act="drop"]', has_text="price").click()
    see(page.locator(".cr-card"), 6)
    at_rest(page)
    titles = [page.locator(".cr-card").nth(n).get_attribute("aria-label") for n in range(6)]
    chips = page.locator("#cr-chips .cr-chip").all_inner_texts()
    page.reload()
    see(page.locator(".cr-card"), 6)
    at_rest(page)
    assert [page.locator(".cr-card").nth(n).get_attribute("aria-label") for n in range(6)] == titles
    assert heard(page) == ["hiking boots under 200", "Drop price up to $200"]
    assert page.locator("#cr-chips .cr-chip").all_inner_texts() == chips
    see(page.locator(".cr-card").first.locator('.cr-like[aria-pressed="true"]'), 1)
    say(page, "undo")  # and goes on where it was
    see(page.locator('.cr-chip[data-act="drop"]', has_text="price up to $200"), 1)
    at_rest(page)
    page.get_by_role("button", name="New conversation").click()
    see(page.locator("#cr-chat .message-row"), 0)
    at_rest(page)
    page.reload()
    page.get_by_label("Your message").wait_for()
    at_rest(page)
    assert page.locator("#cr-chat .message-row").count() == 0


def test_a_stopped_answer_comes_back_as_far_as_it_was_said(page: Page, paced: Paced) -> None:
    paced.pause_s = 0.5
    say(page, "a sleeping bag under 150")
    page.locator("#cr-chat .cr-card").first.wait_for()
    page.wait_for_function("document.querySelector('#cr-chat .bot-row').innerText.includes('$')")
    page.get_by_role("button", name="Stop").click()
    page.locator("#cr-chat .bot-row", has_text="Stopped.").wait_for()
    at_rest(page)
    page.reload()
    page.locator("#cr-chat .bot-row", has_text="Stopped.").wait_for()
    at_rest(page)
    see(page.locator(".cr-card"), 3)
    assert heard(page) == ["a sleeping bag under 150"]


def test_the_cart_beside_the_conversation(page: Page) -> None:
    cart = page.locator(".cr-panel", has_text="Cart")
    assert "Nothing in it yet" in cart.inner_text()
    say(page, "hiking boots under 200")
    see(page.locator(".cr-card"), 3)
    at_rest(page)
    page.locator(".cr-card").first.get_by_role("button", name="Add to cart").click()
    sizes = page.locator("#cr-chips .cr-chip-answer")
    sizes.first.wait_for()  # a version is asked for
    at_rest(page)
    assert "Nothing in it yet" in cart.inner_text()
    sizes.first.click()
    page.locator("#cr-chips .cr-chip-answer", has_text="Yes").click()
    see(cart.locator("li"), 1)
    at_rest(page)
    page.reload()
    see(cart.locator("li"), 1)
    cart.get_by_role("button", name="take out").click()
    see(cart.locator("li"), 0)
    assert page.locator(".cr-panel", has_text="Remembered").count() == 0  # a visitor has no profile


def test_a_session_of_another_shopper_is_never_resumed(page: Page, demo_bot: ChatRec) -> None:
    theirs = "page-" + "0" * 24
    list(demo_bot.reply(theirs, "a headlamp", user_id="shopper-0012"))
    for stored in (theirs, "page-' OR 1=1", "x" * 5000):
        page.evaluate("(id) => { for (const store of [localStorage, sessionStorage]) store.setItem('chatrec.session', id); }", stored)
        page.reload()
        page.get_by_label("Your message").wait_for()
        at_rest(page)
        assert page.locator("#cr-chat .message-row").count() == 0
        assert page.evaluate("localStorage.getItem('chatrec.session')") != stored
    demo_bot.forget(session_id=theirs)
