"""What every :class:`chatrec.protocols.Embedder` must do. Subclass and give ``make``."""

# ruff: noqa: D102 (the name of each test is its sentence)

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np
import pytest

from chatrec.protocols import Embedder

TEXTS = (
    "a two-person tent of 1.9 kg",
    "red running shoes for wide feet",
    "ceramic pour-over coffee dripper",
    "Zelt für zwei Personen, grün",
    "x",
)


class EmbedderContract(ABC):
    """Three lines make a test class: ``class TestMine(EmbedderContract):`` with ``make`` returning the embedder."""

    @abstractmethod
    def make(self, folder: Path) -> Embedder:
        """The embedder under test; ``folder`` is empty and its own."""

    @pytest.fixture
    def embedder(self, tmp_path: Path) -> Embedder:
        return self.make(tmp_path)

    def test_is_an_embedder_with_a_name(self, embedder: Embedder) -> None:
        assert isinstance(embedder, Embedder)
        assert embedder.name
        assert embedder.name == embedder.name
        assert embedder.dimension > 0

    def test_gives_unit_float32_rows(self, embedder: Embedder) -> None:
        vectors = embedder.encode(TEXTS)
        assert vectors.shape == (len(TEXTS), embedder.dimension)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)

    def test_takes_no_texts(self, embedder: Embedder) -> None:
        assert embedder.encode([]).shape == (0, embedder.dimension)

    @pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00", "\ud800 half", "😀" * 50, "ą" * 20_000, "a b " * 10_000])
    def test_takes_any_text(self, embedder: Embedder, text: str) -> None:
        vectors = embedder.encode([text])
        assert np.isfinite(vectors).all()
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)

    def test_a_vector_depends_on_its_text_alone(self, embedder: Embedder) -> None:
        together = embedder.encode(TEXTS)
        backwards = embedder.encode(TEXTS[::-1])[::-1]
        alone = np.concatenate([embedder.encode([text]) for text in TEXTS])
        np.testing.assert_allclose(together, backwards, atol=1e-4)
        np.testing.assert_allclose(together, alone, atol=1e-4)

    def test_rows_follow_the_texts_also_with_repeats(self, embedder: Embedder) -> None:
        vectors = embedder.encode([TEXTS[0], TEXTS[1], TEXTS[0]])
        np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-4)
        assert float(vectors[0] @ vectors[1]) < 0.99

    def test_like_texts_are_closer_than_unlike_ones(self, embedder: Embedder) -> None:
        near, text, far = embedder.encode(["running shoes, red", "red running shoes for wide feet", "ceramic coffee dripper"])
        assert float(text @ near) > float(text @ far)
