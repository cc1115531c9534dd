"""What an ingest did, file by file, in figures and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from chatrec.catalog.columns import Columns
from chatrec.catalog.readers import KEY, SEQUENCE, Table
from chatrec.catalog.rejects import FIELD, PART, ROW

_MOST_REASONS = 12
_MOST_NAMED = 30
_WITH_PROPERTIES = ("items", "users")


@dataclass(frozen=True)
class FileReport:
    """One file. ``read`` rows are ``kept``, ``merged`` (said twice the same) or among ``rejected`` (reason -> rows), but for
    interactions, where ``kept`` counts events. ``fields_dropped`` and ``values_cut`` lost less than a row; ``blank`` rows say nothing.

    ``mapped`` is our field -> the file's column, ``attributes`` the columns kept as properties, ``left_out`` column -> why.
    """

    kind: str
    file: str
    format: str
    encoding: str
    read: int
    kept: int
    merged: int = 0
    blank: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    fields_dropped: Mapping[str, int] = field(default_factory=dict)
    values_cut: Mapping[str, int] = field(default_factory=dict)
    unknown_items: int = 0
    cancelled: int = 0
    mapped: Mapping[str, str] = field(default_factory=dict)
    attributes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    rejects_file: str = ""

    @property
    def n_rejected(self) -> int:
        """How many rows were left out for a fault."""
        return sum(self.rejected.values())

    def lines(self) -> list[str]:
        """The report of this file, a line a statement."""
        head = f"{self.kind}: {self.file} ({self.format}{', ' + self.encoding if self.encoding else ''})"
        figures = [f"{self.read:,} rows read", f"{self.kept:,} kept"]
        figures += [f"{n:,} {what}" for n, what in self._losses() if n]
        found = [head, "  " + ", ".join(figures)]
        if self.mapped:
            found.append("  fields: " + ", ".join(f"{name} <- {column}" for name, column in self.mapped.items()))
        if self.attributes:
            more = len(self.attributes) - _MOST_NAMED
            found.append("  properties: " + ", ".join(self.attributes[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else ""))
        found += [f"  left out: column '{column}': {why}" for column, why in self.left_out.items()]
        losses = (("row rejected", self.rejected), ("field dropped", self.fields_dropped), ("value shortened", self.values_cut))
        for what, reasons in losses:
            found += [f"  {what}: {reason}: {n:,}" for reason, n in list(reasons.items())[:_MOST_REASONS]]
        found += [f"  note: {note}" for note in self.notes]
        return found + ([f"  rejects: {self.rejects_file}"] if self.rejects_file else [])

    def _losses(self) -> list[tuple[int, str]]:
        return [
            (self.merged, "merged (identical)"), (self.n_rejected, "rejected"), (sum(self.fields_dropped.values()), "fields dropped"),
            (sum(self.values_cut.values()), "values shortened"), (self.blank, "blank rows"),
            (self.unknown_items, "of unknown items"), (self.cancelled, "pieces cancelled"),
        ]  # fmt: skip


@dataclass(frozen=True)
class IngestReport:
    """The whole ingest. ``embedded`` texts were new to the embedder; ``seconds`` by stage; ``generation`` is the one now serving."""

    shop: str
    files: tuple[FileReport, ...]
    items: int
    generation: int
    embedded: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        """Rows left out over all files."""
        return sum(f.n_rejected for f in self.files)

    def file(self, kind: str) -> FileReport | None:
        """The report on one kind of file (``items``, ``interactions`` ...), or ``None``."""
        return next((f for f in self.files if f.kind == kind), None)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [line for f in self.files for line in f.lines()]
        seconds = ", ".join(f"{stage} {s:.1f} s" for stage, s in self.seconds.items())
        lines.append(f"{self.shop}: {self.items:,} items in generation {self.generation}; {self.embedded:,} texts embedded ({seconds})")
        return "\n".join(lines)


def file_report(kind: str, table: Table, rows: Any, kept: int, rejects_folder: Path) -> FileReport:
    """The report on one table from what its rows became (``ItemRows``, ``EventRows`` or ``SideRows``)."""
    columns: Columns = rows.columns
    unknown = getattr(rows, "unknown", 0)
    rejects = table.rejects
    return FileReport(
        kind=kind,
        file=table.name,
        format=table.format,
        encoding=table.encoding,
        read=rows.read,
        kept=kept,
        merged=rows.merged,
        blank=table.blank,
        rejected=rejects.reasons(ROW),
        fields_dropped=rejects.reasons(FIELD),
        values_cut=rejects.reasons(PART),
        unknown_items=unknown if isinstance(unknown, int) else sum(unknown.values()),
        cancelled=getattr(rows, "cancelled", 0),
        mapped={name: _shown(column) for name, column in columns.fields.items()} or _implied(table),
        attributes=tuple(columns.attributes) if kind in _WITH_PROPERTIES else (),
        left_out={
            **columns.left_out,
            **({} if kind in _WITH_PROPERTIES else dict.fromkeys(columns.attributes, "no field of these records")),
        },
        notes=(*table.notes, *_short(table), *rows.notes),
        rejects_file=str(rejects_folder / f"{kind}.csv") if rejects.counts else "",
    )


def _shown(column: str) -> str:
    return {KEY: "the key of each entry", SEQUENCE: "the list of each entry"}.get(column, column)


def _implied(table: Table) -> dict[str, str]:
    if SEQUENCE in table.columns:
        return {"user_id": "the first of each entry", "item_id": "the rest of each entry"}
    return {}


def _short(table: Table) -> list[str]:
    return [f"{table.short} rows have fewer cells than the header; the missing ones count as blank"] if table.short else []
