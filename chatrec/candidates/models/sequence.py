"""Models of what follows what: item-to-item transitions, sparse, and a ridge regression of the next item on what went before it.

Both are fitted to the order of the histories and score a new one with its newest items first in weight, as the fold-in of
:mod:`.neighbours` does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import Progress
from chatrec.candidates.models.linear import inverted
from chatrec.candidates.models.neighbours import MOST_PAIRS, ItemItemModel, blocks, check_settings, strongest
from chatrec.errors import SettingsError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


@dataclass(frozen=True, slots=True)
class TransitionSettings:
    """A weight from i to j: the sum over shoppers who had i and, g <= ``window`` entries later, j of g^-``gap``, and ``backward``
    times the same for j before i, over n_i^``source`` n_j^``target``; n are the items' squared weights in the log.

    ``backward`` 1 forgets the order, 0 learns from it alone (sequential rules: Ludewig & Jannach, Evaluation of session-based
    recommendation algorithms, UMUAI 2018, section 3.1). ``recency`` >= 0 is the power of the age at fold-in.
    """

    window: int = 20
    gap: float = 0.5
    backward: float = 0.3
    source: float = 0.5
    target: float = 0.2
    recency: float = 0.75
    top_n: int = 200

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True, slots=True)
class RidgeSettings:
    """The next item regressed on the at most ``window`` items before it, the one ``age`` entries back held with (1 + age)^-``recency``.

    ``l2`` > 0 in units of the contexts' Gram matrix. ``targets`` newest items a shopper are learnt from. ``memory_gb``: what the
    fit may use at most.
    """

    l2: float = 300.0
    recency: float = 0.5
    window: int = 20
    targets: int = 50
    memory_gb: float = 4.0

    def __post_init__(self) -> None:
        check_settings(self)
        if not self.l2 > 0.0:
            raise SettingsError(f"l2 {self.l2} leaves the regression without an answer: give l2 above 0")


class TransitionModel(ItemItemModel):
    """What :func:`fit_transitions` makes."""

    __slots__ = ()
    name: ClassVar[str] = "transitions"


class RidgeModel(ItemItemModel):
    """What :func:`fit_ridge` makes; its weights are dense."""

    __slots__ = ()
    name: ClassVar[str] = "slit"


def fit_transitions(
    log: Interactions, settings: TransitionSettings = TransitionSettings(), progress: Progress | None = None
) -> TransitionModel:
    """Transitions of this log. Time: events x ``window``; memory: the log, one block of pairs and items x ``top_n`` weights."""
    from scipy.sparse import csr_matrix, vstack

    n_items, histories = len(log.item_ids), log.histories()
    events = np.argsort(histories.items, kind="stable")
    size = np.maximum(np.bincount(histories.items, histories.weights**2, n_items), np.finfo(np.float32).tiny)
    counts = np.bincount(histories.items, minlength=n_items)
    starts = np.concatenate(([0], np.cumsum(counts)))
    parts = [csr_matrix((0, n_items), dtype=np.float32)]
    for start, stop in blocks(2.0 * settings.window * counts, MOST_PAIRS):
        rows, columns, values = _pairs(histories, events[starts[start] : starts[stop]], settings)
        values *= (size[rows] ** -settings.source * size[columns] ** -settings.target).astype(np.float32)
        block = csr_matrix((values, (rows - start, columns)), shape=(stop - start, n_items))
        block.eliminate_zeros()
        parts.append(strongest(block, settings.top_n))
        if progress:
            progress("fit", stop, n_items)
    return TransitionModel(vstack(parts, format="csr", dtype=np.float32), asdict(settings))


def _pairs(
    histories: Histories, events: NDArray[np.intp], settings: TransitionSettings
) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
    """From item, to item and weight of every pair whose first part is one of ``events``; no pair is summed yet."""
    after, before = histories.ages, _places(histories)
    sides = [(1, after, 1.0), (-1, before, settings.backward)] if settings.backward else [(1, after, 1.0)]
    found: list[tuple[NDArray[np.int32], NDArray[np.int32], Floats]] = []
    for side, room, share in sides:
        left = events
        for gap in range(1, settings.window + 1):
            left = left[room[left] >= gap]
            if not len(left):
                break
            others = left + side * gap
            held = np.float32(share * gap**-settings.gap) * histories.weights[left] * histories.weights[others]
            found.append((histories.items[left], histories.items[others], held))
    if not found:
        return np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32)
    rows, columns, values = zip(*found, strict=True)
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)


def _places(histories: Histories) -> NDArray[np.int64]:
    """How many entries of the same shopper are older, shape (entries,)."""
    return np.arange(len(histories.items)) - np.repeat(histories.starts[:-1], histories.lengths)


def needed_gb(n_items: int) -> float:
    """Peak memory of :func:`fit_ridge` beside the log, in GB: the system, its right side, and what is between them."""
    return 3.0 * 4.0 * n_items**2 / 1e9


def fit_ridge(log: Interactions, settings: RidgeSettings = RidgeSettings(), progress: Progress | None = None) -> RidgeModel:
    """The linear item transitions that minimise |target - context B|^2 + l2 |B|^2 over every entry of every history, dense.

    After Choi et al., Session-aware Linear Item-Item Models for Session-based Recommendation (WWW 2021), section 3.3, with the single
    next item as the target and contexts weighted as at fold-in. Time: items^3; memory: :func:`needed_gb`. Raises
    :class:`SettingsError` where the fit would need more than ``settings.memory_gb``.
    """
    n_items = len(log.item_ids)
    if needed_gb(n_items) > settings.memory_gb:
        raise SettingsError(
            f"the ridge regression of {n_items:,} items needs {needed_gb(n_items):.1f} GB, memory_gb is {settings.memory_gb:g}: "
            "raise memory_gb, or take the model transitions"
        )
    contexts, targets = _contexts(log.histories(), n_items, settings)
    if not contexts.nnz:
        return RidgeModel(np.zeros((n_items, n_items), np.float32), asdict(settings))
    system = (contexts.T @ contexts).toarray()
    # The inverse and a sparse product take less than half the time of solving for every item as the target.
    weights = np.ascontiguousarray(((targets.T @ contexts).tocsr() @ inverted(system, settings.l2)).T)
    np.fill_diagonal(weights, 0.0)
    if progress:
        progress("fit", 1, 1)
    return RidgeModel(weights, asdict(settings))


def _contexts(histories: Histories, n_items: int, settings: RidgeSettings) -> tuple[csr_matrix, csr_matrix]:
    """What went before, and the item that followed: both (targets, items), sparse; a shopper's first item is no target."""
    from scipy.sparse import csr_matrix

    places = _places(histories)
    targets = np.flatnonzero((places >= 1) & (histories.ages < settings.targets))
    rows, columns, values = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)], [np.zeros(0, np.float32)]
    for age in range(settings.window):
        reached = np.flatnonzero(places[targets] > age)
        if not len(reached):
            break
        earlier = targets[reached] - age - 1
        rows.append(reached)
        columns.append(histories.items[earlier])
        values.append((histories.weights[earlier] * (1.0 + age) ** -settings.recency).astype(np.float32))
    shape = (len(targets), n_items)
    found = csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)
    return found, csr_matrix((histories.weights[targets], (np.arange(len(targets)), histories.items[targets])), shape=shape)
