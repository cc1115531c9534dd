"""Chroma through langchain_chroma: recall, ownership, closing."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from chatrec.catalog.vector_index import VectorIndex
from chatrec.catalog.verify import recall
from chatrec.errors import GenerationError
from chatrec.storage.generations import Generations

N, D = 1500, 48


@pytest.fixture(scope="module")
def vectors() -> NDArray[np.float32]:
    rng = np.random.default_rng(5)
    centres = rng.normal(size=(40, D))
    rows = centres[rng.integers(0, 40, N)] + 0.6 * rng.normal(size=(N, D))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


IDS = [f"item {n}" for n in range(N)]


def open_files(folder: Path) -> list[str]:
    """A descriptor may close between being listed and being read: then it is not open."""
    targets = []
    for path in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            targets.append(str(path.readlink()))
    return [target for target in targets if str(folder) in target]


def closed(folder: Path) -> bool:
    """Chroma's threads may take a moment to let go."""
    until = time.monotonic() + 5
    while open_files(folder) and time.monotonic() < until:
        time.sleep(0.01)
    return not open_files(folder)


def test_finds_what_an_exact_search_finds_and_closes_its_files(tmp_path: Path, vectors: NDArray[np.float32]) -> None:
    added: list[int] = []
    with VectorIndex.build(tmp_path, IDS, vectors, [""] * N, added.append) as index:
        assert len(index) == N == sum(added) and index.ids() == set(IDS)
        assert recall(index, IDS, vectors, vectors[::10]) >= 0.98
    assert closed(tmp_path)
    with VectorIndex.of_folder(tmp_path) as index:
        found = index.search(vectors[7], 20)
        exact = vectors @ vectors[7]
        assert found[0][0] == IDS[7] and len(found) == 20
        assert all(score == pytest.approx(float(exact[IDS.index(i)]), abs=1e-4) for i, score in found)
        assert [s for _, s in found] == sorted((s for _, s in found), reverse=True)
        assert index.search(vectors[7], 0) == [] and len(index.search(vectors[7], 9999)) == N
        assert index.search(np.zeros(D, dtype=np.float32), 5) == []
    assert closed(tmp_path)


def test_recall_sees_a_wrong_index(tmp_path: Path, vectors: NDArray[np.float32]) -> None:
    shuffled = [*IDS[1:], IDS[0]]
    with VectorIndex.build(tmp_path, shuffled, vectors, [""] * N) as index:
        assert recall(index, IDS, vectors, vectors[:20]) < 0.5


def test_a_missing_or_spoilt_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(GenerationError, match="is missing"):
        VectorIndex.of_folder(tmp_path)
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"not a database, not at all" * 99)
    with pytest.raises(GenerationError, match="cannot be opened"):
        VectorIndex.of_folder(tmp_path)


def test_a_refused_opening_gives_the_lock_back(tmp_path: Path) -> None:
    generations = Generations(tmp_path)
    generation = generations.begin().publish({})
    with pytest.raises(GenerationError, match="is missing"):
        VectorIndex.open(generation)
    generations.own(generation).release()
