"""Category cells to paths, and paths to a sensible leaf."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chatrec.catalog.cells import clean_text, structured
from chatrec.domain.item import Item

# The surest first: what no category name would hold stands before what some do.
_SEPARATORS = (" >> ", ">>", " > ", " » ", " › ", " → ", "::", "|", ">", " / ", ";", " - ")
# A comma with nothing after it separates; in "Tapes, Adhesives & Sealants" it belongs to the name.
_TIGHT_COMMA = ","
_LEAST_SHARE = 0.2
# Longer "categories" are sentences that slipped into the path.
MOST_PART_CHARS = 60
MOST_PART_WORDS = 8
MOST_DEPTH = 8


def separator_of(values: Iterable[Any]) -> str:
    """What separates the parts of a path in this column; ``""`` when nothing does."""
    texts = [t for t in (_flat(structured(v)) for v in values) if t]
    if not texts:
        return ""
    for separator in _SEPARATORS:
        if sum(separator in t for t in texts) >= _LEAST_SHARE * len(texts):
            return separator
    tight = sum(bool(re.search(r",(?=\S)", t)) for t in texts)
    return _TIGHT_COMMA if tight >= 0.5 * len(texts) else ""


def _flat(value: Any) -> str:
    """The text of a category cell, where it is one text."""
    while isinstance(value, Sequence) and not isinstance(value, str) and len(value) >= 1:
        if len(value) > 1 and isinstance(value[0], str):
            return ""
        value = value[0]
    return value if isinstance(value, str) else ""


def parse_path(value: Any, separator: str) -> tuple[str, ...]:
    """The path of one cell, root first: text, a list, a list of paths (the first), JSON text, or Algolia's ``lvl0 .. lvlN``."""
    value = structured(value)
    if isinstance(value, Mapping):
        levels = [value[k] for k in sorted(value, key=str) if value[k]]
        value = levels[-1] if levels else None
        value = value[-1] if isinstance(value, list) and value else value
        separator = separator or ("> " if isinstance(value, str) and " > " in value else "")
    if isinstance(value, (list, tuple)):
        if value and isinstance(value[0], (list, tuple)):
            return parse_path(value[0], "")
        if len(value) != 1:
            return _cleaned([str(v) for v in value if v is not None])
        value = value[0]
    if value is None:
        return ()
    text = str(value)
    if not separator:
        parts = [text]
    elif separator == _TIGHT_COMMA:
        parts = re.split(r",(?=\S)", text)
    else:
        parts = text.split(separator)
    return _cleaned(parts)


def _cleaned(parts: Sequence[str]) -> tuple[str, ...]:
    found: list[str] = []
    for raw in parts:
        part = clean_text(raw).strip(" ./>|")
        if not part:
            continue
        if len(part) > MOST_PART_CHARS or len(part.split()) > MOST_PART_WORDS or len(found) == MOST_DEPTH:
            break
        if not found or part.casefold() != found[-1].casefold():
            found.append(part)
    return tuple(found)


def trim_paths(items: Sequence[Item]) -> list[Item]:
    """The items with paths that end in a kind of thing: the title repeated as a category, and a category that is one brand's name
    for its own things ("Lee Sweaters" below "Sweaters"), are cut off the end."""
    brands: dict[str, set[str]] = {}
    for item in items:
        for part in item.category_path:
            brands.setdefault(part.casefold(), set()).add(item.brand.casefold())
    below = Counter(p.casefold() for item in items for p in item.category_path)
    return [_trimmed(item, brands, below) for item in items]


def _trimmed(item: Item, brands: Mapping[str, set[str]], below: Mapping[str, int]) -> Item:
    path = item.category_path
    while path and (_is_title(path[-1], item.title, len(path)) or _is_brand(path, item.brand, brands, below)):
        path = path[:-1]
    return item if path == item.category_path else replace(item, category_path=path, category=path[-1] if path else "")


def _is_title(part: str, title: str, depth: int) -> bool:
    """Whether a part repeats the title. A short one may be both ("Gift card" in "Gift card"), so the only part must be long."""
    part = part.casefold().rstrip(". …")
    title = title.casefold()
    long = len(part) >= 20
    return (part == title and (long or depth > 1)) or (long and (title.startswith(part) or part.startswith(title)))


def _is_brand(path: Sequence[str], brand: str, brands: Mapping[str, set[str]], below: Mapping[str, int]) -> bool:
    if len(path) < 2:
        return False
    part, parent = path[-1].casefold(), path[-2].casefold()
    own = brand.casefold()
    if not own or not (part == own or part.startswith(own + " ")) or brands.get(part) != {own}:
        return False
    return below[parent] > below[part]
