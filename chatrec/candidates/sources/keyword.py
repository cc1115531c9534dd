"""Which items hold the words of a request: BM25."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from chatrec.candidates.sources.reasons import WordMatch
from chatrec.domain.candidate import Candidate, Query

REASON_CHARS = 800


class TextSearch(Protocol):
    """Keyword search, best first: (item id, score > 0)."""

    def search(self, text: str, k: int, allowed: Collection[str] | None = None) -> Sequence[tuple[str, float]]:
        """The ``k`` best items among ``allowed`` (``None``: all)."""

    def matched(self, text: str, item_id: str, most: int = 3) -> Sequence[str]:
        """The words of ``text`` that the item's record holds, most telling first."""


class KeywordSource:
    """Items by BM25 score of the request's words. ``texts`` is what an item's text says, for the reasons."""

    name = "keyword"

    def __init__(self, index: TextSearch, texts: Mapping[str, str]) -> None:
        self._index = index
        self._texts = texts

    def candidates(self, query: Query, k: int) -> list[Candidate]:
        """The ``k`` best items that hold a word of the request; empty when nothing was asked or no word occurs."""
        if not query.text.strip() or k < 1:
            return []
        match = WordMatch(query.text)
        found = self._index.search(query.text, k + len(query.exclude), query.allowed)
        admitted = {i: s for i, s in found if s > 0.0 and i in self._texts and query.admits(i)}
        return [Candidate(i, float(s), self.name, self._reason(i, match, query.text)) for i, s in list(admitted.items())[:k]]

    def _reason(self, item_id: str, match: WordMatch, text: str) -> str:
        """By plain comparison; the index, which knows more forms of a word, is asked only where that finds nothing."""
        found = match.reason(self._texts[item_id][:REASON_CHARS])
        return found or f"matches '{', '.join(self._index.matched(text, item_id))}'"
