"""The analyst's page: who may see it, what its figures say, and that nothing on it runs."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient
from markupsafe import escape
from sqlalchemy import delete

from chatrec.bot import ChatRec
from chatrec.domain.event import EventKind
from chatrec.service.analyst_figures import CHAT, by_day, exposure, funnel, percentiles, placement_of, unmet
from chatrec.service.analyst_plots import diversity_plot, latency_plot, mood_plot
from chatrec.service.app import make_app
from chatrec.storage import schema
from chatrec.storage.analysis import Happening

HERE, PAGE = ("127.0.0.1", 50124), "http://127.0.0.1:7860"
ATTACK = "<script>alert(1)</script> tents & <img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def sessions(demo_bot: ChatRec) -> dict[str, str]:
    """A few conversations, by what happened in them."""
    made = {name: f"analyst-{name}-{secrets.token_hex(4)}" for name in ("found", "vain", "cross", "attack")}
    for name, lines in {
        "found": ["a tent for two under 300"], "vain": ["tents under 3", "a grand piano"],
        "cross": ["this is useless, I hate it", "I want to talk to a person"], "attack": [ATTACK],
    }.items():  # fmt: skip
        for line in lines:
            list(demo_bot.reply(made[name], line, user_id="shopper-0001" if name == "cross" else None))
    first, second = demo_bot.state(made["found"]).last_shown()[:2]
    for kind in (EventKind.CLICK, EventKind.CLICK, EventKind.CART, EventKind.PURCHASE):
        demo_bot.feedback(made["found"], first, kind)
    demo_bot.feedback(made["found"], second, EventKind.CLICK)
    return made


@pytest.fixture(scope="module")
def client(demo_bot: ChatRec) -> Iterator[TestClient]:
    known = demo_bot.watchers._all
    with TestClient(make_app(demo_bot, page=False), client=HERE, base_url=PAGE) as client:
        yield client
    demo_bot.watchers._all = known


def test_the_overview_tells_what_was_asked_in_vain_and_what_came_of_the_rest(client: TestClient, sessions: dict[str, str]) -> None:
    page = client.get("/analyst?days=1")
    assert page.status_code == 200 and page.headers["cache-control"] == "no-store"
    assert "nothing matches" in page.text and "piano" in page.text and "Fell &amp; Ferry" in page.text
    assert page.text.count("data:image/svg+xml;base64,") == 2 * 3 and 'alt="Mean mood by day' in page.text
    assert f"/analyst/conversations/{sessions['vain']}?days=1" in page.text
    assert client.get("/analyst/").url.path == "/analyst"


def test_conversations_are_listed_and_chosen(client: TestClient, sessions: dict[str, str]) -> None:
    everything = client.get("/analyst/conversations?days=1").text
    assert all(session in everything or session[:24] in everything for session in sessions.values())
    handed = client.get("/analyst/conversations?days=1&only=hand_off").text
    assert sessions["cross"][:24] in handed and sessions["found"][:24] not in handed
    assert "shopper-0001" in handed and "handed over" in handed
    assert sessions["cross"][:24] in client.get("/analyst/conversations?days=1&only=negative").text
    assert client.get("/analyst/conversations?only=everything").status_code == 422
    assert client.get("/analyst/conversations?days=100000").status_code == 422


def test_one_conversation_is_shown_with_its_receipts(client: TestClient, demo_bot: ChatRec, sessions: dict[str, str]) -> None:
    page = client.get(f"/analyst/conversations/{sessions['found']}").text
    (receipt,) = demo_bot.database.receipts.of_session(sessions["found"])
    assert "a tent for two under 300" in page and receipt.turn_id in page
    assert all(row["item_id"] in page for row in receipt.shown)
    assert client.get("/analyst/conversations/nobody").status_code == 404
    nearest = demo_bot.database.receipts.of_session(sessions["vain"])[0].told
    cards = [card["item_id"] for event in nearest for card in event.get("cards", ())]
    vain = client.get(f"/analyst/conversations/{sessions['vain']}").text
    assert cards and all(f"<b>{escape(demo_bot.live_item(i).title)}</b>" in vain for i in cards)  # alternatives by their names too


class Tags(HTMLParser):
    """The tags of a page and their attributes, as a browser reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)


@pytest.mark.parametrize("path", ["/analyst?days=1", "/analyst/conversations?days=1", "/analyst/conversations/{attack}"])
def test_nothing_that_a_shopper_wrote_becomes_markup(client: TestClient, sessions: dict[str, str], path: str) -> None:
    answer = client.get(path.format(**sessions))
    assert answer.status_code == 200
    tags = Tags(answer.text)
    assert not tags.names & {"script", "style", "iframe", "object"} and not {
        n for n in tags.attributes if n.startswith("on") or n == "style"
    }
    assert tags.names & {"table", "dl"} and "href" in tags.attributes  # it was read at all
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy
    if "attack" in path:
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text


@pytest.fixture
def keys(demo_bot: ChatRec) -> Iterator[Callable[[str], str]]:
    """Makes keys with one scope; they are gone afterwards, for the shop is shared and one that ever had a key is closed."""
    made = []

    def make(scope: str) -> str:
        key, text = demo_bot.database.api_keys.create(f"{scope} {secrets.token_hex(3)}", [scope])
        made.append(key.key_id)
        return text

    yield make
    with demo_bot.database.api_keys._connections.writing() as connection:
        connection.execute(delete(schema.api_keys).where(schema.api_keys.c.key_id.in_(made)))


