"""Which items hold the words of a request, or the words that it misspells: BM25."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Protocol

from chatrec.candidates.sources.reasons import MOST_WORDS, WordMatch
from chatrec.domain.candidate import Candidate, Query

REASON_CHARS = 800


class TextSearch(Protocol):
    """Keyword search, best first: (item id, score > 0)."""

    def search(self, text: str, k: int, allowed: Iterable[str] | None = None) -> Sequence[tuple[str, float]]:
        """The ``k`` best items among ``allowed`` (``None``: all)."""

    def matched(self, text: str, item_id: str, most: int = 3) -> Sequence[str]:
        """The words of ``text``, as typed or as read, that the item's record holds, most telling first."""

    def mended(self, text: str) -> Mapping[str, Sequence[str]]:
        """The words of ``text`` that no record holds -> the words that they are read as."""


class KeywordSource:
    """Items by BM25 score of the request's words. ``texts`` is what an item's text says, for the reasons.

    A word that no record holds counts, by a share, as the nearest that one holds; the reason says so.
    """

    name = "keyword"

    def __init__(self, index: TextSearch, texts: Mapping[str, str]) -> None:
        self._index = index
        self._texts = texts

    def candidates(self, query: Query, k: int) -> list[Candidate]:
        """The ``k`` best items that hold a word of the request; empty when nothing was asked or no word occurs."""
        if not query.text.strip() or k < 1:
            return []
        found = self._index.search(query.text, k + len(query.exclude), query.allowed)
        admitted = {i: s for i, s in found if s > 0.0 and i in self._texts and query.admits(i)}
        reason = _Reasons(self._index, query.text)
        return [Candidate(i, float(s), self.name, reason.of(i, self._texts[i])) for i, s in list(admitted.items())[:k]]


class _Reasons:
    """Why items were found by one request: by plain comparison; the index, which knows more forms of a word, is asked only where that
    finds nothing."""

    def __init__(self, index: TextSearch, text: str) -> None:
        self._index, self._text = index, text
        self._mended = index.mended(text)
        self._typed = {meant: word for word, read in self._mended.items() for meant in read}
        self._match = WordMatch(" ".join([text, *self._typed]))

    def of(self, item_id: str, said: str) -> str:
        found = (word for word in self._match.words(said[:REASON_CHARS]) if word not in self._mended)
        words = list(islice(found, MOST_WORDS)) or list(self._index.matched(self._text, item_id))
        misspelt = dict.fromkeys(self._typed[w.lower()] for w in words if w.lower() in self._typed)
        note = f" (you wrote '{', '.join(misspelt)}')" if misspelt else ""
        return f"matches '{', '.join(words)}'{note}"
