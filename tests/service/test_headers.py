"""What stands around every answer: policies, CORS, and faults that leave no words behind."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from starlette.testclient import TestClient

from chatrec.errors import UnknownItem
from chatrec.service.access import Gatekeeper
from chatrec.service.headers import guard_page, stand_around
from chatrec.settings import Settings
from chatrec.storage.database import Database

SHOP = "https://shop.example"
WORDS = "my card is 4111 1111 1111 1111"


def service(**settings: Any) -> FastAPI:
    app = FastAPI()
    add_api(app)
    add_pages(app)
    stand_around(app, Settings.model_validate(settings))
    return app


def add_api(app: FastAPI) -> None:
    @app.get("/v1/data")
    def data() -> dict[str, int]:
        return {"a": 1}

    @app.post("/v1/chat")
    def chat() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"event: done\ndata: {}\n\n"

        return StreamingResponse(parts(), media_type="text/event-stream")

    @app.get("/v1/fault")
    def fault() -> None:
        raise ValueError(WORDS)

    @app.get("/v1/late")
    def late() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"begun"
            raise ValueError(WORDS)

        return StreamingResponse(parts())

    @app.get("/v1/unknown")
    def unknown() -> None:
        raise UnknownItem("the catalogue has no item 'x\r\nSet-Cookie: a=b'")

    @app.get("/v1/gone")
    def gone() -> None:
        raise HTTPException(410, "gone")


def add_pages(app: FastAPI) -> None:
    @app.get("/shop/", response_class=HTMLResponse)
    def page() -> str:
        return "<p>hello</p>"

    @app.get("/own-policy", response_class=HTMLResponse)
    def own() -> HTMLResponse:
        return HTMLResponse("<p>hello</p>", headers={"Content-Security-Policy": "default-src 'none'; script-src 'nonce-1'"})

    @app.get("/widget.js")
    def script() -> Response:
        return Response("1", media_type="text/javascript", headers={"Cache-Control": "public, max-age=60"})


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(service(serve={"cors": [SHOP]}, shop={"picture_hosts": ["img.example", "evil; script-src *"]}))


def test_every_answer_has_its_headers(client: TestClient) -> None:
    for path in ("/v1/data", "/v1/gone", "/v1/fault", "/v1/unknown", "/shop/", "/widget.js", "/no-such-page"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin", path
        assert "frame-ancestors" in headers["content-security-policy"] and headers["x-frame-options"] == "SAMEORIGIN", path


def test_what_is_about_a_shopper_is_kept_by_no_cache(client: TestClient) -> None:
    assert {client.get(f"/v1/{name}").headers["cache-control"] for name in ("data", "gone", "fault", "unknown")} == {"no-store"}
    assert client.post("/v1/chat").headers["cache-control"] == "no-store"
    assert client.get("/widget.js").headers["cache-control"] == "public, max-age=60"


def test_the_policy_of_our_pages_is_strict(client: TestClient) -> None:
    policy = client.get("/shop/").headers["content-security-policy"]
    parts = dict(part.split(" ", 1) for part in policy.split("; "))
    assert "unsafe" not in policy and "*" not in policy and parts["default-src"] == "'none'" == parts["base-uri"]
    assert parts["script-src"] == parts["style-src"] == parts["connect-src"] == "'self'"
    assert parts["img-src"] == "'self' data: https://img.example" and parts["frame-ancestors"] == "'self'"
    assert client.get("/own-policy").headers["content-security-policy"] == "default-src 'none'; script-src 'nonce-1'"
    assert client.get("/v1/data").headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_frames_are_for_those_who_are_named() -> None:
    headers = TestClient(service(serve={"frames": [SHOP]})).get("/shop/").headers
    assert headers["content-security-policy"].endswith(f"frame-ancestors 'self' {SHOP}") and "x-frame-options" not in headers


def test_a_page_of_the_shop_may_call_the_api(client: TestClient) -> None:
    asked = {"Origin": SHOP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    reply = client.options("/v1/chat", headers=asked)
    assert reply.status_code == 200 and reply.headers["access-control-allow-origin"] == SHOP and "Origin" in reply.headers["vary"]
    assert "access-control-allow-credentials" not in reply.headers
    told = client.post("/v1/chat", headers={"Origin": SHOP})
    assert told.headers["access-control-allow-origin"] == SHOP and "Retry-After" in told.headers["access-control-expose-headers"]
    for refused in ("/v1/fault", "/v1/unknown"):  # the page must be able to read why
        assert client.get(refused, headers={"Origin": SHOP}).headers["access-control-allow-origin"] == SHOP
    long = client.post("/v1/chat", headers={"Origin": SHOP}, content=b"x" * 100_000)
    assert long.status_code == 413 and long.headers["access-control-allow-origin"] == SHOP


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://shop.example", "https://shop.example.evil.example", "https://shop.example:8443", "null", "",
     "https://SHOP.example@evil.example", "https://shop.example\t"],
)  # fmt: skip
def test_no_other_page_may(client: TestClient, origin: str) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    assert client.options("/v1/chat", headers=asked).headers.get("access-control-allow-origin") is None
    assert client.get("/v1/data", headers={"Origin": origin}).headers.get("access-control-allow-origin") is None


def test_cors_is_for_the_api_and_off_by_default(client: TestClient) -> None:
    assert "access-control-allow-origin" not in client.get("/shop/", headers={"Origin": SHOP}).headers
    closed = TestClient(service())
    assert "access-control-allow-origin" not in closed.get("/v1/data", headers={"Origin": SHOP}).headers
    assert closed.options("/v1/chat", headers={"Origin": SHOP, "Access-Control-Request-Method": "POST"}).status_code == 405


def test_a_fault_is_an_answer_and_leaves_no_words(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        reply = client.get("/v1/fault")
    assert reply.status_code == 500 and reply.json()["error"]["code"] == "internal"
    assert "ValueError" in caplog.text and not any(word in caplog.text + reply.text for word in ("4111", "my card"))


def test_a_fault_in_mid_stream_cuts_the_line_and_leaves_no_words(caplog: pytest.LogCaptureFixture) -> None:
    from chatrec.service.listen import listening

    with caplog.at_level(logging.DEBUG), listening(service()) as url:
        import httpx

        with pytest.raises(httpx.RemoteProtocolError), httpx.stream("GET", f"{url}/v1/late") as reply:
            assert reply.read() is None
    assert "ValueError" in caplog.text and "4111" not in caplog.text


def test_line_breaks_reach_no_header(client: TestClient) -> None:
    reply = client.get("/v1/unknown")
    assert reply.status_code == 404 and "set-cookie" not in reply.headers


@pytest.fixture
def paged(tmp_path: Any) -> Iterator[Any]:
    """The door before a mounted page, with the real gate. The page itself answers with its path."""
    with Database.open(tmp_path / "shop.db") as database:

        def make(peer: str, **serve: Any) -> TestClient:
            settings = Settings.model_validate({"serve": serve})
            app, page = FastAPI(), FastAPI()
            app.state.gate = Gatekeeper(database, settings.serve, lambda: None)  # type: ignore[arg-type,return-value]

            @page.api_route("/{path:path}", methods=["GET", "POST"], response_class=HTMLResponse)
            def anything(path: str) -> str:
                return path

            app.mount("/", page)
            guard_page(app, app.state.gate, settings)
            stand_around(app, settings)
            return TestClient(app, base_url="http://127.0.0.1:7860", client=(peer, 1))

        yield make


def test_the_chat_page_is_for_this_machine_unless_it_is_opened(paged: Any) -> None:
    assert paged("127.0.0.1").get("/").status_code == 200
    refused = paged("203.0.113.9").get("/")
    assert refused.status_code == 403 and "serve.page" in refused.json()["error"]["message"]
    assert paged("127.0.0.1").get("/", headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 403
    assert paged("127.0.0.1").get("/", headers={"Host": "evil.example"}).status_code == 403
    assert paged("203.0.113.9", open=True).get("/").status_code == 200
    assert paged("203.0.113.9", page="open").get("/").status_code == 200
    assert paged("203.0.113.9", page="off", open=True).get("/").status_code == 403


def test_the_page_takes_no_files_and_fetches_none(paged: Any) -> None:
    client = paged("127.0.0.1")
    assert client.post("/gradio_api/upload", files={"files": b"x"}).status_code == 403
    assert client.get("/gradio_api/proxy=https://evil.hf.space/file").status_code == 403


def test_a_socket_to_the_page_meets_the_same_door(paged: Any) -> None:
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect) as raised, paged("203.0.113.9").websocket_connect("/queue/join"):
        pass
    assert raised.value.code == 1008


def test_what_is_said_on_the_page_is_counted_by_address(paged: Any) -> None:
    client = paged("203.0.113.9", page="open", rate_address="2/minute")
    assert [client.post("/gradio_api/queue/join").status_code for _ in range(3)] == [200, 200, 429]
    assert client.post("/gradio_api/queue/join").headers["retry-after"].isdecimal()
    assert client.get("/assets/index.js").status_code == 200


def test_gradios_page_may_load_nothing_from_elsewhere(paged: Any) -> None:
    policy = paged("127.0.0.1").get("/").headers["content-security-policy"]
    assert "https:" not in policy and "http:" not in policy and "*" not in policy
    assert "default-src 'self'" in policy and "object-src 'none'" in policy


def test_a_servers_own_access_log_tells_no_search_and_no_session() -> None:
    def line(address: str) -> str:
        record = logging.LogRecord("uvicorn.access", 20, "", 1, '%s - "%s %s HTTP/%s" %d', ("1.2.3.4:5", "GET", address, "1.1", 200), None)
        assert all(kept(record) for kept in logging.getLogger("uvicorn.access").filters if callable(kept))
        return record.getMessage()

    service()
    assert line("/v1/recommend/search?q=words") == '1.2.3.4:5 - "GET /v1/recommend/… HTTP/1.1" 200'
    assert line("/v1/sessions/s-secret") == '1.2.3.4:5 - "GET /v1/sessions/… HTTP/1.1" 200'
    assert line("/health?a=b") == '1.2.3.4:5 - "GET /health HTTP/1.1" 200' and '"GET / ' in line("/")
