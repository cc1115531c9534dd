"""What a long title says behind the name of the thing: "Clamp, pack of 4, zinc plated" holds "pack of 4" and "zinc plated"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatrec.catalog.facts_clauses import COMMAND, MOST_ABBREVIATION, WOOING
from chatrec.domain.plain import plain

MOST_TITLE_FACTS = 4
MOST_SEGMENT_WORDS = 5
MOST_WITH_WORDS = 4
MOST_CHARS = 300

_EDGES = " .,:;-–—\"'"
# A dash between figures is a range ("pH 0.0 - 14.0").
_SEGMENT = re.compile(r"(,\s+|(?<!\d)\s+[-–—]\s+|\s+[-–—]\s+(?!\d)|\s+\|\s+|\s*[()]\s*|;\s+)")
# "10 Ohm - 1M Ohm": a range too, where both ends have one unit.
_RANGE = re.compile(r"(?P<low>\d[\d.,/]* ?[kKM]? ?(?P<unit>[^\W\d_]{1,6}))\s+[-–—]\s+(?=\d[\d.,/]* ?[kKM]? ?(?P<other>[^\W\d_]{1,6})\b)")
_BARE = re.compile(r"(?:.*\s)?[\d./]+")
_MEASURE = re.compile(r"\d[\d./]*[ -]?[^\W\d_]{1,6}")
# "Drivers for printers, mills and lathes": what follows is a list of what the thing is for, and none of them is the thing.
_PURPOSE = re.compile(r"\b(?:for|fits?|use (?:with|in|on)|works with|compatible with)\s", re.IGNORECASE)
_LAST_OF_LIST = re.compile(r"\b(?:and|or|&)\s", re.IGNORECASE)
# Packs in all their spellings: "4-pack", "4 pk", "10/bx", "2 count".
_PACK = re.compile(r"\b(?P<n>[2-9]|[1-9]\d{1,3})[- ]?(?:packs?|pk|count|ct)\b", re.IGNORECASE)
_BOX = re.compile(r"\b(?P<n>[2-9]|[1-9]\d{1,3}) ?/ ?(?P<of>bx|box|pk|pack|case|cs)\b", re.IGNORECASE)
_PIECES = re.compile(r"\b(?P<n>[2-9]|[1-9]\d{1,3}) ?(?:pcs?|pieces)\b\.?", re.IGNORECASE)
_BOXES = {"bx": "box", "box": "box", "pk": "pack", "pack": "pack", "case": "case", "cs": "case"}
_SET = re.compile(r"\b(?:pack|set|box|case) of (?:[2-9]|[1-9]\d{1,3})\b", re.IGNORECASE)
# One of a thing goes without saying.
_ONE = re.compile(r"\b(?:pack|set|box) of 1\b|[\s,]*\b1 ?(?:ea|each|count|ct|pcs?|units?|pk|pack)\b\.?|\s+each$", re.IGNORECASE)
_FEET, _INCHES = re.compile(r"(?<=\d) ?['’′](?=[\s,)]|$)"), re.compile(r"(?<=\d) ?(?:\"|”|″)")
# "0.0403 diameter", "56 length x 40 width": figures of which nobody can tell in what they are measured.
_UNMEASURED = re.compile(
    r"\d[\d./-]*(?: x \d[\d./-]*)* ?(?:diameter|length|width|height|thickness|depth|size)?|.*\d (?:length|width|height) x .*", re.IGNORECASE
)
_WITH = re.compile(r"\swith\s(?P<what>[^,;()|]+?)\s*$", re.IGNORECASE)
_LOUD = re.compile(r"\b[A-Z]{2,}\b")
_SMALL_WORDS = frozenset("made in the of with and for pack set new by on to from size free safe non not top".split())
_PRAISE = re.compile(
    r"\b(?:new|design|quality|grade|professional|super|best|hot|sale|latest|version|authentic|original|packaging)\b", re.IGNORECASE
)


def title_segments(title: str, brand: str = "") -> list[str]:
    """The parts of a title that say something of the thing, in their order, packs and sizes spelled out; at most four."""
    title = plain(title, MOST_CHARS).rstrip(_EDGES)
    segments = _whole(_SEGMENT.split(_RANGE.sub(_ranged, _spelled(title))))
    if segments and brand and set(segments[0].lower().split()) <= set(plain(brand, 60).lower().split()):
        segments = segments[1:]  # the maker stands alone in front of the name
    own = {w.lower() for w in re.findall(r"[^\W\d_]{3,}", brand)}
    told = [_calmed(s) for s in map(_cleared, segments[1:]) if _tells(s, own)]
    told += [found for found in _within(segments, own) if not any(found in s for s in told)]
    return list(dict.fromkeys(told))[:MOST_TITLE_FACTS]


def _ranged(ends: re.Match[str]) -> str:
    return f"{ends['low']} to " if ends["unit"].lower() == ends["other"].lower() else ends[0]


def _whole(pieces: list[str]) -> list[str]:
    """The segments among ``pieces`` (texts and the signs between them) without those that were cut out of something longer: members of a
    list of purposes, the last of a row of sizes, a measure in brackets that belongs to the words behind it."""
    texts, signs = [t.strip(_EDGES) for t in pieces[::2]], [s.strip() for s in pieces[1::2]]
    dropped = set(_purposes(texts, signs))
    for n, text in enumerate(texts):
        if _MEASURE.fullmatch(text) and any(_BARE.fullmatch(texts[m]) for m in (n - 1, n + 1) if 0 < m + 1 <= len(texts) and m >= 0):
            dropped.add(n)
        bracketed = n > 0 and signs[n - 1] == "(" and n < len(signs) and signs[n] == ")"
        if bracketed and re.search(r"\d", text) and not _SET.search(text) and texts[n + 1][:1].isalpha():
            dropped |= {n, n + 1}
            texts[n - 1] = f"{texts[n - 1]} {texts[n + 1]}"
    return [text for n, text in enumerate(texts) if text and n not in dropped]


def _purposes(texts: list[str], signs: list[str]) -> Iterator[int]:
    """The segments that go on with what an earlier one began with "for": up to the "and" that ends the list, or those of its last word."""
    for start, text in enumerate(texts):
        if not _PURPOSE.search(f"{text} "):
            continue
        end = start
        while end < len(signs) and signs[end] == "," and not re.search(r"\d", texts[end + 1]):
            end += 1
        last = next((n for n in range(start + 1, end + 1) if _LAST_OF_LIST.search(f"{texts[n]} ")), start)
        yield from range(start + 1, last + 1)
        head = text.split()[-1:]
        yield from (n for n in range(last + 1, end + 1) if texts[n].split()[-1:] == head)


def _spelled(title: str) -> str:
    """Packs and lengths in words: "4-pack" as "pack of 4", "25'" as "25 ft"."""
    title = _FEET.sub(" ft", _INCHES.sub(" in", title))
    title = _BOX.sub(lambda m: f"{_BOXES[m['of'].lower()]} of {m['n']}", title)
    return _PIECES.sub(lambda m: f"{m['n']} pieces", _PACK.sub(lambda m: f"pack of {m['n']}", title))


def _cleared(segment: str) -> str:
    return _ONE.sub("", segment).strip(_EDGES)


def _within(segments: list[str], own: set[str]) -> Iterator[str]:
    """What the running words of a title hold: "Casters heavy duty set of 4", "Test tubes with screw caps"."""
    for segment in segments:
        found = _SET.search(segment)
        if found:
            yield found[0].lower()
    joined = _WITH.search(segments[0]) if segments else None
    what = _calmed(joined["what"]) if joined else ""
    if what and len(what.split()) <= MOST_WITH_WORDS and not _PRAISE.search(what) and _tells(f"x {what}", own):
        yield f"with {what}"


def _tells(segment: str, own: set[str]) -> bool:
    words = segment.split()
    if len(words) > MOST_SEGMENT_WORDS or len(segment) < 3 or not re.search(r"[^\W\d_]{2,}", segment) or _UNMEASURED.fullmatch(segment):
        return False
    is_code = any(re.search(r"\d", w) and re.search(r"[A-Z]{2,}|-[A-Z\d]*$", w) and not re.fullmatch(r"\d+-[a-z]+", w) for w in words)
    if words[0].lower() in ("and", "or", "with", "by", "for", "in"):
        return False  # the tail of a list
    return not (is_code or own & {w.lower() for w in words} or WOOING.search(segment) or COMMAND.search(segment) or _PRAISE.search(segment))


def _calmed(segment: str) -> str:
    """In small letters, but for abbreviations and names with a capital inside."""
    words = re.findall(r"[^\W\d_]+", segment)
    shouts = len(words) > 1 and all(w.isupper() for w in words)
    return re.sub(r"[^\W\d_]+", lambda word: word[0] if _keeps_capitals(word[0], shouts) else word[0].lower(), segment)


def _keeps_capitals(word: str, shouts: bool) -> bool:
    if word.isupper():
        return len(word) < MOST_ABBREVIATION and not (shouts and word.lower() in _SMALL_WORDS)
    return any(c.isupper() for c in word[1:])
