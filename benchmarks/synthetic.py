"""A catalogue of any size, for measuring what size costs. Its products and the vectors of its products mean nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatrec.catalog.sources import Sources
from chatrec.embedding.minilm import DIMENSION, MiniLMEmbedder

WORDS = 4_000
EVENTS_PER_ITEM = 10
_COLOURS = ("red", "blue", "green", "black", "white")
_SYLLABLES = [a + b for a in "bdfgklmnprstv" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]
# Texts lie near a surface of few dimensions; vectors spread over all of them would be harder for a nearest-neighbour graph than any text.
_INNER_DIMENSIONS = 24


class DrawnVectors:
    """Unit vectors drawn from the digest of each text, under MiniLM's name: a large catalogue without an hour of embedding.

    What a turn costs does not depend on what the vectors of the items mean. Requests are embedded by MiniLM itself.
    """

    def __init__(self) -> None:
        self._axes = np.random.default_rng(0).standard_normal((_INNER_DIMENSIONS, DIMENSION)).astype(np.float32)

    @property
    def name(self) -> str:
        """MiniLM's name, so that the shop opens with it."""
        return MiniLMEmbedder().name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return DIMENSION

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit-norm vectors, shape ``(len(texts), 384)``; the same text gives the same vector."""
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) for text in texts]
        drawn = [np.random.default_rng(seed).standard_normal(_INNER_DIMENSIONS).astype(np.float32) @ self._axes for seed in seeds]
        vectors = np.asarray(drawn, dtype=np.float32).reshape(len(texts), DIMENSION)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def synthetic(place: Path, n: int, seed: int = 5) -> Sources:
    """``n`` products of words drawn from a Zipf law, and ten events each, as files in ``place``."""
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(_SYLLABLES, rng.integers(2, 4))) for _ in range(WORDS)]
    weights = 1.0 / np.arange(1, len(words) + 1)
    weights /= weights.sum()
    place.mkdir(parents=True, exist_ok=True)
    path, events = place / "items.jsonl", place / "interactions.csv"
    with path.open("w", encoding="utf-8") as file:
        for number in range(n):
            file.write(json.dumps(_product(number, words, weights, rng)) + "\n")
    users = rng.integers(0, max(10, n // 2), n * EVENTS_PER_ITEM)
    items = rng.zipf(1.3, n * EVENTS_PER_ITEM) % n
    lines = "".join(f"u{u},s{i},click,1,{1_700_000_000 + k}\n" for k, (u, i) in enumerate(zip(users, items, strict=True)))
    events.write_text("user_id,item_id,event,value,timestamp\n" + lines, encoding="utf-8")
    return Sources(items=path, interactions=events)


def _product(number: int, words: Sequence[str], weights: NDArray[np.float64], rng: np.random.Generator) -> dict[str, object]:
    drawn = rng.choice(words, 28, p=weights)
    category = words[int(rng.integers(0, 120))]
    return {
        "item_id": f"s{number}",
        "title": f"{' '.join(drawn[:3])} {category} {number}",
        "description": " ".join(drawn[3:]) + ".",
        "category": category,
        "brand": words[int(rng.integers(200, 500))].title(),
        "price": round(float(rng.lognormal(3.5, 0.8)), 2),
        "stock": int(rng.integers(0, 40)),
        "colour": _COLOURS[int(rng.integers(0, 5))],
        "weight_g": int(rng.integers(50, 5000)),
    }
