"""What the agent bot does in Chatwoot: says something in a conversation, and opens it for a person."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from chatrec.errors import ServiceError
from chatrec.settings import ChatwootSettings

WAIT_S = 10.0
# A help desk that is restarted is back within seconds; after that a person finds the conversation pending.
PAUSES_S = (0.5, 2.0)
# Too many requests, and a gateway whose application is away.
NOT_TAKEN = frozenset({429, 502, 503, 504})


class Desk:
    """One conversation of the help desk, by Chatwoot's application API with the agent bot's access token."""

    def __init__(self, asked: ChatwootSettings, account: int, conversation: int) -> None:
        self._place = f"{asked.url.rstrip('/')}/api/v1/accounts/{account}/conversations/{conversation}"
        self._headers = {"api_access_token": asked.token}

    async def say(self, text: str) -> None:
        """A message of the bot. Raises :class:`ServiceError` where Chatwoot does not take it."""
        await self._post("messages", {"content": text, "message_type": "outgoing", "private": False, "content_type": "text"})

    async def open(self) -> None:
        """From now on a person answers."""
        await self._post("toggle_status", {"status": "open"})

    async def _post(self, what: str, body: dict[str, Any]) -> None:
        # no proxies from the environment: the address that was configured is the only one that is spoken to
        async with httpx.AsyncClient(timeout=WAIT_S, trust_env=False) as client:
            for pause_s in (*PAUSES_S, None):
                trouble, again = await self._tried(client, what, body)
                if not trouble:
                    return
                if pause_s is None or not again:
                    raise ServiceError(f"Chatwoot does not take '{what}': {trouble}; check chatwoot.url and chatwoot.token")
                await asyncio.sleep(pause_s)

    async def _tried(self, client: httpx.AsyncClient, what: str, body: dict[str, Any]) -> tuple[str, bool]:
        """What went wrong, and whether trying again is safe: what may have arrived is not said twice."""
        try:
            response = await client.post(f"{self._place}/{what}", json=body, headers=self._headers)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return type(error).__name__, True
        except httpx.HTTPError as error:
            return type(error).__name__, False
        return ("", False) if response.is_success else (f"status {response.status_code}", response.status_code in NOT_TAKEN)
