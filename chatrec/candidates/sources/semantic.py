"""What fits the shopper's taste by the texts alone, with W of z = u'Wv learnt from behaviour: also for items nobody has bought yet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.models.bilinear import SemanticModel
from chatrec.candidates.rank import best
from chatrec.candidates.sources.reasons import short_title
from chatrec.domain.candidate import Candidate, Query
from chatrec.protocols import Embedder

LIKE_WEIGHT = 1.0  # "something like the first" says as much as a like


class SemanticSource:
    """Scores every item of the catalogue by z' = (z + ``weight`` y) / sqrt(1 + ``weight``^2).

    ``model`` holds W over the vectors of ``ids``, in this order (:meth:`SemanticModel.over`); ``None`` where a shop has not trained it,
    or it did not win: the source is then silent. y is the cosine of the request's embedding by ``embedder``, the encoder that made the
    vectors; with ``weight`` 0 (the default) a request is not read, and without a liked item there is nothing to say.
    """

    name = "semantic"

    def __init__(
        self,
        model: SemanticModel | None,
        ids: Sequence[str],
        titles: Mapping[str, str],
        *,
        embedder: Embedder | None = None,
        weight: float = 0.0,
    ) -> None:
        if model is not None and model.n_items != len(ids):
            raise ValueError(f"{len(ids)} ids for {model.n_items} vectors: one vector an item is needed")
        self._model, self._ids, self._titles = model, tuple(ids), titles
        self._embedder, self._weight = embedder, weight
        self._rows = {item_id: row for row, item_id in enumerate(self._ids)}

    def candidates(self, query: Query, k: int) -> list[Candidate]:
        """The ``k`` admitted items with the highest z' above 0, without those of the history."""
        if self._model is None or k < 1:
            return []
        history = self._history(query)
        scores = self._scores(self._model, history, query.text)
        if scores is None:
            return []
        known = {int(row) for row in history.items}
        fit = np.array([row not in known and query.admits(item_id) for row, item_id in enumerate(self._ids)], np.bool_)
        rows = best(np.where(fit & (scores > 0.0), scores, -np.inf).astype(np.float32), k)
        return [
            Candidate(self._ids[row], float(scores[row]), self.name, reason)
            for row, reason in zip(rows, self._reasons(self._model, history, rows), strict=True)
        ]

    def _scores(self, model: SemanticModel, history: Histories, text: str) -> Floats | None:
        embedder = self._embedder if self._weight > 0.0 and text.strip() else None
        if embedder is None and not (history.weights > 0.0).any():
            return None
        silence = np.zeros((1, model.vectors.shape[1]), np.float32)
        sentence = silence if embedder is None else embedder.encode([text])
        return np.asarray(model.answers(history, sentence, 0.0 if embedder is None else self._weight)[0])

    def _history(self, query: Query) -> Histories:
        """The newest judgement of every item that has a vector, oldest first; weights below -1 count as -1."""
        told: dict[int, float] = {}
        for item_id, weight in (*query.history, *((i, LIKE_WEIGHT) for i in query.like_items)):
            row = self._rows.get(item_id)
            if row is not None and math.isfinite(weight) and weight:
                told.pop(row, None)
                told[row] = max(-1.0, weight)
        return Histories.of([list(told.items())])

    def _reasons(self, model: SemanticModel, history: Histories, rows: NDArray[np.intp]) -> list[str]:
        """Of the liked items the one that adds most; where none does, the request."""
        if not (history.weights > 0.0).any():
            return ["close to what you asked for"] * len(rows)
        parts = np.where(history.weights > 0.0, model.shares(history, rows), -np.inf)
        named = [short_title(self._ids[history.items[entry]], self._titles) for entry in parts.argmax(axis=1)]
        return [
            f"goes with {name}" if share > 0.0 else "close to what you asked for"
            for name, share in zip(named, parts.max(axis=1), strict=True)
        ]
