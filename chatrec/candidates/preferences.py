"""Who likes what, over the rows of a catalogue as it is served: the trained model with its cold items and its priors for a shopper."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from chatrec.candidates.cold import ColdStart, Judged
from chatrec.candidates.cold_map import ColdMap, fit_cold
from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.item_features import ItemFeatures
from chatrec.candidates.model import CollaborativeModel
from chatrec.candidates.priors import context_entries
from chatrec.catalog.row_set import Places
from chatrec.domain.candidate import Query
from chatrec.domain.item import Item

LIKE_WEIGHT = 1.0  # "something like the first" says as much as a like
# With fewer events of its own an item is scored by what it is like, and nobody can say what it is chosen with.
OWN_TRUST = 0.5
KIN = 10  # of the items that speak for another, so many are like it


class Preferences:
    """Scores the items of a catalogue for what is known of a shopper. Immutable, so it may be shared between threads.

    ``model`` was trained on a log, maybe of an older catalogue: an item that it does not know is scored by the items that are like it,
    where ``features`` (one row an id) tell what is alike.
    """

    def __init__(self, model: CollaborativeModel, ids: Sequence[str], features: ItemFeatures | None = None) -> None:
        assert model.preferences is not None, "a log that was too thin leaves no preferences: do not make any"
        self.places = Places(ids)
        self._model, self._blend = model, model.preferences
        self._cold = cold_map(model, ids, features)

    @classmethod
    def of(cls, model: CollaborativeModel | None, items: Sequence[Item], vectors: Floats) -> Preferences | None:
        """Over these records and their text vectors; ``None`` where nobody's taste is known."""
        if model is None or not model.usable:
            return None
        return cls(model, [item.item_id for item in items], ItemFeatures.of(items, vectors))

    def history(self, query: Query) -> Histories:
        """What the shopper did, likes and looks at, as one history in rows of the catalogue, oldest first.

        As in training the weights of an item add up with diminishing returns, where the newest speaks against it it is disliked, and
        it stands where it was last touched. The page and the cart are its newest, weak end.
        """
        told = (*query.history, *context_entries(query.context), *((i, LIKE_WEIGHT) for i in query.like_items))
        weights: dict[str, list[float]] = {}
        for item_id, weight in told:
            if item_id in self.places and math.isfinite(weight) and weight:
                weights[item_id] = [*weights.pop(item_id, ()), weight]
        rows = self.places.of(weights).tolist()
        return Histories.of([[(row, _taken_together(w)) for row, w in zip(rows, weights.values(), strict=True)]])

    def judged(self, history: Histories, query: Query) -> Judged | None:
        """The scores of all items (higher is a likelier choice), and what each entry of the history adds to them. ``None`` where neither
        the history nor what the shop says of the shopper tells anything."""
        lift = self._lift(query.attributes, query.context.moment)
        if not (history.weights > 0.0).any() and lift is None:
            return None
        blend = self._blend if lift is None else replace(self._blend, prior=lift)
        return ColdStart(blend, self._cold).judged(history)

    def chosen_together(self, row: int, other: int) -> bool:
        """Whether the log shows that shoppers chose both, and more often than by chance."""
        pair = int(self._cold.places[row]), int(self._cold.places[other])
        return min(pair) >= 0 and pair in self._model.together

    def known(self, row: int) -> bool:
        """Whether enough shoppers chose an item for its score to be its own."""
        return bool(self._cold.trust[row] >= OWN_TRUST)

    def kin(self, row: int, other: int) -> bool:
        """Whether one of two items, of which few shoppers or none chose it, is by its record most like the other."""
        cold = self._cold
        pairs = [(cold.index[a], cold.places[b]) for a, b in ((row, other), (other, row)) if a in cold.index]
        return any(place in cold.neighbours[n, :KIN] for n, place in pairs)

    def _lift(self, attributes: Iterable[tuple[str, str]], moment: float | None) -> Floats | None:
        """Popularity among those who are like the shopper; ``None`` where nothing is known of the likes of them."""
        priors = self._model.priors
        if priors is None or not priors.lift(attributes, moment).any():
            return None
        return priors.personal(self._blend.prior, attributes, moment)


def cold_map(model: CollaborativeModel, ids: Sequence[str], features: ItemFeatures | None) -> ColdMap:
    """Which known items speak for which of the catalogue. Without features none does."""
    known = features or ItemFeatures.of_vectors(np.zeros((len(ids), 1), np.float32))
    places = np.array([model.rows.get(item_id, -1) for item_id in ids], np.int32)
    events = np.where(places >= 0, model.events[places], 0)
    return fit_cold(known, places, events, model.cold)


def _taken_together(weights: list[float]) -> float:
    return max(-1.0, weights[-1]) if weights[-1] < 0.0 else math.log2(1.0 + sum(w for w in weights if w > 0.0))
