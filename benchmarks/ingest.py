"""Ingest: products a second, everything included, against raw ``SentenceTransformer.encode`` of the same texts in the same run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.catalogues import sources_of, synthetic
from chatrec.catalog.build import embedded_text
from chatrec.catalog.ingest import ingest
from chatrec.embedding.minilm import MiniLMEmbedder, weights_folder
from chatrec.storage.database import Database


def run(seed: int, quick: bool, tables: Sequence[str] | None = None) -> dict[str, Any]:
    """Figures by table: both rates, their ratio, and the seconds of a second ingest of the same files."""
    figures: dict[str, Any] = {}
    for name in tables or (("synthetic:500",) if quick else ("amazon_scientific_2018",)):
        with tempfile.TemporaryDirectory() as place:
            sources = synthetic(Path(place), int(name.partition(":")[2]), seed) if ":" in name else sources_of(name)
            if sources is not None:
                figures |= measure(Path(place) / "shop", sources, name)
    return figures


def measure(folder: Path, sources: Any, table: str) -> dict[str, Any]:
    """One catalogue. The encoder is warm before either is timed; raw encoding gets the very texts that ingest embeds."""
    from sentence_transformers import SentenceTransformer

    embedder = MiniLMEmbedder()
    embedder.encode(["warm up"])
    start = time.perf_counter()
    ingest(folder, sources, embedder=embedder)
    whole_s = time.perf_counter() - start
    with Database.open(folder) as database:
        texts = [embedded_text(item) for item in database.items.all()]
    model = SentenceTransformer(str(weights_folder()), device="cpu")
    model.encode(["warm up"])
    start = time.perf_counter()
    model.encode(texts, batch_size=32, normalize_embeddings=True)
    raw_s = time.perf_counter() - start
    start = time.perf_counter()
    ingest(folder, sources, embedder=embedder)
    again_s = time.perf_counter() - start
    return {
        f"{table}/chatrec/products_per_s": round(len(texts) / whole_s, 2),
        f"{table}/sentence_transformers/products_per_s": round(len(texts) / raw_s, 2),
        f"{table}/chatrec/ratio_to_raw_encode": round(raw_s / whole_s, 3),
        f"{table}/chatrec/second_ingest_s": round(again_s, 2),
        f"{table}/chatrec/products": len(texts),
    }
