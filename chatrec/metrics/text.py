"""How varied texts are: pure counts of words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

OPENING_WORDS = 3


def distinct(texts: Sequence[str], n: int = 2) -> float:
    """Share of different runs of ``n`` words among all such runs, in [0, 1] (distinct-n: Li et al., NAACL 2016); 0 for no words."""
    runs = [tuple(words[i : i + n]) for text in texts for words in [text.lower().split()] for i in range(len(words) - n + 1)]
    return len(set(runs)) / max(len(runs), 1)


def commonest_opening(texts: Sequence[str], words: int = OPENING_WORDS) -> float:
    """Share of the texts that begin with the commonest first ``words`` words, in [0, 1]; 0 for no texts."""
    openings = Counter(" ".join(text.lower().split()[:words]) for text in texts)
    return max(openings.values(), default=0) / max(len(texts), 1)
