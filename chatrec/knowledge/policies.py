"""Shop questions answered from the shop's policies: hybrid search over their sections, silent where nothing is close enough."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chatrec.domain.facts import Passage
from chatrec.embedding.kept import encode_kept
from chatrec.errors import GenerationError
from chatrec.knowledge.words import content_stems
from chatrec.protocols import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PASSAGES = "passages.json"
VECTORS = "passages.npy"
# BM25 constants of Robertson and Zaragoza (2009).
K1, B = 1.2, 0.75
# Meaning is the mean cosine with the section, with its heading, and with its nearest sentence; the rest of the score is BM25 as a
# share of what the question's words could give. Shares and threshold were chosen on all labelled questions of
# tests/knowledge, so these tests guard them and are no held-out figure.
MEANING_SHARE = 0.9
LEAST_SCORE = 0.33
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
# A passage this much worse than the best one answers another question.
SHARE_OF_BEST = 0.75


class PolicyKnowledge:
    """Implements :class:`chatrec.protocols.Knowledge`. Read-only; safe to share between threads."""

    def __init__(self, passages: Sequence[Passage], vectors: NDArray[np.float32], embedder: Embedder) -> None:
        """``vectors`` are the passages' embeddings, shape ``(len(passages), d)``, unit norm, made by ``embedder``."""
        if len(passages) != len(vectors):
            raise GenerationError(f"{len(passages)} policy passages but {len(vectors)} vectors; build the generation again")
        self._passages = tuple(passages)
        self._vectors = vectors
        self._embedder = embedder
        self._heads, self._sentences, self._owners = self._parts()
        self._documents = [Counter(content_stems(f"{p.topic} {p.topic} {p.text}")) for p in passages]
        self._lengths = [sum(d.values()) for d in self._documents]
        self._mean_length = sum(self._lengths) / max(1, len(self._lengths))
        held = Counter(word for document in self._documents for word in document)
        self._idf = {word: math.log(1 + (len(passages) - n + 0.5) / (n + 0.5)) for word, n in held.items()}
        self._rarest = math.log(1 + (len(passages) + 0.5) / 0.5)

    @classmethod
    def load(cls, generation_folder: Path, embedder: Embedder) -> PolicyKnowledge:
        """The policies of a finished generation; none where it holds none. Raises :class:`GenerationError` for spoilt files."""
        import numpy as np

        path = generation_folder / PASSAGES
        if not path.is_file():
            return cls((), np.zeros((0, embedder.dimension), dtype=np.float32), embedder)
        try:
            records = json.loads(path.read_text(encoding="utf-8"))
            passages = [Passage(str(r["passage_id"]), str(r["topic"]), str(r["text"])) for r in records]
            vectors = np.load(generation_folder / VECTORS)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GenerationError(
                f"the policy passages in {generation_folder} cannot be read ({error}); build the generation again"
            ) from error
        return cls(passages, vectors, embedder)

    def __len__(self) -> int:
        return len(self._passages)

    def search(self, question: str, k: int = 3) -> list[Passage]:
        """The best passages, best first, with scores in [0, 1]; empty when nothing is close enough to be an answer."""
        if not self._passages or not question.strip():
            return []
        scores = self._scores(question)
        order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:k]
        best = scores[order[0]]
        if best < LEAST_SCORE:
            return []
        return [replace(self._passages[i], score=round(min(1.0, scores[i]), 4)) for i in order if scores[i] >= SHARE_OF_BEST * best]

    def _parts(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp]]:
        """Vectors of the headings and of every sentence, and the passage that each sentence belongs to."""
        import numpy as np

        pairs = [(i, s) for i, p in enumerate(self._passages) for s in _SENTENCE.split(p.text) if s.strip()]
        titles = [p.topic.partition(":")[0] for p in self._passages]
        heads = encode_kept(self._embedder, [p.topic for p in self._passages])
        sentences = encode_kept(self._embedder, [f"{titles[i]}. {sentence}" for i, sentence in pairs])
        return heads, sentences, np.asarray([i for i, _ in pairs], dtype=np.intp)

    def _scores(self, question: str) -> list[float]:
        import numpy as np

        asked = self._embedder.encode([question[:1000]])[0]
        nearest = np.full(len(self._passages), -1.0, dtype=np.float32)
        np.maximum.at(nearest, self._owners, self._sentences @ asked)
        meaning = (self._vectors @ asked + self._heads @ asked + nearest) / 3.0
        terms = list(dict.fromkeys(content_stems(question)))
        mass = sum(self._idf.get(t, self._rarest) for t in terms) * (K1 + 1)
        words = [self._bm25(i, terms) / mass if mass else 0.0 for i in range(len(self._passages))]
        return [MEANING_SHARE * max(0.0, float(m)) + (1 - MEANING_SHARE) * w for m, w in zip(meaning, words, strict=True)]

    def _bm25(self, index: int, terms: Sequence[str]) -> float:
        document, length = self._documents[index], self._lengths[index]
        total = 0.0
        for term in terms:
            if n := document.get(term, 0):
                total += self._idf[term] * n * (K1 + 1) / (n + K1 * (1 - B + B * length / self._mean_length))
        return total
