"""What a shopper has chosen so far, as weights of facet values: the target that a list is calibrated to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from chatrec.ranking.facets import Facets

# A shopper's taste drifts: the thirtieth event back counts half. A chat's own likes are the newest.
HALF_LIFE_EVENTS = 30.0


def profile_of(facets: Facets, history: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Weights by ``facet:value`` of a history of (item_id, weight) pairs, oldest first.

    Each liked item spreads its weight over its values, less the older it is; a disliked one takes its weight away, never below zero.
    Unknown items say nothing; an empty history gives an empty profile.
    """
    told = [(item_id, weight) for item_id, weight in history if item_id in facets.rows and np.isfinite(weight)]
    if not told:
        return {}
    ages = np.arange(len(told) - 1, -1, -1)
    weights = np.array([weight for _, weight in told]) * 0.5 ** (ages / HALF_LIFE_EVENTS)
    columns, shares, _ = facets.gather([item_id for item_id, _ in told])
    sums = np.zeros(len(facets.labels) + 1)
    np.add.at(sums, columns, weights[:, None] * shares)  # -1, the empty place, takes the last entry
    return {facets.labels[label]: float(sums[label]) for label in np.flatnonzero(sums[:-1] > 1e-9)}


def profiles_over(facets: Facets) -> Callable[[Sequence[tuple[str, float]]], Mapping[str, float]]:
    """:func:`profile_of` over one catalogue."""
    return lambda history: profile_of(facets, history)
