from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from chatrec.embedding.cached import CachedEmbedder
from chatrec.protocols import Embedder
from chatrec.testing.embedder_contract import EmbedderContract
from chatrec.testing.embedders import HashingEmbedder

TEXTS = [f"{'padding ' * (n % 7)}product number {n}" for n in range(100)]


class TestCachedEmbedder(EmbedderContract):
    def make(self, folder: Path) -> Embedder:
        return CachedEmbedder(HashingEmbedder(128), folder / "cache" / "vectors.db")


class Recording(HashingEmbedder):
    """Keeps what it was asked."""

    def __init__(self, dimension: int = 64) -> None:
        super().__init__(dimension)
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls.append(list(texts))
        return super().encode(texts)


def test_only_what_changed_is_embedded_again(tmp_path: Path) -> None:
    first = CachedEmbedder(HashingEmbedder(), tmp_path / "v.db")
    vectors = first.encode(TEXTS)
    assert first.fresh == len(TEXTS)
    np.testing.assert_array_equal(vectors, HashingEmbedder().encode(TEXTS))
    inner = Recording()
    second = CachedEmbedder(inner, tmp_path / "v.db")
    changed = [*TEXTS[:10], "a changed text", *TEXTS[11:]]
    again = second.encode(changed)
    assert inner.calls == [["a changed text"]]
    assert second.fresh == 1
    np.testing.assert_array_equal(again, HashingEmbedder().encode(changed))


def test_a_repeated_text_is_embedded_once(tmp_path: Path) -> None:
    inner = Recording()
    CachedEmbedder(inner, tmp_path / "v.db").encode(["same"] * 5 + ["other"])
    assert sorted(text for call in inner.calls for text in call) == ["other", "same"]


def test_batches_hold_texts_of_like_length_longest_first(tmp_path: Path) -> None:
    inner = Recording()
    CachedEmbedder(inner, tmp_path / "v.db", commit_every=16).encode(TEXTS)
    lengths = [len(text) for call in inner.calls for text in call]
    assert lengths == sorted(lengths, reverse=True)
    assert {len(call) for call in inner.calls[:-1]} == {16}


def test_another_model_or_size_never_gets_these_vectors(tmp_path: Path) -> None:
    CachedEmbedder(HashingEmbedder(64), tmp_path / "v.db").encode(TEXTS)
    wider = CachedEmbedder(HashingEmbedder(96), tmp_path / "v.db")
    assert wider.encode(TEXTS).shape == (len(TEXTS), 96)
    assert wider.fresh == len(TEXTS)


def test_progress_starts_with_what_is_remembered_and_reaches_the_end(tmp_path: Path) -> None:
    CachedEmbedder(HashingEmbedder(), tmp_path / "v.db").encode(TEXTS[:30])
    seen: list[tuple[int, int]] = []
    CachedEmbedder(HashingEmbedder(), tmp_path / "v.db", commit_every=25).encode(TEXTS, lambda done, total: seen.append((done, total)))
    assert seen == [(30, 100), (55, 100), (80, 100), (100, 100)]


@pytest.mark.parametrize("spoil", [b"this is no database at all, whatever its name says" * 50, b""])
def test_a_damaged_file_is_made_again(tmp_path: Path, spoil: bytes) -> None:
    path = tmp_path / "v.db"
    path.write_bytes(spoil)
    cached = CachedEmbedder(HashingEmbedder(), path)
    np.testing.assert_array_equal(cached.encode(TEXTS), HashingEmbedder().encode(TEXTS))
    assert CachedEmbedder(Recording(), path).encode(TEXTS).shape == (100, 64)


def test_a_file_damaged_in_the_middle_never_gives_a_wrong_vector(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    CachedEmbedder(HashingEmbedder(), path).encode(TEXTS)
    content = bytearray(path.read_bytes())
    content[4096 : len(content) // 2] = b"\xff" * (len(content) // 2 - 4096)
    path.write_bytes(content)
    np.testing.assert_array_equal(CachedEmbedder(HashingEmbedder(), path).encode(TEXTS), HashingEmbedder().encode(TEXTS))


def test_a_vector_damaged_on_the_disk_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    expected = CachedEmbedder(HashingEmbedder(), path).encode(TEXTS[:1])
    content = path.read_bytes()
    piece = expected.tobytes()[64:128]
    assert content.count(piece) == 1
    path.write_bytes(content.replace(piece, np.full(16, 3.0, dtype=np.float32).tobytes()))
    again = CachedEmbedder(HashingEmbedder(), path)
    np.testing.assert_array_equal(again.encode(TEXTS[:1]), expected)
    assert again.fresh == 1


SLOW = """
import sys, time
from chatrec.embedding.cached import CachedEmbedder
from chatrec.testing.embedders import HashingEmbedder

class Slow(HashingEmbedder):
    def encode(self, texts):
        time.sleep(0.05)
        return super().encode(texts)

texts = [f"product number {n:04d}" for n in range(400)]
CachedEmbedder(Slow(), sys.argv[1], commit_every=10).encode(texts, lambda done, total: print(done, flush=True))
"""


def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    with subprocess.Popen([sys.executable, "-c", SLOW, str(path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        done = 0
        while done < 100:
            done = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
    texts = [f"product number {n:04d}" for n in range(400)]
    cached = CachedEmbedder(HashingEmbedder(), path)
    np.testing.assert_array_equal(cached.encode(texts), HashingEmbedder().encode(texts))
    assert cached.fresh <= 300


def test_two_may_write_at_once(tmp_path: Path) -> None:
    results: dict[int, NDArray[np.float32]] = {}

    def work(number: int) -> None:
        results[number] = CachedEmbedder(HashingEmbedder(), tmp_path / "v.db", commit_every=3).encode(TEXTS)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for vectors in results.values():
        np.testing.assert_array_equal(vectors, HashingEmbedder().encode(TEXTS))
    assert len(results) == 3


def test_what_is_used_no_more_is_forgotten_a_bounded_number_at_once(tmp_path: Path) -> None:
    cached = CachedEmbedder(HashingEmbedder(16), tmp_path / "vectors.db")
    assert (cached.size(), cached.forget_but([])) == (0, 0)
    cached.encode([f"text {n}" for n in range(10)])
    assert cached.forget_but(["text 1", "text 7", "never seen"], most=5) == 5
    assert cached.forget_but(["text 1", "text 7"]) == 3
    assert cached.size() == 2
    cached.encode(["text 1", "text 7"])
    assert cached.fresh == 10, "what is used was kept"


def test_a_damaged_cache_is_left_to_the_next_encoding(tmp_path: Path) -> None:
    place = tmp_path / "vectors.db"
    place.write_bytes(b"no database" * 100)
    cached = CachedEmbedder(HashingEmbedder(16), place)
    assert (cached.size(), cached.forget_but(["a"])) == (0, 0)
    assert cached.encode(["a"]).shape == (1, 16)
