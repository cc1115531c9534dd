"""Cold items: what a model would say of an item that it does not know, from the items that are like it.

A ridge map from an item's features to what the model knows of an item, in its dual (kernel) form: the score of a new item c is
``a_c' s``, with s the scores of the items that the model knows and ``a_c = (K + l I)^-1 k_c``, K the likeness of those items among
each other and k_c theirs to c. For a model with factors, s = Vu, this is the kernel ridge map from features to factors, V'a_c (compare
Gantner et al., Learning Attribute-to-Feature Mappings for Cold-Start Recommendations, ICDM 2010); it needs none, so that it also
carries item-item models and blends. Only the nearest items take part, as in nearest-neighbour Gaussian processes (Datta et al., JASA
2016): an item then costs a handful of numbers, and no pass over the whole catalogue at serving.

The items of the history count once more, by their likeness alone: a model that knows little of them still offers more of the kind.
An item with some events of its own shrinks from this prior to its own score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.item_features import ItemFeatures
from chatrec.candidates.models.base import PreferenceModel, Setting
from chatrec.candidates.models.settings import read_settings
from chatrec.errors import SettingsError

Ints = NDArray[np.integer]
# Own events that leave less than this to the prior make it not worth its cost.
LEAST_PRIOR = 0.05
# A liked item that the model does not know speaks through this many items that are most like it.
STAND_INS = 3
_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class ColdSettings:
    """``neighbours`` known items speak for an unknown one. Likeness is exp(``sharpness`` (cosine - 1)), where the labels weigh
    ``labels`` against the text's 1; ``noise`` is the ridge l. ``likeness`` weighs the history itself, in standard deviations of the
    shopper's scores. ``scale`` multiplies the prior. With ``half`` events of its own an item's prior and own score weigh the same.

    The defaults are what validation chose most often on the logs of the repository's benchmark ``cold``.
    """

    neighbours: int = 30
    sharpness: float = 1.0
    labels: float = 0.3
    noise: float = 0.3
    likeness: float = 10.0
    scale: float = 1.0
    half: float = 3.0

    def __post_init__(self) -> None:
        if self.neighbours < 1 or not (self.sharpness > 0.0 and self.noise > 0.0):
            raise SettingsError(f"cold items want neighbours of 1 or more, sharpness and noise above 0: {self}")
        if not (self.labels >= 0.0 and self.likeness >= 0.0 and self.scale > 0.0 and self.half >= 0.0):
            raise SettingsError(f"cold items want labels, likeness and half of 0 or more, and a scale above 0: {self}")


@dataclass(frozen=True, slots=True)
class ColdMap:
    """Which rows of a model speak for which rows of the catalogue.

    ``places`` (n,) is the model's row of every item of the catalogue, -1 where it has none. ``trust`` (n,) in [0, 1] is the weight of an
    item's own score against its prior. ``rows`` are the items with a prior, rising; ``neighbours`` and ``pulls``, shape (rows, k), are the
    rows of the model that speak for each, most alike first, and the figures ``a`` (0 where there are fewer than k).
    """

    places: NDArray[np.int32]
    trust: Floats
    rows: NDArray[np.int32]
    neighbours: NDArray[np.int32]
    pulls: Floats
    fitted: ColdSettings

    def __post_init__(self) -> None:
        shape = (len(self.rows), self.neighbours.shape[1] if self.neighbours.ndim == 2 else -1)
        if len(self.places) != len(self.trust) or self.neighbours.shape != shape or self.pulls.shape != shape:
            raise ValueError("the parts of a map of cold items do not fit together")

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """All that :meth:`restore` needs, by name."""
        return {n: getattr(self, n) for n in ("places", "trust", "rows", "neighbours", "pulls")}

    def settings(self) -> Mapping[str, Setting]:
        """The settings of the fit."""
        return asdict(self.fitted)

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Setting]) -> Self:
        """The map again. Raises :class:`ValueError` where the parts do not fit together."""
        names: dict[str, Any] = {"places": np.int32, "trust": np.float32, "rows": np.int32, "neighbours": np.int32, "pulls": np.float32}
        if missing := sorted(set(names) - set(arrays)):
            raise ValueError(f"a map of cold items needs the array '{missing[0]}'")
        places, trust, rows, neighbours, pulls = (np.asarray(arrays[name], kind) for name, kind in names.items())
        return cls(places, trust, rows, neighbours, pulls, read_settings(ColdSettings, settings))


def fit_cold(features: ItemFeatures, places: Ints, events: Ints, settings: ColdSettings = ColdSettings()) -> ColdMap:
    """The map for a catalogue of n items: ``places`` (n,) is the row of each in the model, -1 for none, ``events`` (n,) the number of
    shoppers whose liking the model has learnt of it.

    Items of which neither text nor labels are known get no prior. Costs, for c items with a prior, c x n x d for the likeness and
    c x neighbours^3; the same parts give the same map. Raises :class:`ValueError` where the lengths differ.
    """
    if not len(features) == len(places) == len(events):
        raise ValueError(f"{len(features)} items with features, {len(places)} places and {len(events)} counts: one an item is needed")
    held = np.where(np.asarray(places) >= 0, np.asarray(events, np.float64), 0.0)
    trust = np.where(held > 0.0, held / np.maximum(held + settings.half, 1e-9), 0.0)
    trust[trust > 1.0 - LEAST_PRIOR] = 1.0
    known = np.flatnonzero(held > 0.0)
    described = features.texts.any(axis=1) | (np.diff(features.labels.indptr) > 0)
    trust[~described & (held > 0.0)] = 1.0
    rows = np.flatnonzero((trust < 1.0) & described) if len(known) else np.zeros(0, np.intp)
    width = min(settings.neighbours, len(known))
    found = [_pulls(features, rows[start : start + _AT_ONCE], known, width, settings) for start in range(0, len(rows), _AT_ONCE)]
    nearest = np.concatenate([near for near, _ in found]) if found else np.zeros((0, width), np.intp)
    pulls = np.concatenate([pull for _, pull in found]) if found else np.zeros((0, width), np.float32)
    own = np.asarray(places, np.int32)
    return ColdMap(own, trust.astype(np.float32), rows.astype(np.int32), own[nearest], pulls, settings)


def _pulls(features: ItemFeatures, rows: Ints, known: Ints, width: int, settings: ColdSettings) -> tuple[Ints, Floats]:
    """The catalogue rows of the ``width`` known items most like each of ``rows``, and a = (K + l I)^-1 k among them. An item does not
    speak for itself."""
    alike = features.likeness(rows, known, settings.labels)
    alike[rows[:, None] == known[None, :]] = -np.inf
    near = np.argpartition(-alike, width - 1, axis=1)[:, :width]
    order = np.argsort(-np.take_along_axis(alike, near, axis=1), axis=1, kind="stable")
    near = np.take_along_axis(near, order, axis=1)
    k = np.exp(settings.sharpness * (np.take_along_axis(alike, near, axis=1) - 1.0)).astype(np.float32)  # itself: exp(-inf) = 0
    pulls = np.zeros_like(k)
    for place, items in enumerate(known[near]):
        among = np.exp(settings.sharpness * (features.likeness(items, items, settings.labels) - 1.0))
        among[np.diag_indices_from(among)] += np.float32(settings.noise)
        pulls[place] = np.linalg.solve(among, k[place])
    return known[near], pulls


@dataclass(frozen=True, slots=True)
class ColdStart:
    """A model of all items of a catalogue: what ``model`` says of those that it knows, and of the others what ``cold`` makes of that.

    A :class:`PreferenceModel`, but for :meth:`PreferenceModel.restore`: its parts are kept one by one.
    """

    model: PreferenceModel
    cold: ColdMap
    _reach: Any = field(init=False, repr=False, compare=False)
    _index: dict[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        from scipy.sparse import csr_matrix

        cold = self.cold
        if max(cold.places.max(initial=-1), cold.neighbours.max(initial=-1)) >= self.model.n_items:
            raise ValueError(f"a map of cold items names rows beyond the {self.model.n_items} of the model '{self.model.name}'")
        starts = np.arange(len(cold.rows) + 1) * cold.neighbours.shape[1]
        reach = csr_matrix((cold.pulls.ravel(), cold.neighbours.ravel(), starts), shape=(len(cold.rows), self.model.n_items))
        object.__setattr__(self, "_reach", reach)
        object.__setattr__(self, "_index", {int(row): n for n, row in enumerate(cold.rows)})

    @property
    def name(self) -> str:
        """The model's own name."""
        return self.model.name

    @property
    def n_items(self) -> int:
        """How many items the catalogue has."""
        return len(self.cold.places)

    def scores(self, histories: Histories) -> Floats:
        """Shape (shoppers, n_items), histories in rows of the catalogue. An item of which nothing is known scores 0."""
        known, _ = self._known(histories)
        own = self.model.scores(known)
        found = np.zeros((len(histories), self.n_items), np.float32)
        held = np.flatnonzero(self.cold.places >= 0)
        found[:, held] = own[:, self.cold.places[held]] * self.cold.trust[held]
        told = known.matrix(self.model.n_items)
        lifted = own.T + (told.multiply(self._lift(own)[:, None])).T
        prior = np.asarray(self._reach @ lifted, np.float32).T
        found[:, self.cold.rows] += prior * (self.cold.fitted.scale * (1.0 - self.cold.trust[self.cold.rows]))
        return found

    def shares(self, history: Histories, rows: Ints) -> Floats:
        """What each entry of one shopper's history adds to the scores of ``rows``, shape (rows, entries); the entries' sum is the score.
        An item that the model does not know adds what its stand-ins add."""
        known, owners = self._known(history)
        found = np.zeros((len(rows), len(history.items)), np.float32)
        if not len(known.items):
            return found
        priors = {n: self._index[int(row)] for n, row in enumerate(rows) if int(row) in self._index}
        places = self.cold.places[np.asarray(rows, np.intp)]
        involved = np.union1d(places[places >= 0], self.cold.neighbours[list(priors.values())]).astype(np.int32)
        parts = self.model.shares(known, involved)
        lifted = parts + self._lift(self.model.scores(known))[0] * np.where(involved[:, None] == known.items, known.weights, 0.0)
        for n, row in enumerate(np.asarray(rows, np.intp)):
            trust, both = self.cold.trust[row], np.zeros(len(known.items), np.float32)
            if places[n] >= 0:
                both += trust * parts[np.searchsorted(involved, places[n])]
            if n in priors:
                speak = np.searchsorted(involved, self.cold.neighbours[priors[n]])
                both += self.cold.fitted.scale * (1.0 - trust) * (self.cold.pulls[priors[n]] @ lifted[speak])
            np.add.at(found[n], owners, both)
        return found

    def stand_ins(self, row: int) -> list[tuple[int, float]]:
        """The model's rows that speak for an item which it does not know, with shares of 1; none where nothing is like it."""
        place = self._index.get(row)
        if place is None:
            return []
        pulls = self.cold.pulls[place]
        best = [int(n) for n in np.argsort(-pulls, kind="stable")[:STAND_INS] if pulls[n] > 0.0]
        total = float(pulls[best].sum())
        return [(int(self.cold.neighbours[place, n]), float(pulls[n]) / total) for n in best]

    def _lift(self, own: Floats) -> Floats:
        """What being in the history adds to the score of an item when it speaks for others, by shopper."""
        return np.asarray(self.cold.fitted.likeness * own.std(axis=1), np.float32)

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
