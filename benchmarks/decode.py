"""Tokens a second on the same weights and prompts: transformers, the fast engine, and llama.cpp as their peer.

Every engine runs in a process of its own with the same number of threads and waits while another is asked; they take turns, prompt by
prompt, in an order that changes. ``speed`` counts the tokens after the first; ``first_token`` the time until then, when the fixed
beginning of the prompt was read before (``kept``) and when it is new (``fresh``); ``chats`` the whole writer with several shoppers at
once; ``lookup`` what guessing tokens from the prompt brings.

llama.cpp comes with ``python -m benchmarks.decode_peers`` into an environment of its own; without it its figures are left out.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.decode_chats import CHATS, first_sentences
from benchmarks.decode_lookup import lookups
from benchmarks.decode_peers import PEER_SCRIPT, peer_python
from benchmarks.decode_process import Answer, Worker
from benchmarks.intervals import interval, percentile, ratio_interval
from chatrec.cli.screen import console, progress
from chatrec.domain.facts import Evidence
from chatrec.evaluation.reply_measures import MODEL_ACTS
from chatrec.generation.fast_weights import merged_gguf
from chatrec.generation.prompts import CHAT_START, PromptLibrary, render_reply_prompt
from chatrec.resources import prompts_folder
from chatrec.tuning.dialogues import held_out_drafts

TABLES = ("speed", "chats", "lookup")
OURS, REFERENCE, PEER = "chatrec", "transformers", "llama_cpp"
PROMPTS, REPEATS, MAX_TOKENS = 20, 3, 96
LEAST_TOKENS = 8
"""A reply with fewer tokens after the first says nothing of speed."""
_SYSTEM, _SHOPPER = f"{CHAT_START}system\n", "shopper: "


def run(seed: int, quick: bool, tables: Sequence[str] | None = None, threads: int | None = None) -> dict[str, Any]:
    """Figures by table and engine; ratios are of paired prompts, ``[low, ratio, high]``."""
    chosen, n = threads or 2, 4 if quick else PROMPTS
    figures: dict[str, Any] = {}
    for table in tables or TABLES:
        cases = evidence(n if table == "speed" else 3 * n, seed)
        if table == "chats":
            for chats in CHATS:
                times = first_sentences(cases, chats, chosen, seed)
                figures |= {f"chats/{chats}/{name}": value for name, value in times.items()}
        elif table == "lookup":
            library = PromptLibrary(prompts_folder())
            figures |= lookups([render_reply_prompt(case, library) for case in cases], chosen, MAX_TOKENS, seed)
        else:
            figures |= speeds(cases, chosen, 1 if quick else REPEATS, seed)
        figures[f"{table}/{OURS}/threads"] = chosen
    return figures


def evidence(n: int, seed: int) -> list[Evidence]:
    """Invented records that no training row has: they may be shown to anybody."""
    drawn = held_out_drafts(3 * n, seed)
    return [d.evidence for d in drawn if d.evidence.act in MODEL_ACTS][:n]


def speeds(cases: Sequence[Evidence], threads: int, repeats: int, seed: int) -> dict[str, Any]:
    """All engines in turns over all prompts."""
    library = PromptLibrary(prompts_folder())
    prompts = [render_reply_prompt(case, library) for case in cases]
    gguf, _ = merged_gguf()
    found: dict[str, dict[str, list[Answer]]] = defaultdict(lambda: defaultdict(list))
    with ExitStack() as open_workers, progress() as report:
        workers = {name: open_workers.enter_context(worker) for name, worker in _workers(gguf, threads).items()}
        for worker in workers.values():
            worker.ask(prompts[0], MAX_TOKENS)  # what is loaded late is loaded now
        rng = random.Random(seed)
        rounds = [(kind, prompt) for _ in range(repeats) for prompt in prompts for kind in ("kept", "fresh")]
        for number, (kind, prompt) in enumerate(rounds, start=1):
            for name in rng.sample(list(workers), len(workers)):
                found[name][kind].append(workers[name].ask(marked(prompt, kind, number), MAX_TOKENS))
            report("prompts", number, len(rounds))
    return speed_figures(found, seed)


def marked(prompt: str, kind: str, number: int) -> str:
    """The prompt with a number that no prompt before had: behind the system turn (``kept``), so that only that turn is known to the engine,
    or at its very beginning (``fresh``), so that nothing is."""
    if kind == "fresh":
        return prompt.replace(_SYSTEM, f"{_SYSTEM}({number}) ", 1)
    return prompt.replace(_SHOPPER, f"{_SHOPPER}({number}) ", 1)


def speed_figures(found: Mapping[str, Mapping[str, Sequence[Answer]]], seed: int) -> dict[str, Any]:
    """Rates and their ratios over the answers of each engine, which are paired by their place."""
    rates = {name: [a.tokens_per_s for kind in sorted(kinds) for a in kinds[kind]] for name, kinds in found.items()}
    counted = [
        all(kinds[kind][n].tokens >= LEAST_TOKENS for kinds in found.values()) for kind in ("fresh", "kept") for n in _places(found, kind)
    ]
    figures: dict[str, Any] = {}
    for name, kinds in found.items():
        own = [rate for rate, counts in zip(rates[name], counted, strict=True) if counts]
        if own:
            figures[f"speed/{name}/tokens_per_s"] = interval(own, lambda v: float(np.mean(v)), seed, digits=1)
        for kind, answers in kinds.items():
            for q in (50, 95):
                figures[f"first_token/{name}/{kind}_p{q}_ms"] = interval([1000 * a.first_s for a in answers], percentile(q), seed, digits=1)
    for other in (REFERENCE, PEER):
        if other in rates and OURS in rates and any(counted):
            pairs = [(a, b) for a, b, counts in zip(rates[OURS], rates[other], counted, strict=True) if counts]
            figures[f"speed/{OURS}/times_{other}"] = ratio_interval([a for a, _ in pairs], [b for _, b in pairs], seed)
            same = [a.text == b.text for kind in ("fresh", "kept") for a, b in zip(found[OURS][kind], found[other][kind], strict=True)]
            figures[f"speed/{OURS}/same_text_as_{other}"] = round(float(np.mean(same)), 4)
    return {**figures, "speed/chatrec/prompts": sum(counted)}


def _places(found: Mapping[str, Mapping[str, Sequence[Answer]]], kind: str) -> range:
    return range(len(next(iter(found.values()))[kind]))


def _workers(gguf: Path, threads: int) -> dict[str, Worker]:
    own = [sys.executable, "-m", "benchmarks.decode_process"]
    workers = {
        REFERENCE: Worker([*own, "transformers", str(threads)], threads),
        OURS: Worker([*own, "openvino", str(threads)], threads),
    }
    if (python := peer_python()) is None:
        console.print("llama.cpp is left out; to measure it, run: python -m benchmarks.decode_peers")
        return workers
    return {**workers, PEER: Worker([str(python), str(PEER_SCRIPT), str(gguf), str(threads)], threads)}
