"""A turn: p50 and p95 of everything but the language model at several catalogue sizes; then with the model, on the demo shop."""

from __future__ import annotations

import multiprocessing
import resource
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.catalogues import SYNTHETIC, shop_of
from benchmarks.intervals import interval, percentile
from chatrec.bot import ChatRec
from chatrec.cli.screen import progress, quiet_libraries
from chatrec.domain.reply import Cards, Done, Said
from chatrec.evaluation.shopper_lines import dialogues

TABLES = ("demo", "amazon_scientific_2018", "synthetic:16859")
WITH_MODEL = ("demo",)
MARKS = {Cards: "first_card", Said: "first_sentence", Done: "total"}


def run(seed: int, quick: bool, tables: Sequence[str] | None = None, turns: int | None = None) -> dict[str, Any]:
    """Figures by table; ``bare`` is everything but the language model (template writer), ``model`` the whole turn.

    ``turns`` are those of a bare table; a fifth of them are run with the model.
    """
    n_bare = turns or (40 if quick else 200)
    figures: dict[str, Any] = {}
    for name in tables or TABLES:
        folder = shop_of(name)
        if folder is None:
            continue
        figures |= _alone(folder, name, "bare", "template", n_bare, seed)
        if name in WITH_MODEL:
            figures |= _alone(folder, name, "model", "transformers", max(1, n_bare // 5), seed)
        if name.startswith(SYNTHETIC):
            figures[f"{name}/bare/drawn_item_vectors"] = 1  # items have vectors of no meaning; requests are embedded by MiniLM
    return figures


def _alone(folder: Path, table: str, method: str, engine: str, n_turns: int, seed: int) -> dict[str, Any]:
    """Measures in a process of its own, so that its memory is that of one open shop."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, folder, table, method, engine, n_turns, seed).result()


def measure(folder: Path, table: str, method: str, engine: str, n_turns: int, seed: int) -> dict[str, Any]:
    """Latencies of ``n_turns`` turns (milliseconds) after a warm-up, their processor time, and the process's peak memory (MiB)."""
    quiet_libraries()
    marks: dict[str, list[float]] = {**{name: [] for name in MARKS.values()}, "cpu": []}
    start = time.perf_counter()
    with ChatRec.open(folder, settings={"model": {"engine": engine}}) as bot, progress() as report:
        bot.warm_up()
        open_s = time.perf_counter() - start
        done = 0
        for number, messages in enumerate(dialogues(bot.items(), n_turns + 5, seed)):
            session_id = f"bench-{secrets.token_hex(6)}"
            for message in messages:
                timed = _timed_turn(bot, session_id, message)
                if number > 0:  # the first dialogue warms caches
                    for mark, ms in timed.items():
                        marks[mark].append(ms)
                done += 1
                report(f"{table}: {method} turns", done, n_turns + 5)
            bot.forget(session_id=session_id)
        n_items = len(bot.items())
    found: dict[str, Any] = {
        f"{table}/{method}/items": n_items,
        f"{table}/{method}/turns": len(marks["total"]),
        f"{table}/{method}/open_s": round(open_s, 2),
    }
    for mark, values in marks.items():
        if values:
            found[f"{table}/{method}/{mark}_p50_ms"] = interval(values, percentile(50), seed)
            found[f"{table}/{method}/{mark}_p95_ms"] = interval(values, percentile(95), seed)
    found[f"{table}/{method}/peak_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def _timed_turn(bot: ChatRec, session_id: str, message: str) -> dict[str, float]:
    start, busy = time.perf_counter(), time.process_time()
    seen: dict[str, float] = {}
    for event in bot.reply(session_id, message):
        mark = MARKS.get(type(event))
        if mark:
            seen.setdefault(mark, (time.perf_counter() - start) * 1000)
    return {**seen, "cpu": (time.process_time() - busy) * 1000}
