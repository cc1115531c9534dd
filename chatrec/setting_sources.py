"""Where settings are read from: the shop's ``chatrec.toml``, environment variables, and files that those name."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chatrec.errors import SettingsError

ENVIRONMENT_PREFIX = "CHATREC_"
# CHATREC_STORAGE__URL_FILE=/run/secrets/url: the value is what the file holds, as images of databases do it.
FILE_SUFFIX = "_file"

Layer = Mapping[str, Any]


def settings_layers(folder: Path | None = None) -> dict[str, Layer]:
    """What is set, by where it is set, the strongest first. Raises :class:`SettingsError` for a file that cannot be read."""
    return {"environment": from_environment(os.environ), "chatrec.toml": from_file(folder)}


def from_file(folder: Path | None) -> Layer:
    """The shop's ``chatrec.toml``; empty where there is none."""
    path = folder / "chatrec.toml" if folder else None
    if path is None or not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error


def from_environment(environment: Mapping[str, str]) -> Layer:
    """``CHATREC_<SECTION>__<NAME>``, and ``CHATREC_<SECTION>__<NAME>_FILE`` for a value that stands in a file."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in environment.items():
        section, split, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if not name.startswith(ENVIRONMENT_PREFIX) or not split:
            continue
        if key.endswith(FILE_SUFFIX):
            found.setdefault(section, {}).setdefault(key.removesuffix(FILE_SUFFIX), _held(name, value))
        else:
            found.setdefault(section, {})[key] = value
    return found


def _held(name: str, place: str) -> str:
    """What a file holds, without the end of its line."""
    try:
        return Path(place).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{name} names the file '{place}', which cannot be read: {error}; check the path and who may read it"
        ) from error
