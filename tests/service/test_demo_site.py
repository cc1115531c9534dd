"""The example shop's pages: every record is shown as text, whatever it holds, and strangers from outside see no page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from chatrec.bot import ChatRec
from chatrec.catalog.ingest import ingest
from chatrec.catalog.sources import Sources
from chatrec.service.app import make_app
from chatrec.service.widget_routes import SCRIPT
from chatrec.testing.embedders import HashingEmbedder

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}{% raw %}'
IDS = ("lamp-1", 'lamp"><u>', "lamps/a?b#c", "..", "lamp 5 ü")
HERE = {"client": ("127.0.0.1", 50_000), "base_url": "http://127.0.0.1"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatRec]:
    """Five products, their texts hostile."""
    place = tmp_path_factory.mktemp("hostile")
    rows = [
        {
            "item_id": item_id, "title": f"Lamp {n} {HOSTILE}", "description": HOSTILE, "brand": HOSTILE, "category": 'lamps" onload="alert(5) {{7*7}}',
            "price": 10 + n, "stock": n, "rating": 4.5, "colour": HOSTILE, "url": "javascript:alert(3)", "image": 'x" onerror="alert(4)',
        }
        for n, item_id in enumerate(IDS)
    ]  # fmt: skip
    items = place / "items.jsonl"
    items.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    ingest(place / "shop", Sources(items=items), embedder=HashingEmbedder())
    settings = {"model": {"engine": "template"}, "shop": {"name": f"Shop {HOSTILE}"}}
    with ChatRec.open(place / "shop", settings=settings, embedder=HashingEmbedder()) as bot:
        yield bot


@pytest.fixture(scope="module")
def client(shop: ChatRec) -> TestClient:
    return TestClient(make_app(shop, page=False), **HERE)


class Page(HTMLParser):
    """What a browser would make of a page: scripts, attributes that act, links, and the text of its heading."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.wrong: list[str] = []
        self.heading, self._in_heading = "", False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self._in_heading = tag == "h1"
        if tag == "script" and not str(given.get("src", "")).startswith(("/shop/files/", "/widget/")):
            self.wrong.append(f"script {given}")
        self.wrong += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        self.wrong += [str(given[n]) for n in ("href", "src", "action") if n in given and not str(given[n]).startswith(("/", "?", "#"))]

    def handle_endtag(self, tag: str) -> None:
        self._in_heading = self._in_heading and tag != "h1"

    def handle_data(self, data: str) -> None:
        self.heading += data if self._in_heading else ""


def test_hostile_records_are_shown_as_text(client: TestClient, shop: ChatRec) -> None:
    category = shop.items()[0].category
    assert '" onload="' in category
    paths = ["/shop/", f"/shop/search?q={quote(HOSTILE)}", "/shop/cart", f"/shop/category/{quote(category, safe='')}"]
    titles = {item.item_id: item.title for item in shop.items()}
    for path in [*paths, *(f"/shop/item/{quote(item_id, safe='')}" for item_id in titles if item_id != "..")]:
        answer = client.get(path)
        page = Page(answer.text)
        assert answer.status_code == 200 and not page.wrong and page.tags.isdisjoint({"u", "iframe", "style"}), path
        assert "49" not in page.heading  # no template of a record is run
    for item_id in ("lamp-1", IDS[1], IDS[2]):
        assert Page(client.get(f"/shop/item/{quote(item_id, safe='')}").text).heading == titles[item_id]


def test_pages_have_a_strict_policy_and_no_inline_script(client: TestClient) -> None:
    policy = client.get("/shop/").headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy and "require-trusted-types-for 'script'" in policy
    picture = client.get("/shop/pictures/lamp-1.svg")
    assert picture.headers["content-type"] == "image/svg+xml" and "sandbox" in picture.headers["content-security-policy"]
    assert (
        "<script" not in picture.text
        and client.get("/shop/pictures/lamp-1.svg", headers={"If-None-Match": picture.headers["etag"]}).status_code == 304
    )


def test_what_there_is_not(client: TestClient) -> None:
    for path in (
        "/shop/item/none",
        "/shop/category/none",
        "/shop/pictures/none.svg",
        "/shop/files/base.html",
        "/shop/files/..%2f..%2fapp.py",
    ):
        assert client.get(path).status_code == 404, path
    assert client.get("/shop/category/lamps", params={"page": 0}).status_code == 422


def test_the_address_without_its_slash_leads_to_the_shop(client: TestClient) -> None:
    answer = client.get("/shop")
    assert answer.status_code == 200 and answer.url.path == "/shop/"


def test_strangers_see_no_page_unless_the_shop_is_open(shop: ChatRec) -> None:
    serve = shop.settings.serve.model_copy(update={"open": True})
    closed, opened = make_app(shop, page=False), make_app(shop, shop.settings.model_copy(update={"serve": serve}), page=False)
    stranger = {"client": ("203.0.113.5", 50_000), "base_url": "https://shop.example"}
    assert TestClient(closed, **stranger).get("/shop/").status_code == 403
    assert TestClient(closed, **stranger).post("/shop/token", json={}).status_code == 403
    assert TestClient(opened, **stranger).get("/shop/").status_code == 200
    assert TestClient(opened, **stranger).post("/shop/token", json={}).json() == {"token": ""}


def test_a_token_goes_on_with_the_same_conversation(shop: ChatRec) -> None:
    client = TestClient(make_app(shop, page=False), **HERE)
    key, _ = shop.database.api_keys.create("web shop", ("users",))
    try:
        first = client.post("/shop/token", json={}).json()
        again = client.post("/shop/token", json={"session_id": first["session_id"]}).json()
        assert again["session_id"] == first["session_id"]
        answer = client.post("/v1/chat", json={"message": "a lamp"}, headers={"Authorization": f"Bearer {again['token']}"})
        assert answer.json()["session_id"] == first["session_id"]
        assert client.post("/shop/token", json={"session_id": "mine"}).status_code == 403  # an id that could be guessed
    finally:
        shop.database.api_keys.revoke(key.key_id)


def test_the_script_is_there_for_every_page(client: TestClient) -> None:
    answer = client.get(SCRIPT)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*" and answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "max-age" in answer.headers["cache-control"]
    assert client.get(SCRIPT, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    script = (Path(__file__).parents[2] / "chatrec/service/static/chatrec-widget.js").read_text(encoding="utf-8")
    assert script == answer.text
    assert not [
        word
        for word in ("innerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", ".cookie", "localStorage")
        if word in script
    ]
