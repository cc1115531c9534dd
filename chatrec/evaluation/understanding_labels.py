"""Labelled utterances: what shoppers write, and what a good shop assistant takes from it, in a small text form.

The form is told in ``tests/understanding/phrasings/README.md``. Nothing here knows how messages are understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatrec.domain.need import Op, Strength
from chatrec.domain.reading import Intent
from chatrec.errors import ScriptError

EITHER = frozenset({Strength.MUST, Strength.PREFER})
_STRENGTHS = {"": frozenset({Strength.MUST}), "~": frozenset({Strength.PREFER}), "^": frozenset({Strength.AVOID}), "*": EITHER}
_OPS = {"=": Op.IS, "!=": Op.IS_NOT, "<=": Op.AT_MOST, ">=": Op.AT_LEAST}
_CONSTRAINT = re.compile(r"([~^*]?)\s*([a-z][a-z ]*?)\s*(<=|>=|!=|=)\s*(.+)")
_COMPARE = re.compile(r"([a-z][a-z ]*?) ([+-]1)( of all\??)?(?: than (.+))?")
_INTENTS = {i.value for i in Intent}
SEARCH = frozenset({Intent.RECOMMEND, Intent.REFINE})


@dataclass(frozen=True, slots=True)
class Wanted:
    """One way to write a constraint. A bound has ``low`` and ``high``, between which its figure may lie (both ``None``: any figure);
    ``around`` is the middle of a window; otherwise ``values`` count, ``*`` at the end standing for "every value with this word"."""

    field: str
    op: Op
    strengths: frozenset[Strength]
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    around: float | None = None

    @property
    def free(self) -> bool:
        """Whether any figure will do ("cheap")."""
        return self.op in (Op.AT_MOST, Op.AT_LEAST) and self.low is None and not self.values


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: any of ``ways``; a voluntary one may be missing. Without ways, anything said of ``field`` is accepted."""

    ways: tuple[Wanted, ...]
    voluntary: bool = False
    field: str = ""


@dataclass(frozen=True, slots=True)
class WantedNeed:
    """What the message says of one need. ``opens`` is ``None`` where both readings are good."""

    opens: bool | None = None
    need_id: int | None = None
    closes: bool = False
    entries: tuple[Entry, ...] = ()
    recipient: str | None = ""  # None: anyone may be named
    recipient_voluntary: bool = False
    drops: frozenset[str] = frozenset()
    may_drop: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WantedItems:
    """Items that the message must (or, voluntary, may) point at, like or dislike."""

    item_ids: frozenset[str] = frozenset()
    voluntary: bool = False


