"""The whole writer with several shoppers at once on one engine: how long each waits for the first sentence."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.intervals import interval, percentile
from benchmarks.reply_writing import grounded
from chatrec.domain.facts import Evidence, Sentence
from chatrec.generation.engines import make_generator
from chatrec.protocols import Writer
from chatrec.settings import ModelSettings

CHATS = (1, 4, 8)


def first_sentences(cases: Sequence[Evidence], chats: int, threads: int, seed: int, engine: str = "openvino") -> dict[str, Any]:
    """``chats`` shoppers ask one thing after another, all at the same time; milliseconds of all replies, and how many the template told."""
    settings = ModelSettings(engine=engine, threads=threads)
    generator = make_generator(settings)
    try:
        writer = grounded(generator, settings)
        timed(writer, cases[0])  # what is loaded late is loaded now
        start = time.perf_counter()
        with ThreadPoolExecutor(chats) as pool:
            replies = list(pool.map(lambda case: timed(writer, case), cases))
        seconds = time.perf_counter() - start
    finally:
        getattr(generator, "close", lambda: None)()
    figures: dict[str, Any] = {"replies": len(replies), "replies_a_minute": round(60 * len(replies) / seconds, 1)}
    for place, name in enumerate(("first_sentence", "reply")):
        figures |= {f"{name}_p{q}_ms": interval([r[place] for r in replies], percentile(q), seed, digits=1) for q in (50, 95)}
    return {**figures, "told_by_template": sum(r[2] for r in replies)}


def timed(writer: Writer, case: Evidence) -> tuple[float, float, bool]:
    """Milliseconds to the first sentence and to the last, and whether the template writer told all of it."""
    start, first, origins = time.perf_counter(), 0.0, set()
    for written in writer.write(case):
        if isinstance(written, Sentence):
            first = first or time.perf_counter() - start
            origins.add(written.origin)
    return 1000 * first, 1000 * (time.perf_counter() - start), origins == {"template"}
