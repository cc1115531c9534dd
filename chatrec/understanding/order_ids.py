"""Order numbers in a message."""

from __future__ import annotations

import re

from chatrec.understanding.text import MOST_CHARS

MOST_IDS = 5
# After the word "order", or a code of letters and at least three digits joined by a hyphen ("FF-10234").
_AFTER_ORDER = re.compile(
    r"\border(?:s)?\b(?:\s*(?:number|no\.?|nr\.?|id|code|ref(?:erence)?|#|:|is|was|"
    r",))*\s*#?\s*(?P<id>(?=[A-Za-z0-9-]*\d)[A-Za-z0-9][A-Za-z0-9-]{2,19})",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<![\w-])(?P<id>[A-Z]{1,4}-?\d{4,12}|[A-Z]{2,4}-\d{3,12}|[A-Z]{1,4}-\d{2,6}-\d{2,10}|\d{3}-\d{7}-\d{7})(?![\w-])")
_TALKS_OF_ORDERS = re.compile(r"\b(?:order|orders|ordered|parcel|package|shipment|delivery|purchase|track)\b", re.IGNORECASE)
_NUMBERED = re.compile(r"\b(?:number|no\.?|nr\.?|ref(?:erence)?)\s*[:#]?\s*(?P<id>\d{4,12})\b", re.IGNORECASE)
_HASH = re.compile(r"#\s?(?P<id>\d{4,12})\b")


def find_order_ids(message: str) -> tuple[tuple[str, int, int], ...]:
    """(id, start, end) in the raw message, each id once, at most ``MOST_IDS``."""
    text = message[:MOST_CHARS]
    found: dict[str, tuple[str, int, int]] = {}
    patterns = [_AFTER_ORDER, *([_CODE, _HASH, _NUMBERED] if _TALKS_OF_ORDERS.search(text) or len(text) < 30 else [])]
    for pattern in patterns:
        for match in pattern.finditer(text):
            name = match["id"].strip("-")
            if pattern is _AFTER_ORDER and (name.isalpha() or (name.isdigit() and len(name) < 3)):
                continue
            found.setdefault(name, (name, match.start("id"), match.end("id")))
    return tuple(found.values())[:MOST_IDS]
