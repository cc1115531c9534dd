"""The MCP server as an assistant meets it: a process of its own, driven by the SDK's client."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from subprocess import DEVNULL, Popen, run
from typing import Any

import pytest

mcp = pytest.importorskip("mcp", reason="the MCP SDK is an extra")
from mcp.client.stdio import StdioServerParameters  # noqa: E402

from chatrec.storage.database import Database  # noqa: E402

COMMAND = [sys.executable, "-m", "chatrec.cli.main", "mcp"]
OPENS_S = 120.0


@pytest.fixture(scope="module")
def shop(demo_copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(demo_copy, tmp_path_factory.mktemp("mcp") / "shop"))


def drive(shop: Path, work: Callable[[Any], Awaitable[None]]) -> None:
    """Starts the server, does the work, and ends it."""
    server = StdioServerParameters(command=COMMAND[0], args=[*COMMAND[1:], "--shop", str(shop)], env=dict(os.environ))

    async def session() -> None:
        async with mcp.Client(server, read_timeout_seconds=OPENS_S) as client:
            await work(client)

    asyncio.run(asyncio.wait_for(session(), 2 * OPENS_S))


def test_an_assistant_uses_every_tool_over_standard_input_and_output(shop: Path) -> None:
    async def work(client: Any) -> None:
        await check_what_is_offered(client)
        await check_reading(client)
        await check_errors(client)
        await check_feedback(client)
        await check_resources(client)

    drive(shop, work)
    with Database.open(shop) as database:
        history = database.events.history("anon:assistant-1", 5)
    assert [event.kind for event in history] == ["like"]


async def check_what_is_offered(client: Any) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"search", "recommend", "explain", "item", "feedback"}
    for name, tool in tools.items():
        assert tool.annotations.read_only_hint is (name != "feedback")
        assert tool.annotations.destructive_hint is False
        assert tool.annotations.open_world_hint is False
        assert tool.output_schema["type"] == "object"
        assert tool.description


async def check_reading(client: Any) -> None:
    found = await client.call_tool("search", {"query": "a tent under 300", "k": 3})
    assert not found.is_error
    items = found.structured_content["items"]
    assert len(items) == 3
    assert all(float(line["price"]) <= 300 for line in items)
    assert json.loads(found.content[0].text)["items"] == items
    narrowed = await client.call_tool("search", {"query": "a tent", "limits": {"max_price": 150, "in_stock": True}})
    assert all(float(line["price"]) <= 150 and line["stock"] > 0 for line in narrowed.structured_content["items"])
    first = items[0]["item_id"]
    record = (await client.call_tool("item", {"item_id": first})).structured_content
    assert record["title"] == items[0]["title"]
    assert record["facts"]
    why = (await client.call_tool("explain", {"item_id": first, "query": "a tent under 1"})).structured_content
    assert why["limits_broken"]
    assert why["place"] is None
    home = (await client.call_tool("recommend", {})).structured_content
    assert len(home["items"]) == 5
    assert all(line["why"] for line in home["items"])


async def check_errors(client: Any) -> None:
    for name, arguments, told in (
        ("item", {"item_id": "nothing"}, "no item 'nothing'"),
        ("search", {"query": "x", "limits": {"category": "tentz"}}, "tents"),
        ("recommend", {"placement": "item"}, "item_id"),
        ("search", {"query": "a tent", "k": 1000}, "k"),
        ("search", {"query": "x" * 501}, "query"),
        ("feedback", {"item_id": "nothing", "kind": "adores"}, "kind"),
    ):
        answer = await client.call_tool(name, arguments)
        assert answer.is_error, name
        assert told in answer.content[0].text
        assert "Traceback" not in answer.content[0].text


async def check_feedback(client: Any) -> None:
    item_id = (await client.call_tool("recommend", {"k": 1})).structured_content["items"][0]["item_id"]
    noted = await client.call_tool("feedback", {"item_id": item_id, "kind": "like", "session_id": "assistant-1"})
    assert noted.structured_content == {"session_id": "assistant-1", "item_id": item_id, "kind": "like"}
    own = await client.call_tool("feedback", {"item_id": item_id, "kind": "click"})
    assert own.structured_content["session_id"].startswith("mcp-")


async def check_resources(client: Any) -> None:
    offered = {str(resource.uri): resource for resource in (await client.list_resources()).resources}
    assert "shop://policies/returns" in offered
    about = json.loads((await client.read_resource("shop://about")).contents[0].text)
    assert "tents" in about["categories"]
    assert "returns" in about["policies"]
    assert "return" in (await client.read_resource("shop://policies/returns")).contents[0].text.lower()


def test_over_http_it_listens_on_this_machine_only(shop: Path) -> None:
    refused = run([*COMMAND, "--shop", str(shop), "--http", "--host", "0.0.0.0"], capture_output=True, text=True, timeout=OPENS_S)
    assert refused.returncode == 1
    assert "this machine only" in refused.stderr
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Popen([*COMMAND, "--shop", str(shop), "--http", "--port", str(port)], stdout=DEVNULL, stderr=DEVNULL)
    try:
        wait_for_port(port)

        async def ask() -> None:
            async with mcp.Client(f"http://127.0.0.1:{port}/mcp") as client:
                assert (await client.call_tool("search", {"query": "a tent", "k": 1})).structured_content["items"]

        asyncio.run(asyncio.wait_for(ask(), OPENS_S))
    finally:
        server.terminate()
        server.wait(30)


def wait_for_port(port: int) -> None:
    ends = time.monotonic() + OPENS_S
    while time.monotonic() < ends:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.3)
    raise AssertionError(f"nothing listens on port {port}")
