"""The intent classifier: its packaged weights belong to its examples, it knows held-out wordings, and it says when it does not know."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chatrec.domain.reading import Intent
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.testing.embedders import HashingEmbedder
from chatrec.understanding import classifier as module
from chatrec.understanding.classifier import (
    IntentClassifier,
    IntentModel,
    canonical,
    examples,
    examples_digest,
    packaged_weights,
    word_features,
)
from chatrec.understanding.classifier_training import fit_softmax

LEAST_EXAMPLES = 60
# What a wish comes to in a dialogue, and a shop's own tools, are not told by the words alone.
TRAINED = set(Intent) - {Intent.REFINE, Intent.TOOL}


@pytest.fixture(scope="module")
def trained() -> IntentClassifier:
    return IntentClassifier(MiniLMEmbedder())


def test_the_packaged_weights_belong_to_the_packaged_examples_and_embedder() -> None:
    model = IntentModel.read(packaged_weights())
    assert model.digest == examples_digest(), "the examples changed: run chatrec tune --intents"
    assert model.embedder == MiniLMEmbedder().name
    assert set(model.classes) == {intent for intent, _ in examples()} == TRAINED


def test_every_intent_has_enough_examples_and_none_twice() -> None:
    known = examples()
    counts = {intent: sum(i is intent for i, _ in known) for intent in TRAINED}
    assert min(counts.values()) >= LEAST_EXAMPLES
    assert counts[Intent.OUT_OF_SCOPE] >= 5 * LEAST_EXAMPLES
    assert len({text for _, text in known}) == len(known)


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("my niece adores unicorns, what would she like", Intent.RECOMMEND),
        ("how noisy is the motor of this one", Intent.ITEM_QUESTION),
        ("what do you charge for sending a parcel to Peru", Intent.SHOP_QUESTION),
        ("no parcel in sight, I ordered ages ago", Intent.ORDER_STATUS),
        ("the shoes I got from you pinch, I'd like to send them back", Intent.RETURN),
        ("what have I put into the basket up to now", Intent.CART),
        ("which things have you noted down about me", Intent.PROFILE),
        ("let a person deal with this please", Intent.HAND_OFF),
        ("who was emperor after Nero", Intent.OUT_OF_SCOPE),
        ("when is my dentist appointment", Intent.OUT_OF_SCOPE),
        ("compose a sonnet for my aunt", Intent.OUT_OF_SCOPE),
    ],
)
def test_new_wordings(trained: IntentClassifier, message: str, intent: Intent) -> None:
    assert canonical(message) not in {text for _, text in examples()}
    assert trained.classify(canonical(message))[0] is intent


def test_scores_are_probabilities(trained: IntentClassifier) -> None:
    for text in ("a red kettle", "", "x" * 2000):
        scores = trained.scores(text)
        assert sum(scores.values()) == pytest.approx(1.0)
        assert all(0.0 <= p <= 1.0 for p in scores.values())


def test_the_threshold_decides_what_is_out_of_scope(trained: IntentClassifier) -> None:
    scores = dict.fromkeys(trained.model.classes, 0.0)
    scores |= {Intent.OUT_OF_SCOPE: trained.model.threshold, Intent.RECOMMEND: 1.0 - trained.model.threshold}
    assert trained.choose(scores)[0] is Intent.OUT_OF_SCOPE
    scores |= {Intent.OUT_OF_SCOPE: trained.model.threshold - 0.01}
    assert trained.choose(scores)[0] is Intent.RECOMMEND


def test_stale_weights_are_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    stale = replace(IntentModel.read(packaged_weights()), digest="of other examples")
    stale.save(tmp_path / "intents.npz")
    monkeypatch.setattr(module, "packaged_weights", lambda: tmp_path / "intents.npz")
    with caplog.at_level(logging.WARNING):
        IntentClassifier(MiniLMEmbedder())
    assert "chatrec tune --intents" in caplog.text


def test_another_embedder_gets_a_model_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("chatrec.understanding.classifier_training.MOST_STEPS", 8)
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path)
    embedder = HashingEmbedder()
    first = IntentClassifier(embedder)
    assert first.model.embedder == embedder.name
    (kept,) = tmp_path.glob("intents-*.npz")
    assert np.allclose(IntentModel.read(kept).weights, first.model.weights, atol=2e-3)
    assert IntentClassifier(embedder).scores("hello") == pytest.approx(IntentClassifier(embedder).scores("hello"))


def test_words_are_counted_the_same_everywhere() -> None:
    rows = word_features(["red tent", "tent red", ""])
    assert np.linalg.norm(rows[0]) == pytest.approx(module.WORD_LENGTH)
    assert not np.allclose(rows[0], rows[1])  # pairs tell the order
    assert not rows[2].any()


def test_softmax_learns_what_can_be_learnt() -> None:
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(120, 5)).astype(np.float32)
    labels = rows[:, :3].argmax(axis=1)
    weights = fit_softmax(rows, labels, 3, ridge=0.01)
    assert ((rows @ weights[:-1] + weights[-1]).argmax(axis=1) == labels).mean() > 0.97
