"""The text index: BM25 over weighted fields (``bm25s``), with model numbers kept whole."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatrec.catalog.row_set import Places
from chatrec.catalog.spelling import LEAST_LETTERS, Spelling
from chatrec.domain.item import Item
from chatrec.domain.plain import TRADE_MARKS
from chatrec.errors import GenerationError

# (field, how often its words count): a word of the title says more than one of the description.
TITLE_WEIGHT = 2
MOST_DESCRIPTION_CHARS = 4000
IDS = "ids.json"
WORDS = "words.json"
# What a word that was read as another counts, against one that stands in a record as it was typed.
MENDED_SHARE = 0.5
_WORD = re.compile(r"\w+(?:[-./'’+]\w+)*")
_PART = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
# Han, kana, Hangul and their extensions are written without spaces between words (Hangul with few).
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f]+")
_LEAST_CODE_CHARS = 4
MOST_MENDED = 4  # words of one request
_STOPWORDS_TEXT = """
    a an and any are as at be been but by can could do does for from get give had has have her him his how i if in into is it its just
    like looking me my need no not of on one or our out please show so some something than that the their them then there these they
    thing this those to too us very want was we were what when where which while who will with would you your
"""
_STOPWORDS = frozenset(_STOPWORDS_TEXT.split())


class TextIndex:
    """BM25 (Lucene's variant, Lù 2024, arXiv:2407.03618) over the items of one generation, rows in generation order.

    Words are stemmed (Snowball English), accents and case are ignored. A word with a joint (``AG-42``, ``1/2``, ``M3.5``) counts
    whole, in its parts, and run together, so that each way of typing it finds the item. Chinese, Japanese and Korean runs, which no
    space divides, count as overlapping pairs of characters (Nie, Gao, Zhang & Zhou, IRAL 2000).
    """

    def __init__(self, ids: Sequence[str], engine: Any, words: Mapping[str, int] | None = None) -> None:
        self.ids = tuple(ids)
        self._places = Places(self.ids)
        self._engine = engine
        # an index written without its words has their stems
        self._words = dict(words) if words is not None else dict.fromkeys(engine.vocab_dict, 1)
        self._spelling = Spelling(self._words)

    @classmethod
    def build(cls, items: Sequence[Item]) -> TextIndex:
        """The index of these items, in their order; at least one."""
        import bm25s

        vocabulary: dict[str, int] = {}
        documents, words = [], Counter[str]()
        for item in items:
            tokens = _document(item)
            documents.append([vocabulary.setdefault(token.text, len(vocabulary)) for token in tokens])
            words.update({token.word for token in tokens if len(token.word) >= LEAST_LETTERS - 1 and token.word.isalpha()})
        engine = bm25s.BM25(method="lucene")
        engine.index((documents, vocabulary), show_progress=False)
        return cls([item.item_id for item in items], engine, words)

    @classmethod
    def load(cls, folder: Path) -> TextIndex:
        """The index that :meth:`save` wrote, mapped into memory. Raises :class:`GenerationError`."""
        import bm25s

        try:
            ids = json.loads((folder / IDS).read_text(encoding="utf-8"))
            words = json.loads((folder / WORDS).read_text(encoding="utf-8")) if (folder / WORDS).is_file() else None
            engine = bm25s.BM25.load(folder, mmap=True, show_progress=False)
        except (OSError, ValueError, KeyError) as error:
            raise GenerationError(f"the text index {folder} cannot be read ({error}); build the generation again") from error
        return cls(ids, engine, words)

    def save(self, folder: Path) -> None:
        """Writes the index into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        self._engine.save(folder, show_progress=False)
        (folder / IDS).write_text(json.dumps(self.ids), encoding="utf-8")
        (folder / WORDS).write_text(json.dumps(self._words), encoding="utf-8")

    def __len__(self) -> int:
        return len(self.ids)

    def scores(self, text: str) -> NDArray[np.float32]:
        """The BM25 score of every row, shape ``(n,)``; 0 where no word of ``text`` occurs, nor one that it was misspelt for."""
        return self._scores(self._known(text)) + np.float32(MENDED_SHARE) * self._scores(self._meant(text))

    def mended(self, text: str) -> dict[str, tuple[str, ...]]:
        """The words of ``text`` that no record holds -> the words that they are read as, commonest first."""
        vocabulary = self._engine.vocab_dict
        unknown = dict.fromkeys(token.word for token in _tokens(text) if token.text not in vocabulary and not token.is_stopword)
        return {word: meant for word in list(unknown)[:MOST_MENDED] if (meant := self._spelling.meant(word))}

    def search(self, text: str, k: int, allowed: Iterable[str] | None = None) -> list[tuple[str, float]]:
        """At most ``k`` (id, score > 0), best first, ties in row order; with ``allowed`` only those ids."""
        if k <= 0:
            return []
        scores = self.scores(text)
        if allowed is not None:
            scores = np.where(self._places.mask(allowed), scores, 0.0)
        rows = np.flatnonzero(scores > 0)
        if len(rows) > k:
            least = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
            rows = rows[scores[rows] >= least]
        order = np.argsort(-scores[rows], kind="stable")[:k]
        return [(self.ids[row], float(scores[row])) for row in rows[order]]

    def matched(self, text: str, item_id: str, most: int = 3) -> tuple[str, ...]:
        """The words of ``text`` as typed that this item's record holds, most telling first; for "matches 'waterproof'"."""
        if item_id not in self._places:
            return ()
        row = int(self._places.of((item_id,))[0])
        telling: dict[str, float] = {}
        for token, word in (self._known(text) | self._meant(text)).items():
            weight = self._weight(token, row)
            if weight > 0:
                telling[word] = telling.get(word, 0.0) + weight
        ranked = sorted(telling, key=lambda w: -telling[w])
        whole = " ".join(w for w in ranked if len(_PART.findall(w)) > 1)
        # The parts of a model number that matched whole say nothing more.
        return tuple(w for w in ranked if w in whole.split() or w not in _PART.findall(whole))[:most]

    def reachable(self) -> int:
        """How many rows at least one word leads to."""
        return len(np.unique(np.asarray(self._engine.scores["indices"])))

    def _weight(self, token: int, row: int) -> float:
        posts = self._engine.scores
        start, end = int(posts["indptr"][token]), int(posts["indptr"][token + 1])
        here = np.flatnonzero(np.asarray(posts["indices"][start:end]) == row)
        return float(posts["data"][start + int(here[0])]) if len(here) else 0.0

    def read(self, text: str) -> str:
        """``text`` with the likeliest word in the place of each misspelt one."""
        for word, meant in self.mended(text).items():
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", meant[0], text, flags=re.IGNORECASE)
        return text

    def _scores(self, tokens: Iterable[int]) -> NDArray[np.float32]:
        wanted = list(tokens)
        if not wanted:
            return np.zeros(len(self), dtype=np.float32)
        return np.asarray(self._engine.get_scores_from_ids(wanted), dtype=np.float32)

    def _meant(self, text: str) -> dict[int, str]:
        """Token id -> the word of the catalogue, for what the misspelt words of a query are read as."""
        vocabulary = self._engine.vocab_dict
        words = (word for meant in self.mended(text).values() for word in meant)
        return {vocabulary[token.text]: word for word in words for token in _tokens(word) if token.text in vocabulary}

    def _known(self, text: str) -> dict[int, str]:
        """Token id -> the word it stands for, for the words of a query that the index holds."""
        vocabulary = self._engine.vocab_dict
        return {vocabulary[token.text]: token.shown for token in reversed(_tokens(text)) if token.text in vocabulary}


def _document(item: Item) -> list[_Token]:
    tokens = _tokens(item.title) * TITLE_WEIGHT + _tokens(" ".join(_rest(item)))
    if len(item.item_id) >= _LEAST_CODE_CHARS and _DIGIT.search(item.item_id):
        tokens.append(_whole(_folded(item.item_id)))  # "do you have B00XYZ12"
    # A title of signs alone is still a title.
    return tokens or [_whole(_folded(item.title) or item.item_id)]


def _rest(item: Item) -> Iterator[str]:
    yield item.brand
    yield from item.category_path or (item.category,)
    for attribute in item.attributes:
        yield attribute.name
        if attribute.values not in (("yes",), ("no",)):
            yield from attribute.values
            yield attribute.unit
    for values in item.options().values():
        yield from values
    yield item.description[:MOST_DESCRIPTION_CHARS]


@dataclass(frozen=True, slots=True)
class _Token:
    """``text`` is what the index compares, ``word`` the same before stemming, ``shown`` the part of the word it stands for, as typed."""

    text: str
    word: str
    shown: str
    is_stopword: bool


def _tokens(text: str) -> list[_Token]:
    """The tokens of a text; stop words are left out unless nothing else is there."""
    found = [token for word in _WORD.findall(text) for token in _tokens_of(word)]
    return [token for token in found if not token.is_stopword] or found


@lru_cache(maxsize=1 << 16)
def _tokens_of(word: str) -> tuple[_Token, ...]:
    runs = _UNSPACED.findall(word)
    if runs:
        rest = _UNSPACED.sub(" ", word)
        return (*(token for run in runs for token in _pairs(run)), *(token for part in rest.split() for token in _tokens_of(part)))
    parts = _PART.findall(word)
    if len(parts) < 2 or (len(parts) == 2 and parts[1] in "sS"):  # "Stanley's" is Stanley
        return tuple(_token(part, part) for part in parts[:1])
    return (_token(word, word), *(_token(part, part) for part in parts), _token("".join(parts), word))


def _pairs(run: str) -> tuple[_Token, ...]:
    """Overlapping pairs of characters, so that part of a run is found; a character alone stands for itself."""
    return tuple(_whole(run[n : n + 2]) for n in range(max(1, len(run) - 1)))


def _token(text: str, shown: str) -> _Token:
    folded = _folded(text)
    return _Token(_stem(folded), folded, shown, folded in _STOPWORDS)


def _whole(text: str) -> _Token:
    return _Token(text, text, text, False)


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text.translate(TRADE_MARKS).casefold()) if not unicodedata.combining(c))


@cache
def _stemmer() -> Callable[[str], str]:
    import Stemmer

    stem: Callable[[str], str] = Stemmer.Stemmer("english").stemWord
    return stem


def _stem(token: str) -> str:
    """The stem of a word; whatever holds a figure stays as it is."""
    return token if _DIGIT.search(token) else _stemmer()(token)
