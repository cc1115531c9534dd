"""Invented shelves: product kinds that no shop of ours sells, from which training dialogues draw their items.

A model that writes from evidence must not learn one shop by heart, so the kinds, brands and figures are made up anew for every row.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from chatrec.domain.item import Attribute, Item

SHELVES = Path(__file__).parent / "shelves"
HELD_OUT_KINDS = frozenset(
    {"digital pianos", "board games", "aquarium filters", "office chairs", "face creams", "secateurs"}
    | {"audiobooks", "rain trousers", "chocolate bars", "pH meters"}
)
"""Kinds that never appear in training rows: what is learnt must carry over to a shelf that was not seen."""
_T = TypeVar("_T")
_SYLLABLES = tuple("ar bel cor dun el fen gal hes il jor kel lum mor nes ol pim quor ras sel tov".split())
_FIGURE = re.compile(r"(-?\d+(?:\.\d+)?)\s*(.*)")


@dataclass(frozen=True, slots=True)
class Range:
    """Values that a numeric property takes: ``low`` to ``high`` in steps, in ``unit``."""

    unit: str
    low: float
    high: float
    step: float

    def draw(self, rng: random.Random) -> float:
        """One value of the range."""
        return round(self.low + self.step * rng.randrange(round((self.high - self.low) / self.step) + 1), 3)


@dataclass(frozen=True, slots=True)
class Kind:
    """One product kind. ``clauses`` are sentences of descriptions."""

    name: str
    brands: tuple[str, ...]
    numbers: tuple[tuple[str, Range], ...]
    flags: tuple[str, ...]
    words: tuple[tuple[str, tuple[str, ...]], ...]
    features: tuple[str, ...]
    clauses: tuple[str, ...]
    wishes: tuple[str, ...]
    unknown: tuple[str, ...]


@cache
def load_kinds() -> tuple[Kind, ...]:
    """All kinds of the shelf files, in file order."""
    records = [r for path in sorted(SHELVES.glob("*.yaml")) for r in yaml.safe_load(path.read_text(encoding="utf-8"))]
    return tuple(_kind(record) for record in records)


def kinds_of(split: str) -> tuple[Kind, ...]:
    """The kinds of ``train`` or ``held_out`` rows."""
    return tuple(k for k in load_kinds() if (k.name in HELD_OUT_KINDS) == (split == "held_out"))


def _kind(record: Mapping[str, Any]) -> Kind:
    return Kind(
        name=record["kind"],
        brands=tuple(record["brands"]),
        numbers=tuple((name, _range(text)) for name, text in record["numbers"].items()),
        flags=tuple(record["flags"]),
        words=tuple((name, tuple(str(v) for v in values)) for name, values in record["words"].items()),
        features=tuple(str(f) for f in record["features"]),
        clauses=tuple(record["clauses"]),
        wishes=tuple(record["wishes"]),
        unknown=tuple(record["unknown"]),
    )


def _range(text: str) -> Range:
    *unit, low, high, step = text.split()
    return Range(" ".join(unit), float(low), float(high), float(step))


def invent_items(kind: Kind, k: int, rng: random.Random, shared_flags: Sequence[str] = ()) -> list[Item]:
    """``k`` different items of one kind. Records are uneven, as in real shops: each leaves something out."""
    clauses = rng.sample(kind.clauses, len(kind.clauses))
    share = max(1, len(clauses) // k)
    return [_invent(kind, n, rng, clauses[n * share : (n + 1) * share], shared_flags) for n in range(k)]


def _invent(kind: Kind, n: int, rng: random.Random, clauses: Sequence[str], shared_flags: Sequence[str]) -> Item:
    item = _plain_record(kind, n, rng, clauses, shared_flags)
    return _messy(item, kind, rng, frozenset(shared_flags)) if rng.random() < MESSY else item


def _messy(item: Item, kind: Kind, rng: random.Random, kept: frozenset[str]) -> Item:
    """The record as a feed would have it: a long title, columns missing, the properties lost among words that woo the reader."""
    attributes = tuple(a for a in item.attributes if a.name in kept or rng.random() < 0.5)
    words = [v for _, values in kind.words for v in rng.sample(values, 1)]
    title = ", ".join((f"{item.title.split(',')[0]} {kind.name.title()}", *rng.sample(words, min(2, len(words))), *_segments(kind, rng)))
    loud = rng.sample(_WOOING, 2)
    description = " ".join((loud[0], item.description, loud[1]))
    return replace(item, title=title, attributes=attributes, description=description.strip())


def _plain_record(kind: Kind, n: int, rng: random.Random, clauses: Sequence[str], shared_flags: Sequence[str]) -> Item:
    attributes = [Attribute(name, (), drawn.draw(rng), drawn.unit) for name, drawn in _some(kind.numbers, rng, 1, 3)]
    attributes += [Attribute(name, (rng.choice(values),)) for name, values in _some(kind.words, rng, 0, 2)]
    flags = dict.fromkeys(shared_flags, True) | {f: rng.random() < 0.75 for f in _some(kind.flags, rng, 0, 1) if f not in shared_flags}
    attributes += [Attribute(name, ("yes" if yes else "no",)) for name, yes in flags.items()]
    features = _some(kind.features, rng, 0, 2)
    if features:
        attributes.append(Attribute("features", tuple(features)))
    rng.shuffle(attributes)
    told = clauses[: rng.choice((0, 1, 1, 1, 2))]
    rated = rng.random() < 0.5
    return Item(
        item_id=f"{kind.name}-{n}",
        title=", ".join((f"{_name(rng)} {rng.randrange(2, 90)}", *_segments(kind, rng))),
        description=" ".join(f"{s[:1].upper()}{s[1:].removesuffix('.')}." for s in told),
        category=kind.name,
        category_path=(kind.name,),
        brand=rng.choice(kind.brands) if rng.random() < 0.5 else "",
        price=Decimal(round(_level(kind) * rng.uniform(0.6, 1.8)) + 1) - Decimal(rng.choice(("0", "0.01", "0.5"))),
        currency="USD",
        rating=rng.randrange(31, 50) / 10 if rated else None,
        n_ratings=rng.randrange(3, 700) if rated else None,
        stock=rng.choice((0, 2, 7, 15, 30)) if rng.random() < 0.2 else rng.randrange(4, 40),
        attributes=tuple(attributes),
    )


MESSY = 0.2
"""The share of records as untidy as feeds are."""
_WOOING = (
    "Discover a whole new world of comfort!", "Your search ends here.", "The must-have of the season.", "You will love it.",
    "Our bestseller, now even better.", "Perfect for every occasion!", "Elevate your everyday.", "Buy now while stocks last!",
    "Thank you for visiting our store.", "The ultimate choice for connoisseurs.", "Please check the photos before ordering.",
)  # fmt: skip
_PACKS = ("pack of {n}", "set of {n}", "{n} count", "{n} pieces", "box of {n}", "case of {n}")


def _segments(kind: Kind, rng: random.Random) -> list[str]:
    """What feeds write behind the name of a thing: "pack of 4, black". Most shops write nothing."""
    if rng.random() < 0.7:
        return []
    told = [rng.choice(_PACKS).format(n=rng.choice((2, 3, 4, 6, 10, 12, 25, 50, 100)))]
    told += [rng.choice(values) for _, values in kind.words[:1]] + list(kind.features[:1])
    return rng.sample(told, min(len(told), rng.choice((1, 2))))


def _level(kind: Kind) -> float:
    """What a thing of this kind costs, about: invented once for each kind."""
    return float(random.Random(kind.name).choice((4, 9, 15, 24, 40, 70, 120, 220)))


def _some(values: Sequence[_T], rng: random.Random, least: int, most: int) -> list[_T]:
    chosen = rng.sample(range(len(values)), min(len(values), rng.randint(least, most)))
    return [values[i] for i in sorted(chosen)]


def _name(rng: random.Random) -> str:
    return "".join(rng.sample(_SYLLABLES, 2)).capitalize() + rng.choice(("", "a", "o", "ix", "en"))


def written_item(kind: str, key: str, record: Mapping[str, Any]) -> Item:
    """A record of the hand-written replies as an item."""
    attributes = []
    for name, text in record.get("numbers", {}).items():
        found = _FIGURE.fullmatch(str(text))
        if found is None:
            raise ValueError(f"{kind}/{key}: '{name}: {text}' is no number with a unit; write it as '12 cm'")
        attributes.append(Attribute(name, (), float(found[1]), found[2]))
    attributes += [Attribute(name, (str(value),)) for name, value in record.get("words", {}).items()]
    attributes += [Attribute(name, ("yes" if value else "no",)) for name, value in record.get("flags", {}).items()]
    if record.get("features"):
        attributes.append(Attribute("features", tuple(str(f) for f in record["features"])))
    return Item(
        item_id=f"{kind}-{key}",
        title=record.get("title", f"Model {key.upper()}"),
        description=record.get("description", ""),
        category=kind,
        category_path=(kind,),
        brand=record.get("brand", ""),
        price=Decimal(str(record["price"])),
        currency="USD",
        rating=record.get("rating"),
        n_ratings=record.get("ratings"),
        stock=record.get("stock"),
        attributes=tuple(attributes),
    )
