"""How well the sentence gate tells what a record holds from what it does not, beside an overlap check and no gate at all.

A check is right to stop a sentence whose label is false: recall is the share of false sentences stopped, precision the share of false
ones among the stopped. ``after_repair`` counts what a shopper would see: a mended text is judged by its own label. Intervals are
Wilson's (1927), at 95%, since shares near one leave the bootstrap nothing to draw. Tables: ``dev``, ``test`` (frozen).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.gate_data import Labelled, Sentences, digests, load
from benchmarks.gate_peers import best_share, overlap
from chatrec.domain.facts import Evidence
from chatrec.generation.gate import SentenceGate, Verdict

TABLES = ("dev", "test")
_Z = 1.959964  # the normal quantile of 95%
ROUNDS = 2
Stops = Callable[[Labelled, Evidence], bool]


def run(seed: int, quick: bool, tables: Sequence[str] | None = None) -> dict[str, Any]:
    """Figures of each table. Nothing is drawn, so ``seed`` changes nothing."""
    data, gate = load(), SentenceGate()
    share = best_share([s for s in data.sentences if s.split == "dev" and s.source != "formats"], data.worlds)
    figures: dict[str, Any] = {}
    for table in tables or TABLES:
        figures |= {f"{table}/{name}": value for name, value in _table(table, data, gate, share, 1 if quick else ROUNDS).items()}
    return figures


def _table(split: str, data: Sentences, gate: SentenceGate, share: float, rounds: int) -> dict[str, Any]:
    every = [s for s in data.sentences if s.split == split]
    claims = [s for s in every if s.source != "formats"]
    spoken = [s for s in claims if s.is_english]
    checks: dict[str, Stops] = {
        "gate": lambda s, e: not gate.judge(s.text, e, s.previous).ok,
        f"overlap_{share:g}": lambda s, e: overlap(s, e) < share,
        "no_gate": lambda s, e: False,
    }
    figures: dict[str, Any] = {
        "gate_version": gate.version,
        "digests": digests() if split == "test" else {},
        "sentences": len(claims),
        "sentences_from_models": sum(s.source == "sampled" for s in claims),
        "false_sentences": sum(not s.is_true for s in claims),
    }
    for name, stops in checks.items():
        quality = _quality(spoken, data, stops)
        figures |= {f"{name}/{key}": value for key, value in quality.items() if name != "no_gate" or "_of_" not in key}
    verdicts = {(s.world, s.text): gate.check(s.text, data.worlds[s.world], s.previous) for s in every}
    formats = [s for s in every if s.source == "formats"]
    figures |= {f"gate/after_repair/{key}": value for key, value in _after_repair(claims, data, verdicts).items()}
    figures |= {f"formats/{key}": value for key, value in _after_repair(formats, data, verdicts).items()}
    figures |= {f"english/{key}": value for key, value in _english(claims, data, verdicts).items()}
    return figures | _cost(claims, data, gate, rounds)


def wilson(hits: int, n: int) -> list[float]:
    """``[low, share, high]`` of ``hits`` among ``n``; no bounds narrower than [0, 1] where there is nothing to count."""
    if not n:
        return [0.0, 0.0, 1.0]
    p, z2 = hits / n, _Z * _Z
    centre, half = (p + z2 / (2 * n)) / (1 + z2 / n), _Z / (1 + z2 / n) * float(np.sqrt(p * (1 - p) / n + z2 / (4 * n * n)))
    return [round(max(0.0, centre - half), 4), round(p, 4), round(min(1.0, centre + half), 4)]


def _quality(sentences: Sequence[Labelled], data: Sentences, stops: Stops) -> dict[str, Any]:
    stopped = [s for s in sentences if stops(s, data.worlds[s.world])]
    found = {id(s) for s in stopped}
    lies = [s for s in sentences if not s.is_true]
    figures: dict[str, Any] = {
        "recall": wilson(sum(id(s) in found for s in lies), len(lies)),
        "precision": wilson(sum(not s.is_true for s in stopped), len(stopped)),
        "true_sentences_passed": wilson(sum(s.is_true and id(s) not in found for s in sentences), len(sentences) - len(lies)),
    }
    for source in sorted({s.source for s in lies}):
        own = [s for s in lies if s.source == source]
        figures[f"recall_{source}"] = wilson(sum(id(s) in found for s in own), len(own))
        held = [s for s in stopped if s.source == source]
        figures[f"precision_{source}"] = wilson(sum(not s.is_true for s in held), len(held))
    for kind in sorted({s.kind for s in lies}):
        own = [s for s in lies if s.kind == kind]
        figures[f"recall_of_{kind}"] = [sum(id(s) in found for s in own), len(own)]
    return figures


def _after_repair(sentences: Sequence[Labelled], data: Sentences, verdicts: dict[tuple[str, str], Verdict]) -> dict[str, Any]:
    """What a shopper sees of each sentence: the sentence, what was made of it, or nothing."""
    seen, unlabelled = [], 0
    for s in sentences:
        verdict = verdicts[s.world, s.text]
        text = s.text if verdict.ok else verdict.repaired
        label = s.is_true if verdict.ok else data.mended.get((s.world, text)) if text else None
        unlabelled += bool(text) and label is None
        seen.append((s, text, label))
    lies, truths = [row for row in seen if not row[0].is_true], [row for row in seen if row[0].is_true]
    released = [row for row in seen if row[1]]
    return {
        "released_sentences_that_are_false": wilson(sum(not label for _, _, label in released), len(released)),
        "false_sentences_stopped_or_mended": wilson(sum(not text or label is True for _, text, label in lies), len(lies)),
        "false_sentences_mended": wilson(sum(bool(text) and label is True for _, text, label in lies), len(lies)),
        "true_sentences_released": wilson(sum(bool(text) and label is True for _, text, label in truths), len(truths)),
        "mended_texts_without_a_label": unlabelled,
    }


def _english(sentences: Sequence[Labelled], data: Sentences, verdicts: dict[tuple[str, str], Verdict]) -> dict[str, Any]:
    """Broken English is mended or held back; sound sentences come through as they are."""
    broken = [s for s in sentences if not s.is_english]
    sound = [s for s in sentences if s.is_english and s.is_true]
    return {
        "broken_sentences_mended_or_held_back": wilson(sum(not verdicts[s.world, s.text].ok for s in broken), len(broken)),
        "sound_true_sentences_untouched": wilson(sum(verdicts[s.world, s.text].ok for s in sound), len(sound)),
    }


def _cost(sentences: Sequence[Labelled], data: Sentences, gate: SentenceGate, rounds: int) -> dict[str, Any]:
    times: dict[str, list[float]] = {"judge": [], "check": []}
    for _ in range(rounds):
        for s in sentences:
            for name, run_one in (("judge", gate.judge), ("check", gate.check)):
                start = time.process_time()  # other work on the machine is not the gate's
                run_one(s.text, data.worlds[s.world], s.previous)
                times[name].append(1000.0 * (time.process_time() - start))
    figures = {f"cpu_ms_per_sentence/{name}_mean": round(float(np.mean(t)), 3) for name, t in times.items()}
    return figures | {f"cpu_ms_per_sentence/{name}_p95": round(float(np.percentile(t, 95)), 3) for name, t in times.items()}
