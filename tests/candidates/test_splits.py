"""What every split promises: nothing that is tested was learnt from, nothing is lost, and a seed gives the same split again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.candidates.interactions import Interactions
from chatrec.candidates.splits import (
    Split,
    cold_items,
    hold_items_out,
    hold_shoppers_out,
    leave_last_out,
    moment_after,
    only_items,
    some_shoppers,
    split_by_time,
    take_shoppers,
    with_history_of,
    with_lengths,
)

N_ITEMS = 12
SPLITS: dict[str, Callable[[Interactions], Split]] = {
    "last": lambda log: leave_last_out(log, least=0),
    "last two": lambda log: leave_last_out(log, n_last=2, least=1),
    "time": lambda log: split_by_time(log, moment_after(log, 0.7)),
    "shoppers": lambda log: hold_shoppers_out(log, 0.4, seed=3, least=3),
    "items": lambda log: hold_items_out(log, 0.3, seed=3)[0],
}
HISTORIES = st.lists(st.lists(st.integers(0, N_ITEMS - 1), max_size=9), min_size=1, max_size=12)
LOGS = HISTORIES.map(lambda lists: Interactions.of_lists(lists, N_ITEMS))


def pairs(log: Interactions) -> set[tuple[int, int]]:
    return set(zip(log.users.tolist(), log.items.tolist(), strict=True))


def some_log(seed: int = 0, shoppers: int = 40) -> Interactions:
    chance = np.random.default_rng(seed)
    return Interactions.of_lists([chance.permutation(N_ITEMS)[: chance.integers(1, 10)] for _ in range(shoppers)], N_ITEMS)


@pytest.mark.parametrize("name", SPLITS)
@given(log=LOGS)
@settings(max_examples=40, deadline=None)
def test_laws(name: str, log: Interactions) -> None:
    split = SPLITS[name](log)
    assert pairs(split.train) <= pairs(log) and split.train.item_ids == log.item_ids and split.train.user_ids == log.user_ids
    owners = split.inputs.owners
    whole = {frozenset(rows.tolist()) for rows in np.split(log.items, np.cumsum(np.bincount(log.users, minlength=len(log.user_ids)))[:-1])}
    for n, wanted in enumerate(split.relevant):
        known = split.inputs.items[owners == n]
        assert len(wanted) > 0 and len(set(wanted.tolist())) == len(wanted)
        assert not set(wanted.tolist()) & set(known.tolist())  # what is to be found is not told
        # one shopper's own history, all of it unless later or colder items are left out
        assert any(set(known.tolist()) | set(wanted.tolist()) <= history for history in whole)
    # no more is learnt than is left when what is to be found is taken out
    assert len(pairs(split.train)) + sum(len(wanted) for wanted in split.relevant) <= len(pairs(log))
    # popularity is counted from what is learnt from
    assert split.train.popularity.tolist() == pytest.approx(np.bincount(split.train.items, split.train.weights, N_ITEMS).tolist())


@pytest.mark.parametrize("name", SPLITS)
def test_the_same_log_gives_the_same_split(name: str) -> None:
    first, again = SPLITS[name](some_log()), SPLITS[name](some_log())
    assert pairs(first.train) == pairs(again.train) and first.inputs.items.tolist() == again.inputs.items.tolist()
    assert [r.tolist() for r in first.relevant] == [r.tolist() for r in again.relevant]


@pytest.mark.parametrize("name", SPLITS)
def test_an_empty_log_tests_nobody(name: str) -> None:
    split = SPLITS[name](Interactions())
    assert len(split.inputs) == 0 == len(split.relevant) and not len(split.train.items)


def test_leave_last_out_takes_the_newest_and_keeps_the_shopper_of_one_item() -> None:
    log = Interactions.of_lists([[3, 1, 2], [5], []], N_ITEMS)
    split = leave_last_out(log, least=0)
    assert [r.tolist() for r in split.relevant] == [[2], [5]]
    assert split.inputs.lengths.tolist() == [2, 0] and split.inputs.items.tolist() == [3, 1]
    assert pairs(split.train) == {(0, 3), (0, 1)}
    assert len(leave_last_out(log).relevant) == 1  # usually two known items are asked for


def test_a_moment_parts_the_past_from_the_future_of_everybody() -> None:
    log = some_log()
    moment = moment_after(log, 0.6)
    split = split_by_time(log, moment)
    late = pairs(log) - pairs(split.train)
    when = dict(zip(zip(log.users.tolist(), log.items.tolist(), strict=True), log.when.tolist(), strict=True))
    assert max(when[p] for p in pairs(split.train)) < moment <= min(when[p] for p in late)
    assert 0 < len(split.train.items) <= 0.6 * len(log.items)
    assert split.inputs.lengths.min() >= 1
    assert split_by_time(log, moment, least=2).inputs.lengths.min() >= 2
    for nobody in (split_by_time(log, float("inf")), split_by_time(log, -1.0)):
        assert len(nobody.inputs) == 0
    # events of one moment are not torn apart
    flat = Interactions(log.user_ids, log.item_ids, log.users, log.items, log.weights, log.popularity, np.zeros(len(log.when)))
    assert not len(split_by_time(flat, moment_after(flat)).train.items)


def test_nothing_of_a_shopper_held_out_is_learnt_from() -> None:
    log = some_log()
    split = hold_shoppers_out(log, 0.3, seed=1, least=3)
    learnt = set(np.unique(split.train.users).tolist())
    tested = len(split.inputs)
    assert tested == round(0.3 * int((log.histories().lengths >= 3).sum())) and len(learnt) == len(log.user_ids) - tested
    other = hold_shoppers_out(log, 0.3, seed=2, least=3)
    assert [r.tolist() for r in split.relevant] != [r.tolist() for r in other.relevant]


def test_nothing_is_learnt_of_an_item_held_out() -> None:
    split, cold = hold_items_out(some_log(), 0.25, seed=1)
    assert len(cold) == 3 and not np.isin(split.train.items, cold).any() and not np.isin(split.inputs.items, cold).any()
    assert all(np.isin(rows, cold).all() for rows in split.relevant)


def test_slices_by_history_and_by_item() -> None:
    split = leave_last_out(some_log(), least=0)
    lengths = split.inputs.lengths
    assert sorted([*with_history_of(split, 0, 2), *with_history_of(split, 3, 10**9)]) == list(range(len(lengths)))
    assert (lengths[with_history_of(split, 0, 2)] <= 2).all()
    cold = cold_items(split, 12)
    counts = np.bincount(split.train.items, minlength=N_ITEMS)
    assert cold.tolist() == (counts < 12).tolist() and 0 < cold.sum() < N_ITEMS
    sought, tested = only_items(split, cold)
    assert all(cold[rows].all() and len(rows) for rows in sought.relevant) and len(tested) == len(sought.inputs) < len(split.inputs)
    for place, n in enumerate(tested):
        assert sought.inputs.take(np.array([place])).items.tolist() == split.inputs.take(np.array([n])).items.tolist()
    assert with_lengths(split, 0).inputs.lengths.max() == 0 and with_lengths(split, 2).inputs.lengths.max() == 2


def test_fewer_shoppers_are_drawn_by_chance_and_by_seed() -> None:
    split = leave_last_out(some_log(), least=0)
    assert some_shoppers(split, 10**6) is split
    drawn, again, other = some_shoppers(split, 9, 1), some_shoppers(split, 9, 1), some_shoppers(split, 9, 2)
    assert len(drawn.inputs) == 9 and drawn.train is split.train
    assert drawn.inputs.items.tolist() == again.inputs.items.tolist() != other.inputs.items.tolist()
    assert take_shoppers(split, np.array([2, 0])).relevant == (split.relevant[2], split.relevant[0])


def test_histories_and_items_to_be_found_belong_together() -> None:
    split = leave_last_out(some_log())
    with pytest.raises(ValueError, match="one a shopper"):
        Split(split.train, split.inputs, split.relevant[:-1])
