"""The seam of the collaborative models: histories in, one score an item out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories

Progress = Callable[[str, int, int], None]
Setting = float | int | str | bool


@runtime_checkable
class PreferenceModel(Protocol):
    """What a fitted model of the rows 0 to ``n_items`` - 1 can do. Immutable, deterministic, safe to share between threads.

    Nothing is learnt about a shopper in training that a history does not tell at fold-in: every shopper, known or new, is
    scored from a history alone.
    """

    @property
    def name(self) -> str:
        """The model's name in settings, receipts and on disk."""

    @property
    def n_items(self) -> int:
        """How many items it scores."""

    def scores(self, histories: Histories) -> Floats:
        """Shape (shoppers, n_items), float32, finite: a higher score is a likelier choice. Comparable inside a row only. The items of
        the history are scored like all others. A history that says nothing (empty, or no likings) gives a row of zeros."""

    def shares(self, history: Histories, rows: NDArray[np.integer]) -> Floats:
        """What each entry of one shopper's history adds to the scores of ``rows``: shape (rows, entries)."""

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """All that :meth:`restore` needs, by name, to be kept as .npy files."""

    def settings(self) -> Mapping[str, Setting]:
        """The settings that it was fitted with and that :meth:`restore` needs, as JSON values."""

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[np.generic]], settings: Mapping[str, Setting]) -> Self:
        """The model again. Raises :class:`ValueError` where the parts do not fit together."""
