"""One embedding a text, the same vectors, bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from chatrec.embedding.recent import MOST_AT_ONCE, RecentEmbedder
from chatrec.protocols import Embedder
from chatrec.testing.embedder_contract import EmbedderContract
from chatrec.testing.embedders import HashingEmbedder


class _Counting(HashingEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.extend(texts)
        return super().encode(texts)


class TestRecentEmbedder(EmbedderContract):
    def make(self, folder: Path) -> Embedder:
        return RecentEmbedder(HashingEmbedder())


def test_a_text_is_embedded_once() -> None:
    inner = _Counting()
    recent = RecentEmbedder(inner)
    first = recent.encode(["a tent"])
    both = recent.encode(["a lamp", "a tent", "a lamp"])
    assert inner.asked == ["a tent", "a lamp"]
    np.testing.assert_array_equal(both, HashingEmbedder().encode(["a lamp", "a tent", "a lamp"]))
    np.testing.assert_array_equal(first[0], both[1])


def test_what_a_caller_does_to_its_array_stays_with_it() -> None:
    recent = RecentEmbedder(HashingEmbedder())
    recent.encode(["a tent"])[:] = 0.0
    assert np.linalg.norm(recent.encode(["a tent"])[0]) == pytest.approx(1.0)


def test_the_oldest_goes_first() -> None:
    inner = _Counting()
    recent = RecentEmbedder(inner, most_kept=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        recent.encode([text])
    assert inner.asked == ["a", "b", "c", "b"]


def test_a_catalogue_passes_through() -> None:
    inner = _Counting()
    recent = RecentEmbedder(inner)
    texts = [f"item {n}" for n in range(MOST_AT_ONCE + 1)]
    recent.encode(texts)
    recent.encode(texts)
    assert inner.asked == texts * 2


def test_no_words_are_kept() -> None:
    recent = RecentEmbedder(HashingEmbedder())
    recent.encode(["my secret wish"])
    assert b"secret" not in repr(vars(recent)).encode()
