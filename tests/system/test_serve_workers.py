"""``chatrec serve --workers 2`` for real: any worker takes any turn, and one that is killed costs at most the turn under way."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from chatrec.storage.database import Database

from .shop import environment, python

MOST_START_S = 280.0


@dataclass(frozen=True)
class Served:
    """The running service: its address, its shop, and the process that watches over the workers."""

    url: str
    shop: Path
    process: subprocess.Popen[bytes]

    def chat(self, session_id: str, message: str) -> httpx.Response:
        return httpx.post(f"{self.url}/v1/chat", json={"session_id": session_id, "message": message}, timeout=120)

    def workers(self) -> list[int]:
        """The workers: its children, as multiprocessing starts them."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                told = (stat.parent / "cmdline").read_bytes()
            except OSError:
                continue
            if int(fields[1]) == self.process.pid and b"spawn_main" in told and fields[0] not in "ZX":
                found.append(int(stat.parent.name))
        return sorted(found)


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + MOST_START_S
    while time.monotonic() < until:
        assert process.poll() is None, "the service ended by itself"
        try:
            if httpx.get(f"{url}/ready", timeout=20).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise AssertionError("the service did not become ready")


@pytest.fixture(scope="module")
def served(by_command: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("served")
    shop = Path(shutil.copytree(by_command / "shop", place / "shop"))
    with closing(socket.socket()) as tried:
        tried.bind(("127.0.0.1", 0))
        port = tried.getsockname()[1]
    command = python("-m", "chatrec.cli.main", "serve", "--shop", str(shop), "--port", str(port), "--workers", "2", "--engine", "template")
    with (place / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log, env=environment()) as process:
        try:
            wait_until_ready(f"http://127.0.0.1:{port}", process)
            yield Served(f"http://127.0.0.1:{port}", shop, process)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    assert not list(shop.glob(".staging-*")), "a worker that ends takes its copy along"


def both_up(served: Served, without: int = 0) -> list[int]:
    """Both workers, each with its index, once both are up."""
    until = time.monotonic() + MOST_START_S
    while time.monotonic() < until:
        found = served.workers()
        if len(found) == 2 and without not in found and len(list(served.shop.glob(".staging-*/chroma"))) >= 1:
            return found
        time.sleep(0.5)
    raise AssertionError("there were never two workers")


def turns(session_id: str, answers: list[dict[str, Any]]) -> list[int]:
    """The number of each turn: its id holds it."""
    return sorted(int(a["turn_id"].removeprefix(f"{session_id}.").split(".")[0]) for a in answers)


@pytest.mark.timeout(900)
def test_two_workers_take_turns_and_one_may_die(served: Served) -> None:
    first = both_up(served)
    lines = ["a kettle under 60", "not Corrow", "cheaper", "show me more", "a teapot", "something lighter"]
    with ThreadPoolExecutor(8) as pool:
        asked = [(s, pool.submit(served.chat, s, line)) for line in lines for s in ("one", "two")]
        answers = [(s, a.result()) for s, a in asked]
    assert [a.status_code for _, a in answers] == [200] * 12
    for session_id in ("one", "two"):
        assert turns(session_id, [a.json() for s, a in answers if s == session_id]) == list(range(1, 7))
    os.kill(first[0], signal.SIGKILL)
    until = time.monotonic() + MOST_START_S
    while True:  # whoever was on the line of the dead may try again
        try:
            answer = served.chat("one", "what do you have in stock?")
            assert answer.status_code == 200
            break
        except httpx.TransportError:
            assert time.monotonic() < until
    second = both_up(served, without=first[0])
    assert first[1] in second, "a new worker took the place of the dead, and the other went on"
    again = [served.chat("two", "a mug").json() for _ in range(4)]
    assert turns("two", again) == [7, 8, 9, 10]
    with Database.open(served.shop, create=False) as database:
        for session_id in ("one", "two"):
            kept = sorted(r.turn for r in database.receipts.of_session(session_id))
            assert kept == list(range(1, len(kept) + 1)) and len(kept) == database.sessions().load(session_id).turn
