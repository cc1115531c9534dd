"""Ingest: products a second, everything included, against raw ``SentenceTransformer.encode`` of the same texts in the same run.

The catalogue is cut into chunks. Each is ingested into a shop of its own and its texts are encoded raw, in alternating order, so
that a machine that slows down meanwhile slows both; the interval is a bootstrap over the chunks.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.catalogues import SYNTHETIC, is_known, sources_of
from benchmarks.intervals import interval
from benchmarks.synthetic import synthetic
from chatrec.catalog.build import embedded_text
from chatrec.catalog.ingest import ingest
from chatrec.catalog.mapping import load_mapping
from chatrec.catalog.readers import read_table
from chatrec.catalog.rows import item_rows
from chatrec.catalog.sources import Sources
from chatrec.cli.screen import progress
from chatrec.embedding.minilm import MiniLMEmbedder, weights_folder
from chatrec.errors import SettingsError

TABLES = ("amazon_scientific_2018",)
ITEMS = 3_000
CHUNKS = 8
BATCH = 32  # what SentenceTransformer.encode takes by itself


@dataclass(frozen=True, slots=True)
class Timed:
    """One chunk: its products, the seconds of its ingest and of raw encoding, and of a second ingest that changes nothing."""

    products: int
    whole_s: float
    raw_s: float
    again_s: float


def run(seed: int, quick: bool, tables: Sequence[str] | None = None, items: int | None = None) -> dict[str, Any]:
    """Figures by table: both rates, their ratio, and the seconds of a second ingest of the same files."""
    most = items or (160 if quick else ITEMS)
    figures: dict[str, Any] = {}
    for name in tables or TABLES:
        if name == "demo" or not is_known(name):
            raise SettingsError(f"ingest has no table '{name}'; take amazon_scientific_2018, bestbuy_3k or synthetic:N")
        with tempfile.TemporaryDirectory() as place:
            sources = synthetic(Path(place), int(name.removeprefix(SYNTHETIC)), seed) if name.startswith(SYNTHETIC) else sources_of(name)
            if sources is not None:
                figures |= measure(Path(place), replace(sources, interactions=None), name, most, seed)
    return figures


def measure(place: Path, sources: Sources, table: str, most: int, seed: int) -> dict[str, Any]:
    """One catalogue. Both encoders are warm before anything is timed; raw encoding gets the very texts that ingest embeds."""
    from sentence_transformers import SentenceTransformer

    embedder = MiniLMEmbedder()
    model = SentenceTransformer(str(weights_folder()), device="cpu", local_files_only=True)
    assert sources.items is not None
    files = cut(sources.items, place, most, CHUNKS)
    _timed(place / "warm-up", replace(sources, items=cut(sources.items, place / "few", BATCH, 1)[0]), embedder, model, raw_first=True)
    chunks = []
    with progress() as report:
        report(f"{table}: chunks", 0, len(files))
        for number, path in enumerate(files):
            chunks.append(_timed(place / f"shop-{number}", replace(sources, items=path), embedder, model, raw_first=number % 2 == 1))
            report(f"{table}: chunks", number + 1, len(files))
    products, whole, raw = (np.array([getattr(c, name) for c in chunks], dtype=np.float64) for name in ("products", "whole_s", "raw_s"))
    places = list(range(len(chunks)))
    return {
        f"{table}/chatrec/products_per_s": interval(
            places, lambda d: float(products[d.astype(int)].sum() / whole[d.astype(int)].sum()), seed
        ),
        f"{table}/sentence_transformers/products_per_s": interval(
            places, lambda d: float(products[d.astype(int)].sum() / raw[d.astype(int)].sum()), seed
        ),
        f"{table}/chatrec/ratio_to_raw_encode": interval(
            places, lambda d: float(raw[d.astype(int)].sum() / whole[d.astype(int)].sum()), seed
        ),
        f"{table}/chatrec/second_ingest_s": round(sum(c.again_s for c in chunks) / len(chunks), 2),
        f"{table}/chatrec/products": int(products.sum()),
        f"{table}/chatrec/chunks": len(chunks),
    }


def _timed(shop: Path, sources: Sources, embedder: MiniLMEmbedder, model: Any, *, raw_first: bool) -> Timed:
    texts = texts_of(sources)

    def take_over() -> float:
        start = time.perf_counter()
        ingest(shop, sources, embedder=embedder)
        return time.perf_counter() - start

    def encode() -> float:
        start = time.perf_counter()
        model.encode(texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        return time.perf_counter() - start

    if raw_first:
        raw_s, whole_s = encode(), take_over()
    else:
        whole_s, raw_s = take_over(), encode()
    return Timed(len(texts), whole_s, raw_s, take_over())


def texts_of(sources: Sources) -> list[str]:
    """The texts that ingest embeds, one a product."""
    assert sources.items is not None
    mapping = load_mapping(sources.mapping).items
    return [embedded_text(item) for item in item_rows(read_table(sources.items, mapping.layout), mapping, "USD").items]


def cut(path: Path, place: Path, most: int, parts: int) -> list[Path]:
    """At most ``most`` entries of a JSON list, an id-keyed JSON object or JSON lines, as ``parts`` files of the same kind in ``place``.

    Raises :class:`SettingsError` for a file of another kind.
    """
    text = path.read_text(encoding="utf-8")
    try:
        held: Any = [json.loads(line) for line in text.splitlines() if line.strip()] if path.suffix == ".jsonl" else json.loads(text)
    except ValueError as error:
        raise SettingsError(f"{path.name} is neither JSON nor JSON lines ({error}); it cannot be cut into chunks") from error
    entries = (list(held.items()) if isinstance(held, dict) else list(held))[:most]
    place.mkdir(parents=True, exist_ok=True)
    files = []
    for number in range(min(parts, len(entries))):
        some = entries[len(entries) * number // parts : len(entries) * (number + 1) // parts]
        files.append(place / f"chunk-{number}{path.suffix}")
        lines = "".join(json.dumps(entry) + "\n" for entry in some) if path.suffix == ".jsonl" else ""
        files[-1].write_text(lines or json.dumps(dict(some) if isinstance(held, dict) else some), encoding="utf-8")
    return files
