"""The decision: which acts a turn has, in which order."""

from __future__ import annotations

import pytest

from chatrec.dialogue.decide import MOST_ACTS, decide
from chatrec.dialogue.ledger import Change
from chatrec.domain.act import Act, AnswerItem, AnswerShop, Compare, Decline, Explain, HandOff, OrderStatus, Recommend, Say
from chatrec.domain.need import Need
from chatrec.domain.reading import Comparative, Intent, IntentSpan, Reading, Unknown
from chatrec.domain.state import DialogueState

from .world import category, said, state_with

SPADES = Need(1, "spade", constraints=(category("spades"),))
SHOWN = state_with(SPADES, shown=[("s1", "s2", "s3")])
SEARCHED = Change(touched=(1,))


def acts(state: DialogueState, reading: Reading, change: Change | None = None) -> list[Act]:
    return list(decide(state, reading, change or Change()))


def test_a_question_and_a_wish_are_both_answered_in_their_order() -> None:
    reading = Reading((IntentSpan(Intent.SHOP_QUESTION, "do you ship to Malta"), IntentSpan(Intent.RECOMMEND, "show me spades")))
    assert acts(SHOWN, reading, SEARCHED) == [AnswerShop("do you ship to Malta"), Recommend(1)]


def test_each_touched_need_gets_its_list_once() -> None:
    reading = said(Intent.RECOMMEND, Intent.REFINE)
    assert acts(SHOWN, reading, Change(touched=(1, 2))) == [Recommend(1), Recommend(2)]


def test_the_cheapest_is_an_order_over_the_whole_shop() -> None:
    reading = said(Intent.REFINE, comparatives=(Comparative("price", -1, extreme=True),))
    assert acts(SHOWN, reading) == [Recommend(1, ("price", -1))]


@pytest.mark.parametrize(
    ("reading", "wanted"),
    [
        (said(Intent.MORE), Recommend(1, fresh=True)),
        (said(Intent.FEEDBACK, disliked=("s1",)), Recommend(1, fresh=True)),
        (said(Intent.FEEDBACK, liked=("s1",)), Say("liked", ("s1",))),
        (said(Intent.CHOOSE, references=("s2",)), Say("chosen", ("s2",))),
        (said(Intent.COMPARE), Compare(("s1", "s2", "s3"))),
        (said(Intent.COMPARE, references=("s3", "s1")), Compare(("s3", "s1"))),
        (said(Intent.WHY, references=("s2",)), Explain("s2")),
        (said(Intent.ITEM_QUESTION, references=("s2",)), AnswerItem(("s2",), "")),
        (said(Intent.ORDER_STATUS, order_ids=("A-1",)), OrderStatus(("A-1",))),
        (said(Intent.HAND_OFF), HandOff("asked")),
        (said(Intent.OUT_OF_SCOPE), Decline("scope")),
        (Reading((IntentSpan(Intent.SMALL_TALK, "hey there"),)), Say("greet")),
        (Reading((IntentSpan(Intent.SMALL_TALK, "are you a robot?"),)), Say("who")),
        (Reading((IntentSpan(Intent.SMALL_TALK, "your answers are useless"),), mood=-0.9), HandOff("anger")),
    ],
)
def test_what_each_intent_asks_for(reading: Reading, wanted: Act) -> None:
    assert acts(SHOWN, reading) == [wanted]


@pytest.mark.parametrize(
    ("text", "topic"), [("thanks a lot", "thanks"), ("ok bye", "bye"), ("what can you do?", "capability"), ("hey", "greet")]
)
def test_small_talk_is_answered_in_kind(text: str, topic: str) -> None:
    assert acts(DialogueState("s"), Reading((IntentSpan(Intent.SMALL_TALK, text),))) == [Say(topic)]


def test_a_question_waved_away_brings_other_items_and_not_the_same_list() -> None:
    assert acts(SHOWN, said(Intent.SKIP)) == [Recommend(1, fresh=True)]
    assert acts(SHOWN, said(Intent.SKIP), SEARCHED) == [Recommend(1)]


def test_nothing_to_point_at_is_asked_back() -> None:
    empty = DialogueState("s")
    assert acts(empty, said(Intent.COMPARE)) == [Say("compare_what")]
    assert acts(empty, said(Intent.WHY)) == [Say("why_what")]
    assert acts(empty, said(Intent.ITEM_QUESTION)) == [Say("which_item")]


