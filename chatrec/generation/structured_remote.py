"""JSON of a given schema from an OpenAI-compatible server (``response_format`` of type ``json_schema``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatrec.errors import GeneratorFailed
from chatrec.generation.openai_engine import chat_messages


class RemoteStructuredModel:
    """Implements :class:`chatrec.protocols.StructuredModel` over ``{url}/chat/completions``; ``url`` includes the version.

    Greedy; nothing but the configured address is spoken to. Whatever goes wrong raises :class:`GeneratorFailed`.
    """

    def __init__(self, url: str, model: str, *, api_key: str = "", connect_s: float = 2.0, total_s: float = 10.0) -> None:
        import httpx

        self._url, self._model = f"{url.rstrip('/')}/chat/completions", model
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
            response = self._client.post(self._url, json=body)
            response.raise_for_status()
            text = response.json()["choices"][0]["message"]["content"]
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, IndexError, TypeError) as error:
            raise GeneratorFailed(f"language model server {self._url}: {type(error).__name__}: {error}; check [model] url") from error
        if not isinstance(text, str):
            raise GeneratorFailed(f"language model server {self._url}: the answer holds no text")
        return text
