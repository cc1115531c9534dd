"""Dialogue scripts: YAML conversations with deterministic assertions, for a shop's own tests and for ours."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from chatrec.errors import ScriptError

_SCHEMA = Path(__file__).with_name("dialogue_script.schema.json")


@dataclass(frozen=True, slots=True)
class Script:
    """One script. ``turns`` are as written, valid against the schema."""

    name: str
    path: str
    shop: str
    user: str | None
    settings: dict[str, dict[str, Any]]
    turns: tuple[dict[str, Any], ...]


@cache
def schema() -> dict[str, Any]:
    """The JSON schema of a script."""
    loaded: dict[str, Any] = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return loaded


def load_script(path: Path) -> Script:
    """The script in this file. Raises :class:`ScriptError` naming the file, the place and what is wrong."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ScriptError(f"{path}: there is no such file") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path}: not valid YAML: {error}") from error
    _validate(path, raw)
    return Script(raw["name"], str(path), raw.get("shop", "demo"), raw.get("user"), raw.get("settings", {}), tuple(raw["turns"]))


def _validate(path: Path, raw: object) -> None:
    from jsonschema import Draft202012Validator

    errors = sorted(Draft202012Validator(schema()).iter_errors(raw), key=lambda e: list(map(str, e.path)))
    if errors:
        first = errors[0]
        place = "/".join(str(p) for p in first.path) or "the file"
        raise ScriptError(f"{path}: {place}: {first.message}")


def load_scripts(places: Iterable[Path]) -> list[Script]:
    """The scripts of files and of folders (every ``*.yaml`` and ``*.yml`` in them), sorted by path."""
    paths: list[Path] = []
    for place in places:
        paths += sorted(p for p in place.iterdir() if p.suffix in (".yaml", ".yml")) if place.is_dir() else [place]
    if not paths:
        raise ScriptError("no dialogue scripts found; name a .yaml file or a folder that holds some")
    return [load_script(p) for p in paths]
