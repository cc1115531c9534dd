"""What a title is about."""

from __future__ import annotations

import re

from chatrec.understanding.text import stems

_TITLE_PARTS = re.compile(r"\s+-\s+|[,(|:;/]|\b(with|for|in|of|from|by|fits|compatible with|-)\b|\s\d+", re.IGNORECASE)
_LINKS = re.compile(r"with|for|in|of|from|by|fits|compatible with|-", re.IGNORECASE)
_OTHER_THINGS = {"for", "fits", "compatible with"}  # what follows is another thing that this one goes with


def title_heads(title: str) -> set[str]:
    """The nouns that a title ends its parts with: "Insulated bottle, 750 ml" is about a bottle, "Adapter for laptops" about none."""
    found = set()
    link = ""
    for part in _TITLE_PARTS.split(title):
        if part is None:
            continue
        if _LINKS.fullmatch(part):
            link = part.lower()
            continue
        words = [w for w in stems(part) if w.isalpha() and len(w) > 2]
        if words and link not in _OTHER_THINGS:
            found.add(words[-1])
        link = "" if words else link
    return found