def test_a_list_without_a_need_can_be_shown_again() -> None:
    """After "surprise me" and a "not for me" there is no need, and still something to show."""
    popular = state_with(shown=[("s1", "r1")])
    assert acts(popular, said(Intent.REFINE)) == [Recommend(0)]
    assert acts(DialogueState("s"), said(Intent.RECOMMEND)) == [Recommend(0)]


def test_after_undo_and_reset_nothing_is_pushed() -> None:
    popular = state_with(shown=[("s1", "r1")])
    assert acts(popular, said(Intent.UNDO)) == [Say("undone")]
    assert acts(popular, said(Intent.RESET)) == [Say("reset")]


def test_an_undo_with_nothing_to_take_back_claims_nothing() -> None:
    assert acts(SHOWN, said(Intent.UNDO), Change(nothing_to_undo=True)) == [Say("nothing_to_undo")]


def test_which_is_the_cheapest_is_answered_from_what_is_shown() -> None:
    reading = said(Intent.COMPARE, comparatives=(Comparative("price", -1),))
    assert acts(SHOWN, reading) == [Compare(("s1", "s2", "s3"), ("price", -1))]
    assert acts(SHOWN, reading, Change(unlisted=("price",))) == [Say("not_recorded")]


def test_a_wish_on_what_is_not_recorded_does_not_bring_the_same_list() -> None:
    assert acts(SHOWN, said(Intent.REFINE), Change(unlisted=("price",))) == [Say("not_recorded")]


def test_liked_and_turned_down_in_one_breath_are_both_answered() -> None:
    reading = said(Intent.FEEDBACK, liked=("s1",), disliked=("s2",))
    assert acts(SHOWN, reading) == [Say("liked", ("s1",)), Recommend(1, fresh=True)]


def test_a_surprise_needs_no_wish() -> None:
    assert acts(DialogueState("s"), said(Intent.SKIP)) == [Recommend(0, fresh=True)]


def test_something_like_an_item_brings_other_items() -> None:
    assert acts(SHOWN, said(Intent.RECOMMEND, like_items=("s1",)), SEARCHED) == [Recommend(1, fresh=True)]


def test_what_is_not_to_be_had_is_said_instead_of_the_old_list() -> None:
    unknown = Change(unknown=(Unknown("piano"),))
    assert acts(SHOWN, said(Intent.RECOMMEND), unknown) == [Say("not_carried")]
    unmet = Change(unmet=(Comparative("price", -1),))
    assert acts(SHOWN, said(Intent.REFINE), unmet) == [Say("nothing_further")]


def test_an_angry_shopper_gets_a_person_and_no_refusal() -> None:
    reading = Reading((IntentSpan(Intent.OUT_OF_SCOPE, ""),), mood=-0.9)
    assert acts(SHOWN, reading) == [HandOff("anger")]
    assert acts(state_with(SPADES, handed_off=True), reading) == [Say("upset")]


def test_there_is_always_an_act_and_never_too_many() -> None:
    assert acts(DialogueState("s"), Reading(())) == [Decline("scope")]
    many = said(*[i for i in Intent if i is not Intent.HAND_OFF], references=("s1", "s2"))
    assert 1 <= len(acts(SHOWN, many, SEARCHED)) <= MOST_ACTS


def test_a_greeting_before_a_wish_needs_no_answer_of_its_own() -> None:
    reading = Reading((IntentSpan(Intent.SMALL_TALK, "hi"), IntentSpan(Intent.RECOMMEND, "a spade")))
    assert [a.kind for a in acts(SHOWN, reading, SEARCHED)] == ["recommend"]
    assert acts(SHOWN, Reading((IntentSpan(Intent.SMALL_TALK, "hi"),))) == [Say("greet")]


def test_a_product_named_as_liked_says_what_to_look_for() -> None:
    named = said(Intent.FEEDBACK, liked=("s1",))
    assert acts(state_with(), named) == [Say("liked", ("s1",)), Recommend(0, fresh=True)]
    assert acts(state_with(shown=(("s1",),)), named) == [Say("liked", ("s1",))]
