"""Tokens guessed from the prompt against one token a pass: the same engine, prompts and numbers of shoppers at once, in turns."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.decode_chats import CHATS
from benchmarks.intervals import ratio_interval
from chatrec.cli.screen import progress
from chatrec.generation.fast_weights import merged_gguf
from chatrec.generation.openvino_engine import OpenVINOGenerator
from chatrec.generation.writer import STOP

REPEATS = 2


def lookups(prompts: Sequence[str], threads: int, max_tokens: int, seed: int) -> dict[str, Any]:
    """Tokens a second of all shoppers together by their number, with and without guesses, and the ratio over paired batches."""
    path, name = merged_gguf()
    engines = {looks_up: OpenVINOGenerator(path, name, threads=threads, look_up=looks_up) for looks_up in (True, False)}
    rng, figures = random.Random(seed), dict[str, Any]()
    try:
        for engine in engines.values():
            batch_of(engine, prompts[:1], max_tokens)  # what is loaded late is loaded now
        with progress() as report:
            for chats in CHATS:
                batches = [prompts[n : n + chats] for n in range(0, len(prompts), chats)] * REPEATS
                rates: dict[bool, list[float]] = {True: [], False: []}
                for done, batch in enumerate(batches, start=1):
                    for looks_up in rng.sample([True, False], 2):
                        rates[looks_up].append(batch_of(engines[looks_up], batch, max_tokens))
                    report(f"{chats} at once", done, len(batches))
                figures[f"lookup/{chats}/tokens_per_s"] = round(sum(rates[True]) / len(batches), 1)
                figures[f"lookup/{chats}/tokens_per_s_without"] = round(sum(rates[False]) / len(batches), 1)
                figures[f"lookup/{chats}/times"] = ratio_interval(rates[True], rates[False], seed)
    finally:
        for engine in engines.values():
            engine.close()
    return figures


def batch_of(engine: OpenVINOGenerator, prompts: Sequence[str], max_tokens: int) -> float:
    """Tokens a second while these prompts are answered together, reading them included."""
    before, start = engine.tokens_done, time.perf_counter()
    with ThreadPoolExecutor(len(prompts)) as pool:
        list(pool.map(lambda prompt: "".join(engine.generate(prompt, max_tokens=max_tokens, stop=STOP)), prompts))
    return (engine.tokens_done - before) / (time.perf_counter() - start)
