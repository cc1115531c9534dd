"""Things for children, messages in other languages, chips of all needs, limits given up for "the cheapest you have"."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatrec.dialogue.bounds import take_comparatives
from chatrec.dialogue.children import is_for_children, speaks_of_children
from chatrec.dialogue.chips import ledger_chips
from chatrec.dialogue.foreign import sure_part
from chatrec.domain.item import Attribute, Item
from chatrec.domain.languages import ANSWERS_IN_ENGLISH
from chatrec.domain.need import Constraint, Need, Op
from chatrec.domain.reading import Comparative, Intent, IntentSpan, NeedReading, Reading
from chatrec.domain.reply import Cards, Chips, Done

from .test_turn import of, text, turn
from .world import at_most, brand, category, items, make_shelf, make_world, said, state_with


@pytest.mark.parametrize(
    "item",
    [
        Item("a", "Children's rake"),
        Item("b", "Rake", category="kids' tools"),
        Item("c", "Rake", attributes=(Attribute("age to", ("9",), 9.0, "years"),)),
        Item("d", "Rake", attributes=(Attribute("gender", ("kids",)),)),
    ],
)
def test_what_is_labelled_for_children(item: Item) -> None:
    assert is_for_children(item)


@pytest.mark.parametrize(
    "item",
    [
        Item("a", "Child-resistant pill box"),
        Item("b", "Baby blue scarf"),
        Item("c", "Board game", attributes=(Attribute("age to", ("99",), 99.0, "years"),)),
        Item("d", "Sock", attributes=(Attribute("gender", ("men", "women", "kids")),)),
    ],
)
def test_what_is_not(item: Item) -> None:
    assert not is_for_children(item)


def test_words_that_speak_of_a_child() -> None:
    assert speaks_of_children(Need(1, "a tent", recipient="my daughter"))
    assert speaks_of_children(Need(1, "family tent")) and speaks_of_children(Need(1, constraints=(at_most("age from", 6),)))
    assert not speaks_of_children(Need(1, "two-person tent", recipient="my mother"))
    excluded = Constraint("gender", Op.IS_NOT, ("kids",))
    assert not speaks_of_children(Need(1, constraints=(excluded,)))


def test_a_childs_spade_comes_last_unless_a_child_is_spoken_of() -> None:
    found = [replace(i, title="Children's beach spade") if i.item_id == "s1" else i for i in items()]
    for query, place in (("spade", 2), ("spade for my son", 0)):
        reading = said(Intent.RECOMMEND, needs=(NeedReading(query, (category("spades"), at_most("price", 55)), opens=True),))
        events, _ = turn(make_world(found, shown=3), reading)
        shown = [c.item_id for c in of(Cards, events)[0].cards]
        assert shown.index("s1") == place


def test_only_what_is_sure_of_a_foreign_message_is_searched_for() -> None:
    wish = NeedReading("ich suche eine jacke", (brand("Mere"),), opens=True)
    read = Reading((IntentSpan(Intent.RECOMMEND, "x"),), (wish,), language="de")
    assert sure_part(read).needs == (replace(wish, query=""),) and sure_part(read).has(Intent.RECOMMEND)
    nothing = replace(read, needs=(NeedReading("ich suche eine jacke", opens=True),))
    assert sure_part(nothing).needs == () and sure_part(nothing).has(Intent.OUT_OF_SCOPE)
    assert sure_part(replace(nothing, language="en")).needs


@pytest.mark.parametrize("code", ["zh", "hi", "es", "fr", "ar", "bn", "pt", "ru", "ur", "id"])
def test_the_most_spoken_languages_get_a_sentence_of_their_own_and_a_person(code: str) -> None:
    events, state = turn(make_world(), said(Intent.OUT_OF_SCOPE, language=code))
    assert text(events).startswith(ANSWERS_IN_ENGLISH[code][:12]) and of(Done, events)[0].action == ""
    assert "Talk to a person" in [c.label for c in of(Chips, events)[0].chips]
    assert state.failures == 0


def test_all_open_needs_have_their_chips_with_whose_limit_it_is() -> None:
    state = state_with(
        Need(1, "spade", constraints=(category("spades"), at_most("price", 50))), Need(2, "", constraints=(category("rakes"),))
    )
    assert [c.label for c in ledger_chips(state, "USD")] == ["spades", "price up to $50 (spades)", "rakes"]


def test_a_word_that_was_read_as_another_value_is_told_on_the_chip() -> None:
    wooden = Constraint("material", Op.IS, ("ash",), said="wooden")
    as_said = Constraint("category", Op.IS, ("spades",), said="spade")
    state = state_with(Need(1, constraints=(wooden, as_said)))
    assert [c.label for c in ledger_chips(state, "USD")] == ["material ash (you said “wooden”)", "spades"]


def test_the_cheapest_you_have_gives_up_the_limit_on_the_price_alone() -> None:
    state = state_with(Need(1, constraints=(category("spades"), at_most("price", 20))))
    wish = (Comparative("price", -1, extreme=True),)
    asked = Reading((IntentSpan(Intent.REFINE, "the cheapest spade you have"),), comparatives=wish)
    after, touched, _ = take_comparatives(state, asked, make_shelf())
    assert touched == (1,) and [c.field for c in after.needs[0].constraints] == ["category"]
    plain = Reading((IntentSpan(Intent.REFINE, "the cheapest one"),), comparatives=wish)
    assert take_comparatives(state, plain, make_shelf())[0] == state


def test_two_displeased_turns_bring_a_person_and_after_that_the_bot_goes_on() -> None:
    world, state = make_world(), state_with(Need(1, constraints=(category("spades"),)))
    actions = []
    for mood in (-0.5, -0.5, -0.5, 0.0):
        events, state = turn(world, said(Intent.RECOMMEND, needs=(NeedReading("", (category("spades"),)),), mood=mood), state)
        actions.append(of(Done, events)[0].action)
    assert actions == ["", "hand_off", "", ""] and of(Cards, events)


def test_what_sold_out_is_said_when_it_is_taken() -> None:
    world = make_world()
    world.live.set("s1", stock=0)
    events, _ = turn(world, said(Intent.CHOOSE, references=("s1",)), state_with(Need(1), shown=[("s1",)]))
    assert "out of stock" in text(events) and "Good choice" not in text(events)
