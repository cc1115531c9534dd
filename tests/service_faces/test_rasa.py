from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from chatrec.bot import ChatRec

SHAPE = json.loads((Path(__file__).parent / "fixtures" / "rasa_reply.json").read_text(encoding="utf-8"))


def say(url: str, body: dict[str, Any]) -> httpx.Response:
    return httpx.post(f"{url}/webhooks/rest/webhook", json=body, trust_env=False, timeout=60)


def messages(url: str, sender: str, message: str) -> list[dict[str, Any]]:
    answer = say(url, {"sender": sender, "message": message, "metadata": {"page": "/tents"}})
    assert answer.status_code == 200, answer.text
    told: list[dict[str, Any]] = answer.json()
    jsonschema.validate(told, SHAPE)
    assert {m["recipient_id"] for m in told} == {sender}
    return told


def test_a_conversation_as_a_client_of_rasa_sees_it(service: str, bot: ChatRec) -> None:
    first = messages(service, "rasa-1", "a tent under 300")
    (cards,) = [m["custom"]["cards"]["cards"] for m in first if "cards" in m.get("custom", {})]
    assert len(cards) == 3
    assert all(float(card["price"]) <= 300 for card in cards)
    assert "cards" in first[0]["custom"]  # what is found stands above what is said of it
    text = " ".join(m["text"] for m in first if "text" in m)
    assert all(bot.live_item(card["item_id"]).title.split()[0] in text for card in cards)
    compared = messages(service, "rasa-1", "compare the first two")
    assert any("comparison" in m.get("custom", {}) for m in compared)
    assert bot.state("rasa-1").turn == 2


def test_buttons_say_something_when_they_are_pressed(service: str) -> None:
    buttons = [b for m in messages(service, "rasa-2", "I need something for hiking") for b in m.get("buttons", [])]
    assert buttons
    assert messages(service, "rasa-2", buttons[0]["payload"])


def test_a_person_is_asked_for(service: str) -> None:
    told = messages(service, "rasa-3", "let me talk to a human please")
    assert told[-1]["custom"] == {"action": "hand_off"}


def test_without_a_sender_a_conversation_begins_with_a_name_of_its_own(service: str) -> None:
    one, two = (say(service, {"message": "a stove"}).json()[0]["recipient_id"] for _ in range(2))
    assert one != two
    assert len(one) >= 22


def test_the_channel_lives_and_refuses_what_is_no_message(service: str) -> None:
    assert httpx.get(f"{service}/webhooks/rest/", trust_env=False).json() == {"status": "ok"}
    for body in ({}, {"sender": "x"}, {"sender": "", "message": "a tent"}, {"sender": "x", "message": 7}):
        refused = say(service, body)
        assert refused.status_code == 422
        assert refused.json()["error"]["code"] == "invalid"


@pytest.mark.parametrize("header", ["Bearer crk_wrong", "Bearer nothing"])
def test_a_wrong_key_is_refused(service: str, key: str, header: str) -> None:
    answer = httpx.post(
        f"{service}/webhooks/rest/webhook", json={"sender": "x", "message": "a tent"}, headers={"Authorization": header}, trust_env=False
    )
    assert answer.status_code == 401
