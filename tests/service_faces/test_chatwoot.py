"""The agent bot against a help desk that listens on this machine and notes what it is told."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from chatrec.bot import ChatRec
from chatrec.errors import NotAuthenticated
from chatrec.service.chatwoot_routes import MOST_AGE_S, UNABLE, check_signature, session_of

INCOMING = json.loads((Path(__file__).parent / "fixtures" / "chatwoot_incoming.json").read_text(encoding="utf-8"))
TOKEN, SECRET = "bot-token", "webhook-secret"
WAIT_S = 30.0


class HelpDesk:
    """Takes what the bot says, as Chatwoot's application API does. ``fails`` are statuses to answer with first."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any], str]] = []
        self.fails: list[int] = []
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = desk.fails.pop(0) if desk.fails else 200
                if status == 200:
                    desk.told.append((self.path, body, self.headers["api_access_token"]))
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def hears(self, number: int) -> list[tuple[str, dict[str, Any], str]]:
        """What was said, as soon as it is so much."""
        ends = time.monotonic() + WAIT_S
        while len(self.told) < number and time.monotonic() < ends:
            time.sleep(0.02)
        return list(self.told)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def desk() -> Iterator[HelpDesk]:
    opened = HelpDesk()
    yield opened
    opened.close()


@pytest.fixture
def url(desk: HelpDesk, serving: Callable[..., Any]) -> Iterator[str]:
    with serving(chatwoot={"url": desk.url, "token": TOKEN, "secret": SECRET}) as address:
        yield address


def delivery(number: int, message: int, **changed: Any) -> dict[str, Any]:
    """Of the conversation with this number, with this message in it."""
    told = json.loads(json.dumps(INCOMING))
    talk = {**told["conversation"], "id": number, **changed.pop("conversation", {})}
    return {**told, "id": message, "conversation": talk, **changed}


def deliver(url: str, body: dict[str, Any], *, secret: str = SECRET, at: float | None = None) -> httpx.Response:
    """As Chatwoot signs and sends it."""
    raw, sent_at = json.dumps(body).encode(), str(int(time.time() if at is None else at))
    signature = hmac.new(secret.encode(), f"{sent_at}.".encode() + raw, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Chatwoot-Timestamp": sent_at, "X-Chatwoot-Signature": f"sha256={signature}"}
    return httpx.post(f"{url}/webhooks/chatwoot", content=raw, headers=headers, trust_env=False, timeout=30)


def test_a_shoppers_message_is_answered_in_the_help_desk(url: str, desk: HelpDesk, bot: ChatRec) -> None:
    assert deliver(url, delivery(44, 9001)).json() == {"status": "answering"}
    ((path, body, token),) = desk.hears(1)
    assert path == "/api/v1/accounts/3/conversations/44/messages"
    assert token == TOKEN
    assert (body["message_type"], body["private"]) == ("outgoing", False)
    shown = bot.state(session_of(SECRET, 3, 44)).last_shown()
    assert len(shown) == 3
    assert all(bot.live_item(item_id).title in body["content"] for item_id in shown)
    deliver(url, delivery(44, 9002, content="cheaper"))
    desk.hears(2)
    assert bot.state(session_of(SECRET, 3, 44)).turn == 2


def test_a_person_takes_over_when_one_is_asked_for(url: str, desk: HelpDesk) -> None:
    deliver(url, delivery(45, 9101, content="I want to speak to a human being"))
    told = desk.hears(2)
    assert told[0][0].endswith("/45/messages")
    assert told[1][:2] == ("/api/v1/accounts/3/conversations/45/toggle_status", {"status": "open"})


@pytest.mark.parametrize(
    "changed",
    [
        {"message_type": "outgoing"},
        {"message_type": "template"},
        {"message_type": 1},
        {"private": True},
        {"content": None},
        {"content": "   "},
        {"event": "conversation_created", "message_type": None},
        {"event": "message_updated"},
        {"conversation": {"status": "open"}},
        {"conversation": {"status": "resolved"}},
    ],
)  # fmt: skip
def test_what_is_not_for_the_bot_is_left_alone(url: str, desk: HelpDesk, bot: ChatRec, changed: dict[str, Any]) -> None:
    assert deliver(url, delivery(46, 9201, **changed)).json() == {"status": "ignored"}
    assert bot.state(session_of(SECRET, 3, 46)).turn == 0
    assert desk.told == []


def test_the_same_message_twice_is_answered_once(url: str, desk: HelpDesk, bot: ChatRec) -> None:
    assert [deliver(url, delivery(47, 9301)).json()["status"] for _ in range(3)] == ["answering", "ignored", "ignored"]
    desk.hears(1)
    time.sleep(0.5)
    assert len(desk.told) == 1
    assert bot.state(session_of(SECRET, 3, 47)).turn == 1


def test_a_forged_an_old_and_an_unsigned_delivery_are_refused(url: str, desk: HelpDesk) -> None:
    assert deliver(url, delivery(48, 9401), secret="guessed").status_code == 401
    assert deliver(url, delivery(48, 9402), at=time.time() - MOST_AGE_S - 5).status_code == 401
    plain = httpx.post(f"{url}/webhooks/chatwoot", json=delivery(48, 9403), trust_env=False)
    assert plain.status_code == 401
    assert desk.told == []
    for at, signature in (("", ""), ("١٢٣", "sha256=" + "0" * 64), ("9" * 40, "sha256=" + "0" * 64), ("1", "md5=0")):
        with pytest.raises(NotAuthenticated):
            check_signature(SECRET, b"{}", at, signature)


def test_no_delivery_at_all(url: str) -> None:
    assert deliver(url, {"hello": "there"}).status_code == 422


def test_a_help_desk_that_is_away_for_a_moment_is_told_later(url: str, desk: HelpDesk) -> None:
    desk.fails = [503]
    deliver(url, delivery(49, 9501))
    assert len(desk.hears(1)) == 1


def test_a_turn_that_fails_ends_with_a_person(url: str, desk: HelpDesk, bot: ChatRec, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*given: Any, **more: Any) -> Iterator[Any]:
        raise OSError(28, "No space left on device")
        yield

    monkeypatch.setattr(bot, "reply", failing)
    deliver(url, delivery(50, 9601))
    told = desk.hears(2)
    assert told[0][1]["content"] == UNABLE
    assert told[1][1] == {"status": "open"}


def test_a_shop_without_a_help_desk_has_no_such_door(service: str) -> None:
    assert deliver(service, delivery(51, 9701)).status_code == 404
