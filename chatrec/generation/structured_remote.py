"""JSON of a given schema from an OpenAI-compatible server (``response_format`` of type ``json_schema``)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chatrec.errors import GeneratorFailed
from chatrec.generation.openai_engine import chat_messages
from chatrec.generation.watchdog import within_budget

_MOST_BYTES = 1_000_000


class RemoteStructuredModel:
    """Implements :class:`chatrec.protocols.StructuredModel` over ``{url}/chat/completions``; ``url`` includes the version.

    Greedy; nothing but the configured address is spoken to. Whatever goes wrong raises :class:`GeneratorFailed`, after ``total_s`` at the
    latest, also where the server sends a little now and then.
    """

    def __init__(self, url: str, model: str, *, api_key: str = "", connect_s: float = 2.0, total_s: float = 10.0) -> None:
        import httpx

        self._url, self._model = f"{url.rstrip('/')}/chat/completions", model
        self._total_s = total_s
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.Client(headers=headers, timeout=httpx.Timeout(total_s, connect=connect_s), trust_env=False)

    def close(self) -> None:
        """Closes idle connections."""
        self._client.close()

    def complete(self, prompt: str, schema: Mapping[str, Any], *, max_tokens: int) -> str:
        """The server's answer, unchecked: the caller validates it."""
        import httpx

        body = {
            "model": self._model,
            "messages": chat_messages(prompt),
            "max_tokens": max_tokens,
            "temperature": 0.0,
            "response_format": {"type": "json_schema", "json_schema": {"name": "reading", "strict": True, "schema": dict(schema)}},
        }
        try:
            answer = b"".join(within_budget(lambda: self._received(body), self._total_s))
            text = json.loads(answer)["choices"][0]["message"]["content"]
        except TimeoutError as error:
            raise GeneratorFailed(f"language model server {self._url}: not done after {self._total_s:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, KeyError, IndexError, TypeError) as error:
            raise GeneratorFailed(f"language model server {self._url}: {type(error).__name__}: {error}; check [model] url") from error
        if not isinstance(text, str):
            raise GeneratorFailed(f"language model server {self._url}: the answer holds no text")
        return text

    def _received(self, body: Mapping[str, Any]) -> Iterator[bytes]:
        size = 0
        with self._client.stream("POST", self._url, json=body) as response:
            response.raise_for_status()
            for part in response.iter_bytes():
                size += len(part)
                if size > _MOST_BYTES:
                    raise GeneratorFailed(f"language model server {self._url}: an answer of more than {_MOST_BYTES:,} bytes")
                yield part
