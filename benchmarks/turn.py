"""A turn: p50 and p95 of everything but the language model at several catalogue sizes; then with the model, on the demo shop."""

from __future__ import annotations

import resource
import secrets
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.catalogues import shop_of
from benchmarks.intervals import interval, percentile
from chatrec.bot import ChatRec
from chatrec.domain.reply import Cards, Done, Said
from chatrec.evaluation.shopper_lines import dialogues

SIZES = ("demo", "amazon_scientific_2018", "synthetic:16859")
WITH_MODEL = ("demo",)


def run(seed: int, quick: bool, tables: Sequence[str] | None = None) -> dict[str, Any]:
    """Figures by table; ``bare`` is everything but the language model (template writer), ``model`` the whole turn."""
    figures: dict[str, Any] = {}
    for name in tables or SIZES:
        with shop_of(name) as folder:
            if folder is None:
                continue
            figures |= measure(folder, name, "bare", "template", 40 if quick else 200, seed)
            if name in WITH_MODEL:
                figures |= measure(folder, name, "model", "transformers", 8 if quick else 40, seed)
    return figures


def measure(folder: Any, table: str, method: str, engine: str, n_turns: int, seed: int) -> dict[str, Any]:
    """Latencies of ``n_turns`` turns (milliseconds) after a warm-up, and the peak memory of the process (MiB)."""
    marks: dict[str, list[float]] = {"first_card": [], "first_sentence": [], "total": []}
    with ChatRec.open(folder, settings={"model": {"engine": engine}}) as bot:
        bot.warm_up()
        n_items = len(bot.items())
        for number, messages in enumerate(dialogues(bot.items(), n_turns + 5, seed)):
            session_id = f"bench-{secrets.token_hex(6)}"
            for message in messages:
                start = time.perf_counter()
                seen: dict[str, float] = {}
                for event in bot.reply(session_id, message):
                    kind = {Cards: "first_card", Said: "first_sentence", Done: "total"}.get(type(event))
                    if kind:
                        seen.setdefault(kind, (time.perf_counter() - start) * 1000)
                if number > 0:  # the first dialogue warms caches
                    for kind, ms in seen.items():
                        marks[kind].append(ms)
            bot.forget(session_id=session_id)
    found: dict[str, Any] = {f"{table}/{method}/items": n_items, f"{table}/{method}/turns": len(marks["total"])}
    for mark, values in marks.items():
        if values:
            found[f"{table}/{method}/{mark}_p50_ms"] = interval(values, percentile(50), seed)
            found[f"{table}/{method}/{mark}_p95_ms"] = interval(values, percentile(95), seed)
    found[f"{table}/{method}/peak_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found
