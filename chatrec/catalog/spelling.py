"""Misspelt words of a request: which words of the catalogue were meant."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from chatrec.resources import everyday_words

LEAST_LETTERS = 4
# Up to so many letters a word may differ in one place, and keeps its first letter: "boat" and "coat" are words of their own.
SHORT = 5
MOST_EDITS = 2
MOST_MEANT = 3
# A slip more makes a word as unlikely as being used e^4 = 55 times as rarely (a noisy channel as in Norvig, How to Write a Spelling
# Corrector, 2007); what is e^3 times less likely than the best is not meant.
EDIT_COSTS = 4.0
AS_LIKELY = 3.0
_KEPT_ANSWERS = 4_096


class Spelling:
    """The words of one index, arranged for finding near ones. ``counts`` is word -> number of records that hold it.

    Distance is Damerau's with adjacent swaps (optimal string alignment): one step for words of four or five letters, two for longer
    ones. An edit changes at most two members of a word's set of letters and four of its set of letter pairs (a swap six), so that two
    64-bit masks a word rule out nearly all of the vocabulary before any distance is computed.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        words = sorted((w for w in counts if len(w) >= LEAST_LETTERS - 1 and w.isascii() and w.isalpha()), key=lambda w: (len(w), w))
        self.words = tuple(words)
        self._counts = np.array([counts[w] for w in words], np.int64)
        self._lengths = np.array([len(w) for w in words], np.int64)
        self._letters, self._pairs = _masks(words, self._lengths)
        self._known = frozenset(counts)
        self._answers = lru_cache(_KEPT_ANSWERS)(self._nearest)

    def meant(self, word: str) -> tuple[str, ...]:
        """The likeliest words, best first, at most three; empty for a word that is known here, an everyday word, one with figures or
        other signs in it, and one that nothing is near to."""
        word = word.lower()
        if len(word) < LEAST_LETTERS or not (word.isascii() and word.isalpha()):
            return ()
        return () if word in self._known or word in everyday_words() else self._answers(word)

    def _nearest(self, word: str) -> tuple[str, ...]:
        # "hekkin" is "hekking" said aloud
        spellings = (word, f"{word}g") if word.endswith("in") and len(word) > SHORT else (word,)
        found = [pair for spelled in spellings for pair in self._within(spelled)]
        likely: dict[int, float] = {}
        for distance, row in found:
            likely[row] = max(likely.get(row, -math.inf), math.log(int(self._counts[row])) - EDIT_COSTS * distance)
        best = sorted(likely, key=lambda row: (-likely[row], row))[:MOST_MEANT]
        return tuple(self.words[row] for row in best if likely[row] >= likely[best[0]] - AS_LIKELY)

    def _within(self, word: str) -> list[tuple[int, int]]:
        """(distance, row) of the words near enough."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cdist

        most = 1 if len(word) <= SHORT else MOST_EDITS
        letters, pairs = _masks([word], np.array([len(word)]))
        first, last = np.searchsorted(self._lengths, (len(word) - most, len(word) + most + 1)).tolist()
        near = np.bitwise_count(self._letters[first:last] ^ letters[0]) <= 2 * most
        near &= np.bitwise_count(self._pairs[first:last] ^ pairs[0]) <= 6 * most
        rows = [row for row in (np.flatnonzero(near) + first).tolist() if len(word) > SHORT or self.words[row][0] == word[0]]
        if not rows:
            return []
        distances = cdist([word], [self.words[row] for row in rows], scorer=OSA.distance, score_cutoff=most)[0].tolist()
        return [(distance, row) for distance, row in zip(distances, rows, strict=True) if distance <= most]


def _masks(words: list[str], lengths: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """For every word the set of its letters and the set of its pairs of neighbours, as bits (pairs share 64 places)."""
    if not words:
        return np.zeros(0, np.uint64), np.zeros(0, np.uint64)
    codes = np.frombuffer("".join(words).encode("ascii"), np.uint8).astype(np.uint64) - np.uint64(97)
    starts = np.array([0, *accumulate(lengths.tolist()[:-1])], np.int64)
    one = np.uint64(1)
    letters = np.bitwise_or.reduceat(one << codes, starts)
    following = np.append(codes[1:], np.uint64(0))
    places = np.remainder(codes * np.uint64(31) + following * np.uint64(7), np.uint64(64), dtype=np.uint64)
    bits = np.left_shift(one, places)
    bits[starts + lengths - 1] = 0  # the last letter of a word has no neighbour
    return letters, np.bitwise_or.reduceat(bits, starts)
