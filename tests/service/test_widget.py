"""The widget in a real browser, on the example shop's pages and in a page of another origin: it chats, keeps the conversation, stays
harmless whatever it is given, asks nothing of anybody else, and breaks no strict Content-Security-Policy."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from browsing import MARKS, Paced, barriers, see
from hostile_strings import HARMLESS, OWN_HOSTILE, OWN_MARKUP, anatomy, batches, collected, leads

from chatrec.bot import ChatRec
from chatrec.errors import Busy

if TYPE_CHECKING:
    from fastapi import FastAPI
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

WAIT_MS = 60_000
DESKTOP, PHONE = (1280, 900), (390, 844)
pytestmark = MARKS
WATCH = """window.broken = []; document.addEventListener('securitypolicyviolation', (e) => window.broken.push(`${e.violatedDirective} ${e.blockedURI}`));
for (const name of ['alert', 'confirm', 'prompt']) window[name] = () => window.broken.push(name);"""


@pytest.fixture(scope="module")
def address(demo_bot: ChatRec, paced: Paced) -> Iterator[str]:
    """The service over the demo shop. What is loaded at first use is loaded now, not while a browser waits."""
    from chatrec.service.app import make_app
    from chatrec.service.listen import listening

    for message in ("a tent under 200", "what is your returns policy?"):
        list(demo_bot.reply("warm-up-of-the-browser-test", message))
    known = demo_bot.watchers._all
    with listening(make_app(demo_bot, page=False)) as place:
        yield place
    demo_bot.watchers._all = known


@pytest.fixture
def open_page(browser: Browser, address: str, paced: Paced) -> Iterator[Callable[..., Page]]:
    """Pages that are watched: a request to another host, a script error or a broken policy fails the test."""
    paced.afresh()
    contexts: list[BrowserContext] = []
    wrong: list[str] = []
    pages: list[Page] = []

    def watched(path: str = "/shop/", size: tuple[int, int] = DESKTOP, own: tuple[str, ...] = (), **given: Any) -> Page:
        contexts.append(browser.new_context(viewport={"width": size[0], "height": size[1]}, **given))
        contexts[-1].add_init_script(WATCH)
        page = contexts[-1].new_page()
        pages.append(page)
        page.set_default_timeout(WAIT_MS)
        near = (address, *own, "data:", "blob:")
        page.on("request", lambda r: wrong.append(r.url) if not r.url.startswith(near) else None)
        page.on("pageerror", lambda e: wrong.append(str(e)))
        page.goto(path if path.startswith("http") else address + path)
        return page

    yield watched
    for page in pages:
        wrong.extend(page.evaluate("window.broken || []"))
    cookies = [cookie for context in contexts for cookie in context.cookies()]
    for context in contexts:
        context.close()
    assert not wrong and not cookies


def open_chat(page: Page) -> None:
    page.get_by_role("button", name="Open chat").click()
    page.get_by_role("dialog").wait_for()


def say(page: Page, words: str) -> Locator:
    """Sends a message; gives the place of its turn, answered."""
    box = page.get_by_label("Your message")
    box.fill(words)
    box.press("Enter")
    return answered(page)


def answered(page: Page) -> Locator:
    see(page.get_by_role("button", name="Stop", exact=True), 0)
    return page.locator("chatrec-chat .turn").last


def heard(page: Page) -> list[str]:
    return [text.removeprefix("You said: ") for text in page.locator("chatrec-chat .you").all_text_contents()]


def settled(page: Page) -> None:
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_ten_turns(open_page: Callable[..., Page], size: tuple[int, int]) -> None:
    page = open_page(size=size)
    open_chat(page)
    turn = say(page, "I need a tent under 200 <b>now</b>")
    see(turn.locator(".card"), 3)
    assert page.locator("chatrec-chat b").count() == 0 and "<b>now</b>" in heard(page)[0]
    assert "$" in turn.locator(".said").last.inner_text()
    titles = turn.locator(".card .name").all_inner_texts()
    turn.get_by_role("button", name=f"Like: {titles[1]}").click()
    see(turn.locator('[data-act=like][aria-pressed="true"]'), 1)
    turn.get_by_role("button", name=f"Why?: {titles[1]}").click()
    assert titles[1] in answered(page).inner_text()
    page.get_by_role("button", name="Drop price up to $200").click()
    see(answered(page).locator(".card"), 3)
    see(page.get_by_role("button", name="Drop price up to $200"), 0)
    page.get_by_role("button", name="Undo", exact=True).click()
    answered(page)
    see(page.get_by_role("button", name="Drop price up to $200"), 1)
    page.get_by_role("button", name="Compare these").click()
    see(answered(page).get_by_role("table"), 1)
    assert "return" in say(page, "what is your returns policy?").inner_text().lower()
    assert say(page, "a sleeping bag for winter").locator(".card").count()
    for words in ("something cheaper", "show me others", "thank you"):
        say(page, words)
    assert len(heard(page)) == 10
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    panel = page.get_by_role("dialog").bounding_box()
    assert panel and panel["x"] >= 0 and panel["x"] + panel["width"] <= size[0] and panel["y"] + panel["height"] <= size[1]
    if size == PHONE:
        assert panel["width"] == size[0] and panel["height"] == size[1]


def test_cards_come_before_sentences(open_page: Callable[..., Page], paced: Paced) -> None:
    page = open_page()
    open_chat(page)
    paced.pause_s = 0.4
    box = page.get_by_label("Your message")
    box.fill("a headlamp")
    box.press("Enter")
    page.locator("chatrec-chat .card").first.wait_for()
    assert page.locator("chatrec-chat .turn .said:not(.you)").filter(has_text="$").count() == 0
    first = page.locator("chatrec-chat .card").first.bounding_box()
    answered(page)
    box.fill("hello")  # what was written is kept, and sent after the answer
    assert first and page.locator("chatrec-chat .turn").last.inner_text().count("$") > 1


def test_the_keyboard_is_enough(open_page: Callable[..., Page]) -> None:
    page = open_page()
    settled(page)
    opener = page.get_by_role("button", name="Open chat")
    opener.focus()
    page.keyboard.press("Enter")
    assert focus(page) == "Your message"
    page.keyboard.type("hiking socks")
    page.keyboard.press("Enter")
    see(answered(page).locator(".card"), 3)
    visited = []
    for _ in range(60):
        page.keyboard.press("Tab")
        visited.append(focus(page))
    assert len(set(visited)) < 40 and visited.count("Close chat") > 1  # round and round inside
    assert "Conversation" in visited and any(name.startswith("Like: ") for name in visited) and "Show me others" in visited
    page.keyboard.press("Shift+Tab")
    while not focus(page).startswith("Not for me: "):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    see(page.locator('chatrec-chat [data-act=dislike][aria-pressed="true"]'), 1)
    answered(page)  # the list was made anew, and the focus is still where it was
    assert focus(page).startswith("Not for me: ")
    while focus(page) != "Show me others":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    answered(page)
    assert focus(page) == "Your message"
    page.keyboard.press("Escape")
    see(page.get_by_role("dialog"), 0)
    assert focus(page) == "Open chat"


def test_what_is_not_for_me_leaves_the_list_and_a_second_press_takes_it_back(open_page: Callable[..., Page], demo_bot: ChatRec) -> None:
    page = open_page()
    open_chat(page)
    first = say(page, "hiking socks").locator(".card")
    see(first, 3)
    gone, liked = (str(first.nth(n).get_attribute("data-item")) for n in (0, 1))
    first.nth(0).get_by_role("button", name="Not for me").click()
    answered(page)
    assert heard(page)[-1].startswith("Not for me: ")
    newer = page.locator("chatrec-chat .turn").last.locator(".card")
    see(newer, 3)
    assert gone not in [card.get_attribute("data-item") for card in newer.all()]
    session = page.evaluate("window.chatrec.session")
    assert gone in demo_bot.state(session).disliked
    turns = len(heard(page))
    back = page.locator(f'chatrec-chat .card[data-item="{gone}"]').get_by_role("button", name="Not for me")
    with page.expect_response(lambda r: r.request.method == "DELETE" and r.status == 200):
        back.click()
    assert back.get_attribute("aria-pressed") == "false" and gone not in demo_bot.state(session).disliked
    heart = page.locator(f'chatrec-chat .card[data-item="{liked}"]').first.get_by_role("button", name="Like")
    with page.expect_response(lambda r: r.url.endswith("/v1/feedback") and r.status == 200):
        heart.click()
    assert liked in demo_bot.state(session).liked
    with page.expect_response(lambda r: r.request.method == "DELETE" and r.status == 200):
        heart.click()
    assert liked not in demo_bot.state(session).liked and len(heard(page)) == turns
    page.reload()
    see(page.locator('chatrec-chat .turn [aria-pressed="true"]'), 0)


def focus(page: Page) -> str:
    """The name of what has the focus, looked up in the widget as well."""
    script = """() => { let at = document.activeElement; while (at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
        return at.getAttribute('aria-label') || at.textContent.trim(); }"""
    return str(page.evaluate(script))


def test_a_reload_and_another_page_keep_the_conversation(open_page: Callable[..., Page]) -> None:
    page = open_page()
    open_chat(page)
    turn = say(page, "hiking boots under 200")
    title = turn.locator(".card .name").first.inner_text()
    turn.get_by_role("button", name=f"Like: {title}").click()
    page.get_by_role("button", name="Drop price up to $200").click()
    answered(page)
    settled(page)
    said = page.locator("chatrec-chat .log").inner_text()
    chips = page.locator("chatrec-chat .chip").all_inner_texts()
    page.reload()
    see(page.locator("chatrec-chat .card"), 6)  # it was open, and opens again
    assert page.locator("chatrec-chat .log").inner_text() == said and page.locator("chatrec-chat .chip").all_inner_texts() == chips
    see(
        page.locator('chatrec-chat [data-act=like][aria-pressed="true"]'),
        page.locator("chatrec-chat .card .name").get_by_text(title, exact=True).count(),
    )
    with page.expect_navigation(url="**/shop/item/*"):
        page.locator("chatrec-chat .card .name a").first.click()  # to the shop's own page
    see(page.locator("chatrec-chat .card"), 6)
    see(page.get_by_role("heading", level=1, name=title), 1)
    page.get_by_role("button", name="New conversation").click()
    see(page.locator("chatrec-chat .card"), 0)
    page.reload()
    page.get_by_text("Tell me what you are looking for").wait_for()
    assert page.locator("chatrec-chat .card").count() == 0


def test_stop_keeps_what_was_said(open_page: Callable[..., Page], paced: Paced) -> None:
    page = open_page()
    open_chat(page)
    paced.pause_s = 0.5
    box = page.get_by_label("Your message")
    box.fill("a sleeping bag under 150")
    box.press("Enter")
    page.locator("chatrec-chat .card").first.wait_for()
    box.fill("hello")
    box.press("Enter")  # waits
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("Stopped.").wait_for()
    see(page.locator("chatrec-chat .card"), 3)
    paced.pause_s = 0.0
    answered(page)
    assert heard(page) == ["a sleeping bag under 150", "hello"] == paced.asked
    page.wait_for_timeout(700)
    assert page.locator("chatrec-chat .turn").first.inner_text().endswith("Stopped.")
    assert paced.ended == 2


def test_a_busy_shop_is_asked_again_and_a_failure_when_the_shopper_says_so(open_page: Callable[..., Page], paced: Paced) -> None:
    page = open_page()
    open_chat(page)
    paced.failures = [Busy("too many")]
    box = page.get_by_label("Your message")
    box.fill("a headlamp")
    box.press("Enter")
    page.get_by_text("Many shoppers are asking right now").wait_for()
    see(page.locator("chatrec-chat .card"), 3)
    see(page.locator("chatrec-chat .notice"), 0)
    paced.failures = [OSError("/secret/place: my secret wish")]
    box.fill("a stove")
    box.press("Enter")
    again = page.get_by_role("button", name="Try again")
    again.wait_for()
    assert "secret" not in page.locator("chatrec-chat .panel").inner_text()
    again.click()
    assert answered(page).locator(".card").count() == 3
    assert paced.asked == ["a headlamp", "a headlamp", "a stove", "a stove"]
    page.context.set_offline(True)
    box.fill("a tarp")
    box.press("Enter")
    page.get_by_text("No connection to the shop.").wait_for()
    page.context.set_offline(False)
    box.fill("hello")
    box.press("Enter")  # goes on without it
    answered(page)
    see(page.get_by_role("button", name="Try again"), 0)
    assert paced.asked[-1] == "hello"


def test_the_cart_of_the_chat_is_the_cart_of_the_shop(open_page: Callable[..., Page]) -> None:
    page = open_page("/shop/category/hiking%20boots")
    page.locator(".tile a").first.click()
    title = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Add to cart").first.click()
    sizes = page.locator("chatrec-chat .chip.answer")
    sizes.first.wait_for()
    answered(page)
    sizes.first.click()
    page.get_by_role("button", name="Yes", exact=True).click()
    see(page.locator("#cart-count", has_text="1"), 1)
    page.get_by_role("link", name="Cart").click()
    see(page.locator("#cart-lines li", has_text=title), 1)
    assert "$" in page.locator("#cart-total").inner_text()


def test_in_the_page_of_another_server_with_a_token(
    open_page: Callable[..., Page], demo_bot: ChatRec, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatrec.service.app import make_app
    from chatrec.service.listen import listening

    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    serve = demo_bot.settings.serve.model_copy(update={"cors": (f"http://127.0.0.1:{port}",)})
    monkeypatch.setattr(demo_bot.watchers, "_all", demo_bot.watchers._all)  # the second service's go with it
    settings = demo_bot.settings.model_copy(update={"serve": serve})
    service = make_app(demo_bot, settings, host="0.0.0.0", page=False)  # not this machine alone: callers need a token
    with listening(service) as there:
        given: list[str | None] = []
        with listening(shop_of_somebody(service, there, given), port=port) as shop:
            page = open_page(f"{shop}/", own=(there, shop))
            open_chat(page)
            see(say(page, "a tent under 200").locator(".card"), 3)
            assert len(given) == 2  # the first token had run out
            page.locator("chatrec-chat .card").first.get_by_role("button", name="Like").click()
            see(page.locator('chatrec-chat [data-act=like][aria-pressed="true"]'), 1)
            settled(page)
            page.reload()
            see(page.locator("chatrec-chat .card"), 3)
            assert len(set(given[1:])) == 1 and given[-1]  # the same conversation


def shop_of_somebody(service: FastAPI, there: str, given: list[str | None]) -> FastAPI:
    """A page on a server of its own, with a strict policy; its first token has run out already."""
    from fastapi import FastAPI, Response

    app = FastAPI()
    policy = f"default-src 'none'; script-src {there}; connect-src 'self' {there}; require-trusted-types-for 'script'; trusted-types 'none'"

    @app.get("/")
    def page() -> Response:
        tag = f'<script src="{there}/widget/chatrec-widget.js" data-chatrec="{there}" data-token-url="/chat-token" defer></script>'
        html = f'<!doctype html><html lang="en"><title>Lamps</title><h1>Lamps</h1>{tag}</html>'
        return Response(html, media_type="text/html", headers={"Content-Security-Policy": policy})

    @app.post("/chat-token")
    def token(known: dict[str, str | None]) -> dict[str, str]:
        session_id = known.get("session_id") or "s-" + "4" * 24
        given.append(known.get("session_id"))
        made, _ = service.state.gate.signer.make(session_id, minutes=60 if len(given) > 1 else -1)
        return {"token": made, "session_id": session_id}

    return app


def test_pages_and_widget_have_no_serious_barrier(open_page: Callable[..., Page], address: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for path, scheme, size in (("/shop/", "light", DESKTOP), ("/shop/item/tent-01", "dark", PHONE)):
        page = open_page(path, size, color_scheme=scheme, reduced_motion="reduce")
        open_chat(page)
        say(page, "a tent under 300")
        say(page, "compare the first two")
        settled(page)
        page.locator("chatrec-chat .log").evaluate("(log) => { log.scrollTop = 0; }")
        barriers(Axe().run(page).response, f"{path} with the chat open")
    for path in ("/shop/category/tents", "/shop/cart"):
        page.goto(address + path)
        settled(page)
        barriers(Axe().run(page).response, path)


def in_place(page: Page) -> Page:
    """The widget in place, where links and pictures are those of the records."""
    page.evaluate("""() => { document.querySelector('chatrec-chat').remove(); const chat = document.createElement('chatrec-chat');
        chat.dataset.chatrec = location.origin; document.querySelector('main').replaceChildren(chat); }""")
    return page


def test_hostile_words_are_shown_as_words(open_page: Callable[..., Page]) -> None:
    page = in_place(open_page())
    known = made_of(page, HARMLESS)
    harmless(page, [*OWN_HOSTILE, *OWN_MARKUP], known)
    for words in OWN_HOSTILE[:4]:
        assert say(page, words).locator(".you").text_content() == f"You said: {words}"


def test_hostile_words_of_the_collections(open_page: Callable[..., Page]) -> None:
    strings = collected()
    page = in_place(open_page())
    known = made_of(page, HARMLESS)
    for batch in batches(strings):
        harmless(page, batch, known)


def made_of(page: Page, strings: Sequence[str]) -> set[str]:
    """Shows every string in every place of a reply (message, sentence, heading, card, table, chip); gives what the widget is made of then."""
    body = "".join(served(strings))
    page.route("**/v1/chat", lambda route: route.fulfill(body=body, content_type="text/event-stream"))
    turn = say(page, "show them")
    assert turn.locator(".card").count() == len(strings)
    page.unroute_all()
    return anatomy(page.locator("chatrec-chat"))


def harmless(page: Page, strings: Sequence[str], known: set[str]) -> None:
    """Fails where the widget makes of these strings anything but text."""
    assert made_of(page, strings) <= known and leads(page.locator("chatrec-chat")) == []
    assert page.locator("chatrec-chat .cards").last.locator(".name").all_text_contents() == list(strings)


def served(strings: Sequence[str]) -> list[str]:
    """A reply as the service sends it, every text of it hostile."""
    cards = [
        {"position": n, "item_id": text, "title": text, "brand": text, "category": text, "price": text, "currency": text, "rating": 4.5, "n_ratings": 3,
         "stock": 2, "image": "" if text.lower().startswith("http") else text, "url": text, "why": text, "facts": [text], "options": [{"name": text, "values": [text]}], "breaks": text}
        for n, text in enumerate(strings, start=1)
    ]  # fmt: skip
    events: list[tuple[str, Any]] = [
        ("session", {"session_id": "s-" + "0" * 24}),
        ("cards", {"cards": cards, "need_id": 1, "heading": strings[0]}),
    ]
    events += [("sentence", {"text": text, "act": text, "cites": [text]}) for text in strings]
    events.append(
        ("comparison", {"titles": list(strings), "item_ids": list(strings), "rows": [{"property": t, "values": [t]} for t in strings]})
    )
    kinds = ("constraint", "answer", "followup", "undo", "profile", "other")
    chips = [{"kind": kinds[n % 6], "label": t, "message": t, "need_id": 1, "key": t} for n, t in enumerate(strings)]
    events += [("chips", {"chips": chips}), ("done", {"session_id": "s", "turn_id": "t", "text": "", "action": ""})]
    return [f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events]
