"""The time limit holds while the engine is silent, and nothing else changes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from chatrec.domain.facts import DroppedSentence, Evidence, EvidenceItem, Fact, FactKind, Sentence
from chatrec.errors import GeneratorFailed
from chatrec.generation.gate import SentenceGate
from chatrec.generation.openai_engine import OpenAIGenerator
from chatrec.generation.prompts import PromptLibrary
from chatrec.generation.template import TemplateWriter
from chatrec.generation.watchdog import within_budget
from chatrec.generation.writer import GroundedWriter
from chatrec.resources import prompts_folder

EVIDENCE = Evidence(
    "recommend",
    "a light tent",
    items=(
        EvidenceItem(
            1, "Larkfield Duo", "$120.00", (Fact(FactKind.TYPE, "type", "tent"), Fact(FactKind.ATTRIBUTE, "weight", "weight 1200 g"))
        ),
    ),
)


@pytest.fixture
def silent_url() -> Iterator[str]:
    """A server that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for connection in held:
            connection.close()


def test_a_server_that_never_answers_leaves_the_reply_to_the_template(silent_url: str) -> None:
    gate = SentenceGate()
    engine = OpenAIGenerator(silent_url, "m", silence_s=30.0)
    writer = GroundedWriter(engine, gate, PromptLibrary(prompts_folder()), TemplateWriter(gate), time_budget_s=0.3)
    start = time.monotonic()
    said = list(writer.write(EVIDENCE))
    assert time.monotonic() - start < 10.0  # far below the 30 s after which the connection itself would give up
    sentences = [s for s in said if isinstance(s, Sentence)]
    assert sentences == list(TemplateWriter(gate).write(EVIDENCE))
    marks = [d.reason for d in said if isinstance(d, DroppedSentence) and not d.text]
    assert marks == ["language model: its time budget of 0.3 s was spent, the template writer finished the reply"]


def test_chunks_come_in_order_and_end() -> None:
    assert list(within_budget(lambda: iter(["a", "b", "c"]), 5.0)) == ["a", "b", "c"]
    assert list(within_budget(lambda: iter(()), 5.0)) == []


def test_an_error_is_raised_behind_the_text_before_it() -> None:
    def failing() -> Iterator[str]:
        yield "a"
        raise GeneratorFailed("gone")

    chunks = within_budget(failing, 5.0)
    assert next(chunks) == "a"
    with pytest.raises(GeneratorFailed, match="gone"):
        next(chunks)


def test_an_engine_that_cannot_even_start_is_heard() -> None:
    def broken() -> Iterator[str]:
        raise GeneratorFailed("no weights")

    with pytest.raises(GeneratorFailed, match="no weights"):
        next(within_budget(broken, 5.0))


def test_silence_between_chunks_counts_too() -> None:
    release = threading.Event()

    def stalls() -> Iterator[str]:
        yield "a"
        release.wait(10)
        yield "b"

    chunks = within_budget(stalls, 0.2)
    assert next(chunks) == "a"
    with pytest.raises(TimeoutError, match=r"not done after 0\.2 s"):
        next(chunks)
    release.set()


def test_closing_stops_the_engine_at_its_next_token() -> None:
    made: list[int] = []
    closed = threading.Event()

    def endless() -> Iterator[str]:
        try:
            while True:
                made.append(len(made))
                yield "a"
        finally:
            closed.set()

    with closing(within_budget(endless, 5.0)) as chunks:  # type: ignore[type-var]
        next(chunks)
    assert closed.wait(2.0)
    assert len(made) <= 4  # the one read, one waiting, one in the works, one at the stop
