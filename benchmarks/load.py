"""The service under load: chats at once over HTTP against ``chatrec serve`` in a process of its own, with the template writer and with
the language model; then a storm of streams that are opened and dropped. ``--table soak`` is an hour at a low rate instead.

Every chat sends one message after another and reads the stream to its end. Times run from the request that was answered; an honest 429 is
counted apart (``busy``), waited out as its ``Retry-After`` says and asked again: ``patience_p95_ms`` runs from the first try. Rate
limits are off, since all chats come from one address; turns at once and the length of the line are the defaults.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.catalogues import shop_of
from benchmarks.intervals import interval, percentile
from benchmarks.load_server import lines_of, processor_seconds, serving
from benchmarks.load_soak import soak

TABLES = ("demo",)
SOAK = "soak"
ON_DEMAND = (SOAK,)
ENGINES = ("template", "auto")
NAMES = {"template": "template", "auto": "model"}
CHATS = (1, 8, 32)
TURNS = {"template": {1: 60, 8: 160, 32: 320}, "auto": {1: 30, 8: 64, 32: 96}}
QUICK_TURNS = 8
STORM = 100
MOST_TRIES = 60


@dataclass
class Seen:
    """What the chats of one run met. Times in milliseconds."""

    first_card: list[float] = field(default_factory=list)
    first_sentence: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    patience: list[float] = field(default_factory=list)
    busy: int = 0
    errors: int = 0


def run(
    seed: int,
    quick: bool,
    tables: Sequence[str] | None = None,
    engine: str | None = None,
    minutes: float | None = None,
    out: Path | None = None,
) -> dict[str, Any]:
    """Figures by table; methods are ``template_N`` and ``model_N`` for N chats at once, and ``template_storm`` and ``model_storm``.

    ``soak`` is measured on demand alone, since it takes an hour (or ``minutes``), with the template writer unless ``engine`` says
    otherwise; its figures stand under ``soak_template`` and ``soak_model``.
    """
    figures: dict[str, Any] = {}
    for table in tables or TABLES:
        folder = shop_of("demo" if table == SOAK else table)
        if folder is None:
            continue
        if table == SOAK:
            writer = engine or "template"
            found = soak(folder, writer, seed, minutes, out)
            figures |= {f"{SOAK}_{NAMES.get(writer, writer)}/{k}": v for k, v in found.items()}
        else:
            for one in (engine,) if engine else ENGINES:
                figures |= _under_load(table, folder, one, seed, quick)
    return figures


def _under_load(table: str, folder: Path, engine: str, seed: int, quick: bool) -> dict[str, Any]:
    """The figures of one writer."""
    figures: dict[str, Any] = {}
    name, counts = NAMES.get(engine, engine), TURNS.get(engine, TURNS["auto"])
    with serving(folder, engine) as served:
        for chats in CHATS:
            n = max(chats, QUICK_TURNS) if quick else counts[chats]
            found = measured(served.address, lines_of(folder, n, seed), chats, seed)
            figures |= {f"{table}/{name}_{chats}/{k}": v for k, v in found.items()}
        found = asyncio.run(storm(served.address, served.process_id))
    return {**figures, **{f"{table}/{name}_storm/{k}": v for k, v in found.items()}}


def measured(address: str, lines: Sequence[str], chats: int, seed: int) -> dict[str, Any]:
    """The figures of one run."""
    start = time.perf_counter()
    seen = asyncio.run(talk(address, lines, chats))
    seconds = time.perf_counter() - start
    figures: dict[str, Any] = {
        "turns": len(seen.whole), "turns_a_minute": round(60 * len(seen.whole) / seconds, 1), "busy": seen.busy, "errors": seen.errors
    }  # fmt: skip
    for name in ("first_card", "first_sentence", "whole"):
        if times := getattr(seen, name):
            figures |= {f"{name}_p{q}_ms": interval(times, percentile(q), seed, digits=1) for q in (50, 95)}
    return {**figures, "patience_p95_ms": interval(seen.patience, percentile(95), seed, digits=1)} if seen.patience else figures


async def talk(address: str, lines: Sequence[str], chats: int) -> Seen:
    """``chats`` shoppers at once share the lines; each has a session of its own."""
    seen, waiting = Seen(), iter(lines)
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=httpx.Timeout(180.0), limits=limits) as client:
        # all at the same moment: one next line each, until there are none
        async def chat(number: int) -> None:
            session_id = (await client.post("/v1/sessions", json={})).json()["session_id"]
            for line in waiting:
                await ask(client, session_id, line, seen)

        await asyncio.gather(*(chat(n) for n in range(chats)))
    return seen


async def ask(client: httpx.AsyncClient, session_id: str, line: str, seen: Seen) -> None:
    """One turn, asked again while the shop is busy."""
    first_try = time.perf_counter()
    for _ in range(MOST_TRIES):
        start = time.perf_counter()
        body = {"message": line, "session_id": session_id, "stream": True}
        async with client.stream("POST", "/v1/chat", json=body) as answer:
            if answer.status_code == 429:
                seen.busy += 1
                pause_s = float(answer.headers["Retry-After"])
            elif answer.status_code != 200:
                seen.errors += 1
                return
            else:
                await read(answer, start, seen)
                seen.patience.append(1000 * (time.perf_counter() - first_try))
                return
        await asyncio.sleep(pause_s)
    seen.errors += 1


async def read(answer: httpx.Response, start: float, seen: Seen) -> None:
    """The events of an answer, timed."""
    marks = {"cards": seen.first_card, "alternatives": seen.first_card, "sentence": seen.first_sentence, "done": seen.whole}
    met: set[str] = set()
    async for name in events(answer):
        if name == "error":
            seen.errors += 1
        place = "cards" if name == "alternatives" else name
        if name in marks and place not in met:
            met.add(place)
            marks[name].append(1000 * (time.perf_counter() - start))
    if "done" not in met:
        seen.errors += 1


async def events(answer: httpx.Response) -> AsyncIterator[str]:
    """The names of the server-sent events."""
    async for text in answer.aiter_lines():
        if text.startswith("event: "):
            yield text.removeprefix("event: ")
        elif text.startswith("data: "):
            json.loads(text.removeprefix("data: "))  # every event is whole


async def storm(address: str, process_id: int) -> dict[str, Any]:
    """Streams opened at once and dropped at their first byte: the service's processor seconds in each of the seconds after."""
    seen: dict[str, Any] = {"streams": STORM, "answered": 0, "busy": 0, "errors": 0}
    async with httpx.AsyncClient(base_url=address, timeout=60.0, limits=httpx.Limits(max_connections=None)) as client:

        async def drop() -> None:
            try:
                async with client.stream("POST", "/v1/chat", json={"message": "a tent for two under 300", "stream": True}) as answer:
                    seen["answered" if answer.status_code == 200 else "busy" if answer.status_code == 429 else "errors"] += 1
                    if answer.status_code == 200:
                        await anext(answer.aiter_raw())
            except (httpx.TransportError, StopAsyncIteration):
                seen["errors"] += 1

        await asyncio.gather(*(drop() for _ in range(STORM)))
    for second in (1, 2, 3):
        before = processor_seconds(process_id)
        await asyncio.sleep(1.0)
        seen[f"cpu_in_second_{second}"] = round(processor_seconds(process_id) - before, 2)
    return seen
