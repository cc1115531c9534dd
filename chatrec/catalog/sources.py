"""The files that a shop brings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the shop's files lie; ``None`` leaves what the shop already holds as it is.

    ``items`` is required for the first ingest. ``policies`` is a folder of ``*.md`` files (or one such file), ``mapping`` a TOML file
    (:mod:`chatrec.catalog.mapping`).
    """

    items: Path | None = None
    interactions: Path | None = None
    users: Path | None = None
    reviews: Path | None = None
    orders: Path | None = None
    policies: Path | None = None
    mapping: Path | None = None
