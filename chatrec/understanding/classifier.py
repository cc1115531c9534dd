"""Where the rules are silent: a softmax regression over the embedder's vector and the words, with a calibrated answer "about something
else". Its weights travel with the package (``data/intents.npz``) and are trained on ``data/intents.txt`` alone.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from chatrec.domain.reading import Intent
from chatrec.protocols import Embedder
from chatrec.resources import cache_folder
from chatrec.understanding.text import read_message

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXAMPLES, WEIGHTS = "intents.txt", "intents.npz"
# Words and pairs of words beside the embedding, hashed into so many columns (Weinberger and others, 2009), and their length relative
# to the embedding's. Out-of-scope recall on unseen kinds rose from .68 to .76 with them (docs/decisions/0013).
WORD_COLUMNS = 2048
WORD_LENGTH = 0.7
MOST_CHARS = 400

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IntentModel:
    """``weights`` has shape ``(columns + 1, classes)``, the last row is the bias. ``temperature`` divides the logits (Guo and others,
    2017); a message is out of scope where that class reaches ``threshold``. ``embedder`` and ``digest`` name what it was trained on."""

    classes: tuple[Intent, ...]
    weights: NDArray[np.float32]
    temperature: float
    threshold: float
    embedder: str
    digest: str

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Shape ``(rows, classes)``; each row sums to 1."""
        import numpy as np

        logits = (features @ self.weights[:-1] + self.weights[-1]).astype(np.float64) / self.temperature
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
        return shares

    def save(self, path: Path) -> None:
        """Writes the model as one npz file; half precision is enough for the weights."""
        import numpy as np

        np.savez_compressed(
            path,
            classes=np.array([c.value for c in self.classes]),
            weights=self.weights.astype(np.float16),
            temperature=np.array(self.temperature),
            threshold=np.array(self.threshold),
            embedder=np.array(self.embedder),
            digest=np.array(self.digest),
        )

    @classmethod
    def read(cls, path: Path) -> IntentModel:
        """The model in a file. Raises :class:`OSError`, :class:`ValueError` or :class:`KeyError` where it is none."""
        import numpy as np

        with np.load(path, allow_pickle=False) as kept:
            return cls(
                tuple(Intent(str(c)) for c in kept["classes"]),
                kept["weights"].astype(np.float32),
                float(kept["temperature"]),
                float(kept["threshold"]),
                str(kept["embedder"]),
                str(kept["digest"]),
            )


class IntentClassifier:
    """The intent of a clause that no rule knows. Safe to share between threads; a message is embedded once a call.

    The packaged weights belong to the packaged embedder; for another one a model is trained here, once (some seconds), and kept in
    the cache folder. Weights that were trained on other examples than those of this version are used, with a warning.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.model = _model_for(embedder)

    def scores(self, text: str) -> dict[Intent, float]:
        """The probability of each intent; they sum to 1."""
        row = self.model.probabilities(features(self._embedder, [text[:MOST_CHARS]]))[0]
        return {intent: float(p) for intent, p in zip(self.model.classes, row, strict=True)}

    def classify(self, text: str) -> tuple[Intent, float]:
        """The likeliest intent and its probability; OUT_OF_SCOPE where that reaches the threshold."""
        return self.choose(self.scores(text))

    def choose(self, scores: dict[Intent, float]) -> tuple[Intent, float]:
        """What :meth:`scores` come to."""
        elsewhere = scores[Intent.OUT_OF_SCOPE]
        if elsewhere >= self.model.threshold:
            return Intent.OUT_OF_SCOPE, elsewhere
        best = max((i for i in scores if i is not Intent.OUT_OF_SCOPE), key=lambda i: scores[i])
        return best, scores[best]


@lru_cache(maxsize=1)
def examples() -> tuple[tuple[Intent, str], ...]:
    """The example utterances in canonical form, each with its intent."""
    found: list[tuple[Intent, str]] = []
    intent = Intent.RECOMMEND
    for line in _examples_text().splitlines():
        if line.startswith("["):
            intent = Intent(line.strip("[] "))
        elif line.strip() and not line.startswith("#"):
            found.append((intent, canonical(line)))
    return tuple(found)


@lru_cache(maxsize=1)
def examples_digest() -> str:
    """SHA-256 of the example file, its line ends aside."""
    return hashlib.sha256(_examples_text().encode("utf-8")).hexdigest()


def canonical(text: str) -> str:
    """A message as clauses are spelled: lower-case tokens joined by one space."""
    message = read_message(text)
    return message.words(0, len(message.tokens))


def features(embedder: Embedder, texts: list[str]) -> NDArray[np.float32]:
    """Embedding and hashed words side by side, shape ``(texts, dimension + WORD_COLUMNS)``."""
    import numpy as np

    return np.hstack([embedder.encode(texts), word_features(texts)])


def word_features(texts: list[str]) -> NDArray[np.float32]:
    """Words and pairs of neighbours, counted with sign into columns chosen by their CRC-32; each row has length ``WORD_LENGTH``."""
    import numpy as np

    rows = np.zeros((len(texts), WORD_COLUMNS), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        words = text.split()
        for part in (*words, *(" ".join(pair) for pair in pairwise(words))):
            code = crc32(part.encode("utf-8", "replace"))
            row[code % WORD_COLUMNS] += 1.0 if code & 0x80000000 else -1.0
        row *= WORD_LENGTH / max(float(np.linalg.norm(row)), 1e-9)
    return rows


def packaged_weights() -> Path:
    """Where the packaged model lies."""
    return Path(str(files("chatrec.understanding") / "data" / WEIGHTS))


def _examples_text() -> str:
    return (files("chatrec.understanding") / "data" / EXAMPLES).read_text(encoding="utf-8").replace("\r\n", "\n")


def _model_for(embedder: Embedder) -> IntentModel:
    packaged = IntentModel.read(packaged_weights())
    if packaged.embedder == embedder.name:
        if packaged.digest != examples_digest():
            log.warning("the intent classifier was trained on other examples than %s holds; run: chatrec tune --intents", EXAMPLES)
        return packaged
    key = hashlib.sha256(f"{embedder.name}|{examples_digest()}".encode()).hexdigest()[:16]
    kept = cache_folder() / f"intents-{key}.npz"
    try:
        return IntentModel.read(kept)
    except (OSError, ValueError, KeyError):
        pass
    from chatrec.understanding.classifier_training import train

    model = train(embedder, packaged.temperature, packaged.threshold)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        model.save(kept)
    except OSError as error:
        log.warning("the intent classifier cannot be kept in %s (%s); it is trained anew at every start", kept.parent, type(error).__name__)
    return model
