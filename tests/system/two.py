"""A process of its own that serves a shop, told what to do line by line."""

from __future__ import annotations

import contextlib
import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

from .shop import environment, python

CHILD = """
import json, sys, time
from chatrec import ChatRec
from chatrec.errors import ChatrecError
from chatrec.testing.embedders import HashingEmbedder

bot = ChatRec.open(sys.argv[1], settings=json.loads(sys.argv[2]), embedder=HashingEmbedder())
print(json.dumps({"open": bot.about()["generation"]}), flush=True)
half = []
for line in sys.stdin:
    told = json.loads(line)
    do, answer = told.pop("do"), {}
    try:
        if do == "say":
            done = list(bot.reply(told["session_id"], told["message"]))[-1]
            answer = {"turn": done.receipt.turn, "turn_id": done.receipt.turn_id, "generation": done.receipt.generation}
            answer["shown"] = [row["item_id"] for row in done.receipt.shown]
        elif do == "chat":
            turns = [list(bot.reply(told["session_id"], f"a kettle under {50 + n}"))[-1].receipt.turn for n in range(told["n"])]
            answer = {"turns": turns}
        elif do == "half":
            events = bot.reply(told["session_id"], told["message"])
            half.append((next(events), events))
        elif do == "like":
            bot.feedback(told["session_id"], told["item_id"], "like")
        elif do == "home":
            answer = {"home": [c.item_id for c in bot.recommend("home").cards]}
        elif do == "close":
            bot.close()
    except ChatrecError as error:
        answer = {"error": type(error).__name__, "message": str(error)}
    print(json.dumps(answer), flush=True)
"""
SEVERAL = {"model": {"engine": "template"}, "serve": {"workers": 2}}


class Worker:
    """Another process that serves the shop beside this one."""

    def __init__(self, shop: Path, **environ: str) -> None:
        self.process = subprocess.Popen(
            python("-c", CHILD, str(shop), json.dumps(SEVERAL)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(**environ),
        )  # fmt: skip

    def opened(self) -> Worker:
        """Waits until it serves."""
        assert "open" in self.answer()
        return self

    def tell(self, do: str, **more: Any) -> None:
        """Starts something; :meth:`answer` gives what came of it."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """The next line that it says; raises ``EOFError`` where it died."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line.endswith("\n"):
            raise EOFError("the process is gone")
        told = json.loads(line)
        assert isinstance(told, dict)
        return told

    def do(self, do: str, **more: Any) -> dict[str, Any]:
        """Does something and waits for it."""
        self.tell(do, **more)
        return self.answer()

    def kill(self) -> None:
        """SIGKILL, and waits for it."""
        self.process.kill()
        self.process.wait(30)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self.process.stdin and self.process.stdout
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process.stdout.close()
