"""A shop's labelled requests: what shoppers ask for, with the items that are right answers."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chatrec.catalog.delimited import guess_delimiter
from chatrec.catalog.encodings import decode, read_bytes
from chatrec.catalog.rejects import FIELD, ROW, RejectBook
from chatrec.errors import UnreadableFile

SHARES = "fusion.json"  # in a generation: the shares of the fusion that such requests chose
REQUEST_NAMES = ("query", "queries", "request", "text", "search", "question")
RIGHT_NAMES = ("items", "item_ids", "item_id", "ids", "right", "right items")
# Items that shoppers chose after asking, among others that matched as well.
CHOSEN_NAMES = ("chosen", "chosen items", "bought", "purchased", "clicked")
MOST_REQUESTS = 1_000  # a hundred suffice; more only take time
MOST_TOLD = 5
_SEED = 0
_LINE_END = re.compile(r"\r\n|\r|\n")  # as an editor counts lines


@dataclass(frozen=True, slots=True)
class Labelled:
    """Requests, each with the ids of its right answers, at least one; every request once.

    ``chosen`` says whether they are choices of shoppers rather than all that matches. ``read`` counts the lines that hold a request;
    ``rejects`` holds what was left out, ``merged`` how many lines asked again for the same.
    """

    file: str
    requests: tuple[tuple[str, frozenset[str]], ...]
    rejects: RejectBook
    chosen: bool = False
    read: int = 0
    merged: int = 0
    notes: tuple[str, ...] = ()

    def told(self) -> tuple[str, ...]:
        """What became of the lines, in sentences: figures first, then the first faults."""
        left_out, ids = self.rejects.lost(ROW), self.rejects.lost(FIELD)
        figures = [f"{self.read:,} lines read", f"{len(self.requests):,} requests kept"]
        losses = ((self.merged, "asked before and merged"), (left_out, "left out"), (ids, "unknown item ids dropped"))
        figures += [f"{n:,} {what}" for n, what in losses if n]
        faults = [str(reject) for reject in self.rejects.kept]
        more = (f"and {len(faults) - MOST_TOLD} more",) if len(faults) > MOST_TOLD else ()
        return (f"{self.file}: {', '.join(figures)}", *self.notes, *faults[:MOST_TOLD], *more)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where request and ids stand in a line of ``width`` cells (0: any number); negative places count from the end."""

    request: int = -2
    right: int = -1
    width: int = 0
    chosen: bool = False


@dataclass(slots=True)
class _Gathered:
    requests: dict[str, set[str]] = field(default_factory=dict)
    spelt: dict[str, str] = field(default_factory=dict)
    read: int = 0
    merged: int = 0


def read_queries(path: Path, known: Container[str]) -> Labelled:
    """The requests of a file: a line each, request, tab, ids of the right items separated by spaces; ``known`` are the shop's ids.

    Without a header the ids are in the last column and the request in the one before; a header names them (``query``, and ``items`` or
    ``chosen``). CSV is read too, ids in one cell. Lines that start with # are comments. Bad lines are left out and kept in ``rejects``
    with file, line, value and reason; so are ids that the shop does not hold. Raises :class:`UnreadableFile` for a file that is missing,
    empty or no text.
    """
    decoded = decode(read_bytes(path), path.name)
    lines = [
        (n, line) for n, line in enumerate(_LINE_END.split(decoded.text), start=1) if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        raise UnreadableFile(f"{path} holds no request; write a line for each: request, tab, ids of the right items separated by spaces")
    book, gathered = RejectBook(path.name), _Gathered()
    cut = _cutter([line for _, line in lines])
    layout = _header(cut, lines[0][1])
    for number, line in lines[1:] if layout else lines:
        gathered.read += 1
        _take(number, line, cut, layout or _Layout(), known, book, gathered)
    requests, notes = _bounded([(gathered.spelt[key], frozenset(ids)) for key, ids in gathered.requests.items()])
    chosen = layout.chosen if layout else False
    return Labelled(path.name, requests, book, chosen, gathered.read, gathered.merged, (*((decoded.note,) if decoded.note else ()), *notes))


def _cutter(lines: Sequence[str]) -> Callable[[str], list[str]]:
    """How a line is cut: at tabs where any line has one, quotes being inches unless they enclose a whole cell; else as CSV."""
    if any("\t" in line for line in lines):
        return lambda line: [_unquoted(cell.strip()) for cell in line.split("\t")]
    delimiter = guess_delimiter("\n".join(lines))
    return lambda line: [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True), [])]


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"').strip() if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def _header(cut: Callable[[str], list[str]], line: str) -> _Layout | None:
    """The layout that the first line names; ``None`` where it is a request already."""
    try:
        names = [cell.strip().lower() for cell in cut(line)]
    except csv.Error:
        return None
    request = next((n for n, name in enumerate(names) if name in REQUEST_NAMES), None)
    right = next((n for n, name in enumerate(names) if name in (*RIGHT_NAMES, *CHOSEN_NAMES)), None)
    if request is None or right is None:
        return None
    return _Layout(request, right, len(names), names[right] in CHOSEN_NAMES)


def _take(
    number: int,
    line: str,
    cut: Callable[[str], list[str]],
    layout: _Layout,
    known: Container[str],
    book: RejectBook,
    gathered: _Gathered,
) -> None:
    try:
        cells = cut(line)
    except csv.Error as error:
        book.add_uncut(number, line, f"cannot be cut into cells: {error}")
        return
    if fault := _fault(cells, line, layout):
        book.add_uncut(number, line, fault)
        return
    request, cell = " ".join(cells[layout.request].split()), cells[layout.right]
    ids = [cell] if cell in known else list(dict.fromkeys(cell.split()))
    if not request or not ids:
        book.add(number, "request" if not request else "items", line, "no request" if not request else "no item id")
        return
    held = [i for i in ids if i in known]
    if not held:
        book.add(number, "items", cell, "the shop holds none of these items")
        return
    for unknown in (i for i in ids if i not in known):
        book.add(number, "items", unknown, "the shop holds no item of this id", FIELD)
    key = request.casefold()
    gathered.merged += key in gathered.requests
    gathered.spelt.setdefault(key, request)
    gathered.requests.setdefault(key, set()).update(held)


def _fault(cells: Sequence[str], line: str, layout: _Layout) -> str:
    if layout.width:
        return "" if len(cells) == layout.width else f"{len(cells)} cells where the header has {layout.width}"
    if len(cells) < 2:
        return "no tab between the request and the ids of its items"
    if len(cells) > 2 and "\t" not in line:
        return f"{len(cells)} cells instead of 2; put a request that holds a delimiter in quotes, or separate by tabs"
    return ""


def _bounded(requests: list[tuple[str, frozenset[str]]]) -> tuple[tuple[tuple[str, frozenset[str]], ...], tuple[str, ...]]:
    if len(requests) <= MOST_REQUESTS:
        return tuple(requests), ()
    drawn = sorted(random.Random(_SEED).sample(range(len(requests)), MOST_REQUESTS))
    return tuple(requests[n] for n in drawn), (f"{MOST_REQUESTS:,} of {len(requests):,} requests were drawn; more would not tell more",)