def test_the_page_needs_the_scope_and_takes_the_key_as_a_password(client: TestClient, keys: Callable[[str], str]) -> None:
    stranger = TestClient(client.app, client=("203.0.113.9", 4000), base_url="http://shop.example")
    refused = stranger.get("/analyst")
    assert refused.status_code == 401 and refused.headers["www-authenticate"].startswith("Basic") and "tent" not in refused.text
    text, weak = keys("analyst"), keys("chat")
    assert stranger.get("/analyst", headers={"Authorization": f"Bearer {text}"}).status_code == 200
    assert stranger.get("/analyst", headers={"Authorization": _basic(text)}).status_code == 200
    assert stranger.get("/analyst", headers={"Authorization": _basic(weak)}).status_code == 403
    for wrong in (_basic("crk_guess"), _basic(""), "Basic not-base64!", "Basic"):
        assert stranger.get("/analyst", headers={"Authorization": wrong}).status_code == 401, wrong
    assert client.get("/analyst").status_code == 401  # with a key in the shop this machine is asked too


def _basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"analyst:{key}".encode()).decode()


def _event(kind: EventKind, session: str, item: str, turn: str = "", position: int | None = None) -> Happening:
    return Happening(session, item, kind, 0.0, turn, position)


def test_the_funnel_counts_an_item_once_a_session_for_the_list_that_showed_it_last() -> None:
    found = funnel(
        [
            _event(EventKind.SHOWN, "s", "a", "s.1.ff", 1), _event(EventKind.SHOWN, "s", "b", "s.1.ff", 2),
            _event(EventKind.CLICK, "s", "a"), _event(EventKind.CLICK, "s", "a"), _event(EventKind.PURCHASE, "s", "c"),
            _event(EventKind.SHOWN, "s", "a", "home.ff", 4), _event(EventKind.CART, "s", "a"), _event(EventKind.CLICK, "t", "b"),
        ]
    )  # fmt: skip
    assert (found.whole.shown, found.whole.clicked, found.whole.carted, found.whole.bought) == (3, 1, 1, 0)
    assert found.by_placement[CHAT].shown == 2 and found.by_placement[CHAT].clicked == 1 and found.by_placement[CHAT].carted == 0
    assert found.by_placement["home"].carted == 1 and found.by_position[4].carted == 1 and found.by_position[1].clicked == 1
    assert found.by_placement[CHAT].share("clicked") == "50.0%" and found.by_placement[CHAT].share("bought") == "–"


def test_a_placement_is_told_from_a_turn() -> None:
    assert placement_of("home.9f0c1d2e3a4b") == "home" and placement_of("s-abc.3.9f0c1d2e3a4b") == CHAT and placement_of("") == CHAT


def test_what_was_asked_in_vain_is_counted_once_a_turn() -> None:
    def receipt(session: str, *words: str, matching: int = 3) -> tuple[float, dict[str, object]]:
        tents = {"need_id": 1, "query": "tent", "constraints": [
            {"op": "is", "values": ["tents"], "field": "category", "number": None, "unit": "", "strength": "must"},
            {"op": "at_most", "values": [], "field": "price", "number": 40.0, "unit": "", "strength": "must"},
        ]}  # fmt: skip
        return 0.0, {
            "session_id": session, "reading": {"unknown": [{"word": w} for w in words]}, "ranking": {"1": {"matching": matching}}, "ledger": [tents],
        }  # fmt: skip

    found = unmet([receipt("a", "Piano", "piano"), receipt("b", "piano"), receipt("c", matching=0)])
    assert [(one.what, one.why, one.count, one.example) for one in found] == [
        ("piano", "not in the catalogue", 2, "b"),
        ("tents · price at most 40", "nothing matches", 1, "c"),
    ]


def test_days_exposure_and_percentiles() -> None:
    day = by_day(
        [(0.0, {"timings_ms": {"first_sentence": 100.0, "total": 200.0}, "ranking": {"1": {"matching": 5, "entropy_after": 0.5}}})]
    )[0]
    assert (day.day, day.turns, day.entropy, day.total_s) == ("1970-01-01", 1, 0.5, (0.2, 0.2))
    assert percentiles([]) == (0.0, 0.0) and percentiles([1.0, 3.0]) == (2.0, pytest.approx(2.9))
    shown = [_event(EventKind.SHOWN, "s", item) for item in "aab"]
    assert exposure(shown, 4) == (0.5, 1.0) and exposure([], 0) == (0.0, 0.0)


def test_plots_are_drawings_without_script(demo_bot: ChatRec, sessions: dict[str, str]) -> None:
    from chatrec.dialogue.mood import by_day as moods_by_day

    since = time.time() - 86_400
    moods, days = list(moods_by_day(demo_bot.database.turns.moods(since))), by_day(demo_bot.database.analysis.receipts(since))
    for picture in (mood_plot(moods), latency_plot(days), diversity_plot(days)):
        assert picture.startswith(b"<?xml") and b"<path" in picture and b"<script" not in picture
        assert b"<text" not in picture  # letters are paths: no font is asked for


def test_reads_are_bounded(demo_bot: ChatRec, sessions: dict[str, str]) -> None:
    analysis = demo_bot.database.analysis
    assert len(analysis.conversations(most=2)) == 2 and len(analysis.receipts(most=2)) == 2 and len(analysis.happenings(most=3)) == 3
    newest = analysis.conversations(most=2)
    assert newest[0].ended >= newest[1].ended
    assert all(c.ended < newest[1].ended for c in analysis.conversations(before=newest[1].ended))
    assert analysis.receipts(most=2)[0][0] <= analysis.receipts(most=2)[1][0]
    assert analysis.totals(time.time() + 60) == {"conversations": 0, "turns": 0, "mood": 0.0, "handed_off": 0}
