"""What docs/embedding.md promises: the shop in one file works as it stands there, and no attribute, event or variable is missing."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from chatrec.bot import ChatRec
from chatrec.catalog.ingest import ingest
from chatrec.catalog.sources import Sources
from chatrec.service.app import make_app
from chatrec.service.listen import listening
from chatrec.testing.embedders import HashingEmbedder

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
SCRIPT = (ROOT / "chatrec" / "service" / "static" / "chatrec-widget.js").read_text(encoding="utf-8")


def test_the_shop_in_one_file_hands_out_tokens_that_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items = tmp_path / "items.csv"
    items.write_text("item_id,title,category,price\nl1,Brass desk lamp,lamps,79.50\nl2,Clip lamp,lamps,24.00\n", encoding="utf-8")
    ingest(tmp_path / "shop", Sources(items=items), embedder=HashingEmbedder())
    code = next(block for block in re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL) if "chat-token" in block)
    (tmp_path / "shop.py").write_text(code, encoding="utf-8")
    with ChatRec.open(tmp_path / "shop", settings={"model": {"engine": "template"}}, embedder=HashingEmbedder()) as bot:
        _, key = bot.database.api_keys.create("web shop", ("users", "chat", "recommend"))
        (tmp_path / "chatrec.key").write_text(f"{key}\n", encoding="utf-8")
        with listening(make_app(bot, page=False)) as address:
            monkeypatch.setenv("CHATREC_URL", address)
            monkeypatch.chdir(tmp_path)
            shop = TestClient(runpy.run_path(str(tmp_path / "shop.py"))["app"])
            assert f'data-chatrec="{address}"' in shop.get("/").text
            first = shop.post("/chat-token", json={"session_id": None}).json()
            again = shop.post("/chat-token", json={"session_id": first["session_id"]}).json()
            service = TestClient(make_app(bot, page=False), client=("203.0.113.5", 50_000))
            answer = service.post("/v1/chat", json={"message": "a lamp"}, headers={"Authorization": f"Bearer {again['token']}"})
            assert answer.status_code == 200 and answer.json()["session_id"] == first["session_id"] == again["session_id"]
            assert service.post("/v1/chat", json={"message": "a lamp"}).status_code == 401


def test_attributes_events_and_variables_are_all_told() -> None:
    listed = re.search(r"const OPTIONS = \[(.*?)\]", SCRIPT)
    assert listed
    attributes = {"data-" + re.sub(r"[A-Z]", lambda m: f"-{m[0].lower()}", name) for name in re.findall(r"'(\w+)'", listed[1])}
    assert attributes == set(re.findall(r"`(data-[a-z-]+)`", DOCS))
    events = set(re.findall(r"'(chatrec:[a-z-]+)'", SCRIPT))
    assert events == set(re.findall(r"`(chatrec:[a-z-]+)`", DOCS))
    variables = {name.removesuffix("-dark") for name in re.findall(r"var\((--chatrec-[a-z-]+)", SCRIPT)}
    assert variables == {name.removesuffix("-dark") for name in re.findall(r"--chatrec-[a-z-]+", DOCS)}
