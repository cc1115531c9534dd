"""The remote generator against a small server on this machine that streams well, or fails in the ways that servers fail."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from chatrec.errors import GeneratorFailed
from chatrec.generation.openai_engine import OpenAIGenerator, chat_messages
from chatrec.protocols import Generator
from chatrec.testing.generator_contract import PROMPT, FailingGeneratorContract, GeneratorContract

SAYS = "Take [1]: it weighs 1200 g and packs down small. It is easy to carry, and the zip runs both ways; good for two people on a tour."


class _Handler(BaseHTTPRequestHandler):
    """The model's name says how to behave. One word of :data:`SAYS` counts as one token."""

    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append({"path": self.path, "body": body, "authorization": self.headers.get("Authorization")})
        behaviour = body["model"]
        if behaviour == "status":
            self.send_error(503, "overloaded")
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            getattr(self, f"_{behaviour}")(body)
        except OSError:
            self.server.hung_up.set()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def _words(self, body: dict[str, Any]) -> list[str]:
        said = str(body.get("prompt") or body.get("messages"))
        opening = ["Lamp: "] if "lamp" in said else []
        return (opening + [word + " " for word in SAYS.split()])[: body["max_tokens"]]

    def _event(self, data: object) -> None:
        text = data if isinstance(data, str) else json.dumps(data)
        self.wfile.write(f"data: {text}\n\n".encode())
        self.wfile.flush()

    def _piece(self, body: dict[str, Any], text: str, reason: str | None = None) -> None:
        choice = {"delta": {"content": text}} if "messages" in body else {"text": text}
        self._event({"choices": [{**choice, "finish_reason": reason}]})

    def _good(self, body: dict[str, Any]) -> None:
        self.wfile.write(b": a comment\n\nevent: x\n")
        for word in self._words(body):
            self._piece(body, word)
            self.server.sent += 1
        self._piece(body, "", "length")
        self._event({"choices": [], "usage": {"total_tokens": 9}})
        self._event("[DONE]")

    def _endless(self, body: dict[str, Any]) -> None:
        while True:
            self._piece(body, "and ")
            self.server.sent += 1
            time.sleep(0.01)

    def _hang(self, body: dict[str, Any]) -> None:
        self._piece(body, "Take ")
        self.server.release.wait(10)

    def _die(self, body: dict[str, Any]) -> None:
        self._piece(body, "Take ")
        self.connection.shutdown(socket.SHUT_RDWR)

    def _rubbish(self, body: dict[str, Any]) -> None:
        self._event(body.get("prompt", "") and "<html>")

    def _strange(self, body: dict[str, Any]) -> None:
        self._event({"choices": [{"text": 5}]})

    def _error(self, body: dict[str, Any]) -> None:
        self._event({"error": {"message": "no such adapter"}})

    def _empty(self, body: dict[str, Any]) -> None:
        """A stream that ends without a word."""

    def _marked(self, body: dict[str, Any]) -> None:
        for text in ("Take [1].", "<|im_", "end|>\n<|im_start|>user"):
            self._piece(body, text)
        self._event("[DONE]")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[dict[str, Any]] = []
        self.sent = 0
        self.hung_up, self.release = threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


@pytest.fixture
def server() -> Iterator[_Server]:
    running = _Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield running
    running.release.set()
    running.shutdown()
    running.server_close()
    thread.join(10)


class TestCompletions(GeneratorContract):
    chat = False

    @pytest.fixture(autouse=True)
    def _server(self, server: _Server) -> Iterator[None]:
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


@pytest.mark.parametrize("behaviour", ["status", "hang", "die", "rubbish", "strange", "error", "empty"])
class TestFailures(FailingGeneratorContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: _Server, behaviour: str) -> Iterator[None]:
        self.generator = OpenAIGenerator(server.url, behaviour, silence_s=0.3)
        yield
        self.generator.close()

    def make(self) -> Generator:
        return self.generator


def test_text_before_a_death_is_delivered_first(server: _Server) -> None:
    text = OpenAIGenerator(server.url, "die").generate(PROMPT, max_tokens=5)
    assert next(text) == "Take "
    with pytest.raises(GeneratorFailed):
        next(text)


def test_nobody_there(server: _Server) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        with pytest.raises(GeneratorFailed, match=r"ConnectError.*check \[model\] url"):
            list(OpenAIGenerator(url, "good").generate(PROMPT, max_tokens=5))


@pytest.mark.parametrize("url", ["", "not a url", "ftp://127.0.0.1/v1", "http://[::1/v1"])
def test_a_wrong_address(url: str) -> None:
    with pytest.raises(GeneratorFailed, match=r"check \[model\] url"):
        list(OpenAIGenerator(url, "good").generate(PROMPT, max_tokens=5))


def test_a_reply_may_not_take_for_ever(server: _Server) -> None:
    generator = OpenAIGenerator(server.url, "endless", total_s=0.3)
    with pytest.raises(GeneratorFailed, match="not done after"):
        list(generator.generate(PROMPT, max_tokens=5))


def test_closing_hangs_up(server: _Server) -> None:
    text = OpenAIGenerator(server.url, "endless").generate(PROMPT, max_tokens=5)
    assert next(text) == "and "
    text.close()  # type: ignore[attr-defined]
    assert server.hung_up.wait(5)


def test_markers_of_the_chat_format_end_the_text(server: _Server) -> None:
    assert "".join(OpenAIGenerator(server.url, "marked").generate(PROMPT, max_tokens=50)) == "Take [1]."


def test_what_is_sent(server: _Server) -> None:
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
