"""Trains the intent classifier on the packaged examples, and calibrates it by cross-validation. Seeded: the same file, the same model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatrec.domain.reading import Intent
from chatrec.embedding.kept import encode_kept
from chatrec.protocols import Embedder
from chatrec.understanding.classifier import IntentModel, examples, examples_digest, word_features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# The weight of the squared weights against the sum of log losses: of 1, 1/3, 1/10, 1/30 the best by cross-validated log loss is 1/10.
RIDGE = 0.1
MOST_STEPS = 200
FOLDS = 8
# Kinds of things out of scope; a fold leaves out whole kinds, so that what is calibrated is the answer to kinds never seen.
KINDS = 32
SEED = 7
# Of what is in scope, at most this share may be turned away: a shopper who is turned away wrongly loses more than one who is answered
# with tents when asking for the weather.
FALSE_ALARMS = 0.05


@dataclass(frozen=True)
class Calibration:
    """Cross-validated figures: ``accuracy`` of the intent in scope, ``recall`` of what is out of scope, ``false_alarms`` in scope."""

    examples: int
    accuracy: float
    recall: float
    false_alarms: float
    log_loss: float


def train(embedder: Embedder, temperature: float = 1.0, threshold: float = 0.5) -> IntentModel:
    """A model over all examples, with the calibration that is given."""
    rows, labels, classes = _training_set(embedder)
    weights = fit_softmax(rows, labels, len(classes))
    return IntentModel(classes, weights, temperature, threshold, embedder.name, examples_digest())


def train_calibrated(embedder: Embedder) -> tuple[IntentModel, Calibration]:
    """A model over all examples, its temperature and threshold chosen by cross-validation."""
    import numpy as np

    rows, labels, classes = _training_set(embedder)
    elsewhere = classes.index(Intent.OUT_OF_SCOPE)
    folds = _folds(rows[:, : embedder.dimension], labels == elsewhere)
    logits = np.zeros((len(rows), len(classes)))
    for fold in range(FOLDS):
        weights = fit_softmax(rows[folds != fold], labels[folds != fold], len(classes))
        logits[folds == fold] = rows[folds == fold] @ weights[:-1] + weights[-1]
    temperature = min(np.geomspace(0.4, 2.5, 40), key=lambda t: _log_loss(logits / t, labels))
    shares = np.exp(_log_shares(logits / temperature))
    inside = labels != elsewhere
    threshold = float(np.quantile(shares[inside, elsewhere], 1.0 - FALSE_ALARMS))
    away = shares[:, elsewhere] >= threshold
    others = np.delete(shares, elsewhere, axis=1).argmax(axis=1)
    right = np.delete(np.arange(len(classes)), elsewhere)[others] == labels
    found = Calibration(
        len(rows),
        float((right & ~away)[inside].mean()),
        float(away[~inside].mean()),
        float(away[inside].mean()),
        _log_loss(logits / temperature, labels),
    )
    return train(embedder, round(float(temperature), 4), round(threshold, 4)), found


def fit_softmax(rows: NDArray[np.float32], labels: NDArray[np.int64], n_classes: int, ridge: float = RIDGE) -> NDArray[np.float32]:
    """Multinomial logistic regression by L-BFGS; shape ``(columns + 1, n_classes)``, the last row is the bias, which is not shrunk."""
    import numpy as np
    from scipy.optimize import minimize

    known = np.eye(n_classes, dtype=np.float32)[labels]
    shape = (rows.shape[1] + 1, n_classes)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(shape).astype(np.float32)
        logs = _log_shares((rows @ weights[:-1] + weights[-1]).astype(np.float64))
        wrong = np.exp(logs).astype(np.float32) - known
        slope = np.vstack([rows.T @ wrong + ridge * weights[:-1], wrong.sum(axis=0)])
        cost = -float(logs[np.arange(len(labels)), labels].sum()) + 0.5 * ridge * float((weights[:-1] ** 2).sum())
        return cost, slope.ravel().astype(np.float64)

    found = minimize(loss, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS})
    weights: NDArray[np.float32] = found.x.reshape(shape).astype(np.float32)
    return weights


def _training_set(embedder: Embedder) -> tuple[NDArray[np.float32], NDArray[np.int64], tuple[Intent, ...]]:
    import numpy as np

    known = examples()
    classes = tuple(sorted({intent for intent, _ in known}))
    texts = [text for _, text in known]
    rows = np.hstack([encode_kept(embedder, texts), word_features(texts)])
    return rows, np.array([classes.index(intent) for intent, _ in known]), classes


def _folds(vectors: NDArray[np.float32], elsewhere: NDArray[np.bool_]) -> NDArray[np.int64]:
    """A fold for each example: in scope by chance, out of scope by kind (clusters of the vectors)."""
    import numpy as np
    from scipy.cluster.vq import kmeans2

    folds = np.random.default_rng(SEED).integers(0, FOLDS, len(vectors))
    _, kinds = kmeans2(vectors[elsewhere].astype(np.float64), KINDS, minit="++", rng=SEED)
    folds[elsewhere] = kinds % FOLDS
    return folds


def _log_shares(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    lowered = logits - logits.max(axis=1, keepdims=True)
    shares: NDArray[np.float64] = lowered - np.log(np.exp(lowered).sum(axis=1, keepdims=True))
    return shares


def _log_loss(logits: NDArray[np.float64], labels: Sequence[int] | NDArray[np.int64]) -> float:
    import numpy as np

    return -float(_log_shares(logits)[np.arange(len(logits)), labels].mean())
