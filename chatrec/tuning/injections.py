"""Words that give orders to a machine: nothing of an exchange that holds them is learnt from."""

from __future__ import annotations

import re

_INJECTION = re.compile(
    r"<\|?im_(?:start|end)|\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|prompt|rule|above|previous|guideline)s?\b"
    r"|\bsystem prompt\b|\byou are now\b|\bact as (?:an?|the)\b|\bdeveloper mode\b|\bjailbreak|\bDAN\b"
    r"|<script\b|\bDROP TABLE\b|\bsay that\b.{0,40}\b(?:best|free)\b"
    r"|^\s*(?:system|assistant|user)\s*:",
    re.IGNORECASE,
)


def is_injection(text: str) -> bool:
    """Whether the text gives orders to a machine or holds its markers: nothing of such an exchange is learnt from."""
    return bool(_INJECTION.search(text))
