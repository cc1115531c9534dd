"""What each shopper chose next, and the softmax over what they could have chosen: the training task of models of text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.interactions import Interactions

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Asked:
    """Some choices: what was known of the shopper before (``known``), what was chosen (``chosen``), and all that the shopper likes
    anyway (``liked``), which is no wrong answer."""

    known: Histories
    chosen: Rows
    liked: Histories


@dataclass(frozen=True, slots=True)
class Choices:
    """Every liking of a log that follows another of the same shopper. ``entries`` are their places in ``histories``."""

    histories: Histories
    entries: Rows
    counts: NDArray[np.int64]
    newest: int

    @classmethod
    def of(cls, log: Interactions, newest: int) -> Choices:
        """The choices of ``log``; at most the ``newest`` earlier likings are known."""
        histories = log.histories().where(log.weights > 0.0)
        first = np.repeat(histories.starts[:-1], histories.lengths)
        return cls(
            histories,
            np.flatnonzero(np.arange(len(histories.items)) > first),
            np.bincount(histories.items, minlength=len(log.item_ids)),
            newest,
        )

    def __len__(self) -> int:
        """How many choices there are."""
        return len(self.entries)

    @property
    def chosen(self) -> Rows:
        """The item of every choice, shape (choices,)."""
        return self.histories.items[self.entries].astype(np.int64)

    def take(self, places: NDArray[np.integer]) -> Asked:
        """These choices."""
        entries = self.entries[places]
        owners = np.searchsorted(self.histories.starts, entries, side="right") - 1
        first = np.maximum(self.histories.starts[owners], entries - self.newest)
        lengths = entries - first
        starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        known = np.arange(starts[-1]) + np.repeat(first - starts[:-1], lengths)
        return Asked(
            Histories(starts, self.histories.items[known], self.histories.weights[known]),
            self.histories.items[entries].astype(np.int64),
            self.histories.take(owners),
        )

    def among(self, asked: Asked, most: int, popularity: float, chance: np.random.Generator) -> tuple[Rows, Floats]:
        """The items that the choices are compared with, and what is added to their logits.

        All items that were ever chosen where those are at most ``most``; else those chosen here and a uniform sample. To the logits come
        ``popularity`` x log count, and minus the log of an item's chance to be among them (logQ; Yi et al., RecSys 2019).
        """
        sold = np.flatnonzero(self.counts)
        odds = popularity * np.log(np.maximum(self.counts, 1))
        if len(sold) > most:
            share = most / len(sold)
            asked_for = np.bincount(self.chosen, minlength=len(self.counts)) / len(self)
            drawn = 1.0 - (1.0 - share) * (1.0 - asked_for) ** len(asked.chosen)
            sold = np.union1d(chance.choice(sold, most, replace=False), asked.chosen)
            odds = odds - np.log(np.maximum(drawn, 1e-12))
        return sold, odds[sold].astype(np.float32)


def loss_and_slope(logits: Floats, asked: Asked, among: Rows, told: Floats | None = None, share: float = 0.0) -> tuple[float, Floats]:
    """Mean cross-entropy of the choices and its slope by ``logits``, shape (choices, among); what a shopper likes beside the item
    chosen is left out. ``among`` is in rising order and holds every item chosen. ``logits`` are overwritten.

    A teacher's logits ``told``, of the same shape, make a ``share`` of the right answer soft: its softmax, over what is left in
    (Hinton et al., Distilling the knowledge in a neural network, 2015).
    """
    rows = np.arange(len(logits))
    place = np.searchsorted(among, asked.chosen)
    spot = np.minimum(np.searchsorted(among, asked.liked.items), len(among) - 1)
    here = among[spot] == asked.liked.items
    closed = np.zeros(logits.shape, np.bool_)
    closed[asked.liked.owners[here], spot[here]] = True
    closed[rows, place] = False
    right = np.zeros(logits.shape, np.float32)
    if told is not None and share > 0.0:
        right = np.float32(share) * np.exp(log_softmax(np.where(closed, -np.inf, told)))
    right[rows, place] += 1.0 - (share if told is not None else 0.0)
    logits[closed] = -np.inf
    given = log_softmax(logits)
    loss = -float((right[~closed] * given[~closed]).sum()) / max(1, len(logits))
    return loss, np.asarray((np.exp(given) - right) / np.float32(max(1, len(logits))), np.float32)


def log_softmax(logits: Floats) -> Floats:
    """Log of the softmax of every row; -inf stays."""
    found = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(found - np.log(np.exp(found).sum(axis=1, keepdims=True)), np.float32)


def spread_to_one(scores: Floats, temperature: float) -> Floats:
    """A teacher's scores as logits: every row divided by its standard deviation and ``temperature``."""
    return np.asarray(scores / (temperature * np.maximum(scores.std(axis=1, keepdims=True), 1e-9)), np.float32)


class Adam:
    """Steps of Adam (Kingma & Ba, ICLR 2015) for one array."""

    def __init__(self, rate: float, first: float = 0.9, second: float = 0.999) -> None:
        self._rate, self._first, self._second, self._steps = rate, first, second, 0
        self._mean = self._square = np.zeros(1, np.float32)

    def step(self, slope: Floats) -> Floats:
        """What is to be taken from the array."""
        self._steps += 1
        self._mean = np.asarray(self._first * self._mean + (1.0 - self._first) * slope, np.float32)
        self._square = np.asarray(self._second * self._square + (1.0 - self._second) * slope**2, np.float32)
        mean = self._mean / (1.0 - self._first**self._steps)
        square = self._square / (1.0 - self._second**self._steps)
        return np.asarray(self._rate * mean / (np.sqrt(square) + 1e-8), np.float32)
