"""Ways to tell intents apart, all trained on the same texts: ours, and the plain peers of the trade."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from chatrec.protocols import Embedder
from chatrec.understanding.classifier import features
from chatrec.understanding.classifier_training import fit_softmax

Strings = NDArray[np.str_]
Predict = Callable[[Sequence[str]], Strings]
Fit = Callable[[Sequence[str], Sequence[str], Embedder], Predict]
NEAREST = 3


def softmax(texts: Sequence[str], labels: Sequence[str], embedder: Embedder) -> Predict:
    """The bot's classifier: softmax regression over embedding and hashed words."""
    return _softmax(texts, labels, lambda t: features(embedder, list(t)))


def softmax_vectors(texts: Sequence[str], labels: Sequence[str], embedder: Embedder) -> Predict:
    """The same without the words."""
    return _softmax(texts, labels, lambda t: embedder.encode(list(t)))


def _softmax(texts: Sequence[str], labels: Sequence[str], rows: Callable[[Sequence[str]], NDArray[np.float32]]) -> Predict:
    classes, numbers = np.unique(np.array(labels), return_inverse=True)
    weights = fit_softmax(rows(texts), numbers.astype(np.int64), len(classes))
    return lambda asked: classes[(rows(asked) @ weights[:-1] + weights[-1]).argmax(axis=1)]


def centroid(texts: Sequence[str], labels: Sequence[str], embedder: Embedder) -> Predict:
    """Nearest mean vector of a class."""
    vectors, known = embedder.encode(list(texts)), np.array(labels)
    classes = np.unique(known)
    middles = np.stack([vectors[known == c].mean(axis=0) for c in classes])
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    return lambda asked: classes[(embedder.encode(list(asked)) @ middles.T).argmax(axis=1)]


def nearest(texts: Sequence[str], labels: Sequence[str], embedder: Embedder) -> Predict:
    """The class whose three nearest examples are nearest in the mean: what the bot did before."""
    vectors, known = embedder.encode(list(texts)), np.array(labels)
    classes = np.unique(known)

    def predict(asked: Sequence[str]) -> Strings:
        near = embedder.encode(list(asked)) @ vectors.T
        best = np.stack([np.sort(near[:, known == c], axis=1)[:, -NEAREST:].mean(axis=1) for c in classes], axis=1)
        return classes[best.argmax(axis=1)]

    return predict


def tfidf(texts: Sequence[str], labels: Sequence[str], _: Embedder) -> Predict:
    """TF-IDF of words and pairs with logistic regression (scikit-learn's defaults but C = 10)."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+"), LogisticRegression(C=10.0, max_iter=1000)
    )
    model.fit(list(texts), np.array(labels))
    return lambda asked: np.asarray(model.predict(list(asked)))


PEERS: dict[str, Fit] = {"softmax_vectors": softmax_vectors, "centroid": centroid, "nearest": nearest, "tfidf_lr": tfidf}
