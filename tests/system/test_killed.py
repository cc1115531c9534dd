"""``chatrec ingest`` and ``chatrec train`` killed at random moments, beside a shop that goes on serving."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations

from .shop import COLUMNS, TEMPLATE, environment, product_rows, python, say, write_table

ROUNDS = 3
# Only prices change from round to round: every text is embedded already, so that a round spends its time in what may be torn.
FACTOR = {"old": Decimal(1), "new": Decimal(2)}


@pytest.fixture
def serving(by_command: Path, tmp_path: Path) -> Iterator[ChatRec]:
    """The shop that ``chatrec ingest`` made, opened with the built-in embedder."""
    shop = Path(shutil.copytree(by_command / "shop", tmp_path / "shop"))
    with ChatRec.open(shop, settings=TEMPLATE) as bot:
        yield bot


def priced(folder: Path, name: str) -> Path:
    """The products at their prices times a factor."""
    rows = [{**row, "price": str(Decimal(row["price"]) * FACTOR[name]) if row.get("price") else ""} for row in product_rows()]
    return write_table(folder / f"{name}.csv", COLUMNS, rows)


def chatrec(*arguments: str) -> list[str]:
    return python("-m", "chatrec.cli.main", *arguments)


def run_whole(command: list[str]) -> float:
    """Seconds that the command takes when nobody kills it."""
    start = time.perf_counter()
    subprocess.run(command, env=environment(), check=True, capture_output=True, timeout=200)
    return time.perf_counter() - start


def kill_after(command: list[str], seconds: float) -> bool:
    """Starts the command and kills it (with its children) after this long; whether it was still running then."""
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as victim:
        try:
            victim.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(victim.pid, signal.SIGKILL)
            return True
    return False


def prices_of(shop: Path) -> str:
    """``old`` or ``new``, where every row of the catalogue agrees."""
    wanted = {row["item_id"]: Decimal(row["price"]) for row in product_rows() if not row.get("variant_of")}
    with Database.open(shop, create=False) as database:
        items = database.items.all()
        assert (len(items), database.events.count() >= 240, database.orders.count(), len(database.users.all())) == (40, True, 2, 12)
    (name,) = {name for item in items for name, factor in FACTOR.items() if item.price == wanted[item.item_id] * factor}
    assert all(item.price == wanted[item.item_id] * FACTOR[name] for item in items)
    return name


def stands(bot: ChatRec, session_id: str) -> None:
    """The running shop answers, at the prices of its rows, and the folder is whole."""
    current = Generations(bot.folder).current()
    assert current is not None and current.damage() == []
    now = prices_of(bot.folder)
    turn = say(bot, session_id, "a kettle")
    assert turn.done.receipt.generation == current.number
    assert not any("catalogue" in line for line in turn.done.receipt.degraded)
    for card in turn.cards:
        wanted = next(Decimal(row["price"]) for row in product_rows() if row["item_id"] == card.item_id)
        assert card.price == wanted * FACTOR[now]


def test_ingest_killed_at_random_moments(serving: ChatRec, tmp_path: Path) -> None:
    files = {name: str(priced(tmp_path, name)) for name in FACTOR}
    rng = random.Random(2)
    whole = run_whole(chatrec("ingest", "--shop", str(serving.folder), "--items", files["old"]))
    stands(serving, "first")
    killed = 0
    for n in range(ROUNDS):
        # Importing takes the first part of the time; the moments that can tear something are in the second.
        moment = whole * rng.uniform(0.35, 1.0)
        killed += kill_after(chatrec("ingest", "--shop", str(serving.folder), "--items", files[("new", "old")[n % 2]]), moment)
        stands(serving, f"round-{n}")
    assert killed >= 1, "no round was killed: the machine is faster at the second time"
    run_whole(chatrec("ingest", "--shop", str(serving.folder), "--items", files["new"]))
    assert prices_of(serving.folder) == "new"
    stands(serving, "last")
    assert not list(serving.folder.glob("generations/.draft-*"))


def test_train_killed_at_random_moments(serving: ChatRec) -> None:
    rng = random.Random(4)
    command = chatrec("train", "--shop", str(serving.folder))
    whole = run_whole(command)
    stands(serving, "first")
    killed = 0
    for n in range(ROUNDS):
        killed += kill_after(command, whole * rng.uniform(0.35, 1.0))
        stands(serving, f"round-{n}")
    assert killed >= 1, "no round was killed: the machine is faster at the second time"
    run_whole(command)
    stands(serving, "last")
    turn = say(serving, "trained", "a kettle", "u1")
    assert turn.done.receipt.degraded == []
    assert not list(serving.folder.glob("generations/.draft-*"))
