"""Where the files that travel with chatrec lie: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from chatrec.errors import ChatrecError

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    for place in (_PACKAGE / f"_{name}", _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise ChatrecError(f"the folder '{name}' is neither inside the package {_PACKAGE} nor beside it; reinstall chatrec")


def prompts_folder() -> Path:
    """The folder of prompt files."""
    return _folder("prompts")


def adapters_folder() -> Path:
    """The folder of LoRA adapters that ship with chatrec."""
    return _folder("adapters")


@lru_cache(maxsize=1)
def everyday_words() -> frozenset[str]:
    """Everyday English, as written: words that are not misspelt because a catalogue lacks them."""
    text = (_PACKAGE / "understanding" / "data" / "common_words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def cache_folder() -> Path:
    """Where derived files that can always be made again are kept: ``CHATREC_CACHE``, else the user's cache folder."""
    given = os.environ.get("CHATREC_CACHE")
    if given:
        return Path(given).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("chatrec", appauthor=False)


def data_folder() -> Path:
    """Where shops named by a word (``demo``) are kept: ``CHATREC_HOME``, else the user's data folder."""
    given = os.environ.get("CHATREC_HOME")
    if given:
        return Path(given).expanduser()
    from platformdirs import user_data_path

    return user_data_path("chatrec", appauthor=False)
