"""Single values: text, ids, numbers, lists and times, as shops write them."""

from __future__ import annotations

import ast
import html
import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

MOST_ID_CHARS = 200
MOST_NESTED_CHARS = 200_000
# Bounds of a believable unix time in seconds: an ordinal such as 1, 2, 3 is fine, the year 2200 is not.
_LAST_SECOND = 7_258_118_400.0

_NOTHING = frozenset({"", "nan", "none", "null", "n/a", "#n/a", "<na>", "nat"})
_NO_FIGURE = re.compile(r"(?:null|none|n/?a|#n/a|-+|\?|unknown|(?:no|not)\b[^\d]*)$", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:/?[a-zA-Z][^<>]{0,2000}|!--.{0,5000}?--|!\w[^<>]{0,500})>", re.DOTALL)
_SILENT = re.compile(r"<(script|style|template|noscript)\b.{0,100000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h[1-6]|/tr|hr)\b[^<>]{0,200}>", re.IGNORECASE)
_ITEM = re.compile(r"<li\b[^<>]{0,200}>", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_FLOAT_ID = re.compile(r"(\d+)\.0+")
_PLAIN_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?")
# Bidirectional overrides can make a shown text read as another one.
_UNSEEN = {"Cc", "Cs", "Co", "Cn"}
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u200b")


class Unusable(ValueError):
    """A value that is there but cannot be used; the message is the reason."""


def is_blank(value: Any) -> bool:
    """Whether the cell says nothing at all (a NaN is something: it was meant to be a number)."""
    if value is None:
        return True
    if isinstance(value, str):
        return value.strip().lower() in _NOTHING
    return isinstance(value, (Mapping, list, tuple)) and not value


def clean_text(value: Any, one_line: bool = True) -> str:
    """Text without markup, entities, control characters and needless space; ``""`` for what says nothing."""
    if isinstance(value, (list, tuple)):
        parts = [clean_text(v, one_line) for v in value[:200]]
        return (" " if one_line else "\n").join(p for p in parts if p)
    if is_blank(value) or (isinstance(value, float) and math.isnan(value)):
        return ""
    text = str(value)
    if "<" in text or "&" in text:
        text = _without_markup(text)
    if not text.isascii() or not text.isprintable():
        text = unicodedata.normalize("NFC", "".join(c for c in text if _seen(c)))
    text = _SPACES.sub(" ", text).strip()
    return _LINES.sub(" " if one_line else "\n", text)


def _seen(character: str) -> bool:
    return character in "\n\t\r" or (unicodedata.category(character) not in _UNSEEN and character not in _OVERRIDES)


def _without_markup(text: str) -> str:
    for _ in range(2):  # shops often escape twice: &amp;lt;b&amp;gt;
        text = _SILENT.sub(" ", text)
        text = _ITEM.sub("\n• ", _BREAK.sub("\n", text))
        text = html.unescape(_MARKUP.sub(" ", text))
    return _SILENT.sub(" ", _MARKUP.sub(" ", text)) if "<" in text else text


def cut(text: str, limit: int) -> str:
    """The text within ``limit`` characters, cut at a word where there is one."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    return head.rsplit(" ", 1)[0].rstrip() or head if " " in head[limit // 2 :] else head


def to_id(value: Any) -> str:
    """An id as text: ``17850.0``, as tables with gaps write whole numbers, is ``17850``. Raises :class:`Unusable`."""
    if is_blank(value) or (isinstance(value, float) and math.isnan(value)):
        raise Unusable("missing")
    if isinstance(value, (Mapping, list, tuple)):
        raise Unusable("not a single value")
    text = str(value).strip()
    if not (text.isascii() and text.isprintable()):
        text = "".join(c for c in text if _seen(c)).strip()
    if text.endswith("0"):
        whole = _FLOAT_ID.fullmatch(text)
        text = whole.group(1) if whole else text
    if not text:
        raise Unusable("missing")
    if len(text) > MOST_ID_CHARS:
        raise Unusable(f"longer than {MOST_ID_CHARS} characters")
    return text


def says_no_figure(value: Any) -> bool:
    """Whether a numeric cell is blank, or words that mean so ("No rating available")."""
    if isinstance(value, str):
        text = value.strip()
        return not text or bool(_NO_FIGURE.match(text))
    return value is None or (isinstance(value, (list, tuple, Mapping)) and not value)


def to_number(value: Any) -> float:
    """A finite number. Raises :class:`Unusable`."""
    if isinstance(value, bool):
        raise Unusable("true or false, not a number")
    text = str(value).strip()
    if isinstance(value, (int, float)) or text.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        try:
            number = float(value)
        except OverflowError:
            raise Unusable("not a finite number") from None
    elif _PLAIN_NUMBER.fullmatch(text):
        number = float(text)
    elif re.fullmatch(r"[-+]?\d{1,3}(?:[,\u00a0 ']\d{3})+(?:\.\d+)?", text):
        number = float(re.sub(r"[,\u00a0 ']", "", text))
    elif re.fullmatch(r"[-+]?\d+,\d{1,2}", text):
        number = float(text.replace(",", "."))
    else:
        raise Unusable("not a number")
    if not math.isfinite(number):
        raise Unusable("not a finite number")
    return number


def to_count(value: Any) -> int:
    """A whole number of at least 0. Raises :class:`Unusable`."""
    number = to_number(value)
    if number < 0:
        raise Unusable("negative")
    if number != int(number):
        raise Unusable("not a whole number")
    if number > 1e12:
        raise Unusable("too large to be true")
    return int(number)


def to_rating(value: Any, scale: float = 5.0) -> float:
    """A rating in 0..5; "4.5 out of 5" and "9/10" say their scale themselves. Raises :class:`Unusable`."""
    if isinstance(value, str):
        said = re.fullmatch(r"\s*(\d+(?:[.,]\d+)?)\s*(?:/|out of)\s*(\d+(?:\.\d+)?)\s*(?:stars?)?\s*", value, re.IGNORECASE)
        if said and float(said.group(2)) > 0:
            value, scale = said.group(1), float(said.group(2))
        else:
            value = re.sub(r"\s*(?:stars?|★)\s*$", "", value, flags=re.IGNORECASE)
    number = to_number(value)
    if not 0 <= number <= scale:
        raise Unusable(f"a rating outside 0..{scale:g}; say rating_scale in the mapping")
    return round(number * 5.0 / scale, 4)


def to_time(value: Any, form: str = "") -> float:
    """Unix seconds (UTC) from seconds, milliseconds, microseconds, nanoseconds, ISO text or ``form``. Raises :class:`Unusable`.

    A time without a zone is read as UTC. Small whole numbers (1, 2, 3 ...) stay what they are: they still tell the order.
    """
    if isinstance(value, datetime):
        return _stamp(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    text = str(value).strip()
    if form:
        try:
            return _stamp(datetime.strptime(text, form))
        except ValueError:
            raise Unusable(f"not a time written as {form}") from None
    if "-" in text[1:]:
        return _iso(text)
    try:
        number = to_number(value)
    except Unusable:
        return _iso(text)
    for limit, unit in ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9)):
        if number < limit:
            seconds = number / unit
            if not 0 <= seconds < _LAST_SECOND:
                break
            return seconds
    raise Unusable("a time outside the years 1970 to 2200")


def _iso(text: str) -> float:
    try:
        return _stamp(datetime.fromisoformat(text))
    except ValueError:
        pass
    text = re.sub(r"\s*(?:UTC|GMT)$", "+00:00", text)
    text = re.sub(r"\s+(?=[+-]\d{2}:?\d{2}$)", "", text)
    try:
        return _stamp(datetime.fromisoformat(text))
    except ValueError:
        raise Unusable("neither a number nor an ISO time; say timestamp_format in the mapping") from None


def _stamp(moment: datetime) -> float:
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    seconds = moment.timestamp()
    if not 0 <= seconds < _LAST_SECOND:
        raise Unusable("a time outside the years 1970 to 2200")
    return seconds


def structured(value: Any) -> Any:
    """A list or object written as text (JSON, a Ruby hash or a Python literal) as what it says; anything else unchanged."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text[:1] + text[-1:] not in ("[]", "{}") or len(text) > MOST_NESTED_CHARS:
        return value
    for attempt in (text, text.replace("=>", ":").replace(":nil", ":null")):
        try:
            return json.loads(attempt)
        except (ValueError, RecursionError):
            continue
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return value


def first_of(value: Any) -> Any:
    """The first thing of a list, also of one written as text; anything else unchanged."""
    value = structured(value)
    while isinstance(value, Sequence) and not isinstance(value, str):
        value = value[0] if value else None
    return value
