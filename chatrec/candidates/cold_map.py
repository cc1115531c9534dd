"""Cold items: what a model would say of an item that it does not know, from the items that are like it.

A ridge map from an item's features to what the model knows of an item, in its dual (kernel) form: the score of a new item c is
``a_c' s``, with s the scores of the items that the model knows and ``a_c = (K + l I)^-1 k_c``, K the likeness of those items among
each other and k_c theirs to c. For a model with factors, s = Vu, this is the kernel ridge map from features to factors, V'a_c (compare
Gantner et al., Learning Attribute-to-Feature Mappings for Cold-Start Recommendations, ICDM 2010); it needs none, so that it also
carries item-item models and blends. Only the nearest items take part, as in nearest-neighbour Gaussian processes (Datta et al., JASA
2016): an item then costs a handful of numbers, and no pass over the whole catalogue at serving.

The items of the history count once more, by their likeness alone: a model that knows little of them still offers more of the kind.
An item with some events of its own keeps a part of this prior: a model shrinks the score of a thin item towards 0, and adding 1 - t times
the prior makes it shrink towards the prior. t = n^2 / (n^2 + h^2) for n events rises steeply, so that well-known items are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats
from chatrec.candidates.item_features import ItemFeatures
from chatrec.candidates.models.base import Setting
from chatrec.candidates.models.settings import read_settings
from chatrec.errors import SettingsError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Ints = NDArray[np.integer]
# Own events that leave less than this to the prior make it not worth its cost.
LEAST_PRIOR = 0.1
# In a larger catalogue only the items with the most events speak for others: time grows with their number, and they know the most.
MOST_SPEAKERS = 20_000
_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class ColdSettings:
    """``neighbours`` known items speak for an unknown one. Likeness is exp(``sharpness`` (cosine - 1)), where the labels weigh
    ``labels`` against the text's 1; ``noise`` is the ridge l. ``likeness`` weighs the history itself, in standard deviations of the
    shopper's scores. ``scale`` multiplies the prior. With ``half`` events of its own an item keeps half of its prior.

    The defaults are near what validation chose on the benchmark ``cold``; :func:`chatrec.candidates.cold_tuning.tune_cold` chooses anew
    for a log.
    """

    neighbours: int = 30
    sharpness: float = 4.0
    labels: float = 1.0
    noise: float = 1.0
    likeness: float = 40.0
    scale: float = 0.5
    half: float = 3.0

    def __post_init__(self) -> None:
        if self.neighbours < 1 or not (self.sharpness > 0.0 and self.noise > 0.0):
            raise SettingsError(f"cold items want neighbours of 1 or more, sharpness and noise above 0: {self}")
        if not (self.labels >= 0.0 and self.likeness >= 0.0 and self.scale > 0.0 and self.half >= 0.0):
            raise SettingsError(f"cold items want labels, likeness and half of 0 or more, and a scale above 0: {self}")


@dataclass(frozen=True, slots=True)
class ColdMap:
    """Which rows of a model speak for which rows of the catalogue.

    ``places`` (n,) is the model's row of every item of the catalogue, -1 where it has none. ``trust`` (n,) in [0, 1] is how much an item's
    own score tells: what is missing to 1 is the weight of its prior, and at 0 its own score counts nothing. ``rows`` are the items with a
    prior, rising; ``neighbours`` and ``pulls``, shape (rows, k), are the rows of the model that speak for each, most alike first, and the
    figures ``a``. ``reach`` and ``index`` are made from these.
    """

    places: NDArray[np.int32]
    trust: Floats
    rows: NDArray[np.int32]
    neighbours: NDArray[np.int32]
    pulls: Floats
    fitted: ColdSettings
    reach: csr_matrix = field(init=False, repr=False, compare=False)
    index: dict[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        from scipy.sparse import csr_matrix

        shape = (len(self.rows), self.neighbours.shape[1] if self.neighbours.ndim == 2 else -1)
        if len(self.places) != len(self.trust) or self.neighbours.shape != shape or self.pulls.shape != shape:
            raise ValueError("the parts of a map of cold items do not fit together")
        starts = np.arange(len(self.rows) + 1) * self.neighbours.shape[1]
        width = int(max(self.places.max(initial=-1), self.neighbours.max(initial=-1))) + 1
        reach = csr_matrix((self.pulls.ravel(), self.neighbours.ravel(), starts), shape=(len(self.rows), width))
        object.__setattr__(self, "reach", reach)
        object.__setattr__(self, "index", {int(row): n for n, row in enumerate(self.rows)})

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

    Items of which neither text nor labels are known get no prior. Costs, for c items with a prior, c x n x d for the likeness
    (n at most ``MOST_SPEAKERS``) and c x neighbours^3; the same parts give the same map. Raises :class:`ValueError` where the lengths
    differ.
    """
    if not len(features) == len(places) == len(events):
        raise ValueError(f"{len(features)} items with features, {len(places)} places and {len(events)} counts: one an item is needed")
    held = np.where(np.asarray(places) >= 0, np.asarray(events, np.float64), 0.0)
    trust = np.where(held > 0.0, held**2 / np.maximum(held**2 + settings.half**2, 1e-9), 0.0)
    trust[trust > 1.0 - LEAST_PRIOR] = 1.0
    known = np.flatnonzero(held > 0.0)
    speakers = np.sort(known[np.argsort(-held[known], kind="stable")[:MOST_SPEAKERS]])
    described = features.texts.any(axis=1) | (np.diff(features.labels.indptr) > 0)
    trust[~described & (held > 0.0)] = 1.0
    rows = np.flatnonzero((trust < 1.0) & described) if len(known) else np.zeros(0, np.intp)
    width = min(settings.neighbours, len(speakers))
    found = [_pulls(features, rows[start : start + _AT_ONCE], speakers, width, settings) for start in range(0, len(rows), _AT_ONCE)]
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
    among = np.exp(settings.sharpness * (features.likeness_within(known[near], settings.labels) - 1.0))
    among[:, range(width), range(width)] += np.float32(settings.noise)
    return known[near], np.linalg.solve(among, k[:, :, None])[:, :, 0].astype(np.float32, copy=False)
