"""Several preference models as one, with weights that depend on how much is known of the shopper.

Short histories favour factor models and popularity, long ones item-item models, so the weights stand at knots of the history's
length and are interpolated between them on log(1 + length). Every model's row is scaled before it is weighed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.models.base import PreferenceModel, Setting
from chatrec.candidates.models.likings import n_likings

KNOTS = (0, 1, 2, 3, 5, 10, 20, 50, 100, 200)
SCALES = ("zscore", "max")
_BATCH = 256
_ROUNDING = 1e-6  # of the largest score: float32 holds seven digits


@dataclass(frozen=True, slots=True)
class Blend:
    """The weighted sum of ``models``' scaled scores and of a ``prior`` (items,), one figure an item for every shopper alike.

    ``weights`` has shape (knots, models + 1), no negative one, the last column is the prior's; ``knots`` are lengths in likings,
    rising from 0. ``scale`` zscore divides each row's scores less their mean by their deviation, max by the largest size, both
    over the items that are not in the history.
    A shopper without likings gets the prior: unlike other models the blend has an answer for an empty history (zeros only where
    there is no prior, too). Dislikes count in the models.
    """

    models: tuple[PreferenceModel, ...]
    prior: Floats
    knots: Floats
    weights: Floats
    scale: str = "zscore"
    name: str = "blend"
    _scaled_prior: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.weights.shape != (len(self.knots), len(self.models) + 1):
            raise ValueError(f"weights of shape {self.weights.shape} for {len(self.knots)} knots and {len(self.models)} models + prior")
        if any(model.n_items != len(self.prior) for model in self.models):
            raise ValueError(f"models of {[m.n_items for m in self.models]} items with a prior of {len(self.prior)}: all must agree")
        if self.scale not in SCALES:
            raise ValueError(f"there is no scale '{self.scale}': take one of {', '.join(SCALES)}")
        object.__setattr__(self, "_scaled_prior", scaled(self.prior[None], self.scale)[0])

    @property
    def n_items(self) -> int:
        """How many items it scores."""
        return len(self.prior)

    def with_models(self, models: Sequence[PreferenceModel], prior: Floats) -> Blend:
        """The same weights over models fitted anew (on the whole log), in the same order."""
        return Blend(tuple(models), prior, self.knots, self.weights, self.scale)

    def scores(self, histories: Histories) -> Floats:
        """Shape (shoppers, n_items). The shoppers are taken in batches, so that no second matrix of that size is held."""
        if len(histories) == 1:
            return self.judged(histories)[0]
        found = np.empty((len(histories), self.n_items), np.float32)
        weights = self.weights_of(histories)
        for start, batch in zip(range(0, len(histories), _BATCH), histories.batches(_BATCH), strict=True):
            part, held = found[start : start + _BATCH], weights[start : start + _BATCH]
            part[...] = held[:, -1:] * self._scaled_prior
            for place, model in enumerate(self.models):
                if held[:, place].any():
                    part += held[:, place, None] * scaled(model.scores(batch), self.scale, batch)
        return found

    def judged(self, history: Histories) -> tuple[Floats, Floats]:
        """For one shopper: the scores, shape (1, n_items), and what one unit of each model's own score is worth in them, (models,): with
        it :meth:`shares` need not score anew."""
        weights, gains = self.weights_of(history)[0], np.zeros(len(self.models), np.float32)
        found = (weights[-1] * self._scaled_prior)[None].astype(np.float32)
        for place, model in enumerate(self.models):
            if weights[place] > 0.0:
                scores = model.scores(history)
                centre, size = _centre_and_size(scores, self.scale, history)
                gains[place] = weights[place] / size[0, 0]
                found += gains[place] * (scores - centre)
        return found, gains

    def shares(self, history: Histories, rows: NDArray[np.integer], gains: Floats | None = None) -> Floats:
        """What each entry adds to the scores of ``rows``: shape (rows, entries), in the blend's units; what the prior and the means
        add belongs to no entry. ``gains`` are those of :meth:`judged`, where it was asked before."""
        worth = self.judged(history)[1] if gains is None else gains
        found = np.zeros((len(rows), len(history.items)), np.float32)
        for gain, model in zip(worth, self.models, strict=True):
            if gain > 0.0:
                found += gain * model.shares(history, rows)
        return found

    def weights_of(self, histories: Histories) -> Floats:
        """The weight of every source for each shopper, shape (shoppers, models + 1)."""
        return np.asarray(hats(n_likings(histories), self.knots) @ self.weights, np.float32)

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """Its own and, under ``number.name``, those of its models."""
        own: dict[str, NDArray[np.generic]] = {"prior": self.prior, "knots": self.knots, "weights": self.weights}
        return own | {f"{n}.{name}": array for n, model in enumerate(self.models) for name, array in model.arrays().items()}

    def settings(self) -> Mapping[str, Setting]:
        """``scale`` and ``models``: JSON text with the name and settings of each."""
        described = [{"name": model.name, "settings": dict(model.settings())} for model in self.models]
        return {"scale": self.scale, "models": json.dumps(described)}

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Setting]) -> Self:
        """The blend again. Raises :class:`ValueError` where the parts do not fit together."""
        from chatrec.candidates.models.registry import restore_model

        try:
            models = []
            for number, described in enumerate(json.loads(str(settings["models"]))):
                start = f"{number}."
                parts = {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}
                models.append(restore_model(described["name"], parts, described["settings"]))
            return cls(tuple(models), arrays["prior"], arrays["knots"], arrays["weights"], str(settings["scale"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"a blend needs prior, knots, weights, scale and models; {error} is missing or wrong") from None


def scaled(scores: Floats, scale: str, histories: Histories | None = None) -> Floats:
    """Rows made comparable, by the figures of the items that are not in the row's history; equal scores become zeros. Shape as given."""
    centre, size = _centre_and_size(scores, scale, histories)
    return np.asarray((scores - centre) / size, np.float32)


