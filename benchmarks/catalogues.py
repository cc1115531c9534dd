"""Shops to measure on: the demo shop, a real catalogue where it is there, and a synthetic one for size."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chatrec.candidates.training import train
from chatrec.catalog.ingest import ingest
from chatrec.catalog.sources import Sources
from chatrec.settings import load_settings
from chatrec.shops import resolve_shop
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations

MAPPINGS = Path(__file__).with_name("mappings")


@dataclass(frozen=True, slots=True)
class RealCatalogue:
    """A folder of CHATREC_DATA and what a shop would name on the command line."""

    folder: str
    items: str
    interactions: str = ""
    mapping: str = ""


REAL = {
    "amazon_scientific_2018": RealCatalogue(
        "amazon_scientific_2018", "Scientific.item.json", "Scientific.inter.json", "amazon_scientific_2018.toml"
    ),
    "bestbuy_3k": RealCatalogue("bestbuy_3k", "ecommerce.json", mapping="bestbuy_3k.toml"),
    "retail_demo_store": RealCatalogue("retail_demo_store", "products.yaml", mapping="retail_demo_store.toml"),
}


def data_folder() -> Path | None:
    """The folder named by CHATREC_DATA, where it exists."""
    place = os.environ.get("CHATREC_DATA", "")
    return Path(place) if place and Path(place).is_dir() else None


def sources_of(name: str) -> Sources | None:
    """The files of a real catalogue, or ``None`` where the data is absent."""
    root, real = data_folder(), REAL[name]
    if root is None or not (root / real.folder / real.items).is_file():
        return None
    mapping = MAPPINGS / real.mapping
    return Sources(
        items=root / real.folder / real.items,
        interactions=root / real.folder / real.interactions if real.interactions else None,
        mapping=mapping if real.mapping and mapping.is_file() else None,
    )


@contextmanager
def shop_of(name: str) -> Iterator[Path | None]:
    """A built and trained shop for the time of the block: ``demo``, a real catalogue (``None`` where absent), or ``synthetic:N``."""
    if name == "demo":
        yield resolve_shop("demo")
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / name.replace(":", "-")
        sources = synthetic(Path(place), int(name.partition(":")[2])) if name.startswith("synthetic:") else sources_of(name)
        if sources is None:
            yield None
            return
        ingest(folder, sources)
        if sources.interactions:
            with Database.open(folder) as database:
                train(database, Generations(folder), load_settings(folder).train)
        yield folder


def synthetic(place: Path, n: int, seed: int = 5) -> Sources:
    """``n`` products of words drawn from a Zipf law, and ten events each: for size only."""
    rng = np.random.default_rng(seed)
    syllables = [a + b for a in "bdfgklmnprstv" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]
    words = ["".join(rng.choice(syllables, rng.integers(2, 4))) for _ in range(4000)]
    weights = 1.0 / np.arange(1, len(words) + 1)
    weights /= weights.sum()
    path = place / "items.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(n):
            drawn = rng.choice(words, 28, p=weights)
            category = words[int(rng.integers(0, 120))]
            row = {
                "item_id": f"s{number}", "title": f"{' '.join(drawn[:3])} {category} {number}", "description": " ".join(drawn[3:]) + ".",
                "category": category, "brand": words[int(rng.integers(200, 500))].title(),
                "price": round(float(rng.lognormal(3.5, 0.8)), 2),
                "stock": int(rng.integers(0, 40)), "colour": ["red", "blue", "green", "black", "white"][int(rng.integers(0, 5))],
                "weight_g": int(rng.integers(50, 5000)),
            }  # fmt: skip
            file.write(json.dumps(row) + "\n")
    events = place / "interactions.csv"
    users = rng.integers(0, max(10, n // 2), n * 10)
    items = rng.zipf(1.3, n * 10) % n
    lines = "".join(f"u{u},s{i},click,1,{1_700_000_000 + k}\n" for k, (u, i) in enumerate(zip(users, items, strict=True)))
    events.write_text("user_id,item_id,event,value,timestamp\n" + lines, encoding="utf-8")
    return Sources(items=path, interactions=events)
