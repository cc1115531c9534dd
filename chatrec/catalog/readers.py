"""Files to rows: CSV, TSV, JSON lines, JSON, YAML, Parquet and sequence files, gzip too, each row with its place in the file.

The content decides the format and the name only helps, since files are often named wrongly. A row that cannot be cut out is
rejected with its line; a file that cannot be read at all raises :class:`chatrec.errors.UnreadableFile`.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatrec.catalog.delimited import Cut, cut_delimited, guess_delimiter
from chatrec.catalog.encodings import decode, read_bytes
from chatrec.catalog.json_rows import DECODER, json_entries
from chatrec.catalog.rejects import RejectBook
from chatrec.errors import UnreadableFile

FORMATS = ("csv", "tsv", "jsonl", "json", "yaml", "parquet", "sequence")
_SUFFIXES = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".yaml": "yaml", ".yml": "yaml",
    ".parquet": "parquet", ".pq": "parquet", ".txt": "sequence", ".seq": "sequence", ".inter": "tsv", ".item": "tsv", ".user": "tsv",
}  # fmt: skip
KEY = "__key__"
"""Column that holds the key of a row in an id-keyed object."""
SEQUENCE = "__items__"
"""Column that holds the item list of a user in a sequence file."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record as the file has it. ``line`` counts from 1; in a Parquet file it is the number of the row."""

    line: int
    cells: Mapping[str, Any]


@dataclass
class Table:
    """All rows of one file. ``rows`` can be run through once (a large log is cut as it is read); ``blank`` and ``rejects`` are
    whole after that. ``notes`` are things that the shop should know (a guessed encoding, a wrong extension)."""

    name: str
    format: str
    columns: tuple[str, ...]
    rows: Iterable[Row]
    rejects: RejectBook
    encoding: str = ""
    skipped: int = 0
    notes: list[str] = field(default_factory=list)
    cut: Cut | None = None

    @property
    def blank(self) -> int:
        """Blank rows left out so far."""
        return self.cut.blank if self.cut else self.skipped

    @property
    def short(self) -> int:
        """Rows with fewer cells than the header so far; the missing ones count as blank."""
        return self.cut.short if self.cut else 0


@dataclass(frozen=True, slots=True)
class Layout:
    """What a mapping says about the file itself; empty values are found out.

    ``header`` names the columns of a file that has no header row.
    """

    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    header: tuple[str, ...] = ()


FOUND_OUT = Layout()


def read_table(
    path: Path | str,
    layout: Layout = FOUND_OUT,
    *,
    strict: bool = False,
    sequences: bool = False,
    may_be_empty: bool = False,
) -> Table:
    """Every row of a file. ``sequences`` allows "user item item ..." lines and ``{user: [items]}`` objects; ``may_be_empty`` takes a
    header without rows as a table that holds nothing yet.

    Raises :class:`UnreadableFile`, and :class:`chatrec.errors.RejectedRows` in strict mode at the first row that cannot be cut out.
    """
    path = Path(path)
    data = read_bytes(path)
    named = _format_of(path)
    rejects = RejectBook(path.name, strict)
    if (layout.format or "") == "parquet" or data.startswith(b"PAR1"):
        return _checked(_read_parquet(data, path.name, rejects), named, may_be_empty)
    decoded = decode(data, str(path), layout.encoding)
    form = layout.format or _sniff(decoded.text, named, sequences)
    table = _READ[form](decoded.text, path.name, layout, rejects)
    table.encoding = decoded.encoding
    if decoded.note:
        table.notes.append(decoded.note)
    return _checked(table, "" if layout.format else named, may_be_empty)


def _checked(table: Table, named: str, may_be_empty: bool) -> Table:
    rows = iter(table.rows)
    head = next(rows, None)
    if head is None and may_be_empty and table.columns and not table.rejects.counts:
        table.notes.append("a header and no rows")
        return table
    if head is None:
        first = f"; the first problem: {table.rejects.kept[0]}" if table.rejects.kept else ""
        raise UnreadableFile(f"{table.name} holds no rows (read as {table.format}){first}")
    table.rows = itertools.chain((head,), rows)
    if named and named != table.format:
        table.notes.append(f"named like {named}, but holds {table.format}: read as {table.format}")
    return table


def _format_of(path: Path) -> str:
    suffixes = [s.lower() for s in path.suffixes if s.lower() not in (".gz", ".gzip")]
    return _SUFFIXES.get(suffixes[-1], "") if suffixes else ""


def _sniff(text: str, named: str, sequences: bool) -> str:
    """The format that the text itself shows; ``named`` decides between those that look alike."""
    head = text[:65536].lstrip()
    if head[:1] in "[{" and head[:1]:
        return _sniff_json(text, head, named)
    if head.startswith("<"):
        raise UnreadableFile("the file holds HTML or XML; export it as CSV, JSON or Parquet")
    if named == "yaml" or (named not in ("csv", "tsv") and head.startswith(("- ", "---\n"))):
        return "yaml"
    first = head.splitlines()[0] if head else ""
    if sequences and named in ("sequence", "") and not any(d in first for d in ",;\t|"):
        return "sequence"
    if named in ("csv", "tsv"):
        delimiter = guess_delimiter(head)
        return "tsv" if delimiter == "\t" else "csv"
    return "tsv" if guess_delimiter(head) == "\t" else "csv"