@dataclass(frozen=True, slots=True)
class WantedComparative:
    """A wish relative to what was shown; without items: all that was shown last."""

    field: str
    direction: int
    extreme: bool | None = False  # None: either
    item_ids: frozenset[str] = frozenset()
    voluntary: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """One good reading. ``intents`` are slots: each holds the intents of which one must be there; voluntary ones may be."""

    intents: tuple[frozenset[Intent], ...] = ()
    may_intend: frozenset[Intent] = frozenset()
    needs: tuple[WantedNeed, ...] = ()
    items: tuple[tuple[str, WantedItems], ...] = ()  # field of the reading -> items
    comparatives: tuple[WantedComparative, ...] = ()
    unknown: tuple[str, ...] = ()
    may_be_unknown: tuple[str, ...] = ()
    order_ids: frozenset[str] = frozenset()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message in its dialogue, with the readings that are good; ``mould`` is the skeleton of its phrasing, ``kind`` its class."""

    text: str
    shop: str
    state: str
    mould: str
    kind: str
    labels: tuple[Label, ...]
    written: tuple[tuple[str, ...], ...]  # the labels as they stand in the file, line by line
    place: str


def load_utterances(paths: Iterable[Path]) -> list[Utterance]:
    """The utterances of these files, in their order. Raises :class:`ScriptError` naming file and line."""
    return [u for path in paths for u in _read(path)]


def _read(path: Path) -> Iterator[Utterance]:
    shop = state = mould = kind = ""
    text, place, block = "", "", list[str]()
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), "#end"], start=1):
        here = f"{path.name}:{number}"
        if line.startswith("  "):
            block.append(line.strip())
            continue
        if text:
            written = _alternatives(block, place)
            yield Utterance(text, shop, state, mould, kind, _labels(written, place), written, place)
            text, block = "", []
        if line.startswith("@"):
            shop, state = _two(line[1:].split(), here)
        elif line.startswith("mould:"):
            kind, mould = _two([p.strip() for p in line[6:].split("/", 1)], here)
        elif line.startswith("> "):
            text, place = line[2:], here
        elif line.strip() and not line.startswith("#"):
            raise ScriptError(f"{here}: {line!r} begins with none of '@', 'mould:', '> ', '#' or two blanks")


def _two(parts: Sequence[str], here: str) -> tuple[str, str]:
    if len(parts) != 2:
        raise ScriptError(f"{here}: two parts are needed, here are {len(parts)}: {' '.join(parts)!r}")
    return parts[0], parts[1]


def _alternatives(block: Sequence[str], place: str) -> tuple[tuple[str, ...], ...]:
    if not block:
        raise ScriptError(f"{place}: the message has no label")
    parts: list[list[str]] = [[]]
    for line in block:
        if line == "or":
            parts.append([])
        else:
            parts[-1].append(line)
    return tuple(tuple(lines) for lines in parts)


def _labels(written: Sequence[Sequence[str]], place: str) -> tuple[Label, ...]:
    try:
        return tuple(_label(lines) for lines in written)
    except (ValueError, IndexError) as error:
        raise ScriptError(f"{place}: {error}") from error


def _label(lines: Sequence[str]) -> Label:
    must, may = _intents(lines[0].split())
    needs: list[WantedNeed] = []
    items: list[tuple[str, WantedItems]] = []
    comparatives: list[WantedComparative] = []
    words: dict[str, tuple[str, ...]] = {}
    for line in lines[1:]:
        if line[:2] in ("+ ", "= ", "* ") or line in ("+", "=", "*"):
            needs.append(_need(line))
            continue
        name, found, value = line.partition(":")
        if not found:
            raise ValueError(f"{line!r} is neither a need (+, =, *) nor 'name: value'")
        voluntary, key = name.startswith("?"), name.lstrip("?")
        if key == "compare":
            comparatives.append(_comparative(value.strip(), voluntary))
        elif key in _ITEMS:
            items.append((_ITEMS[key], WantedItems(frozenset(value.split()), voluntary)))
        elif name in ("unknown", "?unknown", "orders", "language"):
            words[name] = tuple(w.strip() for w in value.split(","))
        else:
            raise ValueError(
                f"{name!r} is no part of a label; those are {', '.join([*_ITEMS, 'compare', 'unknown', 'orders', 'language'])}"
            )
    return Label(
        must,
        may,
        tuple(needs),
        tuple(items),
        tuple(comparatives),
        words.get("unknown", ()),
        words.get("?unknown", ()),
        frozenset(words.get("orders", ())),
        *words.get("language", ()),
    )


_ITEMS = {"refs": "references", "like": "like_items", "liked": "liked", "disliked": "disliked"}


def _intents(words: Sequence[str]) -> tuple[tuple[frozenset[Intent], ...], frozenset[Intent]]:
    must, may = [], set[Intent]()
    for word in words:
        named = frozenset().union(*(SEARCH if n == "search" else {_intent(n)} for n in word.lstrip("?").split("/")))
        if word.startswith("?"):
            may |= named
        else:
            must.append(named)
    return tuple(must), frozenset(may)


def _intent(name: str) -> Intent:
    if name not in _INTENTS:
        raise ValueError(f"{name!r} is no intent; those are 'search' (recommend or refine), {', '.join(sorted(_INTENTS))}")
    return Intent(name)


def _comparative(text: str, voluntary: bool) -> WantedComparative:
    found = _COMPARE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no comparative; write 'price -1', 'rating +1 of all' or 'weight -1 than ID ID'")
    return WantedComparative(
        found[1], int(found[2]), {None: False, " of all": True}.get(found[3]), frozenset((found[4] or "").split()), voluntary
    )


def _need(line: str) -> WantedNeed:
    opens = {"+": True, "=": False, "*": None}[line[0]]
    entries: list[Entry] = []
    told: dict[str, str] = {}
    drops, may_drop = set[str](), set[str]()
    need_id, closes = None, False
    for part in filter(None, (p.strip() for p in line[1:].split(";"))):
        word, _, rest = part.partition(" ")
        if word in ("for", "?for"):
            told[word] = rest
        elif word in ("drop", "?drop"):
            (drops if word == "drop" else may_drop).update(f.strip() for f in rest.split("|"))
        elif word == "need":
            need_id = int(rest)
        elif part == "closes":
            closes = True
        else:
            entries.append(read_entry(part))
    voluntary = "?for" in told
    recipient = told.get("for", told.get("?for", ""))
    return WantedNeed(
        opens, need_id, closes, tuple(entries), recipient or (None if voluntary else ""), voluntary, frozenset(drops), frozenset(may_drop)
    )


def read_entry(part: str) -> Entry:
    """One entry of a ledger as labels write it. Raises ``ValueError``."""
    voluntary, text = part.startswith("?"), part.lstrip("?").strip()
    if voluntary and re.fullmatch(r"[a-z ]+", text):
        return Entry((), True, text)
    ways = tuple(_wanted(way.strip()) for way in text.split(" or "))
    return Entry(ways, voluntary, ways[0].field)


def _wanted(text: str) -> Wanted:
    found = _CONSTRAINT.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no constraint; write 'price<=200', '~colour=red|blue', 'price=around 50' or '?field'")
    strengths, field, op, value = _STRENGTHS[found[1]], found[2], _OPS[found[3]], found[4].strip()
    if value.startswith("around "):
        return Wanted(field, Op.AT_LEAST, EITHER, around=float(value[7:]))
    if op in (Op.IS, Op.IS_NOT):
        return Wanted(field, op, strengths, tuple(v.strip() for v in value.split("|")))
    if value == "any":
        return Wanted(field, op, strengths)
    low, _, high = value.partition("..")
    return Wanted(field, op, strengths, low=float(low), high=float(high or low))
