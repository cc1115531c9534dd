"""CSV and TSV with broken quoting survived: one bad quote must not swallow the rest of the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from chatrec.catalog.rejects import RejectBook
from chatrec.errors import UnreadableFile

_DELIMITERS = (",", "\t", ";", "|")
# A quoted description may run over many lines; a quote that stays open longer than this was never meant to open.
MOST_LINES = 400


@dataclass
class Cut:
    """A delimited file being cut. ``records`` gives (line, cells), cells as long as ``columns``, and can be run through once;
    ``blank`` and ``short`` count the blank rows left out and the short rows filled up so far."""

    columns: tuple[str, ...]
    records: Iterator[tuple[int, list[str]]] = field(default_factory=lambda: iter(()))
    blank: int = 0
    short: int = 0


def guess_delimiter(text: str) -> str:
    """The delimiter that cuts the header (and the next lines, as often) into most columns."""
    lines = [line for line in text.split("\n")[:12] if line.strip()]
    if not lines:
        return ","
    header = _outside_quotes(lines[0])
    return max(_DELIMITERS, key=lambda d: (header.count(d), sum(d in line for line in lines)))


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def cut_delimited(text: str, delimiter: str, header: tuple[str, ...], rejects: RejectBook) -> Cut:
    """Columns and records of CSV text; ``header`` names the columns where the file has no header row.

    A record with more cells than the header, or with a quote that never closes, is rejected; a shorter one is filled with blanks
    and counted. Raises :class:`UnreadableFile` for a header without names.
    """
    cutter = _Cutter(list(io.StringIO(text, newline="")), delimiter, rejects)
    cut = Cut(header or _header(cutter, rejects.file))
    cut.records = _records(cutter, cut)
    return cut


def _records(cutter: _Cutter, cut: Cut) -> Iterator[tuple[int, list[str]]]:
    width = len(cut.columns)
    for line, cells in cutter.records(width):
        if not "".join(cells).strip():
            cut.blank += 1
            continue
        missing = width - len(cells)
        if missing > 0:
            cut.short += 1
            cells += [""] * missing
        yield line, cells


def _header(cutter: _Cutter, name: str) -> tuple[str, ...]:
    for _, cells in cutter.records(0):
        if any(c.strip() for c in cells):
            break
    else:
        raise UnreadableFile(f"{name} has no header row; name the columns in the first line, or as 'header' in the mapping")
    names = [c.strip() for c in cells]
    while names and not names[-1]:
        names.pop()  # "a,b,c,,," is how a spreadsheet writes three columns
    seen: dict[str, int] = {}
    unique: list[str] = []
    for position, column in enumerate(names, start=1):
        column = column or f"column {position}"
        seen[column] = seen.get(column, 0) + 1
        unique.append(column if seen[column] == 1 else f"{column} ({seen[column]})")
    return tuple(unique)


class _Cutter:
    """Cuts lines into records; goes back and on from the next line when a record went wrong."""

    def __init__(self, lines: list[str], delimiter: str, rejects: RejectBook) -> None:
        self._lines, self._delimiter, self._rejects = lines, delimiter, rejects
        self._at = 0

    def records(self, width: int) -> Iterator[tuple[int, list[str]]]:
        """(first line, cells); ``width`` 0 takes any number of cells."""
        n = len(self._lines)
        while self._at < n:
            start = self._at
            reader = csv.reader(islice(self._lines, start, None), delimiter=self._delimiter)
            fault = ""
            while not fault:
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    fault = f"cannot be cut into cells: {error}"
                    break
                end = start + reader.line_num
                # One line with the right number of cells can only be wrong as the very last one.
                if end - self._at > 1 or len(cells) != width or end == n:
                    fault = self._fault(cells, end, width)
                if not fault:
                    line, self._at = self._at + 1, end
                    yield line, cells
            self._rejects.add_uncut(self._at + 1, self._lines[self._at].rstrip("\r\n"), fault)
            self._at += 1

    def _fault(self, cells: list[str], end: int, width: int) -> str:
        span = end - self._at
        extra = width > 0 and any(c.strip() for c in cells[width:])
        if span > 1 and (span > MOST_LINES or extra or self._is_open(end)):
            return "a quote opens here and does not close where the row should end"
        if extra:
            return f"{len(cells)} cells where the header has {width}"
        return "a quote opens here and never closes" if self._is_open(end) else ""

    def _is_open(self, end: int) -> bool:
        """Whether the record that ends the file does so inside quotes."""
        if end < len(self._lines):
            return False
        try:
            list(csv.reader(self._lines[self._at : end], delimiter=self._delimiter, strict=True))
        except csv.Error as error:
            return "unexpected end of data" in str(error)
        return False
