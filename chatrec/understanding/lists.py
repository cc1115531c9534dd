"""The word lists that travel with the package, read once."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from chatrec.understanding.text import stem


def lines_of(name: str) -> list[str]:
    """The lines of a data file, without comments and empty lines."""
    text = (files("chatrec.understanding") / "data" / name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


@lru_cache(maxsize=16)
def word_set(name: str) -> frozenset[str]:
    """The words of a data file, as written."""
    return frozenset(w for line in lines_of(name) for w in line.split())


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Function words and shopping talk (as written and as stems)."""
    words = word_set("stop_words.txt")
    return frozenset(words | {stem(w) for w in words})


@lru_cache(maxsize=1)
def no_things() -> frozenset[str]:
    """Adjectives, verbs and adverbs: words that never name a thing that a shop may lack."""
    return word_set("adjectives.txt") | word_set("verbs.txt")


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Everyday English (as written and as stems), stop words included."""
    words = word_set("common_words.txt")
    return frozenset(words | {stem(w) for w in words} | stop_words())
