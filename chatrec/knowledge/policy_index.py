"""How well each passage of the policies fits a question: the meaning of passage, headings and sentences, and words with their near kin."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatrec.domain.facts import Passage
from chatrec.embedding.kept import encode_kept
from chatrec.knowledge.words import content_stems, stem, words_of
from chatrec.protocols import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Shares of the seven parts of a fit, chosen by five-fold cross-validation on the questions of tests/knowledge/questions marked "dev";
# BM25 got no weight beside the near kin of words, which contain the words themselves.
PASSAGE, TOPIC, HEADING, SENTENCE = 0.22, 0.14, 0.10, 0.24
OPENING, KIN, HEADING_KIN = 0.08, 0.12, 0.10
# Two words of one meaning ("postage", "shipping") have a cosine of some 0.7, two that have nothing to do with each other of 0.3.
LEAST_KINSHIP = 0.3
MOST_TERMS = 24
# "By 1 p.m. Eastern Time" and "from 9 a.m. to noon" go on.
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?![a-z])(?!(?:Eastern|Central|Mountain|Pacific|Greenwich)\b)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question made ready: its vector, its terms with their weights, and how near each term comes to each word of the policies."""

    vector: NDArray[np.float32]
    terms: tuple[str, ...]
    weights: NDArray[np.float32]
    kinship: NDArray[np.float32]

    def covered(self, words: NDArray[np.intp]) -> float:
        """How much of the question these words of the policies say, in [0, 1]: each term by its nearest kin, rare terms counting most."""
        mass = float(self.weights.sum())
        return float(self.kinship[:, words].max(axis=1) @ self.weights) / mass if mass and len(words) else 0.0


class PolicyIndex:
    """Passages ready to be compared with questions. Read-only; safe to share between threads."""

    def __init__(self, passages: Sequence[Passage], vectors: NDArray[np.float32], embedder: Embedder) -> None:
        """``vectors``: the passages' embeddings, shape ``(len(passages), d)``, unit norm."""
        self.passages = tuple(passages)
        self._vectors, self._embedder = vectors, embedder
        self._documents = [Counter(content_stems(f"{p.topic} {p.topic} {p.text}")) for p in passages]
        held = Counter(word for document in self._documents for word in document)
        self._idf = {word: math.log(1 + (len(passages) - n + 0.5) / (n + 0.5)) for word, n in held.items()}
        self._rarest = math.log(1 + (len(passages) + 0.5) / 0.5)
        self._embed()

    def _embed(self) -> None:
        """Vectors of headings, sentences and words, remembered in the cache folder between starts."""
        import numpy as np

        surface: dict[str, str] = {}
        for p in self.passages:
            for word in words_of(f"{p.topic} {p.text}"):
                surface.setdefault(stem(word), word)
        self._vocabulary = {word: n for n, word in enumerate(self._idf)}
        self.sentences = [tuple(s for s in _SENTENCE.split(p.text) if s.strip()) for p in self.passages]
        pairs = [(i, s) for i, sentences in enumerate(self.sentences) for s in sentences]
        titles = [p.topic.partition(":")[0] for p in self.passages]
        self._topics = encode_kept(self._embedder, [p.topic for p in self.passages])
        headings = [p.topic.rpartition(": ")[2] for p in self.passages]
        self._headings = encode_kept(self._embedder, headings)
        self._sentences = encode_kept(self._embedder, [f"{titles[i]}. {sentence}" for i, sentence in pairs])
        self._owners = np.asarray([i for i, _ in pairs], dtype=np.intp)
        self._words = encode_kept(self._embedder, [surface.get(w, w) for w in self._vocabulary])
        self._holds = [self._places(document) for document in self._documents]
        self._heads = [self._places(content_stems(heading)) for heading in headings]
        self._opens = np.asarray([n == 0 or title != titles[n - 1] for n, title in enumerate(titles)])
        self._titles = encode_kept(self._embedder, titles)

    def ask(self, question: str) -> Asked:
        """The question, embedded once together with its words."""
        import numpy as np

        surface: dict[str, str] = {}
        for word in words_of(question[:1000]):
            surface.setdefault(stem(word), word)
        terms = tuple(dict.fromkeys(content_stems(question[:1000])))[:MOST_TERMS]
        vectors = self._embedder.encode([question[:1000], *(surface.get(t, t) for t in terms)])
        kinship = vectors[1:] @ self._words.T
        for row, term in enumerate(terms):
            if term in self._vocabulary:
                kinship[row, self._vocabulary[term]] = 1.0
        weights = np.asarray([self._idf.get(t, self._rarest) for t in terms], dtype=np.float32)
        return Asked(vectors[0], terms, weights, np.clip((kinship - LEAST_KINSHIP) / (1 - LEAST_KINSHIP), 0, 1))

    def fit(self, asked: Asked) -> NDArray[np.float32]:
        """How well each passage fits, shape ``(len(passages),)``, at most 1."""
        import numpy as np

        meaning = self._meaning(asked.vector[None])[0]
        meaning = meaning + OPENING * np.where(self._opens, self._titles @ asked.vector, 0.0)
        if not asked.weights.sum():
            return np.asarray(meaning, dtype=np.float32)
        kin = [KIN * asked.covered(whole) + HEADING_KIN * asked.covered(head) for whole, head in zip(self._holds, self._heads, strict=True)]
        return np.asarray(meaning + np.asarray(kin), dtype=np.float32)

    def nearest(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """How near the best passage comes in meaning to each of these texts, shape ``(len(vectors),)``, at most 1."""
        import numpy as np

        return np.asarray(self._meaning(vectors).max(axis=1) / (PASSAGE + TOPIC + HEADING + SENTENCE), dtype=np.float32)

    def _meaning(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        import numpy as np

        nearest = np.full((len(self.passages), len(vectors)), -1.0, dtype=np.float32)
        np.maximum.at(nearest, self._owners, self._sentences @ vectors.T)
        whole = PASSAGE * self._vectors + TOPIC * self._topics + HEADING * self._headings
        return np.asarray(vectors @ whole.T + SENTENCE * nearest.T, dtype=np.float32)

    def sentence_fit(self, place: int, asked: Asked) -> list[float]:
        """How well each sentence of one passage fits."""
        vectors = self._sentences[self._owners == place]
        meaning = vectors @ asked.vector
        words = [self._places(content_stems(sentence)) for sentence in self.sentences[place]]
        return [0.5 * float(m) + 0.5 * asked.covered(w) for m, w in zip(meaning, words, strict=True)]

    def _places(self, words: Iterable[str]) -> NDArray[np.intp]:
        import numpy as np

        return np.asarray(sorted({self._vocabulary[w] for w in words if w in self._vocabulary}), dtype=np.intp)
