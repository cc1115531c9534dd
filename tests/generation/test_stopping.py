"""A reply that nobody reads any more: the model is closed within a token, a silent one is not waited for."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from chatrec.domain.stopping import Stop, is_stop_asked, stoppable
from chatrec.generation.gate import SentenceGate
from chatrec.generation.prompts import PromptLibrary
from chatrec.generation.template import TemplateWriter
from chatrec.generation.writer import GroundedWriter
from chatrec.resources import prompts_folder

sys.path.insert(0, str(Path(__file__).parent))
from gate_worlds import BAGS

SOON_S = 10.0


class Model:
    """Says one word after another without an end to any sentence, or nothing at all."""

    name = "model"

    def __init__(self, silent: bool = False) -> None:
        self.said = 0
        self.talks, self.closed, self.free = threading.Event(), threading.Event(), threading.Event()
        self._silent = silent

    def generate(self, prompt: str, **more: object) -> Iterator[str]:
        try:
            if self._silent:
                self.talks.set()
                self.free.wait(SOON_S)
            while True:
                self.said += 1
                if self.said > 5:
                    self.talks.set()
                time.sleep(0.005)
                yield "and "
        finally:
            self.closed.set()


def stopped(model: Model) -> tuple[float, int]:
    """How long a writer goes on after it was told to stop, in seconds, and how many words the model had said when it was."""
    gate = SentenceGate()
    writer, stop, ended = GroundedWriter(model, gate, PromptLibrary(prompts_folder()), TemplateWriter(gate)), Stop(), threading.Event()

    def write() -> None:
        with stoppable(stop):
            list(writer.write(BAGS))
        ended.set()

    threading.Thread(target=write, daemon=True).start()
    assert model.talks.wait(SOON_S)
    stop.set()
    since, said = time.monotonic(), model.said
    assert ended.wait(SOON_S)
    return time.monotonic() - since, said


def test_a_model_that_talks_is_closed_within_a_token() -> None:
    model = Model()
    took_s, said = stopped(model)
    assert model.closed.wait(SOON_S) and took_s < 5.0
    assert model.said <= said + 4  # two words ahead of the reader, the one that is being read, the one that is being said


def test_a_model_that_is_silent_is_not_waited_for() -> None:
    model = Model(silent=True)
    assert stopped(model)[0] < 5.0
    model.free.set()
    assert model.closed.wait(SOON_S) and model.said == 1


def test_nothing_is_to_stop_where_nobody_said_so() -> None:
    assert not is_stop_asked()
    stop = Stop()
    with stoppable(stop):
        assert not is_stop_asked()
        stop.set()
        assert is_stop_asked()
    assert not is_stop_asked()
