"""``chatrec serve`` in a process of its own over a copy of a shop, and what the system says of that process (Linux: proc(5))."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import httpx

from chatrec.evaluation.shopper_lines import dialogues
from chatrec.evaluation.simulator.preparing import copy_shop
from chatrec.storage.database import FILE, Database

STARTS_WITHIN_S = 600.0
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_KIB_A_MIB = 1024
_BYTES_A_MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Served:
    """A service that is ready: where it answers, its process, and the copy of the shop that it serves."""

    address: str
    process_id: int
    shop: Path


@dataclass(frozen=True, slots=True)
class Holding:
    """What a process holds at one moment. ``anonymous_mib`` is the part of ``rss_mib`` that no file can be read again for."""

    rss_mib: float
    anonymous_mib: float
    threads: int
    descriptors: int
    database_mib: float


@contextmanager
def serving(folder: Path, engine: str) -> Iterator[Served]:
    """``chatrec serve`` over a copy of the shop, ready. Rate limits are off, since all chats come from one address."""
    work = Path(tempfile.mkdtemp(prefix="chatrec-load-"))
    shop = copy_shop(folder, work / "shop")
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    unlimited = {f"CHATREC_SERVE__RATE_{name}": "" for name in ("ADDRESS", "KEY", "SESSION")}
    command = [sys.executable, "-m", "chatrec.cli.main", "serve", "--shop", str(shop), "--engine", engine, "--port", str(port)]
    with (work / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **unlimited}, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_ready(address, process, work / "log.txt")
            yield Served(address, process.pid, shop)
        finally:
            process.terminate()
            process.wait(60)
            shutil.rmtree(work, ignore_errors=True)


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < ends and process.poll() is None:
        try:
            if httpx.get(f"{address}/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"chatrec serve was not ready within {STARTS_WITHIN_S:g} s: {log.read_text(encoding='utf-8')[-500:]}")


def lines_of(folder: Path, n: int, seed: int) -> list[str]:
    """``n`` shoppers' messages about this shop."""
    with Database.open(folder, create=False) as database:
        items = database.items.all()
    return list(islice(chain.from_iterable(dialogues(list(items), 2 * n, seed)), n))


def processor_seconds(process_id: int) -> float:
    """Processor time that a process has used, user and system."""
    spent = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(spent[11]) + int(spent[12])) / CLOCK_TICKS


def holding(served: Served) -> Holding:
    """Memory, threads and open descriptors of the serving process, and the size of its database with the journal."""
    process = Path(f"/proc/{served.process_id}")
    status = dict(line.split(":", 1) for line in (process / "status").read_text(encoding="utf-8").splitlines())

    def mib(name: str) -> float:
        return int(status[name].split()[0]) / _KIB_A_MIB

    stored = sum(path.stat().st_size for path in served.shop.glob(f"{FILE}*"))
    descriptors = sum(1 for _ in (process / "fd").iterdir())
    return Holding(mib("VmRSS"), mib("RssAnon"), int(status["Threads"]), descriptors, stored / _BYTES_A_MIB)
