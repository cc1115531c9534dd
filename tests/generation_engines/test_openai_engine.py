"""The remote generator against a small server on this machine that streams well, or fails in the ways that servers fail."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from chatrec.errors import GeneratorFailed
from chatrec.generation.openai_engine import OpenAIGenerator, chat_messages
from chatrec.protocols import Generator
from chatrec.testing.generator_contract import PROMPT, FailingGeneratorContract, GeneratorContract
from chatrec.testing.model_server import FAILING, ModelServer, running


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with running() as one:
        yield one


class TestCompletions(GeneratorContract):
    chat = False

    @pytest.fixture(autouse=True)
    def _server(self, server: ModelServer) -> Iterator[None]:
        self.made: list[OpenAIGenerator] = []
        self.server = server
        yield
        for generator in self.made:
            generator.close()

    def make(self) -> Generator:
        self.made.append(OpenAIGenerator(self.server.url, "good", chat=self.chat))
        return self.made[-1]


class TestChat(TestCompletions):
    chat = True


@pytest.mark.parametrize("behaviour", [b for b in FAILING if b != "header_drip"])  # whose bound is the turn's: see the writer's tests
class TestFailures(FailingGeneratorContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: ModelServer, behaviour: str) -> Iterator[None]:
        self.generator = OpenAIGenerator(server.url, behaviour, silence_s=0.3, total_s=0.6)
        start = time.monotonic()
        yield
        assert time.monotonic() - start < 5.0
        self.generator.close()

    def make(self) -> Generator:
        return self.generator


def test_text_before_a_death_is_delivered_first(server: ModelServer) -> None:
    text = OpenAIGenerator(server.url, "die").generate(PROMPT, max_tokens=5)
    assert next(text) == "Take "
    with pytest.raises(GeneratorFailed):
        next(text)


def test_nobody_there(server: ModelServer) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        with pytest.raises(GeneratorFailed, match=r"ConnectError.*check \[model\] url"):
            list(OpenAIGenerator(url, "good").generate(PROMPT, max_tokens=5))


@pytest.mark.parametrize("url", ["", "not a url", "ftp://127.0.0.1/v1", "http://[::1/v1"])
def test_a_wrong_address(url: str) -> None:
    with pytest.raises(GeneratorFailed, match=r"check \[model\] url"):
        list(OpenAIGenerator(url, "good").generate(PROMPT, max_tokens=5))


def test_a_reply_may_not_take_for_ever(server: ModelServer) -> None:
    generator = OpenAIGenerator(server.url, "endless", total_s=0.3)
    with pytest.raises(GeneratorFailed, match="not done after"):
        list(generator.generate(PROMPT, max_tokens=5))


def test_closing_hangs_up(server: ModelServer) -> None:
    text = OpenAIGenerator(server.url, "endless").generate(PROMPT, max_tokens=5)
    assert next(text) == "and "
    text.close()  # type: ignore[attr-defined]
    assert server.hung_up.wait(5)


def test_markers_of_the_chat_format_end_the_text(server: ModelServer) -> None:
    assert "".join(OpenAIGenerator(server.url, "marked").generate(PROMPT, max_tokens=50)) == "Take [1]."


def test_what_is_sent(server: ModelServer) -> None:
    list(OpenAIGenerator(server.url, "good", api_key="secret").generate(PROMPT, max_tokens=5, stop=["\n\n"], seed=3))
    sent = server.requests[0]
    assert sent["path"] == "/v1/completions" and sent["authorization"] == "Bearer secret"
    expected = {
        "model": "good",
        "prompt": PROMPT,
        "max_tokens": 5,
        "temperature": 0.0,
        "seed": 3,
        "stream": True,
        "stop": ["<|im_end|>", "\n\n"],
    }
    assert sent["body"] == expected


def test_chat_text_becomes_messages() -> None:
    messages = chat_messages(PROMPT)
    assert [message["role"] for message in messages] == ["system", "user"]
    assert messages[0]["content"] == "You are a shop assistant."
    assert messages[1]["content"].endswith("weight 1200 g")
    assert chat_messages("no markers") == [{"role": "user", "content": "no markers"}]
