"""The names of colours, and the properties that hold one."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

COLOUR_FIELDS = frozenset({"colour", "color", "colours", "colors", "shade", "finish"})


@lru_cache(maxsize=1)
def colours() -> dict[str, tuple[int, int, int]]:
    """Colour names with red, green and blue in 0-255."""
    text = (files("chatrec.domain") / "data" / "colours.txt").read_text(encoding="utf-8")
    found = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            name, red, green, blue = line.split()
            found[name] = (int(red), int(green), int(blue))
    return found
