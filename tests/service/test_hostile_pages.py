"""Hostile words on the chat page and on the analyst's pages, in a real browser under the pages' own policies: whether a record, a reply or
a shopper holds them, they are shown as words."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from browsing import MARKS, ask, at_rest, chat_page, heard, open_page, see, watched
from hostile_replies import MOST_SAID, answer, keep
from hostile_strings import BATCH, HARMLESS, OWN_HOSTILE, OWN_MARKUP, anatomy, batches, collected, leads, nothing_else_happens, words
from jinja2 import Environment
from jinja2.filters import do_truncate
from shop import build_shop, open_shop, product_rows

from chatrec.bot import ChatRec
from chatrec.dialogue.cards import make_card
from chatrec.domain.event import EventKind
from chatrec.domain.reply import Cards
from chatrec.service.analyst_figures import unmet
from chatrec.service.render import escape_markdown, plain_again
from chatrec.storage.analysis import MOST_CONVERSATIONS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = MARKS
OWN = (*OWN_HOSTILE, *OWN_MARKUP)
PAGE_PATHS = r"/(theme\.css|(assets|static|gradio_api/(queue|heartbeat|run|info))/.*)?"
# The text of nodes, a line break as white space, or one of their attributes.
_READ = """(nodes, name) => nodes.map((node) => { if (name) return node.getAttribute(name);
    const copy = node.cloneNode(true); for (const line of copy.querySelectorAll('br')) line.replaceWith('\\n'); return copy.textContent; })"""


@pytest.fixture(scope="module", params=["own", "collected"])
def strings(request: pytest.FixtureRequest) -> list[str]:
    return list(OWN) if request.param == "own" else collected()


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatRec]:
    """The tea shop, with products whose every text is hostile among its own."""
    place = tmp_path_factory.mktemp("hostile")
    hostile = [
        {"item_id": f"h{n}", "title": f"kettle {text}", "description": text, "category": text if n % 2 else "Kettles", "brand": text, "price": "20", "currency": "USD",
         "rating": "4.5", "n_ratings": "3", "stock": "2", "image": text, "url": text, "colour": text, "material": text}
        for n, text in enumerate(OWN)
    ]  # fmt: skip
    build_shop(place, [*hostile, *product_rows()])
    with open_shop(place / "shop") as opened:
        yield opened


@pytest.fixture(scope="module")
def address(bot: ChatRec) -> Iterator[str]:
    with chat_page(bot) as place:
        yield place


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with watched(browser, address, locale="en-GB") as shown, nothing_else_happens(shown, address, PAGE_PATHS):
        yield shown


def parts(page: Page) -> list[Locator]:
    """The parts of the chat page that show what others wrote."""
    return [page.locator(place) for place in ("#cr-chat .message-wrap", "#cr-chips", "#cr-bridge", "#cr-side")]


@pytest.fixture(scope="module")
def known(browser: Browser, address: str, bot: ChatRec) -> set[str]:
    """What the chat page is made of when nobody means harm."""
    with watched(browser, address, locale="en-GB") as page:
        shown(page, bot, HARMLESS)
        for line in ("a teapot by Senn", "compare the first two", "hello"):
            ask(page, line)
        list(bot.put_in_cart(session_of(page), "t1"))
        page.locator(".cr-like").last.click()
        at_rest(page)
        see(page.locator("#cr-kept li"), 1)
        return anatomy(*parts(page))


def shown(page: Page, bot: ChatRec, strings: Sequence[str]) -> Locator:
    """An answer with every string in every place, on the chat page. Gives the place of the answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bot, "reply", lambda *_, **__: answer(strings))
        ask(page, "show them")
    see(page.locator("#cr-chat .bot-row").last.locator(".cr-card"), len(strings))
    if not page.locator("#cr-why table").count():
        page.locator("#cr-why button").first.click()
        page.locator("#cr-why table").wait_for()
    return page.locator("#cr-chat .bot-row").last


def session_of(page: Page) -> str:
    return str(page.evaluate("window.chatrecKept.session"))


def read(found: Locator, attribute: str = "") -> list[str]:
    """What stands in every one of these, or in this attribute of theirs."""
    return [words(text) for text in found.evaluate_all(_READ, attribute)]


