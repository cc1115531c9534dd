"""Slips of the finger, as a keyboard makes them."""

from __future__ import annotations

import random
import re

_NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk", "k": "jl", "l": "k",
    "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc",
    "y": "tu", "z": "x",
}  # fmt: skip
LEAST_LETTERS = 5  # a slip in a shorter word makes another word
MOST_SLIPS = 2
_WORD = re.compile(rf"[A-Za-z]{{{LEAST_LETTERS},}}")


def mistype(text: str, rate: float, rng: random.Random) -> str:
    """The text with slips in at most ``MOST_SLIPS`` of its longer words, each slipping with probability ``rate``. Figures stay."""
    left = MOST_SLIPS

    def slip(found: re.Match[str]) -> str:
        nonlocal left
        if not left or rng.random() >= rate:
            return found.group()
        left -= 1
        return _slip(found.group(), rng)

    return _WORD.sub(slip, text)


def _slip(word: str, rng: random.Random) -> str:
    place = rng.randrange(1, len(word) - 1)
    kind = rng.choice(("swap", "drop", "double", "near"))
    if kind == "swap":
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == "drop":
        return word[:place] + word[place + 1 :]
    if kind == "double":
        return word[:place] + word[place] + word[place:]
    near = _NEIGHBOURS.get(word[place].lower(), word[place])
    return word[:place] + rng.choice(near) + word[place + 1 :]


def informal(text: str, rng: random.Random) -> str:
    """Small letters, apostrophes left out, no full stop at the end: how people type when nobody marks it."""
    text = text.lower()
    if rng.random() < 0.7:
        text = re.sub(r"(?<=[a-z])['’](?=[a-z])", "", text)
    return text.rstrip(".") if rng.random() < 0.9 else text
