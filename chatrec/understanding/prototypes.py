"""Where the rules are silent: the nearest example utterances, with a threshold below which a message is about something else."""

from __future__ import annotations

from functools import lru_cache

from chatrec.domain.reading import Intent
from chatrec.embedding.kept import encode_kept
from chatrec.protocols import Embedder
from chatrec.understanding.lists import lines_of

# Chosen on the first half of the written test utterances and on public intent questions about banking, travel and small talk
# (none of them kept here): mean of the three nearest examples of a class.
NEAREST = 3
LEAST_SCORE = 0.34


@lru_cache(maxsize=1)
def examples() -> tuple[tuple[Intent, str], ...]:
    """The example utterances, each with its intent."""
    found = []
    for line in lines_of("prototypes.txt"):
        intent, text = line.split("\t", 1)
        found.append((Intent(intent), text))
    return tuple(found)


class PrototypeClassifier:
    """Nearest examples over the embedder; the examples are embedded once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._intents = [intent for intent, _ in examples()]
        self._vectors = encode_kept(embedder, [text for _, text in examples()])
        self._classes = sorted(set(self._intents))

    def classify(self, text: str) -> tuple[Intent | None, float]:
        """The intent of ``text`` and a score in [0, 1]; ``None`` where no example is near enough."""
        scores = self.scores(text)
        best = max(scores, key=lambda i: scores[i])
        return (best if scores[best] >= LEAST_SCORE else None), round(scores[best], 3)

    def scores(self, text: str) -> dict[Intent, float]:
        """How near each intent's examples are, in [0, 1]."""
        import numpy as np

        similar = self._vectors @ self._embedder.encode([text[:400]])[0]
        scores: dict[Intent, float] = {}
        for intent in self._classes:
            own = np.sort(similar[[i for i, known in enumerate(self._intents) if known is intent]])[::-1]
            scores[intent] = max(0.0, min(1.0, float(own[:NEAREST].mean())))
        return scores
