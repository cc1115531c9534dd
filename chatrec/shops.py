"""Which folder is which shop; and the built-in demo shop, made on first use."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatrec.errors import ShopNotFound
from chatrec.resources import data_folder
from chatrec.settings import load_settings

if TYPE_CHECKING:
    from chatrec.storage.database import Database

DEMO = "demo"
_BUILT = "demo-built.json"

Overrides = Mapping[str, Mapping[str, Any]]
Progress = Callable[[str, int, int], None]
"""Called as (what is being done, how far, out of how much)."""


def resolve_shop(shop: str | Path, progress: Progress | None = None, settings: Overrides | None = None) -> Path:
    """The folder of a shop: ``demo`` (made or renewed when needed) or a path. ``settings`` override the shop's own. Raises
    :class:`ShopNotFound`."""
    if str(shop) == DEMO:
        return prepare_demo(progress)
    folder = Path(shop).expanduser()
    if not is_shop(folder, settings):
        raise ShopNotFound(f"'{folder}' is not a shop: it holds no shop.db; make one with: chatrec ingest --shop {folder} --items FILE")
    return folder


def is_shop(folder: Path, settings: Overrides | None = None) -> bool:
    """Whether something was ingested into this folder, its rows kept here or at the address of its settings."""
    return (folder / "shop.db").is_file() or ((folder / "generations").is_dir() and bool(load_settings(folder, settings).storage.url))


def open_database(folder: Path) -> Database:
    """The database of a shop that was ingested, wherever its settings say that it is kept. Raises as :meth:`Database.of_shop`."""
    from chatrec.storage.database import Database

    return Database.of_shop(folder, load_settings(folder).storage.url, create=False)


def demo_folder() -> Path:
    """Where the demo shop is kept (it may not be built yet)."""
    return data_folder() / DEMO


def prepare_demo(progress: Progress | None = None) -> Path:
    """The demo shop's folder, ingested and trained; a second call builds nothing. One that an older version made, or whose trained
    model this version does not read, is built again."""
    from chatrec.candidates.model import FORMAT
    from chatrec.demo import DEMO_VERSION

    folder = demo_folder()
    mark, wanted = folder / _BUILT, {"version": DEMO_VERSION, "model": FORMAT}
    if _made_as(mark) != wanted:
        _build_demo(folder, progress)
        mark.write_text(json.dumps(wanted) + "\n", encoding="utf-8")
    return folder


def _made_as(mark: Path) -> object:
    """What a finished build wrote; ``None`` where there is none."""
    try:
        return json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _build_demo(folder: Path, progress: Progress | None) -> None:
    from chatrec.candidates.training import train
    from chatrec.catalog.ingest import ingest
    from chatrec.catalog.sources import Sources
    from chatrec.demo import write_files
    from chatrec.storage.generations import Generations

    files = write_files(folder)
    sources = Sources(
        items=files.items,
        interactions=files.interactions,
        users=files.users,
        reviews=files.reviews,
        orders=files.orders,
        policies=files.policies,
    )
    ingest(folder, sources, strict=True, progress=progress, url=load_settings(folder).storage.url)
    with open_database(folder) as database:
        train(database, Generations(folder), load_settings(folder).train, progress=progress)
