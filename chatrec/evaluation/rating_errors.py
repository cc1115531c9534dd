"""How well ratings are predicted, where a log holds any: each shopper's newest rating from all the others.

A simple predictor, for the figure that older papers report; nothing that is offered depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatrec.domain.event import EventKind
from chatrec.metrics.intervals import resample
from chatrec.metrics.ratings import mae, rmse
from chatrec.storage.events import EventArrays

Floats = NDArray[np.float64]
LEAST_TESTED = 20  # fewer ratings to predict give no figure worth reading
FACTORS = 8
SWEEPS = 10
RIDGE = 0.1  # lambda of weighted-lambda regularisation, times the number of ratings (Zhou et al., AAIM 2008)
DAMPING = 5.0  # ratings' worth of doubt about a shopper's or an item's bias (Ekstrand et al., 2011, section 2.1)


@dataclass(frozen=True, slots=True)
class Ratings:
    """Ratings as triples, no pair of shopper and item twice: the newest counts. In the order of time."""

    users: NDArray[np.int64]
    items: NDArray[np.int64]
    values: Floats

    @classmethod
    def of(cls, events: EventArrays) -> Ratings:
        """The ratings of a log that are numbers."""
        rated = np.flatnonzero(
            (events.kind == events.kinds.index(EventKind.RATING)) & np.isfinite(events.value) & np.isfinite(events.timestamp)
        )
        rated = rated[np.argsort(events.timestamp[rated], kind="stable")]
        pairs = events.user[rated].astype(np.int64) * max(1, len(events.item_ids)) + events.item[rated]
        _, last = np.unique(pairs[::-1], return_index=True)
        kept = rated[np.sort(len(rated) - 1 - last)]
        return cls(events.user[kept].astype(np.int64), events.item[kept].astype(np.int64), events.value[kept].astype(np.float64))

    def __len__(self) -> int:
        return len(self.values)

    def at(self, places: NDArray[np.integer] | NDArray[np.bool_]) -> Ratings:
        """Some of them."""
        return Ratings(self.users[places], self.items[places], self.values[places])


def rating_figures(events: EventArrays, table: str, seed: int = 0) -> tuple[dict[str, float | list[float]], int]:
    """``table/method/rmse`` and ``mae`` with 95% intervals, for the mean rating, for biases, and for biases and factors; and how many
    ratings were predicted. Empty and 0 where too few shoppers have rated twice. Predictions are cut to the range of the ratings learnt
    from."""
    ratings = Ratings.of(events)
    _, last = np.unique(ratings.users[::-1], return_index=True)
    tested = np.zeros(len(ratings), np.bool_)
    tested[len(ratings) - 1 - last] = True
    counts = np.bincount(ratings.users) if len(ratings) else np.zeros(0, np.int64)
    tested &= counts[ratings.users] >= 2
    if tested.sum() < LEAST_TESTED:
        return {}, 0
    train, test = ratings.at(~tested), ratings.at(tested)
    figures: dict[str, float | list[float]] = {}
    for method, predicted in _predictions(train, test, seed).items():
        errors = np.abs(test.values - predicted)
        found = resample(np.stack([errors**2, errors], axis=1), seed)
        low, _, high = found.mean(0, 8)
        figures[f"{table}/{method}/rmse"] = [round(float(v), 4) for v in (low**0.5, rmse(test.values, predicted), high**0.5)]
        low, _, high = found.mean(1)
        figures[f"{table}/{method}/mae"] = [low, round(mae(test.values, predicted), 4), high]
    return figures, len(test)


def _predictions(train: Ratings, test: Ratings, seed: int) -> dict[str, Floats]:
    n_users = int(max(train.users.max(), test.users.max())) + 1
    n_items = int(max(train.items.max(), test.items.max())) + 1
    mean = float(train.values.mean())
    of_item = _damped(train.items, train.values - mean, n_items)
    of_user = _damped(train.users, train.values - mean - of_item[train.items], n_users)
    biased = mean + of_user[test.users] + of_item[test.items]
    rest = Ratings(train.users, train.items, train.values - mean - of_user[train.users] - of_item[train.items])
    left, right = _factors(rest, n_users, n_items, seed)
    found = {
        "mean": np.full(len(test), mean),
        "bias": biased,
        "factors": biased + (left[test.users] * right[test.items]).sum(axis=1),
    }
    return {name: np.clip(values, train.values.min(), train.values.max()) for name, values in found.items()}


def _damped(owners: NDArray[np.int64], rest: Floats, n: int) -> Floats:
    return np.asarray(np.bincount(owners, rest, n) / (np.bincount(owners, minlength=n) + DAMPING))


def _factors(rest: Ratings, n_users: int, n_items: int, seed: int) -> tuple[Floats, Floats]:
    """Alternating least squares on what the biases leave: factors of shoppers and items, shapes (n, FACTORS)."""
    from scipy.sparse import csr_matrix

    told = csr_matrix((rest.values, (rest.users, rest.items)), shape=(n_users, n_items))
    there = csr_matrix((np.ones(len(rest)), (rest.users, rest.items)), shape=(n_users, n_items))
    right = np.random.default_rng(seed).normal(0.0, 0.1, (n_items, FACTORS))
    left = np.zeros((n_users, FACTORS))
    for _ in range(SWEEPS):
        left = _solved(told, there, right)
        right = _solved(told.T.tocsr(), there.T.tocsr(), left)
    return left, right


def _solved(told: object, there: object, other: Floats) -> Floats:
    """The ridge solution of every row at once."""
    outer = (other[:, :, None] * other[:, None, :]).reshape(len(other), -1)
    counts = np.asarray(there.sum(axis=1)).ravel()  # type: ignore[attr-defined]
    system = (there @ outer).reshape(-1, FACTORS, FACTORS)  # type: ignore[operator]
    system += (RIDGE * np.maximum(counts, 1.0))[:, None, None] * np.eye(FACTORS)
    return np.asarray(np.linalg.solve(system, (told @ other)[:, :, None])[:, :, 0])  # type: ignore[operator]
