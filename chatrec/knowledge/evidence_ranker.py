"""Which sentence of a listing answers a question: meaning of the whole, and how much of the question its words and their near kin say."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatrec.knowledge.policy_index import LEAST_KINSHIP, MOST_TERMS
from chatrec.knowledge.words import content_stems, stem, words_of
from chatrec.protocols import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Shares of meaning and of near kin, chosen on three tenths of the products of a public set of product questions (benchmark "knowledge").
MEANING, KIN = 0.6, 0.4
MOST_KEPT = 20_000  # vectors of 384 floats: 30 MB


class EvidenceRanker:
    """Scores sentences against a question. Vectors of words are remembered, so that a second question about a listing costs little."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._kept: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def scores(self, question: str, sentences: Sequence[str]) -> list[float]:
        """One score a sentence, at most 1; a sentence that says nothing of the question comes near 0."""
        if not sentences:
            return []
        surface: dict[str, str] = {}
        for text in (question[:1000], *sentences):
            for word in words_of(text):
                surface.setdefault(stem(word), word)
        asked = list(dict.fromkeys(content_stems(question[:1000], order_words=False)))[:MOST_TERMS]
        said = [set(content_stems(s, order_words=False)) for s in sentences]
        vectors = self._vectors([question[:1000], *sentences])
        meaning = vectors[1:] @ vectors[0]
        if not asked:
            return [float(m) for m in meaning]
        held = Counter(word for words in said for word in words)
        weights = [math.log(1 + (len(said) - held[t] + 0.5) / (held[t] + 0.5)) for t in asked]
        vocabulary = {word: n for n, word in enumerate({*asked, *held})}
        words = self._vectors([surface.get(w, w) for w in vocabulary])
        kinship = words[[vocabulary[t] for t in asked]] @ words.T
        kin = [self._covered(kinship, weights, [vocabulary[w] for w in words]) for words in said]
        return [MEANING * float(m) + KIN * k for m, k in zip(meaning, kin, strict=True)]

    @staticmethod
    def _covered(kinship: NDArray[np.float32], weights: Sequence[float], places: Sequence[int]) -> float:
        if not places:
            return 0.0
        nearest = (kinship[:, places].max(axis=1) - LEAST_KINSHIP) / (1 - LEAST_KINSHIP)
        return float(sum(max(0.0, min(1.0, float(n))) * w for n, w in zip(nearest, weights, strict=True)) / sum(weights))

    def _vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        missing = list(dict.fromkeys(t for t in texts if t not in self._kept))
        fresh = dict(zip(missing, self._embedder.encode(missing), strict=True)) if missing else {}
        found = np.stack([fresh[t] if t in fresh else self._kept[t] for t in texts])
        self._kept |= fresh
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return np.asarray(found, dtype=np.float32)
