"""A language model behind an OpenAI-compatible server (vLLM with a LoRA adapter, llama.cpp, any other), streamed over HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chatrec.errors import GeneratorFailed
from chatrec.generation.stops import StopFilter

if TYPE_CHECKING:
    import httpx

_START, _END = "<|im_start|>", "<|im_end|>"
_DONE = "[DONE]"
_MOST_LINE_CHARS = 1_000_000
"""A server that sends more without a line's end sends no events."""
_MOST_ERROR_CHARS = 2_000


class OpenAIGenerator:
    """A :class:`chatrec.protocols.Generator` over ``{url}/completions``, or ``{url}/chat/completions`` with ``chat``.

    ``url`` includes the version ("http://127.0.0.1:8000/v1"). Several generations may run at once. Greedy: the server is asked for
    temperature 0 and given the seed. A server that cannot be reached, answers with an error or with rubbish, falls silent for
    ``silence_s`` or breaks off before it said that it was done raises :class:`GeneratorFailed`; so does a reply that takes longer
    than ``total_s``. Closing the iterator closes the connection, which is how such servers are told to stop.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        api_key: str = "",
        chat: bool = False,
        connect_s: float = 5.0,
        silence_s: float = 20.0,
        total_s: float = 120.0,
    ) -> None:
        import httpx

        self._url = f"{url.rstrip('/')}/{'chat/completions' if chat else 'completions'}"
        self._model, self._chat, self._total_s = model, chat, total_s
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        # no proxies from the environment: the address that was configured is the only one that is spoken to
        self._client = httpx.Client(headers=headers, timeout=httpx.Timeout(silence_s, connect=connect_s), trust_env=False)

    @property
    def name(self) -> str:
        """Model and server, for the receipt."""
        return f"{self._model} ({self._url})"

    def close(self) -> None:
        """Closes idle connections."""
        self._client.close()

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        """The text after ``prompt``, in chunks as the server sends them. Raises :class:`GeneratorFailed`."""
        import httpx

        if max_tokens <= 0:
            return
        stops, deadline = StopFilter((*stop, _END, _START)), time.monotonic() + self._total_s
        try:
            with self._client.stream("POST", self._url, json=self._request(prompt, max_tokens, stop, seed)) as response:
                self._check(response, deadline)
                for piece in self._pieces(response, deadline):
                    if chunk := stops.push(piece):
                        yield chunk
                    if stops.stopped:
                        return
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise GeneratorFailed(f"language model server {self._url}: {type(error).__name__}: {error}; check [model] url") from error
        if rest := stops.flush():
            yield rest

    def _request(self, prompt: str, max_tokens: int, stop: Sequence[str], seed: int) -> dict[str, Any]:
        # four is the most that the protocol allows; all of them are applied to the stream here
        body: dict[str, Any] = {"model": self._model, "max_tokens": max_tokens, "temperature": 0.0, "seed": seed, "stream": True}
        body["stop"] = list(dict.fromkeys((_END, *stop)))[:4]
        return {**body, "messages": chat_messages(prompt)} if self._chat else {**body, "prompt": prompt}

    def _check(self, response: httpx.Response, deadline: float) -> None:
        if response.status_code != 200:
            said = ""
            for text in self._received(response, deadline):
                said += text
                if len(said) >= _MOST_ERROR_CHARS:
                    break
            raise GeneratorFailed(
                f"language model server {self._url}: status {response.status_code}: {said[:200]!r}; check [model] url and remote_model"
            )

    def _received(self, response: httpx.Response, deadline: float) -> Iterator[str]:
        """The text as it comes in. A server that sends a little now and then is never silent, so the time counts here."""
        for text in response.iter_text():
            if time.monotonic() > deadline:
                raise GeneratorFailed(f"language model server {self._url}: not done after {self._total_s:g} s")
            yield text

    def _lines(self, response: httpx.Response, deadline: float) -> Iterator[str]:
        waiting = ""
        for text in self._received(response, deadline):
            *lines, waiting = (waiting + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
            yield from lines
            if len(waiting) > _MOST_LINE_CHARS:
                raise GeneratorFailed(f"language model server {self._url}: not an OpenAI stream: a line of {len(waiting):,} characters")
        yield waiting

    def _pieces(self, response: httpx.Response, deadline: float) -> Iterator[str]:
        """Texts of the server-sent events, until the server says that it is done."""
        finished = False
        for line in self._lines(response, deadline):
            if not line.startswith("data:"):  # blank lines, comments, event names
                continue
            data = line.removeprefix("data:").strip()
            if data == _DONE:
                return
            text, ended = self._piece(data)
            finished = finished or ended
            if text:
                yield text
        if not finished:
            raise GeneratorFailed(f"language model server {self._url}: the stream ended before the reply was complete")

    def _piece(self, data: str) -> tuple[str, bool]:
        try:
            event = json.loads(data)
            if "error" in event:
                raise GeneratorFailed(f"language model server {self._url}: {str(event['error'])[:200]}")
            if not event["choices"]:  # usage figures
                return "", False
            choice: Mapping[str, Any] = event["choices"][0]
            text = choice.get("delta", {}).get("content") if self._chat else choice["text"]
            if text is not None and not isinstance(text, str):
                raise TypeError(f"text is {type(text).__name__}")
            return text or "", choice.get("finish_reason") is not None
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise GeneratorFailed(f"language model server {self._url}: not an OpenAI stream: {data[:120]!r} ({error!r})") from error


def chat_messages(prompt: str) -> list[dict[str, str]]:
    """The turns of a prompt in chat text, without the opened one. Text without markers becomes one user message."""
    messages = []
    for turn in prompt.split(_START)[1:]:
        role, _, content = turn.partition("\n")
        if _END in content:
            messages.append({"role": role, "content": content.rsplit(_END, 1)[0]})
    return messages or [{"role": "user", "content": prompt}]
