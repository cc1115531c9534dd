"""Sessions, buttons, feedback and forgetting over HTTP; and that nobody reaches what is another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import delete
from starlette.testclient import TestClient

from chatrec.bot import ChatRec
from chatrec.service.app import make_app
from chatrec.storage import schema

TEAPOTS = "show me teapots under $50"
FAR = ("203.0.113.9", 50000)
USER, OTHER = "u1", "u2"


@pytest.fixture
def api(served: str) -> Iterator[httpx.Client]:
    """A program on this machine: every scope."""
    with httpx.Client(base_url=served, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def far(tea_bot: ChatRec) -> Iterator[TestClient]:
    """Callers from elsewhere, who need a key or a token. No rates: they are tested on their own."""
    free = tea_bot.settings.serve.model_copy(update={"rate_address": "", "rate_key": "", "rate_session": ""})
    settings = tea_bot.settings.model_copy(update={"serve": free})
    known = tea_bot.watchers._all
    with TestClient(make_app(tea_bot, settings, host="0.0.0.0", page=False), client=FAR, base_url="http://shop.example") as client:
        yield client
    tea_bot.watchers._all = known


@pytest.fixture
def key(tea_bot: ChatRec) -> Iterator[dict[str, dict[str, str]]]:
    """Headers by the scopes of a key; the shop has keys only while the test runs."""
    made = {name: tea_bot.database.api_keys.create(name, frozenset(scopes.split())) for name, scopes in {
        "all": "chat recommend feedback sessions users", "chat": "chat", "pages": "recommend",
    }.items()}  # fmt: skip
    yield {name: {"Authorization": f"Bearer {text}"} for name, (_, text) in made.items()}
    with tea_bot.database._connections.writing() as connection:  # a shop that ever had a key is closed to callers without one
        connection.execute(delete(schema.api_keys))


def token(far: TestClient, key: dict[str, dict[str, str]], **about: Any) -> tuple[dict[str, str], str]:
    told = far.post("/v1/tokens", json=about, headers=key["all"]).json()
    return {"Authorization": f"Bearer {told['token']}"}, told["session_id"]


def test_a_conversation_is_read_back_as_it_was(api: httpx.Client) -> None:
    session = api.post("/v1/sessions").json()["session_id"]
    assert api.get(f"/v1/sessions/{session}").json()["turns"] == []
    first = api.post("/v1/chat", json={"message": TEAPOTS, "session_id": session}).json()
    item = first["cards"][0]["cards"][0]["item_id"]
    assert api.post("/v1/feedback", json={"session_id": session, "item_id": item, "kind": "like"}).json() == {"logged": True}
    kept = api.get(f"/v1/sessions/{session}").json()
    (turn,) = kept["turns"]
    assert turn["message"] == TEAPOTS and not turn["stopped"]
    assert {name: turn[name] for name in ("text", "sentences", "cards", "chips", "turn_id")} == {
        name: first[name] for name in ("text", "sentences", "cards", "chips", "turn_id")
    }
    assert kept["liked"] == [item] and kept["needs"][0]["need_id"] == kept["active_need"]
    assert {(w["key"], w["strength"]) for w in kept["needs"][0]["wishes"]} >= {("price:at_most", "must")}


def test_a_dropped_wish_makes_the_list_anew(api: httpx.Client) -> None:
    first = api.post("/v1/chat", json={"message": "show me teapots under $30"}).json()
    session, need = first["session_id"], first["chips"][0]["need_id"]
    told = api.post(f"/v1/sessions/{session}/drop", json={"need_id": need, "key": "price:at_most", "heard": "Without the price"}).json()
    assert "price:at_most" not in {c["key"] for c in told["chips"]} and told["cards"]
    assert [t["message"] for t in api.get(f"/v1/sessions/{session}").json()["turns"]] == ["show me teapots under $30", "Without the price"]
    streamed = api.post(f"/v1/sessions/{session}/drop", json={"need_id": 99, "key": "none", "stream": True})
    assert streamed.headers["content-type"].startswith("text/event-stream") and "event: done" in streamed.text


def test_the_cart_is_filled_by_a_button_and_read(api: httpx.Client, tea_bot: ChatRec) -> None:
    plain = next(i for i in tea_bot.items() if not i.variants and (i.stock or 0) > 3)
    session = api.post("/v1/sessions").json()["session_id"]
    told = api.post(f"/v1/sessions/{session}/cart", json={"item_id": plain.item_id}).json()
    assert plain.title in told["text"]
    (line,) = api.get(f"/v1/sessions/{session}").json()["cart"]
    assert (line["item_id"], line["quantity"], line["price"]) == (plain.item_id, 1, str(plain.price))
    for stream in (False, True):
        unknown = api.post(f"/v1/sessions/{session}/cart", json={"item_id": "no-such", "stream": stream})
        assert unknown.status_code == 404 and unknown.json()["error"]["code"] == "unknown_item"


def test_the_last_turn_can_be_taken_back(api: httpx.Client, tea_bot: ChatRec) -> None:
    first = api.post("/v1/chat", json={"message": TEAPOTS}).json()
    session = first["session_id"]
    again = api.post("/v1/chat", json={"message": "cheaper", "session_id": session}).json()
    assert api.post(f"/v1/sessions/{session}/undo", json={"turn_id": first["turn_id"]}).status_code == 409
    undone = api.post(f"/v1/sessions/{session}/undo", json={"turn_id": again["turn_id"]}).json()
    assert undone == {"turn_id": again["turn_id"], "message": "cheaper", "heard": ""}
    assert [t["turn_id"] for t in api.get(f"/v1/sessions/{session}").json()["turns"]] == [first["turn_id"]]
    assert api.post(f"/v1/sessions/{session}/undo", json={}).json()["message"] == TEAPOTS
    nothing = api.post(f"/v1/sessions/{session}/undo", json={})
    assert nothing.status_code == 409 and "no turn to take back" in nothing.json()["error"]["message"]


def test_not_for_me_makes_the_list_anew_and_can_be_taken_back(api: httpx.Client, tea_bot: ChatRec) -> None:
    first = api.post("/v1/chat", json={"message": TEAPOTS}).json()
    session, item = first["session_id"], first["cards"][0]["cards"][0]["item_id"]
    anew = api.post(f"/v1/sessions/{session}/dislike", json={"item_id": item, "heard": "Not for me"}).json()
    assert anew["cards"] and item not in {c["item_id"] for found in anew["cards"] for c in found["cards"]}
    kept = api.get(f"/v1/sessions/{session}").json()
    assert kept["disliked"] == [item] and [t["message"] for t in kept["turns"]] == [TEAPOTS, "Not for me"]
    for stream in (False, True):
        unknown = api.post(f"/v1/sessions/{session}/dislike", json={"item_id": "no-such", "stream": stream})
        assert unknown.status_code == 404 and unknown.json()["error"]["code"] == "unknown_item"
    assert api.delete(f"/v1/sessions/{session}/judgements/{item}").json() == {"erased": {"events": 1}}
    assert api.get(f"/v1/sessions/{session}").json()["disliked"] == []
    assert not [e for e in tea_bot.database.events.of_session(session) if e.kind == "dislike"]
    for liking in range(2):
        assert api.post("/v1/feedback", json={"session_id": session, "item_id": item, "kind": "like"}).status_code == 200, liking
    assert api.delete(f"/v1/sessions/{session}/judgements/{item}").json()["erased"] == {"events": 2}
    assert api.delete(f"/v1/sessions/{session}/judgements/a%2Fb").json()["erased"] == {"events": 0}  # never judged


def test_a_shoppers_judgement_that_is_taken_back_leaves_the_profile(api: httpx.Client, tea_bot: ChatRec) -> None:
    first = api.post("/v1/chat", json={"message": TEAPOTS, "user_id": OTHER}).json()
    session, item = first["session_id"], first["cards"][0]["cards"][0]["item_id"]
    api.post("/v1/feedback", json={"session_id": session, "item_id": item, "kind": "like", "user_id": OTHER})
    assert item in tea_bot.database.profiles.load(OTHER).liked
    assert api.delete(f"/v1/sessions/{session}/judgements/{item}", params={"user_id": OTHER}).status_code == 200
    assert item not in tea_bot.database.profiles.load(OTHER).liked and item not in tea_bot.state(session).liked
    assert api.delete(f"/v1/sessions/{session}").status_code == 200


def test_erased_is_erased(api: httpx.Client) -> None:
    told = api.post("/v1/chat", json={"message": TEAPOTS}).json()
    erased = api.delete(f"/v1/sessions/{told['session_id']}").json()["erased"]
    assert erased["sessions"] == erased["receipts"] == 1
    assert api.get(f"/v1/sessions/{told['session_id']}").json()["turns"] == []
    assert api.get(f"/v1/turns/{told['turn_id']}").status_code == 404
    assert api.delete(f"/v1/sessions/{told['session_id']}").json()["erased"]["sessions"] == 0  # again is fine


def test_a_verified_shopper_is_forgotten_with_all_sessions(api: httpx.Client) -> None:
    for message in ("show me teapots", "show me kettles"):
        assert api.post("/v1/chat", json={"message": message, "user_id": OTHER}).status_code == 200
    assert api.post("/v1/forget", json={"user_id": OTHER}).json()["erased"]["sessions"] == 2
    for body in ({}, {"user_id": OTHER, "session_id": "s"}):
        assert api.post("/v1/forget", json=body).status_code == 422


@pytest.mark.parametrize("kind", ["shown", "rating", "", "LIKE"])
def test_only_what_shoppers_do_is_feedback(api: httpx.Client, kind: str) -> None:
    body = {"session_id": "a-session-of-some-length", "item_id": "x", "kind": kind}
    assert api.post("/v1/feedback", json=body).status_code == 422
    assert api.post("/v1/feedback", json={**body, "kind": "view"}).status_code == 404  # no such item


def test_without_a_key_nothing_of_the_api_answers(far: TestClient, key: Any) -> None:
    asked = [
        far.post("/v1/chat", json={"message": "hi"}), far.post("/v1/sessions"), far.get("/v1/sessions/s"), far.delete("/v1/sessions/s"),
        far.post("/v1/sessions/s/drop", json={"need_id": 1, "key": "k"}), far.post("/v1/sessions/s/cart", json={"item_id": "i"}),
        far.post("/v1/sessions/s/dislike", json={"item_id": "i"}), far.delete("/v1/sessions/s/judgements/i"),
        far.post("/v1/sessions/s/undo", json={}),
        far.post("/v1/feedback", json={"session_id": "s", "item_id": "i", "kind": "like"}), far.post("/v1/forget", json={"session_id": "s"}),
        far.get("/v1/turns/t"), far.get("/v1/recommend/home"), far.get("/v1/items/i"), far.post("/v1/tokens", json={}),
    ]  # fmt: skip
    assert {answer.status_code for answer in asked} == {401}
    assert all(a.json()["error"]["code"] == "unauthorized" and a.headers["www-authenticate"].startswith("Bearer") for a in asked)


def test_a_key_reaches_as_far_as_its_scopes(far: TestClient, key: Any) -> None:
    chat = far.post("/v1/chat", json={"message": TEAPOTS}, headers=key["chat"])
    assert chat.status_code == 200
    session = chat.json()["session_id"]
    forbidden = [
        far.post("/v1/chat", json={"message": "hi", "user_id": USER}, headers=key["chat"]),
        far.post("/v1/chat", json={"message": "hi", "receipt": True}, headers=key["chat"]),
        far.post("/v1/chat", json={"message": "hi"}, headers=key["pages"]),
        far.get(f"/v1/sessions/{session}", headers=key["chat"]),
        far.get(f"/v1/turns/{chat.json()['turn_id']}", headers=key["chat"]),
        far.post("/v1/forget", json={"user_id": USER}, headers=key["chat"]),
        far.get("/v1/recommend/home", headers=key["chat"]),
    ]
    assert [a.status_code for a in forbidden] == [403] * len(forbidden)
    assert far.get(f"/v1/sessions/{session}", headers=key["all"]).json()["turns"]
    assert far.get("/v1/recommend/home", headers=key["pages"]).status_code == 200


def test_a_token_is_good_for_its_own_session_and_shopper_only(far: TestClient, key: Any) -> None:
    mine, session = token(far, key, user_id=USER)
    other, elsewhere = token(far, key)
    told = far.post("/v1/chat", json={"message": TEAPOTS}, headers=mine).json()
    assert told["session_id"] == session
    assert far.get(f"/v1/sessions/{session}", headers=mine).json()["turns"]
    for answer in (
        far.get(f"/v1/sessions/{session}", headers=other), far.delete(f"/v1/sessions/{session}", headers=other),
        far.post("/v1/chat", json={"message": "hi", "session_id": session}, headers=other),
        far.post(f"/v1/sessions/{session}/drop", json={"need_id": 1, "key": "price:at_most"}, headers=other),
        far.post("/v1/feedback", json={"session_id": session, "item_id": "i", "kind": "like"}, headers=other),
        far.post(f"/v1/sessions/{session}/dislike", json={"item_id": "i"}, headers=other),
        far.delete(f"/v1/sessions/{session}/judgements/i", headers=other),
        far.post(f"/v1/sessions/{session}/undo", json={}, headers=other),
        far.post("/v1/forget", json={"session_id": session}, headers=other),
        far.post("/v1/forget", json={"user_id": USER}, headers=other),
        far.get(f"/v1/turns/{told['turn_id']}", headers=mine),
    ):  # fmt: skip
        assert answer.status_code == 403, answer.request.url
    assert far.get(f"/v1/sessions/{elsewhere}", headers=other).json()["turns"] == []
    assert far.post("/v1/forget", json={"user_id": USER}, headers=mine).json()["erased"]["sessions"] == 1


def test_a_visitor_token_sees_nothing_of_a_shopper_in_the_same_session(far: TestClient, key: Any) -> None:
    visitor, session = token(far, key)
    far.post("/v1/chat", json={"message": TEAPOTS, "session_id": session, "user_id": USER}, headers=key["all"])
    seen = far.get(f"/v1/sessions/{session}", headers=visitor).json()
    assert seen["turns"] == seen["needs"] == seen["cart"] == []
    far.post("/v1/forget", json={"user_id": USER}, headers=key["all"])
