"""How often and how much: 429 with a time to wait, and bodies refused before they are read."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI, Request

from chatrec.errors import RateExceeded, SettingsError
from chatrec.service.failures import answer_failures
from chatrec.service.headers import stand_around
from chatrec.service.limits import Limits
from chatrec.settings import ServeSettings, Settings, load_settings


def limits(**serve: Any) -> Limits:
    return Limits(ServeSettings.model_validate(serve))


def test_one_too_many_is_told_when_to_come_again() -> None:
    counted = limits(rate_address="3/minute")
    for _ in range(3):
        counted.of_address("203.0.113.9")
    with pytest.raises(RateExceeded, match="3 per 1 minute") as raised:
        counted.of_address("203.0.113.9")
    assert 55 <= raised.value.retry_after_s <= 61
    counted.of_address("203.0.113.10")  # another address has a count of its own


def test_the_wait_told_is_long_enough() -> None:
    counted = limits(rate_session="1/second")
    counted.of_session("s-1")
    with pytest.raises(RateExceeded) as raised:
        counted.of_session("s-1")
    anyio.run(anyio.sleep, raised.value.retry_after_s)
    counted.of_session("s-1")


def test_two_rates_hold_both_and_none_holds_nothing() -> None:
    counted = limits(rate_key="100/minute;2/hour", rate_session="")
    counted.of_key("k")
    counted.of_key("k")
    with pytest.raises(RateExceeded, match="2 per 1 hour"):
        counted.of_key("k")
    for _ in range(1000):
        counted.of_session("s")


def test_what_is_counted_is_kept_apart() -> None:
    counted = limits(rate_key="1/minute", rate_session="1/minute", rate_address="1/minute")
    for count in (counted.of_key, counted.of_session, counted.of_address):
        count("same")  # not used up by the one before
    for count in (counted.of_key, counted.of_session, counted.of_address):
        with pytest.raises(RateExceeded):
            count("same")


def test_hostile_names_are_counted_like_others() -> None:
    counted = limits(rate_session="1/minute")
    for name in ("a/b", "a", "b", "\x00", "ü" * 200, "a:b\r\nc", ""):
        counted.of_session(name)
        with pytest.raises(RateExceeded):
            counted.of_session(name)


def test_a_storage_that_does_not_answer_stops_nobody_and_is_told_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limits.errors import StorageError
    from limits.storage import MemoryStorage

    def gone(*_: Any, **__: Any) -> Any:
        raise StorageError(ConnectionError("redis://:password@host refused"))

    monkeypatch.setattr(MemoryStorage, "acquire_entry", gone)
    counted = limits(rate_address="1/minute")
    with caplog.at_level(logging.DEBUG):
        for _ in range(5):
            counted.of_address("203.0.113.9")
    assert [r.getMessage() for r in caplog.records] == ["requests are not counted: serve.rate_storage does not answer (ConnectionError)"]


@pytest.mark.parametrize("url", ["nonsense", "nosuch://x", "memcached://:password@127.0.0.1:1"])
def test_a_storage_that_cannot_be_used_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(SettingsError, match=r"serve\.rate_storage") as raised:
        limits(rate_storage=url)
    assert "password" not in str(raised.value)


@pytest.mark.parametrize("rate", ["often", "30", "0/minute", "30/fortnight", "-1/minute", "30/minute,500/hour", "30/minute;"])
def test_a_rate_that_is_none_is_refused_by_name(rate: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"serve\.rate_address"):
        load_settings(tmp_path, {"serve": {"rate_address": rate}})


@pytest.mark.parametrize(
    ("name", "value"),
    [("cors", ["*"]), ("cors", ["shop.example"]), ("cors", ["https://shop.example/"]), ("cors", ["null"]), ("frames", ["https://a b"]),
     ("proxies", ["10.0.0.0/99"]), ("proxies", ["proxy.example"]), ("body_bytes", 10), ("page", "yes")],
)  # fmt: skip
def test_other_settings_that_open_too_much_are_refused(name: str, value: Any, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=rf"serve\.{name}"):
        load_settings(tmp_path, {"serve": {name: value}})


def test_lists_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHATREC_SERVE__CORS", "https://shop.example, http://localhost:3000")
    monkeypatch.setenv("CHATREC_SERVE__PROXIES", "10.0.0.0/8")
    serve = load_settings(tmp_path).serve
    assert serve.cors == ("https://shop.example", "http://localhost:3000") and serve.proxies == ("10.0.0.0/8",)


def _service(read: list[int], **serve: Any) -> FastAPI:
    app = FastAPI()

    @app.post("/v1/echo")
    @app.post("/gradio_api/queue/join")
    async def echo(request: Request) -> int:
        async for part in request.stream():
            read[0] += len(part)
        return read[0]

    @app.post("/v1/read")
    def read_json(value: list[str]) -> int:
        return len(value)

    answer_failures(app)
    stand_around(app, Settings.model_validate({"serve": serve}))
    return app


async def _parts(parts: int, pulled: list[int]) -> AsyncIterator[bytes]:
    for _ in range(parts):
        pulled[0] += 1
        yield b"x" * 1024


def _post(app: FastAPI, path: str = "/v1/echo", **kwargs: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            return await client.post(path, **kwargs)

    return anyio.run(send)


def test_a_body_that_is_too_long_is_refused_unread() -> None:
    read = [0]
    app = _service(read, body_bytes=2048)
    assert _post(app, content=b"x" * 2048).json() == 2048
    read[0] = 0
    reply = _post(app, content=b"x" * 2049)
    assert reply.status_code == 413 and reply.json()["error"]["code"] == "too_large" and "serve.body_bytes" in reply.text
    assert read == [0] and reply.headers["connection"] == "close"


@pytest.mark.parametrize("path", ["/v1/echo", "/v1/read"])
def test_a_body_of_untold_length_is_counted_and_cut(path: str) -> None:
    read, pulled = [0], [0]
    reply = _post(_service(read, body_bytes=4096), path, content=_parts(1000, pulled), headers={"Content-Type": "application/json"})
    assert reply.status_code == 413 and reply.json()["error"]["code"] == "too_large", reply.text
    assert read[0] <= 4096 and pulled[0] < 20 and reply.headers["connection"] == "close"


@pytest.mark.parametrize("told", ["-1", "1e9", "99999999999999999999999999", "0x10", "five", "+5", "\u0665"])
def test_lengths_that_are_none_are_refused(told: str) -> None:
    read = [0]
    reply = _post(_service(read), content=b"12345", headers={"Content-Length": told.encode()})
    assert reply.status_code == 413 and read == [0]


def test_the_pages_own_calls_may_be_longer_since_they_carry_the_conversation() -> None:
    read = [0]
    app = _service(read, body_bytes=2048)
    assert _post(app, "/gradio_api/queue/join", content=b"x" * 1_000_000).status_code == 200
    assert _post(app, "/gradio_api/queue/join", content=b"x" * 5_000_000).status_code == 413


@pytest.mark.parametrize("part", [b"X-A: " + b"a" * 65_536, b"X-A: b\r\n" * 8192, b"GET /v1/" + b"a" * 65_536])
def test_headers_and_addresses_without_end_are_cut_off(part: bytes) -> None:
    import socket

    from chatrec.service.listen import listening

    with listening(_service([0])) as url, socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as line:
        sent = 0
        answer = b""
        try:
            line.sendall(b"" if part.startswith(b"GET") else b"GET /v1/echo HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            for _ in range(400):
                line.sendall(part)
                sent += len(part)
            answer = line.recv(100)
        except OSError:  # the service hung up while we went on
            pass
        assert sent < 400 * len(part) or answer.startswith(b"HTTP/1.1 400") or answer == b""
        assert not answer.startswith(b"HTTP/1.1 2")
    assert _post(_service([0]), content=b"x").json() == 1
