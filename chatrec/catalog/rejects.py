"""What could not be taken from a shop's files, kept row by row so that nothing is lost silently."""

from __future__ import annotations

import csv
import reprlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatrec.errors import RejectedRows

MOST_VALUE_CHARS = 200
# Beyond this many of one reason the file adds nothing but length; the counts stay exact.
MOST_KEPT = 20_000

ROW = "row"  # the whole row was left out
FIELD = "field"  # the row was kept without this field
PART = "part"  # the row and the field were kept, but the value was cut
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = MOST_VALUE_CHARS
_REPR.maxlevel = 3


@dataclass(frozen=True, slots=True)
class Reject:
    """One thing that was not taken: where it stands (``line`` from 1), what it was (bounded) and why. ``lost`` is ``row``,
    ``field`` or ``part``."""

    file: str
    line: int
    column: str
    value: str
    reason: str
    lost: str = ROW

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" + (f", column '{self.column}'" if self.column else "")
        return f"{place}: {self.reason} (value: {self.value!r})"


@dataclass
class RejectBook:
    """Collects the rejects of one file. In ``strict`` mode the first lost row or field raises :class:`RejectedRows`. ``uncut``
    counts the rows among them that no reader could give."""

    file: str
    strict: bool = False
    kept: list[Reject] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    uncut: int = 0

    def add_uncut(self, line: int, value: Any, reason: str) -> None:
        """Notes a row that could not even be cut out of the file."""
        self.uncut += 1
        self.add(line, "", value, reason)

    def add(self, line: int, column: str, value: Any, reason: str, lost: str = ROW) -> None:
        """Notes one reject. Raises :class:`RejectedRows` in strict mode, except for a value that was only cut."""
        reject = Reject(self.file, line, column, shorten(value), reason, lost)
        if self.strict and lost != PART:
            raise RejectedRows(f"{reject}; mend the row, or ingest without --strict to leave it out")
        key = (lost, reason)
        self.counts[key] += 1
        if self.counts[key] <= MOST_KEPT:
            self.kept.append(reject)

    def lost(self, what: str) -> int:
        """How many rows, fields or parts were lost."""
        return sum(n for (lost, _), n in self.counts.items() if lost == what)

    def reasons(self, what: str) -> dict[str, int]:
        """Reason -> count, the commonest first."""
        return {reason: n for (lost, reason), n in self.counts.most_common() if lost == what}

    def write(self, path: Path) -> None:
        """Writes what was lost to ``path``; nothing when nothing was."""
        if not self.counts:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(("file", "line", "column", "value", "reason", "lost"))
            writer.writerows(self._lines())

    def _lines(self) -> Iterator[tuple[str, int, str, str, str, str]]:
        for r in self.kept:
            yield r.file, r.line, r.column, _harmless(r.value), r.reason, r.lost
        for (lost, reason), n in self.counts.items():
            if n > MOST_KEPT:
                yield self.file, 0, "", "", f"and {n - MOST_KEPT} more: {reason}", lost


def shorten(value: Any) -> str:
    """A value as bounded text, whatever it is."""
    text = value if isinstance(value, str) else "" if value is None else _REPR.repr(value)
    text = text[: MOST_VALUE_CHARS + 1].encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
    return text if len(text) <= MOST_VALUE_CHARS else text[:MOST_VALUE_CHARS] + "…"


def _harmless(value: str) -> str:
    """A value that a spreadsheet will not run as a formula when someone opens the file."""
    return "'" + value if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
