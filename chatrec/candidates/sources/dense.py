"""What a request means: nearest neighbours of its embedding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.sources.reasons import WordMatch, named
from chatrec.candidates.sources.sketch import Sketch
from chatrec.catalog.row_set import Places
from chatrec.domain.candidate import Candidate, Query
from chatrec.protocols import Embedder

# Up to here all rows are compared; beyond it first their leading directions (processor time on one core, rows of 384: all of 16,859
# rows 2 ms, of 100,000 13 ms, their leading 96 directions 2 ms; the index 6 to 9 ms and more where there is a filter).
EXACT_ROWS = 20_000
# Past this an unfiltered request goes to the index, whose cost hardly grows with the catalogue.
LOOKED_THROUGH_ROWS = 300_000
# Copying a row out and comparing it takes as long as comparing this many where they lie (measured at 16,859 and at 100,000 rows).
COPIED_COSTS = 4.0
REASON_CHARS = 800


class VectorSearch(Protocol):
    """Nearest neighbours, best first: (item id, cosine)."""

    def search(self, vector: NDArray[np.float32], k: int) -> Sequence[tuple[str, float]]:
        """The ``k`` nearest items."""


class DenseSource:
    """Cosine between the request's embedding and the items'.

    ``ids`` and ``vectors`` (n x d, unit rows) are the catalogue's rows; ``texts`` what an item's text says, for the reasons;
    ``index`` an approximate index over the same vectors, used past ``looked_through`` rows. Items to search near stand in with the
    mean of their vectors, on equal terms with the words where there are both. ``read`` mends a request's spelling before it is embedded.
    """

    name = "dense"

    def __init__(
        self,
        embedder: Embedder,
        ids: Sequence[str],
        vectors: NDArray[np.float32],
        titles: Mapping[str, str],
        *,
        texts: Mapping[str, str] | None = None,
        index: VectorSearch | None = None,
        exact_rows: int = EXACT_ROWS,
        looked_through: int = LOOKED_THROUGH_ROWS,
        read: Callable[[str], str] = str,
    ) -> None:
        if len(ids) != len(vectors):
            raise ValueError(f"{len(ids)} ids for {len(vectors)} vectors: one vector an item is needed")
        self._embedder, self._read, self._index, self._looked_through = embedder, read, index, looked_through
        self._ids, self._vectors, self._titles = tuple(ids), vectors, titles
        self._texts = texts if texts is not None else titles
        self._places = Places(self._ids)
        self._sketch = Sketch(vectors) if len(vectors) > exact_rows else None

    def candidates(self, query: Query, k: int) -> list[Candidate]:
        """The ``k`` nearest admitted items; empty when nothing was asked and no known item is to be searched near."""
        near = [i for i in dict.fromkeys(query.like_items) if i in self._places]
        vector = self._vector(query.text, near)
        if vector is None or k < 1:
            return []
        left_out = query.exclude.union(near)
        match = WordMatch(query.text)
        found = self._search(vector, query, left_out, k)
        return [Candidate(i, float(s), self.name, self._reason(i, match, near)) for i, s in found]

    def _vector(self, text: str, near: Sequence[str]) -> NDArray[np.float32] | None:
        parts = [_unit(self._embedder.encode([self._read(text)])[0])] if text.strip() else []
        if near:
            parts.append(_unit(self._vectors[self._places.of(near)].mean(axis=0)))
        if not parts:
            return None
        vector = _unit(np.mean(parts, axis=0))
        return vector if vector.any() else None

    def _search(self, vector: NDArray[np.float32], query: Query, left_out: frozenset[str], k: int) -> list[tuple[str, float]]:
        """By the index where most of a very large catalogue is allowed and it yields enough; else by looking through the rows."""
        candidates = len(self._ids) if query.allowed is None else len(query.allowed)
        if self._index is not None and candidates > self._looked_through and 2 * candidates > len(self._ids):
            wide = 2 * k + len(left_out) if query.allowed is None else 4 * k + len(left_out)
            found = [(i, s) for i, s in self._index.search(vector, wide) if i not in left_out and query.admits(i) and i in self._places]
            if len(found) >= k:
                return found[:k]
        return self._look_through(vector, query.allowed, left_out, k)

    def _look_through(
        self, vector: NDArray[np.float32], allowed: Set[str] | None, left_out: frozenset[str], k: int
    ) -> list[tuple[str, float]]:
        rows = None if allowed is None else np.flatnonzero(self._places.mask(allowed))
        n_rows, most = len(self._ids) if rows is None else len(rows), k + len(left_out)
        if self._sketch is not None and COPIED_COSTS * n_rows > self._sketch.n_compared(most):
            rows = self._sketch.likeliest(vector, rows, most)
            n_rows = len(rows)
        scores = self._cosines(vector, rows)
        most = min(n_rows, most)
        best = np.argpartition(-scores, most - 1)[:most] if 0 < most < n_rows else np.arange(n_rows)
        best = best[np.lexsort((best, -scores[best]))]
        found = ((self._ids[n if rows is None else rows[n]], float(scores[n])) for n in best)
        return [(i, s) for i, s in found if i not in left_out][:k]

    def _cosines(self, vector: NDArray[np.float32], rows: NDArray[np.intp] | None) -> NDArray[np.float32]:
        if rows is None:
            return np.asarray(self._vectors @ vector)
        copied = COPIED_COSTS * len(rows) < len(self._ids)
        return np.asarray(self._vectors[rows] @ vector if copied else (self._vectors @ vector)[rows])

    def _reason(self, item_id: str, match: WordMatch, near: Sequence[str]) -> str:
        words = match.reason(self._texts.get(item_id, "")[:REASON_CHARS])
        if words:
            return words
        return f"similar to {named(near, self._titles)}" if near else "close to what you asked for"


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    norm = float(np.linalg.norm(vector))
    return np.asarray(vector / norm if norm > 0.0 else vector, dtype=np.float32)
