"""Run as a program: shoppers' processes are started and killed with SIGKILL, one after another, on one shop.

``python killing.py SHOP KILLS SEED`` prints one JSON object: ``acknowledged``, what each process said was done before it died, and
``how`` each died ("in a write", "at a random moment"). Processes are forked from one that has loaded the code, so that fifty deaths take
no longer than the dying.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import sys
import threading
import time
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

LINES = (
    "a kettle under 60", "not Corrow", "cheaper", "show me more", "a teapot for six", "the second one please", "why the first?",
    "compare the first two", "do you ship to Malta?", "something lighter", "undo that",
)  # fmt: skip
SESSIONS = 4
# Before the first fork; none of them starts a thread.
LOADED = (
    "chatrec.bot", "chatrec.wiring", "chatrec.serving", "chatrec.replying", "chatrec.placements", "chatrec.testing.embedders",
    "chatrec.understanding.understander", "chatrec.generation.writer", "chatrec.generation.template", "chatrec.knowledge.item_answers",
    "chatrec.knowledge.policies", "chatrec.actions", "langchain_chroma", "chromadb",
)  # fmt: skip
MOST_STATEMENTS, MOST_SECONDS = 60, 1.2


def shopper(shop: str, seed: int, say: int, *, in_a_write: bool) -> None:
    """Chats and judges without end; ``say`` is the file descriptor on which each thing done is acknowledged."""
    from sqlalchemy import event

    from chatrec.bot import ChatRec
    from chatrec.testing.embedders import HashingEmbedder

    rng = random.Random(seed)
    settings = {"model": {"engine": "template"}, "serve": {"workers": 2}}
    bot = ChatRec.open(shop, settings=settings, embedder=HashingEmbedder())
    items = [item.item_id for item in bot.items()]
    if in_a_write:
        left = rng.randrange(1, MOST_STATEMENTS)

        def count(*_: Any) -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

        engine = bot.database._connections._writer  # of the writing side alone
        event.listen(engine, "after_cursor_execute", count)
        event.listen(engine, "commit", count)
    os.write(say, b'{"ready": true}\n')
    while True:
        session_id = f"s{rng.randrange(SESSIONS)}"
        told: dict[str, Any] = {"session_id": session_id}
        if rng.random() < 0.6:
            done: Any = list(bot.reply(session_id, rng.choice(LINES)))[-1]
            shown = [row["item_id"] for row in done.receipt.shown]
            told |= {"turn_id": done.receipt.turn_id, "turn": done.receipt.turn, "shown": shown}
        else:
            told |= {"item_id": rng.choice(items), "kind": rng.choice(("like", "dislike", "click"))}
            bot.feedback(session_id, told["item_id"], told["kind"])
        os.write(say, json.dumps(told).encode() + b"\n")


def one_life(shop: str, seed: int) -> tuple[list[dict[str, Any]], str]:
    """Starts a process and sees it die; gives what it acknowledged and how it died."""
    rng, (hear, say), in_a_write = random.Random(seed), os.pipe(), seed % 2 == 0
    pid = os.fork()
    if pid == 0:
        os.close(hear)
        try:
            shopper(shop, seed, say, in_a_write=in_a_write)
        except BaseException as error:
            os.write(say, json.dumps({"failed": f"{type(error).__name__}: {error}"}).encode()[:4000] + b"\n")
        os._exit(1)
    os.close(say)
    with os.fdopen(hear, encoding="utf-8") as lines:
        told = [json.loads(lines.readline())]
        if not in_a_write:
            threading.Timer(rng.uniform(0.0, MOST_SECONDS), os.kill, (pid, signal.SIGKILL)).start()
        told += [json.loads(line) for line in lines if line.endswith("\n")]
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status):
        told.append({"failed": f"it ended by itself with {os.waitstatus_to_exitcode(status)}"})
    return told, "in a write" if in_a_write else "at a random moment"


def integrity(shop: str) -> str:
    """What SQLite says of the file."""
    with closing(sqlite3.connect(Path(shop) / "shop.db", timeout=30)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def main(shop: str, kills: int, seed: int) -> None:
    """Lives and deaths, and what became of the file each time."""
    for name in LOADED:
        import_module(name)
    acknowledged, how, whole = [], [], []
    start = time.perf_counter()
    for n in range(kills):
        told, death = one_life(shop, seed + n)
        acknowledged += [{**one, "life": n} for one in told if "ready" not in one]
        how.append(death)
        whole.append(integrity(shop))
    print(json.dumps({"acknowledged": acknowledged, "how": how, "integrity": whole, "seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
