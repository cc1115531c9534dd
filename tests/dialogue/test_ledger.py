"""The dialogue update: what a message does to the ledger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatrec.catalog.shelf import CatalogueShelf
from chatrec.dialogue.ledger import MOST_NEEDS, drop, judge, update
from chatrec.domain.need import Constraint, Need, Op
from chatrec.domain.reading import Comparative, Intent, IntentSpan, NeedReading, Reading, Unknown
from chatrec.domain.state import DialogueState, ShownList

from .world import at_most, brand, category, items, make_shelf, said, state_with


@pytest.fixture(scope="module")
def shelf() -> CatalogueShelf:
    return make_shelf()


def needs(*read: NeedReading, **rest: object) -> Reading:
    return said(Intent.RECOMMEND, needs=read, **rest)


def keys(state: DialogueState) -> list[str]:
    need = state.need()
    return [c.key for c in need.constraints] if need else []


SPADES = Need(1, "spade", constraints=(category("spades"), at_most("price", 60)))


def test_a_new_need_takes_its_limits_and_remembers_the_turn(shelf: CatalogueShelf) -> None:
    state, change = update(DialogueState("s"), needs(NeedReading("spade", (category("spades"), at_most("price", 50)), opens=True)), shelf)
    assert keys(state) == ["category:is:spades", "price:at_most"]
    assert [c.turn for c in state.need().constraints] == [1, 1]  # type: ignore[union-attr]
    assert change.touched == (1,) and state.turn == 1


def test_a_field_that_the_shop_does_not_record_never_enters_the_ledger(shelf: CatalogueShelf) -> None:
    wish = Constraint("horsepower", Op.AT_LEAST, number=3)
    state, change = update(DialogueState("s"), needs(NeedReading("spade", (category("spades"), wish), opens=True)), shelf)
    assert keys(state) == ["category:is:spades"] and change.unlisted == ("horsepower",)


def test_a_shop_without_prices_takes_no_budget() -> None:
    from dataclasses import replace

    bare = make_shelf([replace(i, price=None) for i in items()])
    state, change = update(DialogueState("s"), needs(NeedReading("spade", (at_most("price", 50),), opens=True)), bare)
    assert keys(state) == [] and change.unlisted == ("price",)


def test_the_newer_value_wins_and_a_repetition_keeps_its_place(shelf: CatalogueShelf) -> None:
    state, _ = update(state_with(SPADES), needs(NeedReading("", (category("spades"), at_most("price", 40)))), shelf)
    assert keys(state) == ["category:is:spades", "price:at_most"]
    assert state.need().constraints[1].number == 40  # type: ignore[union-attr]


def test_one_of_two_brands_taken_back_leaves_the_other(shelf: CatalogueShelf) -> None:
    both = Need(1, constraints=(brand("Mere", "Tolland"),))
    state, _ = update(state_with(both), needs(NeedReading("", (brand("Tolland", op=Op.IS_NOT),))), shelf)
    assert set(keys(state)) == {"brand:is:Mere", "brand:is_not:Tolland"}
    neither = Need(1, constraints=(brand("Mere", "Tolland", op=Op.IS_NOT),))
    state, _ = update(state_with(neither), needs(NeedReading("", (brand("Mere"),))), shelf)
    assert set(keys(state)) == {"brand:is:Mere", "brand:is_not:Tolland"}


def test_two_needs_in_one_message_stay_apart(shelf: CatalogueShelf) -> None:
    read = needs(
        NeedReading("spade", (category("spades"), at_most("price", 50)), opens=True),
        NeedReading("rake", (category("rakes"), at_most("price", 20)), opens=True),
    )
    state, change = update(DialogueState("s"), read, shelf)
    assert change.touched == (1, 2) and state.active_need == 2
    assert [n.constraints[1].number for n in state.needs] == [50, 20]


def test_coming_back_to_an_earlier_need_keeps_its_limits(shelf: CatalogueShelf) -> None:
    state = state_with(SPADES, Need(2, "rake", constraints=(category("rakes"),)))
    back, change = update(state, needs(NeedReading("spade", (category("spades"), brand("Mere")), opens=True)), shelf)
    assert change.touched == (1,) and len(back.needs) == 2
    assert set(keys(back)) == {"category:is:spades", "price:at_most", "brand:is:Mere"}


def test_the_same_thing_for_somebody_else_is_a_need_of_its_own(shelf: CatalogueShelf) -> None:
    state = state_with(SPADES, Need(2, "rake", constraints=(category("rakes"),)))
    state, _ = update(state, needs(NeedReading("spade", (category("spades"),), recipient="my father", opens=True)), shelf)
    assert len(state.needs) == 3 and keys(state) == ["category:is:spades"]


def test_needs_are_bounded(shelf: CatalogueShelf) -> None:
    state = DialogueState("s")
    for name in ("Mere", "Tolland", "Ashdown") * 4:
        state, _ = update(state, needs(NeedReading(name, (brand(name),), opens=True)), shelf)
    assert len(state.needs) == MOST_NEEDS and state.active_need == state.needs[-1].need_id


def test_cheaper_is_cheaper_than_everything_shown(shelf: CatalogueShelf) -> None:
    state = state_with(SPADES, shown=[("s1", "s2", "s3")])
    state, change = update(state, said(Intent.REFINE, comparatives=(Comparative("price", -1),)), shelf)
    bound = next(c for c in state.need().constraints if c.field == "price")  # type: ignore[union-attr]
    assert bound.number == 38.99 and not change.unmet


def test_cheaper_than_the_cheapest_is_said_and_not_kept(shelf: CatalogueShelf) -> None:
    state = state_with(SPADES, shown=[("s4",)])
    after, change = update(state, said(Intent.REFINE, comparatives=(Comparative("price", -1),)), shelf)
    assert [(u.wish.field, u.furthest) for u in change.unmet] == [("price", "s4")] and not change.touched
    assert keys(after) == keys(state) and after.need() == state.need()


def test_lighter_than_one_named_item(shelf: CatalogueShelf) -> None:
    state = state_with(SPADES, shown=[("s1", "s3", "s4")])
    state, _ = update(state, said(Intent.REFINE, comparatives=(Comparative("weight", -1, ("s1",)),)), shelf)
    bound = next(c for c in state.need().constraints if c.field == "weight")  # type: ignore[union-attr]
    assert (bound.op, bound.number, bound.unit) == (Op.AT_MOST, 1899.0, "g")


def test_cheaper_is_measured_against_the_list_of_its_own_need(shelf: CatalogueShelf) -> None:
    from dataclasses import replace

    from chatrec.domain.state import ShownList

    rakes = Need(2, "rake", constraints=(category("rakes"),))
    state = state_with(SPADES, rakes)
    state = replace(state, shown=(ShownList(1, 2, ("r2", "r3")), ShownList(2, 1, ("s5",))))
    state, _ = update(state, said(Intent.REFINE, comparatives=(Comparative("price", -1),)), shelf)
    assert next(c.number for c in state.need(2).constraints if c.field == "price") == 30.99  # type: ignore[union-attr]


def test_cheaper_never_loosens_a_budget(shelf: CatalogueShelf) -> None:
    tight = Need(1, constraints=(category("spades"), at_most("price", 30)))
    state = state_with(tight, shown=[("s5",)])
    state, _ = update(state, said(Intent.REFINE, comparatives=(Comparative("price", -1),)), shelf)
    assert next(c.number for c in state.need().constraints if c.field == "price") == 30  # type: ignore[union-attr]


@pytest.mark.parametrize("intent", [Intent.COMPARE, Intent.ITEM_QUESTION, Intent.WHY])
def test_a_question_about_what_is_shown_sets_no_limit(shelf: CatalogueShelf, intent: Intent) -> None:
    state = state_with(SPADES, shown=[("s1", "s3")])
    after, change = update(state, said(intent, comparatives=(Comparative("weight", -1),)), shelf)
    assert after.needs == state.needs and change.touched == ()


def test_undo_gives_back_the_ledger_before_step_by_step(shelf: CatalogueShelf) -> None:
    first, _ = update(DialogueState("s"), needs(NeedReading("spade", (category("spades"),), opens=True)), shelf)
    second, _ = update(first, needs(NeedReading("", (brand("Mere"),))), shelf)
    back, change = update(second, said(Intent.UNDO), shelf)
    assert back.needs == first.needs and change.touched == (1,)
    empty, _ = update(back, said(Intent.UNDO), shelf)
    assert empty.needs == () and empty.active_need is None
    same, _ = update(empty, said(Intent.UNDO), shelf)
    assert same.needs == ()


def test_starting_over_can_be_taken_back(shelf: CatalogueShelf) -> None:
    cleared, _ = update(state_with(SPADES), said(Intent.RESET), shelf)
    assert cleared.needs == () and cleared.active_need is None
    back, _ = update(cleared, said(Intent.UNDO), shelf)
    assert back.needs == (SPADES,)


def test_scratch_that_with_a_value_corrects_the_request_and_keeps_the_thing(shelf: CatalogueShelf) -> None:
    opened, _ = update(
        DialogueState("s"), needs(NeedReading("spade", (category("spades"), brand("Mere"), at_most("price", 60)), opens=True)), shelf
    )
    wrong = Reading(
        (IntentSpan(Intent.UNDO, "scratch that"), IntentSpan(Intent.REFINE, "by Ashdown")), (NeedReading("", (brand("Ashdown"),)),)
    )
    state, change = update(opened, wrong, shelf)
    assert keys(state) == ["category:is:spades", "price:at_most", "brand:is:Ashdown"] and change.touched == (1,)
    assert update(state, said(Intent.UNDO), shelf)[0].needs == opened.needs


def test_scratch_that_after_a_later_step_takes_that_step_back(shelf: CatalogueShelf) -> None:
    opened, _ = update(DialogueState("s"), needs(NeedReading("spade", (category("spades"),), opens=True)), shelf)
    second, _ = update(opened, needs(NeedReading("", (at_most("price", 60),))), shelf)
    wrong = Reading(
        (IntentSpan(Intent.UNDO, "scratch that"), IntentSpan(Intent.REFINE, "by Ashdown")), (NeedReading("", (brand("Ashdown"),)),)
    )
    assert keys(update(second, wrong, shelf)[0]) == ["category:is:spades", "brand:is:Ashdown"]


def test_a_tapped_chip_drops_one_constraint_and_can_be_undone(shelf: CatalogueShelf) -> None:
    state = drop(state_with(SPADES), 1, "price:at_most")
    assert keys(state) == ["category:is:spades"]
    assert update(state, said(Intent.UNDO), shelf)[0].needs == (SPADES,)
    assert drop(state, 1, "no such key") == state and drop(state, 9, "price:at_most") == state


def test_the_newest_judgement_counts() -> None:
    state = judge(judge(DialogueState("s"), "s1", liked=True), "s1", liked=False)
    assert (state.liked, state.disliked) == ((), ("s1",))
    assert judge(state, "s1", liked=True).disliked == ()


def test_words_that_mean_nothing_here_open_no_need(shelf: CatalogueShelf) -> None:
    read = needs(NeedReading("grand piano", opens=True), unknown=(Unknown("grand piano"),))
    state, change = update(DialogueState("s"), read, shelf)
    assert state.needs == () and change.touched == () and change.unknown


def test_an_answer_closes_the_question_and_an_aside_does_not(shelf: CatalogueShelf) -> None:
    from chatrec.domain.state import OpenQuestion

    asked = state_with(SPADES, question=OpenQuestion(1, "brand", "Which brand would suit?", ("Mere",), 1))
    assert update(asked, needs(NeedReading("", (brand("Mere"),))), shelf)[0].question is None
    assert update(asked, said(Intent.SKIP), shelf)[0].question is None
    assert update(asked, said(Intent.SHOP_QUESTION), shelf)[0].question is not None


def test_a_need_that_is_given_up_is_closed_and_the_other_takes_its_place(shelf: CatalogueShelf) -> None:
    state = state_with(Need(1, "spade", constraints=(category("spades"),)), Need(2, "rake", constraints=(category("rakes"),)))
    told = said(Intent.REFINE, needs=(NeedReading(need_id=2, closes=True), NeedReading("spade", (category("spades"),), opens=True)))
    state, change = update(state, told, shelf)
    assert [n.need_id for n in state.needs] == [1] and state.active_need == 1 and change.touched == (1,)
    assert update(state, said(Intent.UNDO), shelf)[0].needs[-1].need_id == 2


def test_cheaper_for_both_bounds_each_need_by_its_own_list(shelf: CatalogueShelf) -> None:
    needs = (Need(1, "spade", constraints=(category("spades"),)), Need(2, "rake", constraints=(category("rakes"),)))
    state = replace(state_with(*needs), shown=(ShownList(1, 1, ("s1", "s3")), ShownList(1, 2, ("r2", "r3"))))
    both = Comparative("price", -1, ("s1", "s3", "r2", "r3"))
    state, change = update(state, said(Intent.REFINE, comparatives=(both,)), shelf)
    assert change.touched == (1, 2)
    assert [c.number for n in state.needs for c in n.constraints if c.field == "price"] == [44.99, 30.99]


def test_something_like_an_item_looks_among_its_kind_and_in_its_own_need(shelf: CatalogueShelf) -> None:
    state = replace(state_with(Need(1, "garden"), Need(2, "rake")), shown=(ShownList(1, 1, ("s1", "s2")), ShownList(2, 2, ("r1",))))
    state, change = update(state, said(Intent.RECOMMEND, like_items=("s1",)), shelf)
    assert change.touched == (1,) and state.active_need == 1
    assert state.need(1).like_items == ("s1",)  # type: ignore[union-attr]
    assert [c.values for c in state.need(1).constraints] == [("spades",)]  # type: ignore[union-attr]


def test_there_may_be_nothing_to_take_back(shelf: CatalogueShelf) -> None:
    assert update(state_with(), said(Intent.UNDO), shelf)[1].nothing_to_undo
    state, _ = update(state_with(), said(Intent.RECOMMEND, needs=(NeedReading("spade", opens=True),)), shelf)
    assert not update(state, said(Intent.UNDO), shelf)[1].nothing_to_undo


def test_a_field_left_open_is_marked_once(shelf: CatalogueShelf) -> None:
    state = state_with(Need(1, "spade", constraints=(brand("Mere"),)))
    for _ in range(2):
        state, _ = update(state, said(Intent.REFINE, needs=(NeedReading(drops=("brand",)),)), shelf)
    assert state.asked == ("1:any:brand",) and not state.need(1).constraints  # type: ignore[union-attr]


def test_something_like_a_named_product_of_another_kind_is_another_need(shelf: CatalogueShelf) -> None:
    state, change = update(state_with(SPADES), said(Intent.RECOMMEND, like_items=("r1",)), shelf)
    assert len(state.needs) == 2 and state.active_need == 2 and change.touched == (2,)
    same, _ = update(state_with(SPADES), said(Intent.RECOMMEND, like_items=("s2",)), shelf)
    assert same.active_need == 1 and same.need(1).like_items == ("s2",)  # type: ignore[union-attr]


def test_what_was_shut_out_by_name_can_be_asked_for_again() -> None:
    need = Need(1).with_constraint(Constraint("title", Op.IS_NOT, ("headlamp",), turn=1))
    wanted = need.with_constraint(Constraint("category", Op.IS, ("lanterns and headlamps",), turn=2, said="headlamp"))
    assert [c.field for c in wanted.constraints] == ["category"]
    kept = need.with_constraint(Constraint("category", Op.IS, ("stoves",), turn=2, said="stove"))
    assert [c.field for c in kept.constraints] == ["title", "category"]


def test_of_two_limits_that_meet_in_one_figure_the_newer_is_meant() -> None:
    floor = Need(1).with_constraint(Constraint("price", Op.AT_LEAST, number=40, turn=1))
    assert [c.op for c in floor.with_constraint(Constraint("price", Op.AT_MOST, number=40, turn=2)).constraints] == [Op.AT_MOST]
    assert len(floor.with_constraint(Constraint("price", Op.AT_MOST, number=40, turn=1)).constraints) == 2  # "exactly 40"
