"""An engine in a process of its own: one JSON line with a prompt in, one with times and text out.

``python -m benchmarks.decode_process ENGINE THREADS`` serves one of chatrec's engines.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from chatrec.errors import ChatrecError

READY_S = 300.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One prompt answered: seconds to the first text, then ``tokens`` in ``rest_s`` seconds more."""

    first_s: float
    rest_s: float
    tokens: int
    text: str

    @property
    def tokens_per_s(self) -> float:
        """Of the tokens after the first."""
        return self.tokens / self.rest_s if self.rest_s > 0.0 else 0.0


class EngineLost(ChatrecError):
    """A measured engine's process ended."""


class Worker:
    """A running engine, entered before it is asked; it ends when it is left."""

    def __init__(self, command: Sequence[str], threads: int) -> None:
        self._command = list(command)
        self._environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "PYTHONWARNINGS": "ignore"}
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Worker:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=self._environment
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.communicate(timeout=30.0)

    def ask(self, prompt: str, max_tokens: int) -> Answer:
        """One prompt. Raises :class:`EngineLost` where the process ended."""
        assert self._process is not None and self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"prompt": prompt, "max_tokens": max_tokens}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise EngineLost(f"the engine of '{' '.join(self._command[-3:])}' ended; start that command by hand to see why")
        return Answer(**json.loads(line))


def answer(generator: Any, prompt: str, max_tokens: int) -> dict[str, Any]:
    """One prompt through one of chatrec's engines, timed."""
    start = time.perf_counter()
    chunks = generator.generate(prompt, max_tokens=max_tokens)
    texts = [next(chunks, "")]
    first, before = time.perf_counter(), generator.tokens_done
    texts += list(chunks)
    return {
        "first_s": first - start,
        "rest_s": time.perf_counter() - first,
        "tokens": generator.tokens_done - before,
        "text": "".join(texts),
    }


def main() -> None:
    """Serve until the input ends."""
    from chatrec.cli.screen import quiet_libraries
    from chatrec.generation.engines import make_generator
    from chatrec.settings import ModelSettings

    quiet_libraries()
    generator = make_generator(ModelSettings(engine=sys.argv[1], threads=int(sys.argv[2])))
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(answer(generator, asked["prompt"], asked["max_tokens"])), flush=True)


if __name__ == "__main__":
    main()
