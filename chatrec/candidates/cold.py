"""A model of all items of a catalogue: its own scores where it knows an item, those of the like of it where it does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.blend import Blend
from chatrec.candidates.cold_map import ColdMap
from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.models.base import PreferenceModel, Setting

if TYPE_CHECKING:
    pass

Ints = NDArray[np.integer]
# A liked item that the model does not know speaks through this many items that are most like it.
STAND_INS = 3
# A longer history lifts no more than one of so many likings: the sum over many would put whatever is like any of them above all else
# (shoppers with 21 and more likings lost 2 to 10% of nDCG@10 by it on the demo shop's log).
LIFTING = 10
_INNER = "model."


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model makes of one shopper: ``scores`` (items,), and ``shares`` of rows, shape (rows, entries of the history)."""

    scores: Floats
    shares: Callable[[Ints], Floats]


@dataclass(frozen=True, slots=True)
class ColdStart:
    """A model of all items of a catalogue: what ``model`` says of those that it knows, and of the others what ``cold`` makes of that.

    A :class:`PreferenceModel`. Making one is free, so that a model with a shopper's own prior can be put in at every turn.
    """

    model: PreferenceModel
    cold: ColdMap
    name: str = "cold_start"

    def __post_init__(self) -> None:
        if max(self.cold.places.max(initial=-1), self.cold.neighbours.max(initial=-1)) >= self.model.n_items:
            raise ValueError(f"a map of cold items names rows beyond the {self.model.n_items} of the model '{self.model.name}'")

    @property
    def n_items(self) -> int:
        """How many items the catalogue has."""
        return len(self.cold.places)

    def scores(self, histories: Histories) -> Floats:
        """Shape (shoppers, n_items), histories in rows of the catalogue. An item of which nothing is known scores 0."""
        known, _ = self._known(histories)
        return self.extended(self.model.scores(known), known)

    def extended(self, own: Floats, known: Histories) -> Floats:
        """The scores of all items, shape (shoppers, n_items), from those of the model's own, (shoppers, model.n_items), for the ``known``
        histories, in rows of the model."""
        cold = self.cold
        found = np.zeros((len(own), self.n_items), np.float32)
        held = np.flatnonzero((cold.places >= 0) & (cold.trust > 0.0))
        found[:, held] = own[:, cold.places[held]]
        lifted = own.copy()
        lifted[known.owners, known.items] += self._lift(own, known)[known.owners] * known.weights
        prior = np.asarray(cold.reach @ lifted[:, : cold.reach.shape[1]].T, np.float32).T
        found[:, cold.rows] += prior * (cold.fitted.scale * (1.0 - cold.trust[cold.rows]))
        return found

    def judged(self, history: Histories) -> Judged:
        """One shopper's scores, and what adds to them, with one pass over the items."""
        known, owners = self._known(history)
        own, parts = self._parts(known)
        return Judged(self.extended(own, known)[0], lambda rows: self._shares(known, owners, len(history.items), rows, own, parts))

    def shares(self, history: Histories, rows: Ints) -> Floats:
        """What each entry of one shopper's history adds to the scores of ``rows``, shape (rows, entries); the entries' sum is the score.
        An item that the model does not know adds what its stand-ins add."""
        return self.judged(history).shares(rows)

    def _parts(self, known: Histories) -> tuple[Floats, Callable[[Ints], Floats]]:
        if isinstance(self.model, Blend):
            own, gains = self.model.judged(known)
            return own, partial(self.model.shares, known, gains=gains)
        return self.model.scores(known), partial(self.model.shares, known)

    def _shares(
        self, known: Histories, owners: Ints, entries: int, rows: Ints, own: Floats, parts_of: Callable[[Ints], Floats]
    ) -> Floats:  # fmt: skip
        found = np.zeros((len(rows), entries), np.float32)
        if not len(known.items):
            return found
        priors = {n: self.cold.index[int(row)] for n, row in enumerate(rows) if int(row) in self.cold.index}
        places = self.cold.places[np.asarray(rows, np.intp)]
        involved = np.union1d(places[places >= 0], self.cold.neighbours[list(priors.values())]).astype(np.int32)
        parts = parts_of(involved)
        lifted = parts + self._lift(own, known)[0] * np.where(involved[:, None] == known.items, known.weights, 0.0)
        for n, row in enumerate(np.asarray(rows, np.intp)):
            trust, both = self.cold.trust[row], np.zeros(len(known.items), np.float32)
            if places[n] >= 0 and trust > 0.0:
                both += parts[np.searchsorted(involved, places[n])]
            if n in priors:
                speak = np.searchsorted(involved, self.cold.neighbours[priors[n]])
                both += self.cold.fitted.scale * (1.0 - trust) * (self.cold.pulls[priors[n]] @ lifted[speak])
            np.add.at(found[n], owners, both)
        return found

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """Those of the map and, under ``model.name``, of the model."""
        return {**self.cold.arrays(), **{f"{_INNER}{name}": array for name, array in self.model.arrays().items()}}

    def settings(self) -> Mapping[str, Setting]:
        """Those of the map, and under ``model`` JSON text with the name and settings of the model."""
        return {**self.cold.settings(), "model": json.dumps({"name": self.model.name, "settings": dict(self.model.settings())})}

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Setting]) -> Self:
        """The model again. Raises :class:`ValueError` where the parts do not fit together."""
        from chatrec.candidates.models.registry import restore_model

        own = dict(settings)
        try:
            described = json.loads(str(own.pop("model")))
            inner = {name.removeprefix(_INNER): array for name, array in arrays.items() if name.startswith(_INNER)}
            return cls(restore_model(described["name"], inner, described["settings"]), ColdMap.restore(arrays, own))
        except (KeyError, TypeError) as error:
            raise ValueError(f"a cold start needs a model and a map of cold items; {error} is missing or wrong") from None

    def stand_ins(self, row: int) -> list[tuple[int, float]]:
        """The model's rows that speak for an item which it does not know, with shares of 1; none where nothing is like it."""
        place = self.cold.index.get(row)
        if place is None:
            return []
        pulls = self.cold.pulls[place]
        best = [int(n) for n in np.argsort(-pulls, kind="stable")[:STAND_INS] if pulls[n] > 0.0]
        total = float(pulls[best].sum())
        return [(int(self.cold.neighbours[place, n]), float(pulls[n]) / total) for n in best]

    def _lift(self, own: Floats, known: Histories) -> Floats:
        """What being in the history adds to the score of an item when it speaks for others, by shopper."""
        if not own.shape[1]:
            return np.zeros(len(own), np.float32)
        share = np.minimum(1.0, LIFTING / np.maximum(known.lengths, 1))
        return np.asarray(self.cold.fitted.likeness * own.std(axis=1) * share, np.float32)

    def _known(self, histories: Histories) -> tuple[Histories, Ints]:
        """The histories in rows of the model, and for every entry of theirs the entry that it stems from."""
        places = self.cold.places[histories.items]
        learnt = (places >= 0) & (self.cold.trust[histories.items] > 0.0)
        if learnt.all():
            return Histories(histories.starts, places, histories.weights), np.arange(len(places))
        shoppers: list[dict[int, float]] = []
        origins: list[dict[int, int]] = []
        for start, stop in zip(histories.starts[:-1], histories.starts[1:], strict=True):
            told: dict[int, float] = {}
            origin: dict[int, int] = {}
            own = set(places[start:stop][learnt[start:stop]].tolist())
            for entry in range(start, stop):
                weight, item = float(histories.weights[entry]), int(histories.items[entry])
                speaking = [(int(places[entry]), 1.0)] if learnt[entry] else [s for s in self.stand_ins(item) if s[0] not in own]
                for place, share in speaking:
                    told[place] = told.get(place, 0.0) + share * weight
                    origin.setdefault(place, entry)
            shoppers.append({place: weight for place, weight in told.items() if weight})
            origins.append(origin)
        flat = [origin[place] for told, origin in zip(shoppers, origins, strict=True) for place in told]
        return Histories.of([list(told.items()) for told in shoppers]), np.array(flat, np.intp)
