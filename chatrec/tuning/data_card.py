"""What a set of training rows is made of: digests, counts and length, so that an adapter can say what it was trained on."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

Row = dict[str, str]
CHARS_PER_TOKEN = 3.6
"""Measured with SmolLM2's tokenizer on rows of this kind; used where the tokenizer is not at hand."""


def digest(rows: Sequence[Mapping[str, str]]) -> str:
    """SHA-256 over prompts and completions in order."""
    seen = hashlib.sha256()
    for row in rows:
        for part in (row["prompt"], row["completion"]):
            seen.update(part.encode("utf-8") + b"\0")
    return seen.hexdigest()


def tokens(rows: Sequence[Mapping[str, str]]) -> int:
    """An estimate of the tokens of all prompts and completions."""
    return round(sum(len(r["prompt"]) + len(r["completion"]) for r in rows) / CHARS_PER_TOKEN)


def describe(train: Sequence[Row], held_out: Sequence[Row], seed: int, prompt: str, refused: Mapping[str, int]) -> dict[str, Any]:
    """The data card as JSON-ready figures. ``refused`` counts drafts that the checks turned down, by reason."""
    return {
        "seed": seed,
        "prompt": prompt,
        "train": _part(train),
        "held_out": _part(held_out),
        "shared_domains": sorted(
            {r["domain"] for r in train if r["mould"].partition(":")[0] != "written"} & {r["domain"] for r in held_out}
        ),
        "shared_moulds": sorted({r["mould"] for r in train} & {r["mould"] for r in held_out}),
        "refused": dict(sorted(refused.items())),
    }


def _part(rows: Sequence[Row]) -> dict[str, Any]:
    lengths = sorted(len(r["prompt"]) + len(r["completion"]) for r in rows) or [0]
    return {
        "rows": len(rows),
        "digest": digest(rows),
        "tokens_estimated": tokens(rows),
        "tokens_p95": round(lengths[int(0.95 * (len(lengths) - 1))] / CHARS_PER_TOKEN),
        "acts": _counts(rows, "act"),
        "domains": _counts(rows, "domain"),
        "moulds": len({r["mould"] for r in rows}),
        "plans": dict(Counter(p for r in rows for p in r["mould"].split("+")).most_common()),
        "written_by_hand": sum(r["mould"].startswith("written:") for r in rows),
    }


def _counts(rows: Sequence[Row], field: str) -> dict[str, int]:
    return dict(sorted(Counter(r[field] for r in rows).items()))
