"""What training chooses, and that it says why."""

from __future__ import annotations

import numpy as np
import pytest

from chatrec.candidates.choose import K, choose
from chatrec.candidates.histories import Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.splits import leave_last_out
from chatrec.errors import SettingsError
from chatrec.settings import Settings, TrainSettings


def train_settings(**told: object) -> TrainSettings:
    return Settings.model_validate({"train": told}).train


def chains(n_users: int = 150, n_items: int = 30, seed: int = 3) -> Interactions:
    """Whoever chose an item chooses the one after it next: only the order tells what comes."""
    chance = np.random.default_rng(seed)
    starts = chance.integers(0, n_items, n_users)
    return Interactions.of_lists([[(start + step) % n_items for step in range(5)] for start in starts], n_items)


def tastes(n_users: int = 150, seed: int = 3) -> Interactions:
    """Two kinds of shoppers, each with 20 items of their own, in any order."""
    chance = np.random.default_rng(seed)
    return Interactions.of_lists([20 * (user % 2) + chance.choice(20, 8, replace=False) for user in range(n_users)], 40)


def test_where_order_tells_all_the_ordered_model_is_chosen() -> None:
    chosen = choose(chains(), train_settings(models=("transitions", "ials")))
    assert chosen.model is not None
    assert chosen.figures["transitions"] > 0.9
    assert chosen.figures["transitions"] > chosen.figures["ials"] + 0.1
    known = chosen.model.weights_of(Histories.of_lists([[0, 1, 2, 3]]))[0]
    names = [model.name for model in chosen.model.models]
    assert known[names.index("transitions")] == max(known)
    assert chosen.notes[0].startswith("chose transitions (defaults)")


def test_the_blend_is_not_below_its_parts_on_what_it_was_tuned_on() -> None:
    chosen = choose(tastes(), train_settings(models=("ials", "item_knn", "edlae")))
    alone = [figure for name, figure in chosen.figures.items() if name != "blend"]
    assert chosen.figures["blend"] >= max(alone) - 0.01  # the weights of neighbouring lengths are drawn together
    assert chosen.figures["blend"] > chosen.figures["popularity"]


def test_the_same_log_gives_the_same() -> None:
    settings = train_settings(models=("ials", "transitions"), search="none")
    first, second = choose(tastes(), settings).model, choose(tastes(), settings).model
    assert first is not None
    assert second is not None
    again = second.arrays()
    assert all((array == again[name]).all() for name, array in first.arrays().items())


def test_the_whole_log_is_learnt_from_in_the_end() -> None:
    """Items that nobody but the newest choices hold are known to the final model."""
    lists = [[*(row % 10 for row in range(user, user + 4)), 10 + user % 5] for user in range(100)]
    log = Interactions.of_lists(lists, 15)
    assert leave_last_out(log).train.events[10:].sum() == 0
    model = choose(log, train_settings(models=("ials",), search="none")).model
    assert model is not None
    assert np.abs(model.models[0].scores(Histories.of_lists([[0, 1]]))[0, 10:]).min() > 0.0


def test_held_out_choices_of_ones_own_are_used() -> None:
    log = tastes()
    split = leave_last_out(log, n_last=2)
    chosen = choose(split.train, train_settings(models=("ials",), search="none"), validation=leave_last_out(split.train, n_last=2))
    assert chosen.model is not None
    assert chosen.model.n_items == 40


@pytest.mark.parametrize(
    ("lists", "says"),
    [([], "0 shoppers and 0 items"), ([[0, 1, 2]], "1 shoppers and 3 items"), ([[0], [0], [0]], "3 shoppers and 1 items")],
)
def test_too_thin_a_log_gives_no_model(lists: list[list[int]], says: str) -> None:
    chosen = choose(Interactions.of_lists(lists), TrainSettings())
    assert chosen.model is None
    assert says in chosen.notes[0]


def test_few_shoppers_give_an_untuned_model_that_hears_a_single_like() -> None:
    chosen = choose(tastes(n_users=20), train_settings(models=("ials",)))
    assert chosen.model is not None
    assert "fewer than 50 shoppers" in chosen.notes[0]
    ranked = np.argsort(-chosen.model.scores(Histories.of_lists([[3]]))[0])[:10]
    assert (ranked < 20).mean() > 0.7


def test_models_that_do_not_fit_are_named() -> None:
    chosen = choose(tastes(), train_settings(dense_items=10, search="none"))
    told = " ".join(chosen.notes)
    assert "edlae: 40 items are more than train.dense_items = 10" in told
    assert chosen.model is not None
    assert not {"edlae", "slit", "content", "semantic"} & set(chosen.figures)
    assert "item_knn" in chosen.figures


def test_models_of_texts_are_left_out_without_texts() -> None:
    chosen = choose(tastes(), train_settings(models=("content", "semantic", "ials"), search="none"))
    assert "content: it needs the items' vectors" in chosen.notes
    assert "semantic" not in chosen.figures


def test_unknown_models_and_settings_are_refused() -> None:
    with pytest.raises(SettingsError, match="there is no model 'esae'"):
        choose(tastes(), train_settings(models=("esae",)))
    with pytest.raises(SettingsError, match="no setting 'factor'"):
        choose(tastes(), train_settings(models=("ials",), settings={"ials": {"factor": 3}}))


def test_an_empty_history_gets_what_is_popular() -> None:
    log = tastes()
    model = choose(log, train_settings(models=("ials",), search="none")).model
    assert model is not None
    scores = model.scores(Histories.of_lists([[]]))[0]
    assert np.argmax(scores) == np.argmax(log.popularity)
    assert K == 20
