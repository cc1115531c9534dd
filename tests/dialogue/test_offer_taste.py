"""The shopper's taste and the shop's rules reach the re-ranker in a turn, and the receipt says what a rule moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chatrec.dialogue.offer import make_offer
from chatrec.domain.act import Recommend
from chatrec.domain.need import Need
from chatrec.ranking import Rules, make_profile, make_pruner
from chatrec.settings import load_settings
from chatrec.wiring import make_rules

from .world import items, make_shelf, make_world, state_with


def test_what_was_liked_in_the_chat_is_the_profile() -> None:
    world = make_world(diversity=0.5)
    asked: list[Sequence[tuple[str, float]]] = []

    def profile(history: Sequence[tuple[str, float]]) -> Mapping[str, float]:
        asked.append(history)
        return make_profile(make_shelf())(history)

    liked = items()[0].item_id
    made = make_offer(Recommend(1), state_with(Need(1), liked=(liked,)), replace(world.parts, profile=profile))
    assert made.items
    assert asked == [((liked, 1.0),)]
    assert profile(asked[0])


def test_rules_of_the_settings_move_items_and_say_so() -> None:
    world = make_world(diversity=0.3)
    before = make_offer(Recommend(1), state_with(Need(1)), world.parts)
    after_pruning = make_offer(Recommend(1), state_with(Need(1)), replace(world.parts, prune=make_pruner(make_shelf()))).pool
    shown = {item.item_id for item in before.items}
    pinned = next(item_id for item_id in after_pruning if item_id not in shown)
    buried = before.items[0].item_id
    settings = load_settings(overrides={"rules": {"pins": [pinned], "bury": [buried], "boosts": {"brand:nobody": 0.1}}})
    rules = make_rules(settings)
    assert rules == Rules((pinned,), frozenset({buried}), {"brand:nobody": 0.1})
    made = make_offer(Recommend(1), state_with(Need(1)), replace(world.parts, prune=make_pruner(make_shelf(), rules=rules)))
    assert made.ranked.items[0].item_id == pinned
    assert made.ranked.items[0].rule == "pinned"
    assert buried not in [item.item_id for item in made.items]