def _centre_and_size(scores: Floats, scale: str, histories: Histories | None = None) -> tuple[Floats, Floats]:
    """Both of shape (rows, 1). What is in a history is never offered, and models that have seen the shopper score it far above all
    others: with it in the measure, a source would weigh less for shoppers it was fitted on."""
    rows, n_items = scores.shape
    if not n_items:
        return np.zeros((rows, 1), np.float32), np.ones((rows, 1), np.float32)
    hidden = (slice(0), slice(0)) if histories is None else (histories.owners, histories.items)
    left = np.maximum(n_items - (0 if histories is None else histories.lengths), 1)
    rest = scores.copy()
    rest[hidden] = 0.0
    most = np.abs(rest).max(axis=1)
    if scale == "max":
        return np.zeros((rows, 1), np.float32), _divisor(most, most)
    centre = np.asarray(rest.sum(axis=1, dtype=np.float64) / left, np.float32)[:, None]
    rest -= centre
    rest[hidden] = 0.0
    return centre, _divisor(np.sqrt(np.einsum("ri,ri->r", rest, rest) / left), most)


def _divisor(sizes: NDArray[np.floating[Any]], most: Floats) -> Floats:
    """Infinity where scores differ by no more than float32 can tell, so that such a row counts for nothing."""
    told = (sizes > np.float32(_ROUNDING) * most) & (sizes > np.finfo(np.float32).tiny)
    return np.where(told, sizes, np.inf).astype(np.float32)[:, None]


def hats(lengths: NDArray[np.integer], knots: Floats) -> Floats:
    """How much each knot counts at each length, shape (lengths, knots): linear in log(1 + length), rows sum to 1."""
    places = np.interp(np.log1p(lengths), np.log1p(knots), np.arange(len(knots)))
    low = np.minimum(places.astype(np.intp), len(knots) - 1)
    found = np.zeros((len(lengths), len(knots)), np.float32)
    rows = np.arange(len(lengths))
    found[rows, low] = 1.0 - (places - low)
    found[rows, np.minimum(low + 1, len(knots) - 1)] += (places - low).astype(np.float32)
    return found
