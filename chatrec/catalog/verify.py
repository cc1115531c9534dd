"""Nothing is served that was not verified: counts agree, every id can be found, and the vector index finds what an exact search finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatrec.catalog.snapshot import FACTS, read_fact_lines
from chatrec.catalog.text_index import TextIndex
from chatrec.catalog.vector_index import VectorIndex
from chatrec.errors import GenerationError

LEAST_RECALL = 0.98
DEPTH = 50
_SAMPLE = 150
# The noise moves a vector to a cosine of about 0.9 with itself: a shopper's words are near an item, never on it.
_NOISE = 0.48
# Two items at one distance may stand in either order.
_TIE = 1e-5


def verify(folder: Path, ids: Sequence[str], vectors: NDArray[np.float32], seed: int = 0) -> dict[str, float]:
    """Checks the finished files of a draft and gives the figures for its manifest.

    Raises :class:`GenerationError` naming what does not hold; the draft must not be published then.
    """
    _agree("lines of facts", len(read_fact_lines(folder / FACTS)), len(ids))
    _agree("vectors", len(vectors), len(ids))
    if not np.isfinite(vectors).all():
        raise GenerationError("the embedder gave vectors that are not numbers; check the embedder, then ingest again")
    text = TextIndex.load(folder / "bm25")
    _agree("rows of the text index", text.reachable(), len(ids))
    if text.ids != tuple(ids):
        raise GenerationError("the text index holds other ids than the snapshot; build the generation again")
    with VectorIndex.of_folder(folder) as index:
        figures = _verified(index, ids, vectors, seed)
    return {"items": float(len(ids)), **figures}


def _verified(index: VectorIndex, ids: Sequence[str], vectors: NDArray[np.float32], seed: int) -> dict[str, float]:
    _agree("vectors in Chroma", len(index), len(ids))
    absent = set(ids) - index.ids()
    if absent:
        raise GenerationError(f"{len(absent)} items are not in Chroma, the first is '{sorted(absent)[0]}'; build the generation again")
    rng = np.random.default_rng(seed)
    sample = rng.choice(len(ids), min(_SAMPLE, len(ids)), replace=False)
    stored = vectors[sample]
    noise = rng.normal(size=stored.shape) / np.sqrt(stored.shape[1]) * _NOISE
    near = stored + noise.astype(np.float32)
    near /= np.maximum(np.linalg.norm(near, axis=1, keepdims=True), 1e-12)
    figures = {
        "recall@50": recall(index, ids, vectors, stored),
        "recall@50_near": recall(index, ids, vectors, near),
        "found": recall(index, ids, vectors, stored, k=1),
    }
    for name, value in figures.items():
        if value < LEAST_RECALL:
            raise GenerationError(f"the vector index has {name} = {value:.3f}, at least {LEAST_RECALL} is needed; build it again")
    return figures


def recall(index: VectorIndex, ids: Sequence[str], vectors: NDArray[np.float32], queries: NDArray[np.float32], k: int = DEPTH) -> float:
    """Share of the exact ``k`` nearest that the index gives, mean over ``queries``, shape ``(q, d)``; a tie counts as found."""
    k = min(k, len(ids))
    rows = {item_id: row for row, item_id in enumerate(ids)}
    similar = queries @ vectors.T
    least = np.partition(similar, len(ids) - k, axis=1)[:, len(ids) - k] - _TIE
    given = index.search_batch(queries, k)
    hits = [sum(similar[q, rows[i]] >= least[q] for i in found) / k for q, found in enumerate(given)]
    return float(np.mean(hits))


def _agree(what: str, found: int, wanted: int) -> None:
    if found != wanted:
        raise GenerationError(f"there are {found} {what} for {wanted} items; build the generation again")
