"""What every :class:`chatrec.candidates.models.base.PreferenceModel` must do. Subclass and give ``make``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache

import numpy as np

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import PreferenceModel

N_ITEMS = 24
_GROUP = 8  # items of one taste


@cache
def two_tastes(n_users: int = 120, n_items: int = N_ITEMS, seed: int = 3) -> Interactions:
    """A log with a known answer: a shopper likes items of one of three tastes (rows 0-7, 8-15, 16-22), in any order; the last row
    is an item that nobody liked yet."""
    chance = np.random.default_rng(seed)
    lists = [(shopper % 3) * _GROUP + chance.permutation(_GROUP - (shopper % 3 == 2))[:5] for shopper in range(n_users)]
    return Interactions.of_lists(lists, n_items)


def vectors(n_items: int = N_ITEMS, width: int = 6, seed: int = 4) -> Floats:
    """Unit vectors of the items, near one another inside a taste: for the models that take features."""
    chance = np.random.default_rng(seed)
    centres = np.eye(width)[np.minimum(np.arange(n_items) // _GROUP, 2)]
    drawn = centres + 0.2 * chance.standard_normal((n_items, width))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


class PreferenceContract(ABC):
    """Three lines make a test class: ``class TestMine(PreferenceContract):`` with ``make``.

    ``additive``: whether the shares of a history's entries sum to its scores. ``answers_nobody``: whether an empty history has
    an answer (a prior) in place of zeros. ``finds_taste``: whether one liking is enough to tell the tastes apart.
    """

    additive = True
    answers_nobody = False
    finds_taste = True

    @abstractmethod
    def make(self, log: Interactions) -> PreferenceModel:
        """The model under test, fitted on ``log`` (on :func:`vectors` of its items where it takes features)."""

    def test_is_a_model(self) -> None:
        """It has the shape of the seam, a name, and one score an item."""
        model = self.make(two_tastes())
        assert isinstance(model, PreferenceModel)
        assert model.name
        assert model.n_items == N_ITEMS

    def test_scores_are_finite_float32(self) -> None:
        """One row a shopper, one column an item, also for none, one and many shoppers."""
        model = self.make(two_tastes())
        asked: tuple[list[list[int]], ...] = ([], [[]], [[0]], [[0, 1, 9], [], [23], list(range(N_ITEMS))])
        for rows in asked:
            scores = model.scores(Histories.of_lists(rows))
            assert scores.shape == (len(rows), N_ITEMS)
            assert scores.dtype == np.float32
            assert np.isfinite(scores).all()

    def test_same_log_same_scores(self) -> None:
        """Fitted twice it says the same; asked twice too."""
        asked = Histories.of_lists([[0, 3], [9], [16, 2]])
        one, other = self.make(two_tastes()), self.make(two_tastes())
        np.testing.assert_array_equal(one.scores(asked), one.scores(asked))
        np.testing.assert_allclose(one.scores(asked), other.scores(asked), rtol=1e-4, atol=1e-6)

    def test_nothing_known(self) -> None:
        """An empty history, or one of dislikes alone, gives zeros, or the same finite prior for everyone."""
        scores = self.make(two_tastes()).scores(Histories.of([[], [], [(0, -1.0)]]))
        np.testing.assert_array_equal(scores[0], scores[1])
        np.testing.assert_array_equal(scores[0], scores[2])
        assert self.answers_nobody == bool(scores.any())

    def test_finds_the_taste(self) -> None:
        """Of the items not in the history those of the same taste come first."""
        if not self.finds_taste:
            return
        scores = self.make(two_tastes()).scores(Histories.of_lists([[0, 1], [8, 9], [16, 17]]))
        for taste, row in enumerate(scores):
            same = np.arange(taste * _GROUP + 2, taste * _GROUP + 7)
            others = np.array([n for n in range(N_ITEMS - 1) if n // _GROUP != taste])
            assert row[same].mean() > row[others].mean()

    def test_batch_equals_one_by_one(self) -> None:
        """A shopper's row does not depend on who else is asked for."""
        model = self.make(two_tastes())
        rows: Sequence[Sequence[tuple[int, float]]] = [[(0, 1.0), (3, 0.5)], [], [(9, 1.0), (1, -1.0)], [(n, 1.0) for n in range(20)]]
        together = model.scores(Histories.of(rows))
        for place, pairs in enumerate(rows):
            np.testing.assert_allclose(together[place], model.scores(Histories.of([pairs]))[0], rtol=1e-4, atol=1e-5)

    def test_a_dislike_lowers_its_taste(self) -> None:
        """Beside a liking of another taste, a disliked item's companions stand lower than when nothing is said of it."""
        if not self.finds_taste:
            return
        model = self.make(two_tastes())
        scores = model.scores(Histories.of([[(0, 1.0), (1, 1.0)], [(0, 1.0), (1, 1.0), (8, -1.0)], [(0, 1.0), (1, 1.0), (8, 1.0)]]))
        gap = scores[:, 9:15].mean(axis=1) - scores[:, 2:7].mean(axis=1)
        assert gap[1] <= gap[0] + 1e-6
        assert gap[1] < gap[2]

    def test_shares_explain_the_score(self) -> None:
        """One figure a row and entry; for additive models their sum is the score."""
        model = self.make(two_tastes())
        history = Histories.of([[(0, 1.0), (9, 0.7), (3, -0.5)]])
        rows = np.array([1, 2, 10, 20])
        shares = model.shares(history, rows)
        assert shares.shape == (4, 3)
        assert np.isfinite(shares).all()
        if self.additive:
            np.testing.assert_allclose(shares.sum(axis=1), model.scores(history)[0, rows], rtol=1e-3, atol=1e-4)
        assert model.shares(Histories.of([[]]), rows).shape == (4, 0)

    def test_is_restored_from_its_parts(self) -> None:
        """Arrays and JSON settings are all there is to a model."""
        model = self.make(two_tastes())
        settings = dict(model.settings())
        assert all(isinstance(value, float | int | str | bool) for value in settings.values())
        again = type(model).restore({name: array.copy() for name, array in model.arrays().items()}, settings)
        asked = Histories.of([[(0, 1.0)], [(9, 1.0), (1, -1.0)], []])
        np.testing.assert_array_equal(again.scores(asked), model.scores(asked))
        assert (again.name, again.n_items) == (model.name, model.n_items)
        assert dict(again.settings()) == settings

    def test_leaves_the_history_alone(self) -> None:
        """Scoring writes into nothing that it is given."""
        history = Histories.of([[(0, 1.0), (9, -1.0)]])
        before = history.items.copy(), history.weights.copy()
        self.make(two_tastes()).scores(history)
        np.testing.assert_array_equal(history.items, before[0])
        np.testing.assert_array_equal(history.weights, before[1])

    def test_degenerate_logs(self) -> None:
        """An empty log, one item, one shopper, equal ratings, an item for everyone: finite scores of the right shape."""
        worlds: tuple[list[list[int]], ...] = ([], [[0]], [[0, 1, 2]], [[0]] * 5, [[0, 1]] * 5, [[], [], [1]])
        for lists in worlds:
            log = Interactions.of_lists(lists, 3)
            scores = self.make(log).scores(Histories.of_lists([[], [0], [0, 1, 2]]))
            assert scores.shape == (3, 3)
            assert np.isfinite(scores).all()

    def test_no_items_at_all(self) -> None:
        """A catalogue without items gives rows without columns."""
        assert self.make(Interactions()).scores(Histories.of_lists([[]])).shape == (1, 0)

    def test_a_shopper_of_everything(self) -> None:
        """A history of 100,000 events over a wide catalogue is served like any other."""
        n_items = 300
        lists = [np.arange(start, start + 6) for start in range(0, n_items - 6, 3)]
        model = self.make(Interactions.of_lists([*lists, np.tile(np.arange(n_items), 334)], n_items))
        scores = model.scores(Histories.of_lists([np.arange(n_items)]))
        assert scores.shape == (1, n_items)
        assert np.isfinite(scores).all()
