"""Parts of a log: what a model may learn from, what is known of each shopper who is tested, and what is to be found."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Histories
from chatrec.candidates.interactions import Interactions

Rows = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Split:
    """``train`` has the rows of the whole log (an item without a liking left in it is cold). ``inputs`` are the histories of the
    tested shoppers, ``relevant`` the item rows that are to be found for each, in the order of time. What is in a shopper's input is not
    to be recommended again."""

    train: Interactions
    inputs: Histories
    relevant: tuple[Rows, ...]

    def __post_init__(self) -> None:
        if len(self.inputs) != len(self.relevant):
            raise ValueError(f"{len(self.inputs)} histories for {len(self.relevant)} tested shoppers: one a shopper is needed")


def leave_last_out(log: Interactions, n_last: int = 1, least: int = 2) -> Split:
    """The newest ``n_last`` items of every shopper with at least ``least`` more are to be found; all that is older is learnt from."""
    histories = log.histories()
    tested = histories.lengths >= n_last + least
    held = (histories.ages < n_last) & np.repeat(tested, histories.lengths)
    train = log.where(~held)
    shoppers = np.flatnonzero(tested)
    return Split(train, histories.where(~held).take(shoppers), _rows(histories.where(held).take(shoppers)))


def split_by_time(log: Interactions, moment: float, least: int = 1) -> Split:
    """Likings whose newest event lies before ``moment`` (unix seconds) are learnt from, the others are to be found, by every shopper with
    at least ``least`` likings before it: the one split that keeps the future of all shoppers out of training (Ji et al., A Critical
    Study on Data Leakage in Recommender System Offline Evaluation, TOIS 2023)."""
    histories = log.histories()
    late = log.when >= moment
    known, coming = histories.where(~late), histories.where(late)
    tested = np.flatnonzero((known.lengths >= least) & (coming.lengths > 0))
    return Split(log.where(~late), known.take(tested), _rows(coming.take(tested)))


def moment_after(log: Interactions, share: float = 0.8) -> float:
    """The moment before which a ``share`` of the likings lies, for :func:`split_by_time`; infinite for an empty log. Likings of the
    same moment stay together, on the side of the test."""
    return float(np.quantile(log.when, share, method="higher")) if len(log.when) else math.inf


def hold_shoppers_out(log: Interactions, share: float, hidden: float = 0.2, seed: int = 0, least: int = 5) -> Split:
    """Strong generalisation (Marlin, 2004; Liang et al., WWW 2018): nothing of a ``share`` of the shoppers is learnt from; of each a
    random ``hidden`` part of the history, at least one item, is to be found from the rest."""
    chance = np.random.default_rng(seed)
    histories = log.histories()
    able = np.flatnonzero(histories.lengths >= least)
    tested = np.sort(chance.choice(able, round(share * len(able)), replace=False)) if len(able) else able
    out = np.zeros(len(histories), np.bool_)
    out[tested] = True
    asked = histories.take(tested)
    order = np.lexsort((chance.random(len(asked.items)), asked.owners))
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    n_hidden = np.maximum(1, np.floor(hidden * asked.lengths)).astype(np.int64)
    held = places - np.repeat(asked.starts[:-1], asked.lengths) < np.repeat(n_hidden, asked.lengths)
    train = log.where(np.repeat(~out, histories.lengths))
    return Split(train, asked.where(~held), _rows(asked.where(held)))


def some_shoppers(split: Split, most: int, seed: int = 0) -> Split:
    """The same task for at most ``most`` of the tested shoppers, drawn at random; all are learnt from as before."""
    if len(split.inputs) <= most:
        return split
    drawn = np.sort(np.random.default_rng(seed).choice(len(split.inputs), most, replace=False))
    return take_shoppers(split, drawn)


def take_shoppers(split: Split, shoppers: NDArray[np.integer]) -> Split:
    """The same task for these of the tested shoppers."""
    return replace(split, inputs=split.inputs.take(shoppers), relevant=tuple(split.relevant[n] for n in shoppers))


def with_history_of(split: Split, least: int, most: int) -> NDArray[np.intp]:
    """Which tested shoppers have ``least`` to ``most`` items in their input; cold shoppers are those with 0 to 2."""
    lengths = split.inputs.lengths
    return np.flatnonzero((lengths >= least) & (lengths <= most))


def cold_items(split: Split, fewer_than: int = 5) -> NDArray[np.bool_]:
    """Which items have fewer than so many likings in training: a truth value a row."""
    return np.asarray(np.bincount(split.train.items, minlength=len(split.train.item_ids)) < fewer_than, dtype=np.bool_)


def only_items(split: Split, kept: NDArray[np.bool_]) -> tuple[Split, NDArray[np.intp]]:
    """The task of finding only the items for which ``kept`` is true, for the shoppers who have one to be found (given beside it)."""
    found = replace(split, relevant=tuple(rows[kept[rows]] for rows in split.relevant))
    tested = np.flatnonzero([len(rows) > 0 for rows in found.relevant])
    return take_shoppers(found, tested), tested


def with_lengths(split: Split, length: int) -> Split:
    """The same task with only the ``length`` newest items of every input known."""
    return replace(split, inputs=split.inputs.newest(length))


def _rows(histories: Histories) -> tuple[Rows, ...]:
    return tuple(np.split(histories.items, histories.starts[1:-1])) if len(histories) else ()


def hold_items_out(log: Interactions, share: float = 0.2, seed: int = 0, least: int = 2) -> tuple[Split, Rows]:
    """Cold items: nothing is known of a random ``share`` of the items, given beside the split as rows in rising order.

    Tested is every shopper who likes one of them and ``least`` others; the others are the input, the cold ones are to be found.
    """
    n_items = len(log.item_ids)
    cold = np.sort(np.random.default_rng(seed).choice(n_items, round(share * n_items), replace=False)).astype(np.int32)
    is_cold = np.zeros(n_items, np.bool_)
    is_cold[cold] = True
    histories = log.histories()
    held = is_cold[histories.items]
    known, missing = histories.where(~held), histories.where(held)
    tested = np.flatnonzero((known.lengths >= least) & (missing.lengths > 0))
    return Split(log.where(~held), known.take(tested), _rows(missing.take(tested))), cold
