"""The result file of a benchmark: one object, into which later runs put further tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chatrec.errors import SettingsError


def merged(path: Path, result: Mapping[str, Any]) -> dict[str, Any]:
    """``result`` with the figures that ``path`` holds of other tables; the tables measured now replace their older figures.

    Raises :class:`SettingsError` where the file's figures are of another benchmark, machine or seed: they could not be compared.
    """
    if not path.exists():
        return dict(result)
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for key in ("name", "machine", "seed"):
        if held.get(key) != result[key]:
            raise SettingsError(f"{path} holds figures of another {key} ({held.get(key)!r}, now {result[key]!r}); name another file")
    tables = {_table(key) for key in result["figures"]}
    kept = {key: value for key, value in held["figures"].items() if _table(key) not in tables}
    commands = [*(c for c in held["command"].split("; ") if kept and c != result["command"]), result["command"]]
    seconds = result["seconds"] + (held["seconds"] if kept else 0.0)
    return {**result, "command": "; ".join(commands), "seconds": round(seconds, 1), "figures": {**kept, **result["figures"]}}


def write(path: Path, result: Mapping[str, Any]) -> None:
    """Replaces the file at once: a killed run leaves the older one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    beside.replace(path)


def _table(key: str) -> str:
    """The table of a figure: "demo" of "demo/bare/total_p95_ms"."""
    return key.partition("/")[0]
