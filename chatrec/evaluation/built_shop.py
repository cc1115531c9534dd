"""Shops that are built to be measured on: ingested and trained once, then kept and used again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from chatrec.candidates.training import train
from chatrec.catalog.ingest import ingest
from chatrec.catalog.sources import Sources
from chatrec.protocols import Embedder
from chatrec.settings import load_settings
from chatrec.shops import Progress
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations


@dataclass(frozen=True, slots=True)
class Mark:
    """The file that says that a shop was built whole, and by which ``number``: raised when the shops made change, so that older ones are
    built again."""

    file: str
    number: int

    def stands_in(self, folder: Path) -> bool:
        """Whether a shop of this number was built here to its end."""
        try:
            return bool(json.loads((folder / self.file).read_text(encoding="utf-8"))["format"] == self.number)
        except (OSError, ValueError, KeyError, TypeError):
            return False


def build_shop(folder: Path, sources: Sources, mark: Mark, report: Progress | None = None, embedder: Embedder | None = None) -> None:
    """Ingests into ``folder`` and, where there is an event log, trains; marked last. Raises what ingest and training raise."""
    folder.mkdir(parents=True, exist_ok=True)  # there already for the ingest: then a killed one leaves its vectors to go on with
    ingest(folder, sources, progress=report, embedder=embedder)
    if sources.interactions:
        with Database.open(folder) as database:
            train(database, Generations(folder), load_settings(folder).train, progress=report)
    (folder / mark.file).write_text(json.dumps({"format": mark.number}) + "\n", encoding="utf-8")
