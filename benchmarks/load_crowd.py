"""A crowd of shoppers that comes and goes for hours: new and old conversations, answers read to the end and dropped, buttons, lists for
pages, feedback, conversations deleted and shoppers forgotten, and the OpenAI route with and without a session."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

# How shoppers behave, in shares of all turns: most answers are read, one in seven is dropped, one in six comes by another face.
TURNS: Mapping[str, int] = {"streamed": 30, "whole": 30, "dropped": 14, "openai": 12, "openai_replayed": 4, "cart": 5, "refresh": 5}
# What happens beside the turns.
ASIDES: Mapping[str, int] = {
    "list": 35, "judge": 25, "read": 10, "item": 5, "page": 5, "figures": 5, "delete": 6, "forget_session": 5, "forget_user": 4,
}  # fmt: skip
NEW_SHARE, KNOWN_SHARE, ASIDE_SHARE, OLD_SHARE = 0.25, 0.2, 0.7, 0.3
MOST_TURNS, MOST_KEPT, MOST_RECENT = 12, 200, 8
USERS = 40


@dataclass(slots=True)
class Shopper:
    """One conversation: its session, whose it is, its turns, and items that were shown in it."""

    session_id: str
    user_id: str | None
    turns: int = 0
    items: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Met:
    """What the crowd met. ``whole_ms`` are the turns that were read to their end."""

    whole_ms: list[float] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)
    busy: int = 0
    wrong: Counter[str] = field(default_factory=Counter)


class Crowd:
    """Makes one turn after another, and what goes with it. The same seed makes the same acts."""

    def __init__(self, client: httpx.AsyncClient, lines: Iterator[str], items: Sequence[str], seed: int) -> None:
        self.met = Met()
        self._client, self._lines, self._items = client, lines, items
        self._rng = random.Random(seed)
        self._shoppers: list[Shopper] = []

    async def act(self) -> None:
        """One turn of some shopper, and often something beside it. What fails is counted, and ends nothing."""
        await self._tried(self._drawn(TURNS))
        if self._rng.random() < ASIDE_SHARE:
            await self._tried(self._drawn(ASIDES))

    def _drawn(self, shares: Mapping[str, int]) -> str:
        return self._rng.choices(list(shares), list(shares.values()))[0]

    async def _tried(self, name: str) -> None:
        self.met.acts[name] += 1
        try:
            await getattr(self, f"_{name}")()
        except (httpx.HTTPError, ValueError, KeyError) as error:
            self.met.wrong[f"{name}: {type(error).__name__}"] += 1

    def _shopper(self) -> Shopper:
        """A new shopper, one of the last few, or one of long ago."""
        rng = self._rng
        going_on = [s for s in self._shoppers if s.turns < MOST_TURNS]
        if not going_on or rng.random() < NEW_SHARE:
            user_id = f"shopper-{rng.randint(1, USERS):04d}" if rng.random() < KNOWN_SHARE else None
            self._shoppers = [*self._shoppers, Shopper(f"soak-{rng.getrandbits(64):016x}", user_id)][-MOST_KEPT:]
            return self._shoppers[-1]
        return rng.choice(going_on if rng.random() < OLD_SHARE else going_on[-MOST_RECENT:])

    async def _whole(self) -> None:
        shopper = self._shopper()
        await self._turn(shopper, "/v1/chat", {"message": next(self._lines), **_whose(shopper)})

    async def _cart(self) -> None:
        shopper = self._shopper()
        item_id = self._rng.choice(shopper.items or self._items)
        await self._turn(shopper, f"/v1/sessions/{shopper.session_id}/cart", {"item_id": item_id, "user_id": shopper.user_id})

    async def _refresh(self) -> None:
        shopper = self._shopper()
        asked = {"need_id": 1, "key": "price:at_most", "user_id": shopper.user_id}
        await self._turn(shopper, f"/v1/sessions/{shopper.session_id}/drop", asked)

    async def _turn(self, shopper: Shopper, path: str, asked: dict[str, Any]) -> None:
        start = time.perf_counter()
        answer = await self._client.post(path, json=asked)
        if self._answered(answer, path.split("/")[2]):
            self.met.whole_ms.append(1000 * (time.perf_counter() - start))
            shopper.turns += 1
            shown = [card["item_id"] for cards in answer.json()["cards"] for card in cards["cards"]]
            shopper.items = shown or shopper.items

    async def _streamed(self) -> None:
        shopper = self._shopper()
        start = time.perf_counter()
        asked = {"message": next(self._lines), "stream": True, **_whose(shopper)}
        async with self._client.stream("POST", "/v1/chat", json=asked) as answer:
            if self._answered(answer, "stream"):
                named = [line.removeprefix("event: ") async for line in answer.aiter_lines() if line.startswith("event: ")]
                if named[-1:] != ["done"]:
                    self.met.wrong[f"stream ended with {named[-1:]}"] += 1
                self.met.whole_ms.append(1000 * (time.perf_counter() - start))
                shopper.turns += 1

    async def _dropped(self) -> None:
        """A stream that is left at its first event, or somewhere in the middle."""
        shopper, after = self._shopper(), self._rng.randint(1, 4)
        asked = {"message": next(self._lines), "stream": True, **_whose(shopper)}
        async with self._client.stream("POST", "/v1/chat", json=asked) as answer:
            if self._answered(answer, "dropped"):
                async for line in answer.aiter_lines():
                    after -= line.startswith("event: ")
                    if after <= 0:
                        break
        shopper.turns += 1

    async def _openai(self) -> None:
        shopper = self._shopper()
        headers = {"X-Chatrec-Session": shopper.session_id}
        if shopper.user_id is not None:
            headers["X-Chatrec-User"] = shopper.user_id
        await self._completed([next(self._lines)], headers, stream=self._rng.random() < 0.5)
        shopper.turns += 1

    async def _openai_replayed(self) -> None:
        """A conversation that is sent whole and names no session: what was said is played again."""
        await self._completed([next(self._lines) for _ in range(self._rng.randint(1, 3))], {}, stream=False)

    async def _completed(self, said: Sequence[str], headers: Mapping[str, str], *, stream: bool) -> None:
        start = time.perf_counter()
        asked = {"model": "chatrec", "stream": stream, "messages": [{"role": "user", "content": text} for text in said]}
        answer = await self._client.post("/v1/chat/completions", json=asked, headers=dict(headers))
        if self._answered(answer, "completions"):
            self.met.whole_ms.append(1000 * (time.perf_counter() - start))
            if stream and not answer.text.rstrip().endswith("data: [DONE]"):
                self.met.wrong["completions without an end"] += 1

    async def _list(self) -> None:
        placement = self._rng.choice(("home", "item", "cart", "search", "personal"))
        named: dict[str, dict[str, Any]] = {
            "item": {"item_id": self._rng.choice(self._items)},
            "cart": {"cart": self._rng.sample(self._items, 2)},
            "search": {"q": next(self._lines)},
            "personal": {"user_id": f"shopper-{self._rng.randint(1, USERS):04d}"},
        }
        await self._get(f"/v1/recommend/{placement}", "list", named.get(placement))

    async def _judge(self) -> None:
        shopper = self._shopper()
        told = {"item_id": self._rng.choice(shopper.items or self._items), "kind": self._rng.choice(("view", "click", "like", "dislike"))}
        await self._post("/v1/feedback", {**told, **_whose(shopper)}, "judge")

    async def _read(self) -> None:
        await self._get(f"/v1/sessions/{self._shopper().session_id}", "read")

    async def _item(self) -> None:
        await self._get(f"/v1/items/{self._rng.choice(self._items)}", "item")

    async def _page(self) -> None:
        await self._get("/", "page")

    async def _figures(self) -> None:
        await self._get("/metrics", "figures")

    async def _delete(self) -> None:
        shopper = self._shopper()
        self._answered(await self._client.delete(f"/v1/sessions/{shopper.session_id}"), "delete")

    async def _forget_session(self) -> None:
        shopper = self._shopper()
        await self._post("/v1/forget", {"session_id": shopper.session_id}, "forget")
        self._shoppers.remove(shopper)

    async def _forget_user(self) -> None:
        await self._post("/v1/forget", {"user_id": f"shopper-{self._rng.randint(1, USERS):04d}"}, "forget")

    async def _get(self, path: str, name: str, parameters: dict[str, Any] | None = None) -> None:
        self._answered(await self._client.get(path, params=parameters), name)

    async def _post(self, path: str, told: dict[str, Any], name: str) -> None:
        self._answered(await self._client.post(path, json=told), name)

    def _answered(self, answer: httpx.Response, name: str) -> bool:
        """Whether it was answered; an honest 429 is counted apart from what is wrong."""
        if answer.status_code == 429:
            self.met.busy += 1
        elif not answer.is_success:
            code = answer.json()["error"]["code"] if answer.is_closed else ""  # of a stream the body is not read
            self.met.wrong[f"{name}: {answer.status_code} {code}".rstrip()] += 1
        return answer.is_success


def _whose(shopper: Shopper) -> dict[str, str]:
    named = {"session_id": shopper.session_id}
    return named if shopper.user_id is None else {**named, "user_id": shopper.user_id}