def _sniff_json(text: str, head: str, named: str) -> str:
    if head.startswith("["):
        return "json"
    try:
        _, end = DECODER.raw_decode(text, len(text) - len(text.lstrip()))
    except (ValueError, RecursionError):
        if named in ("json", "jsonl"):
            return named
        line = text.lstrip().split("\n", 1)[0].rstrip()
        return "jsonl" if line.endswith("}") else "json"
    return "jsonl" if text[end : end + 4096].strip() else ("jsonl" if _is_record(head, text[:end]) else "json")


def _is_record(head: str, text: str) -> bool:
    """Whether the only object of a file is one flat record on one line, not an object of records."""
    if "\n" in text.strip() or len(text) > 65536:
        return False
    value = json.loads(head.splitlines()[0])
    return bool(value) and not all(isinstance(v, (dict, list)) for v in value.values())


def _read_csv(text: str, name: str, layout: Layout, rejects: RejectBook) -> Table:
    delimiter = layout.delimiter or guess_delimiter(text[:65536])
    cut = cut_delimited(text, delimiter, layout.header, rejects)
    rows = (Row(line, dict(zip(cut.columns, cells, strict=False))) for line, cells in cut.records)
    return Table(name, "tsv" if delimiter == "\t" else "csv", cut.columns, rows, rejects, cut=cut)


def _read_jsonl(text: str, name: str, layout: Layout, rejects: RejectBook) -> Table:
    rows: list[Row] = []
    blank = 0
    for number, line in enumerate(io.StringIO(text), start=1):
        if not line.strip():
            blank += 1
            continue
        try:
            value = DECODER.decode(line.strip())
        except (ValueError, RecursionError) as error:
            rejects.add_uncut(number, line.strip(), f"not valid JSON: {getattr(error, 'msg', 'nested too deeply')}")
            continue
        _take(rows, rejects, number, None, value)
    return Table(name, "jsonl", _columns(rows), rows, rejects, skipped=blank)


def _read_json(text: str, name: str, layout: Layout, rejects: RejectBook) -> Table:
    rows: list[Row] = []
    for line, key, value in json_entries(text, name):
        _take(rows, rejects, line, key, value)
    rows = _unwrapped(rows, rejects)
    return Table(name, "json", _columns(rows), rows, rejects)


def _take(rows: list[Row], rejects: RejectBook, line: int, key: str | None, value: Any) -> None:
    """One entry of a JSON or YAML file as a row, where it can be one."""
    keyed = {} if key is None else {KEY: key}
    if isinstance(value, Mapping):
        rows.append(Row(line, {**keyed, **{str(k): v for k, v in value.items()}}))
    elif isinstance(value, list) and key is not None:
        rows.append(Row(line, {**keyed, SEQUENCE: value}))
    elif isinstance(value, list) and len(value) > 1 and key is None:
        rows.append(Row(line, {KEY: value[0], SEQUENCE: value[1:]}))
    else:
        rejects.add_uncut(line, value, "not a record: an object with named fields is needed")


def _unwrapped(rows: list[Row], rejects: RejectBook) -> list[Row]:
    """Rows of ``{"products": [...]}``: an object whose one entry is the list of records."""
    if len(rows) != 1 or SEQUENCE not in rows[0].cells or not all(isinstance(v, Mapping) for v in rows[0].cells[SEQUENCE]):
        return rows
    found: list[Row] = []
    for number, value in enumerate(rows[0].cells[SEQUENCE], start=1):
        _take(found, rejects, number, None, value)
    return found


def _columns(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for row in rows for name in row.cells))


def _read_yaml(text: str, name: str, layout: Layout, rejects: RejectBook) -> Table:
    from chatrec.catalog.yaml_rows import yaml_entries

    rows: list[Row] = []
    for line, key, value in yaml_entries(text, name):
        _take(rows, rejects, line, key, value)
    rows = _unwrapped(rows, rejects)
    return Table(name, "yaml", _columns(rows), rows, rejects)


def _read_sequence(text: str, name: str, layout: Layout, rejects: RejectBook) -> Table:
    rows: list[Row] = []
    blank = 0
    for number, line in enumerate(io.StringIO(text), start=1):
        words = line.split(layout.delimiter or None)
        if not words:
            blank += 1
        elif len(words) == 1:
            rejects.add_uncut(number, line.strip(), "a sequence needs a user and at least one item")
        else:
            rows.append(Row(number, {KEY: words[0], SEQUENCE: words[1:]}))
    return Table(name, "sequence", (KEY, SEQUENCE), rows, rejects, skipped=blank)


def _read_parquet(data: bytes, name: str, rejects: RejectBook) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(data))
        cells = table.to_pylist()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableFile(f"{name} is not a readable Parquet file: {str(error).splitlines()[0]}; write it again") from error
    columns = tuple(c for c in table.column_names if not c.startswith("__index_level_"))
    rows = [Row(n, {c: row[c] for c in columns}) for n, row in enumerate(cells, start=1)]
    return Table(name, "parquet", columns, rows, rejects)


_READ: Mapping[str, Callable[[str, str, Layout, RejectBook], Table]] = {
    "csv": _read_csv, "tsv": _read_csv, "jsonl": _read_jsonl, "json": _read_json, "yaml": _read_yaml, "sequence": _read_sequence,
}  # fmt: skip
