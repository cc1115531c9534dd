"""What a set of training rows is made of: digests, counts and length, so that an adapter can say what it was trained on."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

Row = dict[str, str]
WRITTEN_BY_THE_MODEL = frozenset({"recommend", "compare", "item_answer", "explain"})
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_END = "<|im_end|>"
MOST_REASONS = 40
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


def opening(reply: str) -> str:
    """The first three words of a reply, figures and stops aside: what a reader hears first."""
    words = _FIGURE.sub("0", reply.lower().removesuffix(_END)).split()[:3]
    return " ".join(words).strip(".,:;!?")


def distinct_2(replies: Sequence[str]) -> float:
    """Distinct pairs of neighbouring words over all pairs, figures as they are (Li et al., 2016, "A Diversity-Promoting Objective
    Function for Neural Conversation Models"); 0 without any."""
    pairs = [pair for reply in replies for pair in pairwise(reply.lower().removesuffix(_END).split())]
    return round(len(set(pairs)) / len(pairs), 4) if pairs else 0.0


def describe(
    train: Sequence[Row],
    held_out: Sequence[Row],
    seed: int,
    prompt: str,
    refused: Mapping[str, int],
    by_hand: Sequence[Row] = (),
    past: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """The data card as JSON-ready figures. ``refused`` counts drafts that the checks turned down, by reason; ``by_hand`` are held-out
    replies written by hand; ``past`` counts what became of a shop's own past chats."""
    return {
        "seed": seed,
        "prompt": prompt,
        "train": _part(train),
        "held_out": _part(held_out),
        "shared_domains": sorted(
            {r["domain"] for r in train if r["act"] in WRITTEN_BY_THE_MODEL and r["mould"].partition(":")[0] != "written"}
            & {r["domain"] for r in held_out}
        ),
        "shared_moulds": sorted({r["mould"] for r in train} & {r["mould"] for r in held_out}),
        "written_held_out": {"rows": len(by_hand), "digest": digest(by_hand)},
        "past_chats": dict(past or {}),
        "refused": _most(refused),
    }


def _most(refused: Mapping[str, int]) -> dict[str, int]:
    """The commonest reasons, and how many drafts fell to all others."""
    ordered = sorted(refused.items(), key=lambda pair: -pair[1])
    rest = sum(n for _, n in ordered[MOST_REASONS:])
    return {**dict(ordered[:MOST_REASONS]), **({f"{len(ordered) - MOST_REASONS} other reasons": rest} if rest else {})}


def _plans(row: Row) -> list[str]:
    """The sentence plans of a reply; a reply written by hand has none of them."""
    return [row["mould"]] if row["mould"].startswith("written:") else row["mould"].split("+")


def _part(rows: Sequence[Row]) -> dict[str, Any]:
    lengths = sorted(len(r["prompt"]) + len(r["completion"]) for r in rows) or [0]
    return {
        "rows": len(rows),
        "digest": digest(rows),
        "tokens_estimated": tokens(rows),
        "tokens_p95": round(lengths[int(0.95 * (len(lengths) - 1))] / CHARS_PER_TOKEN),
        "acts": _counts(rows, "act"),
        "voices": _counts(rows, "voice"),
        "distinct_2": distinct_2([r["completion"] for r in rows]),
        "distinct_2_of_300": distinct_2([r["completion"] for r in rows if r["act"] in WRITTEN_BY_THE_MODEL][:300]),
        "openings": _openings(rows),
        "domains": _counts(rows, "domain"),
        "moulds": len({r["mould"] for r in rows}),
        "plans": dict(Counter(p.partition(":")[0] if p.startswith("written:") else p for r in rows for p in _plans(r)).most_common()),
        "written_by_hand": sum(r["mould"].startswith("written:") for r in rows),
    }


def _openings(rows: Sequence[Row]) -> dict[str, float]:
    """The five most frequent openings with their shares."""
    found = Counter(opening(r["completion"]) for r in rows)
    return {start: round(n / len(rows), 4) for start, n in found.most_common(5)}


def _counts(rows: Sequence[Row], field: str) -> dict[str, int]:
    return dict(sorted(Counter(r[field] for r in rows).items()))
