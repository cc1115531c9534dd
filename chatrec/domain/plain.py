"""Text from catalogues, reviews and shoppers is data: this is the one place where it is made harmless to show a model."""

from __future__ import annotations

import re
import unicodedata

TRADE_MARKS = dict.fromkeys(map(ord, "™®©℠"))
"""For ``str.translate``: nobody types these signs when searching, and compatibility forms would turn them into letters."""
_MARKERS = re.compile(r"<\|[^|>]{0,40}\|>|</?s>|\[/?INST\]", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def plain(text: str, limit: int = 0) -> str:
    """One line of text without control characters, chat-template markers or citation brackets, cut at a word near ``limit``.

    Citation brackets become round ones, since ``[1]`` means something to the writer and must never come from data.
    """
    text = _MARKERS.sub(" ", text)
    if not text.isprintable():  # most text is, and then no character is of these categories
        text = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} else c for c in text)
    text = text.replace("[", "(").replace("]", ")").replace("<|", "<").replace("|>", ">")
    text = _SPACE.sub(" ", text).strip()
    if limit and len(text) > limit:
        text = text[:limit].rsplit(" ", 1)[0] or text[:limit]
    return text
