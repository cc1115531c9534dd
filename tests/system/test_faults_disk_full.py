"""The shop's disk fills up under a service at work: plain errors, nothing half kept, nothing acknowledged lost, and it goes on by itself."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from chatrec.domain.event import EventKind
from chatrec.storage.database import Database

from .shop import environment, python
from .small_disk import SmallDisk, small_disk
from .test_serve_workers import wait_until_ready

# Room for the shop's files, what the service prepares beside them, and some hundred turns.
MEBIBYTES = 24
MOST_S = 240
LINES = ("a kettle under 60", "not Corrow", "cheaper", "show me more", "a teapot for six", "why the first?", "do you ship to Malta?")


@dataclass
class OnSmallDisk:
    """A running service whose shop lies on a small disk, and what it said was done."""

    url: str
    shop: Path
    disk: SmallDisk
    process: subprocess.Popen[bytes]
    log: Path
    turns: list[tuple[str, str]] = field(default_factory=list)
    judged: list[tuple[str, str]] = field(default_factory=list)
    asked: int = 0

    def chat(self, session_id: str) -> httpx.Response:
        """A turn; one that is answered was acknowledged."""
        self.asked += 1
        said = {"session_id": session_id, "message": LINES[self.asked % len(LINES)]}
        answer = httpx.post(f"{self.url}/v1/chat", json=said, timeout=MOST_S)
        if answer.status_code == 200:
            self.turns.append((session_id, answer.json()["turn_id"]))
        return answer

    def like(self, session_id: str, item_id: str) -> httpx.Response:
        """A judgement; one that is answered was acknowledged."""
        told = {"session_id": session_id, "item_id": item_id, "kind": "like"}
        answer = httpx.post(f"{self.url}/v1/feedback", json=told, timeout=MOST_S)
        if answer.status_code == 200:
            self.judged.append((session_id, item_id))
        return answer

    def streamed(self, session_id: str) -> list[tuple[str, Any]]:
        """The events of a streamed turn."""
        said = {"session_id": session_id, "message": "a kettle", "stream": True}
        told = httpx.post(f"{self.url}/v1/chat", json=said, timeout=MOST_S).text
        blocks = [block.split("\n") for block in told.split("\n\n") if block.startswith("event: ")]
        return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]

    def descriptors(self) -> int:
        """Files that the service has open."""
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())


@pytest.fixture(scope="module")
def served(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnSmallDisk]:
    place = tmp_path_factory.mktemp("full")
    with small_disk(place / "disk", MEBIBYTES) as disk:
        shop = Path(shutil.copytree(built / "shop", disk.place / "shop"))
        with closing(socket.socket()) as tried:
            tried.bind(("127.0.0.1", 0))
            port = tried.getsockname()[1]
        command = python(str(Path(__file__).with_name("serving.py")), str(shop), str(port))
        patient = {f"CHATREC_SERVE__RATE_{name}": "" for name in ("ADDRESS", "KEY", "SESSION")} | {
            "CHATREC_SERVE__TURN_BUDGET_S": f"{MOST_S}"
        }
        log = place / "log"
        with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file, env=environment(**patient)) as process:
            try:
                wait_until_ready(f"http://127.0.0.1:{port}", process)
                yield OnSmallDisk(f"http://127.0.0.1:{port}", shop, disk, process, log)
            finally:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise


def is_full(answer: httpx.Response) -> bool:
    """The error that is promised, with a time to wait."""
    return answer.status_code == 503 and answer.json()["error"]["code"] == "storage_full" and int(answer.headers["Retry-After"]) > 0


def kept(served: OnSmallDisk) -> None:
    """All that was acknowledged is there, turns are whole, and the file is sound."""
    with closing(sqlite3.connect(served.shop / "shop.db", timeout=30)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    with Database.open(served.shop, create=False) as database:
        for session_id in {session_id for session_id, _ in served.turns}:
            receipts = database.receipts.of_session(session_id)
            assert {turn_id for s, turn_id in served.turns if s == session_id} == {r.turn_id for r in receipts}
            assert sorted(r.turn for r in receipts) == list(range(1, database.sessions().load(session_id).turn + 1))
            log = database.events.history(f"anon:{session_id}", 100_000, [EventKind.SHOWN])
            assert len(log) == sum(len(r.shown) for r in receipts), "shown events belong to kept turns"
        for session_id, item_id in served.judged:
            assert item_id in database.sessions().load(session_id).liked


@pytest.mark.timeout(900)
def test_a_full_disk_is_a_plain_error_and_passes(served: OnSmallDisk) -> None:
    shown = served.chat("one").json()["cards"][0]["cards"][0]["item_id"]
    assert served.like("one", shown).status_code == 200
    served.disk.fill()
    before = served.descriptors()
    for _ in range(10):
        assert is_full(served.chat("one")) and is_full(served.chat("new")) and is_full(served.like("one", shown))
    events = served.streamed("one")
    assert events[-1][0] == "error" and events[-1][1]["error"]["code"] == "storage_full"
    said = {"model": "chatrec", "messages": [{"role": "user", "content": "a kettle"}]}
    assert httpx.post(f"{served.url}/v1/chat/completions", json=said, timeout=MOST_S).status_code == 503
    assert is_full(httpx.post(f"{served.url}/v1/forget", json={"session_id": "one"}, timeout=MOST_S)), "what is not erased is not called so"
    # what writes nothing is answered
    for path in ("/health", "/ready", "/v1/recommend/home", f"/v1/items/{shown}", "/v1/sessions/one"):
        assert httpx.get(f"{served.url}{path}", timeout=MOST_S).status_code == 200, path
    assert served.descriptors() <= before + 8, "what fails leaves nothing open"
    kept(served)
    served.disk.free()
    assert [served.chat(s).status_code for s in ("one", "new", "one")] == [200] * 3
    assert served.like("one", shown).status_code == 200
    assert served.process.poll() is None
    kept(served)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("left", [4096, 40_000, 150_000])
def test_a_disk_that_fills_while_shoppers_write_loses_nothing_acknowledged(served: OnSmallDisk, left: int) -> None:
    served.disk.fill(left)
    sessions, refused = [f"{left}-{n}" for n in range(3)], 0
    for n in range(200):
        answer = served.chat(sessions[n % 3])
        assert answer.status_code == 200 or is_full(answer)
        refused += answer.status_code != 200
        if refused == 5:
            break
    assert refused == 5
    kept(served)
    served.disk.free()
    assert [served.chat(s).status_code for s in sessions] == [200] * 3
    kept(served)
    assert "Traceback" not in served.log.read_text(encoding="utf-8", errors="replace")