def test_what_is_foreign_is_seen(browser: Browser, address: str, known: set[str], bot: ChatRec) -> None:
    """The test of the test: what hostile words would leave behind is told from what belongs there."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    open_page(page, address)
    place = shown(page, bot, HARMLESS).locator(".md").first
    assert anatomy(*parts(page)) <= known and leads(*parts(page)) == []
    for planted in (
        "<b>x</b>",
        "<p style='color:red'>x</p>",
        "<style>p{}</style>",
        "<p onfocus='x'>x</p>",
        "<p><a href='//x.example'>x</a></p>",
    ):
        place.evaluate("(node, html) => { node.innerHTML = html; }", planted)
        assert anatomy(*parts(page)) - known, planted
    for led in (("href", " java\tscript:x"), ("href", "data:text/html,x"), ("srcset", "//evil.example/x"), ("formaction", "vbscript:x")):
        place.evaluate("(node, led) => { node.innerHTML = '<p></p>'; node.firstChild.setAttribute(...led); }", led)
        assert leads(*parts(page)) == [led[1]]
    with pytest.raises(AssertionError) as raised, nothing_else_happens(page, address, PAGE_PATHS):
        for planted in ("<img src='//evil.example/x'>", "<img src=x onerror=alert(1)>"):
            place.evaluate("(node, html) => { node.innerHTML = html; }", planted)
            page.wait_for_timeout(200)
    for told in ("a request: http://evil.example/x", "the policy: img-src http://evil.example", f"a request: {address}x", "a dialog: 1"):
        assert told in str(raised.value)
    context.close()


def test_what_is_escaped_can_be_had_again(strings: list[str]) -> None:
    for text in (*strings, "\u200b \u200b\tx\n\u200b\n  \\\r\ty", "\\\n ="):
        assert plain_again(escape_markdown(text)) == text


def test_an_answer_that_is_hostile_in_every_place(page: Page, known: set[str], bot: ChatRec, strings: list[str]) -> None:
    for batch in batches(strings):
        expected = [words(text) for text in batch]
        row = shown(page, bot, batch)
        assert anatomy(*parts(page)) <= known and leads(*parts(page)) == []
        assert read(row.locator(".cr-title")) == expected == read(row.locator(".cr-brand"))
        assert read(row.locator(".cr-card"), "aria-label") == expected == read(row.locator(".cr-facts li"))
        assert read(row.locator("thead th")) == expected == read(row.locator("tbody td"))
        assert list(filter(None, read(row.locator(".md")))) == list(filter(None, expected[:MOST_SAID]))
        chips = page.locator("#cr-chips .cr-chip")
        assert sorted(read(chips, "data-message")) == sorted(expected) == sorted(read(chips, "data-key"))
        assert {text.removesuffix("×").strip() for text in read(chips)} <= {"Undo", *expected}
        assert read(page.locator("#cr-why th"))[3 : 3 + len(batch)] == [words(f"[{n}] {text}") for n, text in enumerate(batch, start=1)]
        page.get_by_role("button", name="New conversation").click()
        see(page.locator("#cr-chat .message-row"), 0)
        at_rest(page)


def test_a_kept_conversation_that_is_hostile(page: Page, address: str, known: set[str], bot: ChatRec, strings: list[str]) -> None:
    for batch in batches(strings):
        session_id = f"page-{secrets.token_hex(12)}"
        list(bot.reply(session_id, "hello"))  # a turn of its own makes it one that is kept
        keep(bot, batch, session_id, lists=len(strings) <= BATCH)
        page.evaluate("(id) => { for (const store of [localStorage, sessionStorage]) store.setItem('chatrec.session', id); }", session_id)
        open_page(page, address)
        see(page.locator("#cr-chat .user-row"), min(len(batch) + 1, BATCH))
        asked = read(page.locator("#cr-chat .user-row"))[-len(batch) :]
        assert asked == [words(text) for text in batch] and session_of(page) == session_id
        visible = [text for text in asked if text]
        assert [text for text in read(page.locator("#cr-chat .bot-row .md")) if text][-len(visible) :] == visible
        assert anatomy(*parts(page)) <= known and leads(*parts(page)) == []


def test_what_is_typed_and_pressed(page: Page, known: set[str], bot: ChatRec, strings: list[str]) -> None:
    """A sample of the strings as messages to the shop with the hostile records; then what the buttons on the cards of those do."""
    said = [text[:2000] for text in strings[:: max(2, len(strings) // 8)]]
    for text in said:
        ask(page, text)
        assert words(page.locator('.cr-last [data-act="edit"]').get_attribute("data-message")) == words(text)
    assert [words(text) for text in heard(page)] == [words(text) for text in said]
    hostile = [item.item_id for item in bot.items() if item.item_id.startswith("h")]
    with bot.serving() as served, pytest.MonkeyPatch.context() as patch:
        cards = tuple(make_card(served.shelf.item(item_id), n, "", served) for n, item_id in enumerate(hostile, start=1))
        patch.setattr(bot, "reply", lambda *_, **__: iter((Cards(cards), *list(answer(HARMLESS))[-1:])))
        ask(page, "show me yours")
    titles = [words(card.title) for card in cards]
    rows = page.locator("#cr-chat .bot-row")
    row = rows.nth(rows.count() - 1)
    assert read(row.locator(".cr-card"), "aria-label") == titles
    for act in ("why", "like", "dislike"):
        row.locator(f".cr-{act}").nth(3).click()
        at_rest(page)
    for item_id in hostile[:8]:
        list(bot.put_in_cart(session_of(page), item_id))
    ask(page, "hello")
    assert sorted(read(page.locator("#cr-kept li b"))) == sorted(titles[:8])
    assert anatomy(*parts(page)) <= known and leads(*parts(page)) == []


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Page]:
    """The analyst's page, open."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}analyst/conversations?days=1")
    with nothing_else_happens(page, address, r"/analyst(/.*|\.css)?"):
        yield page
    context.close()


