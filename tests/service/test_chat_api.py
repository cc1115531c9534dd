"""``POST /v1/chat``, lists for pages and items over a real server: whole, streamed, and when something goes wrong."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from chatrec.bot import ChatRec
from chatrec.domain.reply import Cards
from chatrec.errors import GeneratorBusy, SessionConflict
from chatrec.service.app import make_app
from chatrec.service.event_stream import Pieces
from chatrec.service.failures import failure_of
from chatrec.service.listen import listening
from chatrec.service.wire import safe_image, safe_url
from chatrec.storage.database import FILE

TEAPOTS = "show me teapots under $50"


@pytest.fixture
def api(served: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served, timeout=60) as client:
        yield client


def events(answer: httpx.Response) -> list[tuple[str, dict[str, Any]]]:
    """The events of a stream, read as the standard says."""
    found = []
    for block in answer.text.split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith(":")]
        if lines:
            name = next(line[7:] for line in lines if line.startswith("event: "))
            found.append((name, json.loads("\n".join(line[6:] for line in lines if line.startswith("data: ")))))
    return found


def test_a_whole_turn(api: httpx.Client) -> None:
    answer = api.post("/v1/chat", json={"message": TEAPOTS})
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    told = answer.json()
    (cards,) = told["cards"]
    assert [c["position"] for c in cards["cards"]] == [1, 2, 3]
    assert all(float(c["price"]) <= 50 and c["currency"] == "USD" and c["image"] == "" for c in cards["cards"])
    assert {i for s in told["sentences"] for i in s["cites"]} == {c["item_id"] for c in cards["cards"]}
    assert told["text"] == " ".join(s["text"] for s in told["sentences"]) and told["action"] == "" and told["receipt"] is None
    assert len(told["session_id"]) >= 22
    assert "price:at_most" in {c["key"] for c in told["chips"]}


def test_a_streamed_turn_says_the_same(api: httpx.Client) -> None:
    whole = api.post("/v1/chat", json={"message": TEAPOTS}).json()
    answer = api.post("/v1/chat", json={"message": TEAPOTS, "stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream") and answer.headers["x-accel-buffering"] == "no"
    told = events(answer)
    names = [name for name, _ in told]
    assert names[0] == "session" and names[-1] == "done" and names.index("cards") < names.index("sentence")
    of = dict(told)
    assert of["cards"] == whole["cards"][0] and of["chips"]["chips"] == whole["chips"]
    assert [data for name, data in told if name == "sentence"] == whole["sentences"]
    assert of["done"]["session_id"] == of["session"]["session_id"] != whole["session_id"]


def test_a_session_goes_on_and_sees_its_page(api: httpx.Client) -> None:
    first = api.post("/v1/chat", json={"message": TEAPOTS}).json()
    shown = first["cards"][0]["cards"]
    second = api.post("/v1/chat", json={"message": "compare the first two", "session_id": first["session_id"]}).json()
    assert second["comparison"]["item_ids"] == [c["item_id"] for c in shown[:2]]
    page = {"item_id": shown[2]["item_id"], "category": "Teapots", "cart": [shown[0]["item_id"]]}
    third = api.post("/v1/chat", json={"message": "how much does it weigh?", "session_id": first["session_id"], "context": page}).json()
    assert third["text"]
    receipt = api.get(f"/v1/turns/{third['turn_id']}").json()
    assert receipt["context"]["page"] == [shown[2]["item_id"]] and receipt["message"] == "how much does it weigh?"


def test_the_receipt_comes_where_it_is_asked_for(api: httpx.Client) -> None:
    told = api.post("/v1/chat", json={"message": TEAPOTS, "receipt": True}).json()
    assert [row["item_id"] for row in told["receipt"]["shown"]] == [c["item_id"] for c in told["cards"][0]["cards"]]
    assert api.get(f"/v1/turns/{told['turn_id']}").json()["turn_id"] == told["turn_id"]


def test_what_matches_nothing_comes_with_alternatives_that_say_what_they_break(api: httpx.Client) -> None:
    told = api.post("/v1/chat", json={"message": "a teapot under $5"}).json()
    assert told["cards"] == []
    assert all(card["breaks"] for found in told["alternatives"] for card in found["cards"]) and told["text"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"message": "hi", "session_id": "a\x00b"}, 422, "invalid"),
        ({"message": "hi", "session_id": ""}, 422, "invalid"),
        ({"message": "hi", "sesion_id": "s"}, 422, "invalid"),
        ({"message": 7}, 422, "invalid"),
        ({"message": "hi", "user_id": "nobody-knows"}, 404, "unknown_shopper"),
        ({"message": "hi", "context": {"moment": "soon"}}, 422, "invalid"),
        ({"message": "x" * 70_000}, 413, "too_large"),
    ],
)
def test_a_request_that_cannot_be_taken_is_answered_with_what_is_wrong(api: httpx.Client, body: Any, status: int, code: str) -> None:
    for stream in (False, True):
        answer = api.post("/v1/chat", json={**body, "stream": stream})
        assert answer.status_code == status and answer.headers["content-type"] == "application/json"
        assert answer.json()["error"]["code"] == code and answer.json()["error"]["message"]


def test_what_is_no_json_and_what_is_no_path(api: httpx.Client) -> None:
    broken = api.post("/v1/chat", content=b'{"message": ', headers={"Content-Type": "application/json"})
    assert broken.status_code == 400 and broken.json()["error"]["code"] == "bad_request"
    half = api.post("/v1/chat", content=b'{"message": "\\ud83d"}', headers={"Content-Type": "application/json"})
    assert half.status_code == 422 and "ud83d" not in half.text
    assert api.get("/v1/nowhere").json()["error"]["code"] == "not_found"
    wrong = api.get("/v1/chat")
    assert wrong.status_code == 405 and wrong.headers["allow"] == "POST" and wrong.json()["error"]["code"] == "method"


def test_messages_of_any_kind_are_answered(api: httpx.Client) -> None:
    for message in ("", " ", "<script>alert(1)</script>", "🏕️" * 50, "a" * 3000, "'; DROP TABLE items; --", "\u202etnet", "\n\n"):
        answer = api.post("/v1/chat", json={"message": message})
        assert answer.status_code == 200 and "Traceback" not in answer.text, message


def test_lists_for_pages(api: httpx.Client) -> None:
    home = api.get("/v1/recommend/home", params={"k": 4}).json()
    ids = [card["item_id"] for card in home["items"]]
    assert len(ids) == 4 and set(home["propensities"]) == set(ids) and all(0 < p <= 1 for p in home["propensities"].values())
    assert all(card["why"] for card in home["items"])
    like = api.get("/v1/recommend/item", params={"item_id": ids[0]}).json()
    assert like["items"] and ids[0] not in {c["item_id"] for c in like["items"]}
    with_cart = api.get("/v1/recommend/cart", params=[("cart", ids[0]), ("cart", ids[1])]).json()
    assert not {ids[0], ids[1]} & {c["item_id"] for c in with_cart["items"]}
    found = api.get("/v1/recommend/search", params={"q": "teapot under $50"}).json()
    assert found["items"] and all(float(c["price"]) <= 50 for c in found["items"])
    for query, status in (
        ("home?k=99", 422),
        ("item", 422),
        ("item?item_id=no", 404),
        ("search", 422),
        ("nowhere", 422),
        ("home?kk=1", 422),
    ):
        assert api.get(f"/v1/recommend/{query}").status_code == status, query


def test_an_item_is_the_record_at_this_moment(api: httpx.Client, tea_bot: ChatRec) -> None:
    item_id = api.get("/v1/recommend/home").json()["items"][0]["item_id"]
    record = tea_bot.live_item(item_id)
    tea_bot.set_stock(item_id, 77)
    told = api.get(f"/v1/items/{item_id}").json()
    tea_bot.set_stock(item_id, record.stock)
    assert (told["title"], told["price"], told["stock"], told["image"]) == (record.title, str(record.price), 77, "")
    assert api.get("/v1/items/no-such").json()["error"]["code"] == "unknown_item"


def test_only_addresses_of_the_web_leave_the_service() -> None:
    assert safe_url("javascript:alert(1)") == safe_url("data:text/html,x") == "" and safe_url("https://shop.example/p") != ""
    assert safe_image("data:image/svg+xml,x") == safe_image("http://x/y.png") == "" and safe_image("https://x/y.png") != ""


def test_health_and_readiness(api: httpx.Client) -> None:
    assert api.get("/health").json()["status"] == "ok"
    ends = time.monotonic() + 60
    while (ready := api.get("/ready")).status_code == 503 and time.monotonic() < ends:
        assert ready.json()["reasons"] == ["the models are being loaded"]
        time.sleep(0.1)
    assert ready.status_code == 200 and ready.json()["ready"] and ready.json()["items"] == 40


def test_it_is_not_ready_before_its_model_is(api: httpx.Client, tea_bot: ChatRec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tea_bot._words.model, "generator", "loading")
    answer = api.get("/ready")
    assert answer.status_code == 503 and answer.json()["reasons"] == ["the language model is being loaded"]


def test_too_many_are_told_to_come_back(tea_bot: ChatRec, slow: threading.Event) -> None:
    tight = tea_bot.settings.model_copy(update={"serve": tea_bot.settings.serve.model_copy(update={"turns": 1, "queue": 1})})
    codes: list[httpx.Response] = []
    with listening(make_app(tea_bot, tight, page=False)) as address:
        ask = [
            threading.Thread(target=lambda: codes.append(httpx.post(f"{address}/v1/chat", json={"message": TEAPOTS}, timeout=60)))
            for _ in range(6)
        ]
        for thread in ask:
            thread.start()
        for thread in ask:
            thread.join()
    busy = [answer for answer in codes if answer.status_code == 429]
    assert busy and all(answer.status_code in (200, 429) for answer in codes) and len(busy) < len(codes)
    assert busy[0].json()["error"]["code"] == "busy" and int(busy[0].headers["retry-after"]) == busy[0].json()["error"]["retry_after_s"]


def test_a_turn_that_takes_too_long_ends_with_an_answer(tea_bot: ChatRec, slow: threading.Event) -> None:
    short = tea_bot.settings.model_copy(update={"serve": tea_bot.settings.serve.model_copy(update={"turn_budget_s": 0.2})})
    with listening(make_app(tea_bot, short, page=False)) as address:
        whole = httpx.post(f"{address}/v1/chat", json={"message": TEAPOTS}, timeout=60)
        streamed = httpx.post(f"{address}/v1/chat", json={"message": TEAPOTS, "stream": True}, timeout=60)
    assert whole.status_code == 503 and whole.json()["error"]["code"] == "timeout"
    failed = streamed.json() if streamed.status_code == 503 else dict(events(streamed))["error"]  # its cards came in time, or not
    assert failed["error"]["code"] == "timeout"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (SessionConflict("session 's' is no longer at version 3"), 409, "conflict"),
        (GeneratorBusy("busy"), 503, "busy"),
        (OperationalError("SELECT 'a shopper''s words'", {}, sqlite3.OperationalError("database is locked")), 503, "storage_busy"),
        (OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")), 503, "storage_full"),
        (OSError(28, "No space left on device"), 503, "storage_full"),
        (RuntimeError("a shopper's words, and /srv/shop/secret"), 500, "internal"),
    ],
)
def test_whatever_fails_has_a_defined_answer(
    api: httpx.Client, tea_bot: ChatRec, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def fails(*args: Any, **named: Any) -> Iterator[Any]:
        raise error
        yield

    monkeypatch.setattr(tea_bot, "reply", fails)
    whole = api.post("/v1/chat", json={"message": "hi"})
    streamed = api.post("/v1/chat", json={"message": "hi", "stream": True})  # nothing was sent before: it has the same status
    assert whole.status_code == streamed.status_code == status and whole.json()["error"]["code"] == code
    assert streamed.json() == whole.json() and streamed.headers.get("retry-after") == whole.headers.get("retry-after")
    assert "words" not in whole.text and "/srv" not in whole.text
    assert ("retry-after" in whole.headers) == (failure_of(error).retry_after_s is not None)


def test_what_fails_on_its_way_ends_the_stream_with_an_event(api: httpx.Client, tea_bot: ChatRec, monkeypatch: pytest.MonkeyPatch) -> None:
    reply = tea_bot.reply

    def fails(*args: Any, **named: Any) -> Iterator[Any]:
        for event in reply(*args, **named):
            yield event
            if isinstance(event, Cards):
                raise OSError(28, "No space left on device")

    monkeypatch.setattr(tea_bot, "reply", fails)
    answer = api.post("/v1/chat", json={"message": TEAPOTS, "stream": True})
    told = events(answer)
    assert answer.status_code == 200 and [name for name, _ in told] == ["session", "cards", "error"]
    assert told[-1][1]["error"]["code"] == "storage_full"


def test_a_slow_first_event_is_not_waited_for(api: httpx.Client, tea_bot: ChatRec, monkeypatch: pytest.MonkeyPatch) -> None:
    reply = tea_bot.reply
    monkeypatch.setattr(Pieces.begun, "__defaults__", (0.1,))

    def slow(*args: Any, **named: Any) -> Iterator[Any]:
        time.sleep(0.5)
        yield from reply(*args, **named)

    monkeypatch.setattr(tea_bot, "reply", slow)
    with api.stream("POST", "/v1/chat", json={"message": TEAPOTS, "stream": True, "user_id": "nobody-knows"}) as answer:
        assert answer.status_code == 200
        answer.read()
    assert [name for name, _ in events(answer)] == ["session", "error"]
    assert events(answer)[-1][1]["error"]["code"] == "unknown_shopper"


@pytest.fixture
def own(tea_bot: ChatRec, tmp_path: Path) -> Iterator[tuple[ChatRec, str]]:
    """A shop that may be broken, and its service."""
    folder = Path(shutil.copytree(tea_bot.folder, tmp_path / "shop"))
    with (
        ChatRec.open(folder, settings={"model": {"engine": "template"}}, embedder=tea_bot._embedder) as bot,
        listening(make_app(bot, page=False)) as address,
    ):
        yield bot, address


def test_locked_rows_are_waited_for_and_a_deleted_index_is_told_until_it_is_back(own: tuple[ChatRec, str]) -> None:
    bot, address = own
    assert httpx.post(f"{address}/v1/chat", json={"message": TEAPOTS}, timeout=60).status_code == 200
    lock = sqlite3.connect(bot.folder / FILE, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    lock_answer: list[httpx.Response] = []
    writer = threading.Thread(target=lambda: lock_answer.append(httpx.post(f"{address}/v1/chat", json={"message": TEAPOTS}, timeout=60)))
    writer.start()
    time.sleep(1.0)
    lock.rollback()
    writer.join()
    lock.close()
    assert lock_answer[0].status_code == 200 and time.monotonic() - started < 30
    kept = shutil.copytree(bot.folder / "generations", bot.folder / "kept")
    shutil.rmtree(bot.folder / "generations")
    gone = httpx.post(f"{address}/v1/chat", json={"message": TEAPOTS}, timeout=60)
    streamed = httpx.post(f"{address}/v1/chat", json={"message": TEAPOTS, "stream": True}, timeout=60)
    assert gone.status_code == 503 and gone.json()["error"]["code"] == "not_ready" and str(bot.folder) not in gone.text
    assert streamed.status_code == 503 and streamed.json() == gone.json()
    assert httpx.get(f"{address}/health", timeout=60).status_code == 200 and httpx.get(f"{address}/ready", timeout=60).json()["reasons"]
    kept.rename(bot.folder / "generations")  # what an ingest does in the end: it is there again, and nobody has to start anything anew
    assert httpx.post(f"{address}/v1/chat", json={"message": TEAPOTS}, timeout=60).status_code == 200
    assert httpx.get(f"{address}/ready", timeout=60).status_code == 200
