"""Shops to measure on: the demo shop, a real catalogue where it is there, and a synthetic one for size. Built once, then kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from benchmarks.synthetic import DrawnVectors, synthetic
from chatrec.catalog.sources import Sources
from chatrec.cli.screen import console, progress
from chatrec.evaluation.built_shop import Mark, build_shop
from chatrec.resources import cache_folder
from chatrec.shops import resolve_shop

MAPPINGS = Path(__file__).with_name("mappings")
SHOPS_VARIABLE = "CHATREC_BENCHMARK_SHOPS"
SYNTHETIC = "synthetic:"
_BUILT = Mark("benchmark.json", 1)


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


def shops_folder() -> Path:
    """Where built shops are kept: the folder named by CHATREC_BENCHMARK_SHOPS, else one in the cache folder."""
    place = os.environ.get(SHOPS_VARIABLE, "")
    return Path(place) if place else cache_folder() / "benchmark-shops"


def is_known(name: str) -> bool:
    """Whether a table of this name can be measured, given its data."""
    return name == "demo" or name in REAL or (name.startswith(SYNTHETIC) and name.removeprefix(SYNTHETIC).isdigit())


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


def shop_of(name: str) -> Path | None:
    """The folder of a built and trained shop: ``demo``, a real catalogue (``None`` where its data is absent), or ``synthetic:N``.

    One built before is used again; a killed build goes on where its embedding stopped. The items of a synthetic shop have drawn
    vectors.
    """
    if name == "demo":
        with progress() as report:
            return resolve_shop("demo", report)
    folder = shops_folder() / name.replace(":", "-")
    if _BUILT.stands_in(folder):
        console.print(f"{name}: the shop in {folder} is used again")
        return folder
    sources = synthetic(folder / "files", int(name.removeprefix(SYNTHETIC))) if name.startswith(SYNTHETIC) else sources_of(name)
    if sources is None:
        console.print(f"{name}: left out, its files are not in the folder named by CHATREC_DATA")
        return None
    console.print(f"{name}: building the shop in {folder}")
    with progress() as report:
        build_shop(folder, sources, _BUILT, report, DrawnVectors() if name.startswith(SYNTHETIC) else None)
    return folder
