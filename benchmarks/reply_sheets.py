"""Sheets that people fill in: YAML, one entry after the other, kept when they are written again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from chatrec.domain.facts import Evidence
from chatrec.generation.rendering import price_text

_WIDTH = 140


class _Plain(yaml.SafeDumper):
    """Lists of entries with an empty line between them, texts unbroken by quotes where that can be."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dump_sheet(path: Path, asked: str, entries: Sequence[Mapping[str, Any]], answers: Sequence[str], same: Sequence[str]) -> None:
    """Writes the sheet. What was filled in behind any of ``answers`` is kept for entries that have equal texts behind all of ``same``."""
    given: dict[tuple[Any, ...], dict[str, Any]] = {}
    for entry in load_sheet(path) if path.exists() else ():
        given[tuple(entry.get(name) for name in same)] = {name: entry[name] for name in answers if entry.get(name)}
    filled = [{**e, **given.get(tuple(e[name] for name in same), {})} for e in entries]
    text = yaml.dump({"asked": asked, "entries": filled}, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=_WIDTH)
    path.write_text(text.replace("\n- ", "\n\n- "), encoding="utf-8")


def load_sheet(path: Path) -> list[dict[str, Any]]:
    """The entries of a sheet. Raises :class:`ValueError` where it is none, and what YAML raises."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict) or not isinstance(document.get("entries"), list):
        raise ValueError("there is no list called 'entries' in it")
    return list(document["entries"])


def records(evidence: Evidence) -> dict[str, Any]:
    """What a reader needs to judge a reply: the message, the wishes, the records and what was computed."""
    told: dict[str, Any] = {"act": evidence.act, "shopper": evidence.shopper}
    if evidence.needs:
        told["wishes"] = list(evidence.needs)
    told["records"] = {
        f"[{item.n}] {item.name}{f' ({price})' if (price := price_text(item)) else ''}": [f.text for f in item.facts]
        for item in evidence.items
    }
    for name, facts in (("computed", evidence.notes), ("passages", evidence.passages)):
        if facts:
            told[name] = [f.text for f in facts]
    return told
