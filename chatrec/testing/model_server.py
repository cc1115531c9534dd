"""An OpenAI-compatible server on this machine that streams well or fails as servers do: for tests of what speaks to one."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SAYS = "Take [1]: it weighs 1200 g and packs down small. It is easy to carry, and the zip runs both ways; good for two people on a tour."
PAUSE_S = 0.02


class _Handler(BaseHTTPRequestHandler):
    """The model's name says how to behave. One word of what the server says counts as one token."""

    server: ModelServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append({"path": self.path, "body": body, "authorization": self.headers.get("Authorization")})
        behaviour = body["model"]
        try:
            if behaviour not in ("status", "endless_error", "mute", "header_drip"):
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
            getattr(self, f"_{behaviour}")(body)
        except OSError:
            self.server.hung_up.set()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def _words(self, body: dict[str, Any]) -> list[str]:
        said = str(body.get("prompt") or body.get("messages"))
        opening = ["Lamp: "] if "lamp" in said else []
        return (opening + [word + " " for word in self.server.says.split()])[: body["max_tokens"]]

    def _send(self, text: str) -> None:
        self.wfile.write(text.encode())
        self.wfile.flush()

    def _event(self, data: object) -> None:
        self._send(f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n")

    def _piece(self, body: dict[str, Any], text: str, reason: str | None = None) -> None:
        choice = {"delta": {"content": text}} if "messages" in body else {"text": text}
        self._event({"choices": [{**choice, "finish_reason": reason}]})

    def _until_hung_up(self, text: str) -> None:
        while not self.server.release.wait(PAUSE_S):
            self._send(text)

    def _good(self, body: dict[str, Any]) -> None:
        self._send(": a comment\n\nevent: x\n")
        for word in self._words(body):
            self._piece(body, word)
            self.server.sent += 1
        self._piece(body, "", "length")
        self._event({"choices": [], "usage": {"total_tokens": 9}})
        self._event("[DONE]")

    def _slow(self, body: dict[str, Any]) -> None:
        """A word now and then: far more time for the whole than anybody has."""
        for word in self._words(body):
            self._piece(body, word)
            if self.server.release.wait(0.4):
                return

    def _endless(self, body: dict[str, Any]) -> None:
        while True:
            self._piece(body, "and ")
            self.server.sent += 1
            time.sleep(0.01)

    def _hang(self, body: dict[str, Any]) -> None:
        self._piece(body, "Take ")
        self.server.release.wait(30)

    def _mute(self, body: dict[str, Any]) -> None:
        self.server.release.wait(30)

    def _die(self, body: dict[str, Any]) -> None:
        self._piece(body, "Take ")
        self.connection.shutdown(socket.SHUT_RDWR)

    def _half(self, body: dict[str, Any]) -> None:
        """Half of what it says, then half of an event."""
        words = self._words(body)
        for word in words[: len(words) // 2]:
            self._piece(body, word)
        self._send('data: {"choices": [{"te')
        self.connection.shutdown(socket.SHUT_RDWR)

    def _drip(self, body: dict[str, Any]) -> None:
        """One character after the other, never the end of a line."""
        self._until_hung_up("d")

    def _header_drip(self, body: dict[str, Any]) -> None:
        self._send("HTTP/1.1 200 OK\r\nX-Slow: ")
        self._until_hung_up("x")

    def _long_line(self, body: dict[str, Any]) -> None:
        while True:
            self._send("data: " + "x" * 65_536)

    def _status(self, body: dict[str, Any]) -> None:
        self.send_error(503, "overloaded")

    def _endless_error(self, body: dict[str, Any]) -> None:
        self._send("HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\n")
        self._until_hung_up("oh no ")

    def _rubbish(self, body: dict[str, Any]) -> None:
        self._event("<html>")

    def _bytes(self, body: dict[str, Any]) -> None:
        self.wfile.write(b"data: \xff\xfe\x00\x80\n\n")

    def _whole(self, body: dict[str, Any]) -> None:
        """JSON of an answer that is not streamed."""
        self._send(json.dumps({"choices": [{"message": {"content": "Take [1]."}}]}))

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


class ModelServer(ThreadingHTTPServer):
    """``says`` is what its model says. ``requests`` keeps what it was sent, ``sent`` how many words went out; ``hung_up`` is set once a
    client has left; setting ``release`` ends all that hangs."""

    daemon_threads = True

    def __init__(self, says: str = SAYS) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.says = says
        self.requests: list[dict[str, Any]] = []
        self.sent = 0
        self.hung_up, self.release = threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        """Its address, version included."""
        return f"http://127.0.0.1:{self.server_port}/v1"


FAILING = (
    "status", "endless_error", "mute", "hang", "die", "half", "drip", "header_drip", "long_line", "rubbish", "bytes", "whole", "strange",
    "error", "empty",
)  # fmt: skip
"""The behaviours that give no whole answer."""


@contextmanager
def running(says: str = SAYS) -> Iterator[ModelServer]:
    """A server at work, until the block is left."""
    server = ModelServer(says)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