@pytest.fixture(scope="module")
def known_of_analyst(browser: Browser, address: str, bot: ChatRec) -> set[str]:
    """What the analyst's pages are made of when nobody means harm."""
    with bot.database.transaction():
        for n in range(MOST_CONVERSATIONS + 1):
            keep(bot, HARMLESS[: 1 + n % 2], f"harmless-{n}", "shopper")
    for line in ("I want to talk to a person", "a teapot by Senn"):
        list(bot.reply("harmless", line, user_id="u1"))
    for kind in (EventKind.CLICK, EventKind.CART, EventKind.PURCHASE):
        bot.feedback("harmless", bot.state("harmless").last_shown()[0], kind, user_id="u1")
    context = browser.new_context()
    page = context.new_page()
    found = set()
    for path in ("", "/conversations", "/conversations/harmless-1"):
        page.goto(f"{address}analyst{path}?days=1")
        found |= anatomy(page.locator("html"))
    context.close()
    return found


def assert_harmless(desk: Page, address: str, known: set[str]) -> None:
    """The page is made of what belongs there, and leads to the analyst's own pages alone."""
    assert anatomy(desk.locator("html")) <= known and leads(desk.locator("html")) == []
    assert all(link.startswith(f"{address}analyst") for link in links(desk.locator("[href]")))


def links(found: Locator) -> list[str]:
    return list(found.evaluate_all("(nodes) => nodes.map((node) => node.href)"))


def id_of(text: str) -> str:
    """The text as the name of a session: what is no printable character may not stand in one."""
    return "".join(c if c.isprintable() else " " for c in text)[:200].strip()


def test_the_analyst_reads_hostile_words(
    desk: Page, address: str, known_of_analyst: set[str], bot: ChatRec, strings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatrec.service.analyst.unmet", partial(unmet, most=10_000))
    for batch in batches(strings):
        session_id = id_of(batch[0]) + secrets.token_hex(2)
        keep(bot, batch, session_id, user_id=batch[0])
        desk.goto(f"{address}analyst/conversations?days=1")
        desk.locator("td a").first.click()
        expected = [words(text) for text in batch]
        assert read(desk.locator("main > .note code")) == [words(session_id)]
        assert read(desk.locator(".asked")) == expected == read(desk.locator(".said"))
        assert read(desk.locator(".cards small")) == expected == read(desk.locator(".turns > li > .scroll td:not(:empty)"))
        assert_harmless(desk, address, known_of_analyst)
    desk.goto(f"{address}analyst?days=1")
    in_vain = {words(do_truncate(Environment(), text.lower(), 120)) for text in strings}  # the page cuts what is long
    assert in_vain <= set(read(desk.locator("#asked ~ .scroll tbody th")))
    assert_harmless(desk, address, known_of_analyst)


def test_the_analyst_lists_hostile_names(desk: Page, address: str, known_of_analyst: set[str], bot: ChatRec, strings: list[str]) -> None:
    names = [name for name in dict.fromkeys(map(id_of, strings)) if name.strip(".")]  # in an address dots alone name a folder
    with bot.database.transaction():
        for name in names:
            keep(bot, [name], name, user_id=name)
    found: list[str] = []
    desk.goto(f"{address}analyst/conversations?days=1")
    while len(found) < len(names):
        found += [unquote(urlsplit(link).path.removeprefix("/analyst/conversations/")) for link in links(desk.locator("td a"))]
        assert_harmless(desk, address, known_of_analyst)
        desk.locator("a.more").click()
    assert found[: len(names)] == names[::-1]
