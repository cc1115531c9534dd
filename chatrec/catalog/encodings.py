"""Bytes to text: which encoding a shop's file has."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from chatrec.errors import UnreadableFile

# A catalogue beyond this is no catalogue for one machine; a small gzip that swells past it is an attack or an accident.
MOST_BYTES = 2 * 1024**3
GZIP = b"\x1f\x8b"
_BLOCK = 1 << 20
# Encodings that cannot be mistaken for a western one when the text is long enough.
_FAR = frozenset(
    {
        "cp1251",
        "cp1253",
        "cp1255",
        "cp1256",
        "koi8_r",
        "shift_jis",
        "cp932",
        "euc_jp",
        "gb18030",
        "gb2312",
        "gbk",
        "big5",
        "euc_kr",
        "cp949",
    }
)
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"))
_MARKS_16 = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_HEAD = 65_536  # bytes that tell what a file is
# Shares of control characters from which bytes are no text: where they may be of any encoding, and where they are valid UTF-8.
_ANY_CONTROLS, _TEXT_CONTROLS = 0.001, 0.05
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# Whole formats that people hand over by mistake, and what to do instead.
_FOREIGN = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook; save the sheet as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; save the sheet as CSV (UTF-8)"),
    (b"%PDF", "a PDF; export the table as CSV"),
    (b"SQLite format 3", "an SQLite database; export the table as CSV"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"BZh", "compressed with bzip2; use gzip, or unpack it"),
    (b"\xfd7zXZ", "compressed with xz; use gzip, or unpack it"),
    (b"(\xb5/\xfd", "compressed with zstd; use gzip, or unpack it"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding it was read with, and what the shop should know about that (empty for plain UTF-8)."""

    text: str
    encoding: str
    note: str = ""


def read_bytes(path: Path) -> bytes:
    """The file's bytes, unpacked where they are gzip (by content, not by name).

    Raises :class:`UnreadableFile` when the file is missing, empty, broken or too large.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise UnreadableFile(f"{path} is a folder; name the file inside it")
        if size > MOST_BYTES:
            raise UnreadableFile(f"{path} has {size:,} bytes; the most is {MOST_BYTES:,}: split it")
        data = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFile(f"{path} does not exist; check the name") from None
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror or error}") from error
    if data.startswith(GZIP):
        data = _unpack(path)
    if not data.strip(b"\x00\t\r\n \xef\xbb\xbf"):
        raise UnreadableFile(f"{path} is empty ({size} bytes); nothing to ingest")
    return data


def _unpack(path: Path) -> bytes:
    blocks: list[bytes] = []
    total = 0
    try:
        with gzip.open(path) as stream:
            while block := stream.read(_BLOCK):
                blocks.append(block)
                total += len(block)
                if total > MOST_BYTES:
                    raise UnreadableFile(f"{path} unpacks to more than {MOST_BYTES:,} bytes; split it")
    except EOFError:
        raise UnreadableFile(f"{path} is a gzip file that ends too early (after {total:,} bytes of text); copy it again") from None
    except (OSError, zlib.error) as error:
        raise UnreadableFile(f"{path} is a damaged gzip file: {error}; copy it again") from error
    return b"".join(blocks)


def decode(data: bytes, name: str, encoding: str = "") -> Decoded:
    """Text of ``data``: the given ``encoding``, else its byte-order mark, else UTF-8, else what it looks like.

    A legacy encoding is a guess and says so in ``note``. Raises :class:`UnreadableFile` for binary data, or data that the given
    encoding does not fit.
    """
    if encoding:
        return _decode_as(data, name, encoding)
    for mark, found in (*_MARKS, *_MARKS_16):
        if data.startswith(mark):
            return _decode_as(data, name, found)
    _refuse_foreign(data, name)
    wide = _without_mark(data)
    if wide:
        return Decoded(_decode_as(data, name, wide).text, wide, f"{wide} without a byte-order mark")
    if _is_binary(data[:_HEAD]):
        raise UnreadableFile(f"{name} holds binary data; give a CSV, TSV, JSON, JSON lines, YAML or Parquet file")
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        return _decode_legacy(data, name, error.start)


def _is_binary(head: bytes) -> bool:
    """Whether these bytes are no text. A text may hold some control characters (one review full of them is no reason to refuse all others),
    but no zero bytes, and it is valid UTF-8 up to where it was cut off."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
        share = _ANY_CONTROLS if b"\x00" in head else _TEXT_CONTROLS
    except UnicodeDecodeError:
        share = _ANY_CONTROLS
    return len(_CONTROLS.findall(head)) > max(2, int(share * len(head)))


def _refuse_foreign(data: bytes, name: str) -> None:
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise UnreadableFile(f"{name} is {what}")


def _decode_as(data: bytes, name: str, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding).removeprefix("\ufeff"), codecs.lookup(encoding).name)
    except LookupError:
        raise UnreadableFile(f"{name}: unknown encoding '{encoding}'; use utf-8, utf-16, cp1252 or another that Python knows") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(f"{name}, line {line}: not valid {encoding} ({error.reason}); set another one in the mapping") from error


def _without_mark(data: bytes) -> str:
    """UTF-16 without its mark: nearly every other byte of western text is zero."""
    head = data[:4096]
    half = len(head) // 2
    if half < 2:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else ""


def _decode_legacy(data: bytes, name: str, start: int) -> Decoded:
    line = data.count(b"\n", 0, start) + 1
    lines = data.split(b"\n")
    bad = sum(not _is_utf8(row) for row in lines)
    if bad <= max(1, len(lines) // 100) and b"\xc3" in data:
        # A UTF-8 file with a few spoilt lines: read line by line, so that the good lines stay what they are.
        text = "\n".join(row.decode("utf-8") if _is_utf8(row) else row.decode("cp1252", "replace") for row in lines)
        return Decoded(text, "utf-8", f"{bad} lines are not UTF-8 (the first is line {line}) and were read as cp1252")
    encoding = _guess(data)
    text = data.decode(encoding, "replace")
    lost = text.count("\ufffd")
    note = f"not UTF-8 (line {line}); read as {encoding}" + (f", {lost} characters unreadable" if lost else "")
    return Decoded(text, encoding, note + "; set 'encoding' in the mapping if names look wrong")


def _is_utf8(row: bytes) -> bool:
    try:
        row.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guess(data: bytes) -> str:
    """The legacy encoding that this looks like; cp1252, the web's reading of latin-1, when nothing speaks for another."""
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return "cp1252"
    # Lines with foreign bytes carry all of the evidence; a bounded number of them keeps large files quick.
    telling = b"\n".join([row for row in data.split(b"\n") if not row.isascii()][:400])
    best = from_bytes(telling[:200_000]).best()
    sure = best is not None and best.encoding in _FAR and (best.percent_coherence >= 20 or len(telling) >= 2_000)
    return best.encoding if best is not None and sure else "cp1252"
