"""Chroma writes its graph whenever a batch is full; a tail that is not written would be replayed at every start."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from chatrec.catalog import vector_index
from chatrec.catalog.vector_index import CHROMA, VectorIndex


@pytest.mark.parametrize("n", [1, 2, 20, 21, 39, 41, 59])
def test_every_row_is_in_the_written_graph(n: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_index, "_MOST_ROWS", 20)
    vectors = np.random.default_rng(n).standard_normal((n, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    VectorIndex.build(tmp_path, [f"i{k}" for k in range(n)], vectors, ["x"] * n).close()
    with closing(sqlite3.connect(tmp_path / CHROMA / "chroma.sqlite3")) as held:
        written = [row[0] for row in held.execute("SELECT seq_id FROM max_seq_id")]
    assert set(written) == {n}
    index = VectorIndex.of_folder(tmp_path)
    try:
        assert len(index) == n and len(index.ids()) == n
    finally:
        index.close()
