"""What only the turns before explain: a yes to an offer, a stray yes, the nearest, a question that goes on, a listing said to be wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatrec.dialogue.decide import decide
from chatrec.dialogue.follow_ups import (
    DISPUTED,
    NODDED,
    OFFER,
    STRAY_NO,
    STRAY_YES,
    asked_after,
    in_context,
    offering,
    read_offer,
    topic_of,
)
from chatrec.dialogue.ledger import Change
from chatrec.domain.act import Say
from chatrec.domain.facts import Passage
from chatrec.domain.need import Need
from chatrec.domain.reading import Comparative, Intent, IntentSpan, NeedReading, Reading, Unknown
from chatrec.domain.state import DialogueState
from chatrec.domain.tool import Pending
from tests.dialogue.world import Silent, World, at_most, category, make_world, said, state_with

SPADES = Need(1, query="spade", constraints=(category("spades"), at_most("price", 20)))
SHOWN = state_with(SPADES, shown=[("s1", "s3", "s4")])


class Policies(Silent):
    """Answers what speaks of returns, and nothing else."""

    def search(self, question: str, k: int = 3, context: str = "") -> list[Passage]:
        return [Passage("p", "Returns", "Thirty days.", 0.9)] if "return" in f"{question} {context}" else []


def context(message: str, reading: Reading, state: DialogueState = SHOWN, world: World | None = None) -> Reading:
    return in_context(message, reading, state, (world or make_world()).parts)


def details(reading: Reading) -> list[str]:
    return [span.detail for span in reading.intents]


def test_a_yes_to_an_offer_stands_for_its_message() -> None:
    heard: list[str] = []

    class Hearing(Silent):
        def read(self, message: str, state: DialogueState) -> Reading:
            heard.append(message)
            return said(Intent.HAND_OFF)

    world = make_world(silent=Hearing())
    state = replace(SHOWN, pending=offering("call a person", SHOWN))
    read = read_offer("yes please", state, world.parts)
    assert read is not None and read.has(Intent.HAND_OFF) and heard == ["call a person"]
    declined = read_offer("no thanks", state, world.parts)
    assert declined is not None and details(declined) == [STRAY_NO]
    assert read_offer("show me rakes", state, world.parts) is None
    assert read_offer("yes", replace(SHOWN, pending=Pending("cart", "add", turn=1)), world.parts) is None


def test_an_offer_is_no_question_before_a_change() -> None:
    assert offering("x", SHOWN).kind == OFFER and offering("x", SHOWN).turn == SHOWN.turn


@pytest.mark.parametrize(("message", "detail"), [("yes", STRAY_YES), ("no", STRAY_NO), ("ok great", NODDED), ("sure", STRAY_YES)])
def test_a_stray_word_is_asked_about(message: str, detail: str) -> None:
    assert details(context(message, said(Intent.SMALL_TALK))) == [detail]


def test_a_yes_that_answers_something_is_left_alone() -> None:
    answer = said(Intent.REFINE, needs=(NeedReading(constraints=(at_most("price", 9),)),))
    assert context("yes", answer) == answer


def test_what_is_answered_to_a_stray_yes() -> None:
    reading = Reading((IntentSpan(Intent.SMALL_TALK, "yes", 1.0, STRAY_YES),))
    assert decide(DialogueState("s"), reading, Change()) == (Say("stray_yes"),)
    assert decide(SHOWN, reading, Change()) == (Say("stray_yes_shown"),)
    assert decide(replace(SHOWN, focus=("s3",)), reading, Change()) == (Say("stray_yes_one", ("s3",)),)


@pytest.mark.parametrize("message", ["what's the nearest you have then?", "ok, what comes closest?", "the next best thing?"])
def test_the_nearest_is_looked_for_again(message: str) -> None:
    read = context(message, said(Intent.OUT_OF_SCOPE))
    assert read.has(Intent.REFINE) and not read.needs
    unknown = context(message, said(Intent.RECOMMEND, needs=(NeedReading("nearest", opens=True),), unknown=(Unknown("nearest"),)))
    assert unknown.has(Intent.REFINE) and not unknown.unknown


def test_the_nearest_of_nothing_is_no_wish() -> None:
    reading = said(Intent.OUT_OF_SCOPE)
    assert context("what's the nearest?", reading, DialogueState("s")) == reading


def test_which_one_is_meant_is_weighed_by_what_records_say() -> None:
    wish = Comparative("price", -1, extreme=True)
    read = context("put the cheapest in my cart", said(Intent.CART, comparatives=(wish,)))
    assert read.references == ("s4",) and not read.comparatives
    lighter = said(Intent.CHOOSE, references=("s1", "s3"), comparatives=(Comparative("weight", -1),))
    assert context("I'll take the lighter of the two", lighter).references == ("s3",)


def test_the_cheapest_is_that_of_this_moment() -> None:
    world = make_world()
    world.live.set("s4", price="80.00")
    read = context("add the cheapest one", said(Intent.CART, comparatives=(Comparative("price", -1, extreme=True),)), SHOWN, world)
    assert read.references == ("s1",)


def test_a_name_that_ends_like_a_comparative_points_where_it_did() -> None:
    reading = said(Intent.CHOOSE, references=("s4",))
    assert context("I'll take the sleeper", reading).references == ("s4",)


@pytest.mark.parametrize(
    "message",
    ["your page says 900 grams but mine weighs 1100, that's wrong", "the listing is wrong", "your website says ash, it's not true"],
)
def test_a_listing_said_to_be_wrong_changes_no_wish(message: str) -> None:
    reading = said(Intent.REFINE, needs=(NeedReading(constraints=(at_most("weight", 1100),)),), references=("s4",), liked=("s4",))
    read = context(message, reading)
    assert details(read) == [DISPUTED] and not read.needs and not read.liked and read.references == ("s4",)
    assert decide(SHOWN, read, Change()) == (Say("disputed", ("s4",)),)


def test_a_question_about_a_listing_is_no_dispute() -> None:
    reading = said(Intent.ITEM_QUESTION)
    assert context("it says ash but is it treated?", reading) == reading


def test_what_if_is_asked_of_the_shop() -> None:
    world = make_world(silent=Policies())
    read = context("what if I want to return it?", said(Intent.REFINE, needs=(NeedReading("want"),)), SHOWN, world)
    assert read.has(Intent.SHOP_QUESTION) and not read.needs
    assert not context("what if it rains?", said(Intent.ITEM_QUESTION), SHOWN, world).has(Intent.SHOP_QUESTION)


def test_a_question_goes_on_with_the_one_before() -> None:
    world = make_world(silent=Policies())
    state = replace(SHOWN, shop_question="may I return it?")
    read = context("and what does that cost?", said(Intent.OUT_OF_SCOPE), state, world)
    assert read.span(Intent.SHOP_QUESTION) == "and what does that cost?"
    assert asked_after("and what does that cost?", "may I return it?") == "may I return it? and what does that cost?"
    assert topic_of("and what does that cost?", "may I return it?") == "may I return it?" and topic_of("is it free?", "") == "is it free?"
    wish = said(Intent.REFINE, needs=(NeedReading(constraints=(at_most("price", 9),)),))
    assert context("what about under 9?", wish, state, world) == wish
    assert not context("and what does that cost?", said(Intent.OUT_OF_SCOPE), SHOWN, world).has(Intent.SHOP_QUESTION)


def test_an_insult_is_not_searched_for() -> None:
    insult = said(Intent.RECOMMEND, needs=(NeedReading("rubbish bot"),), unknown=(Unknown("rubbish bot"),), mood=-1.0)
    read = context("rubbish bot", insult)
    assert not read.unknown and not read.needs and read.has(Intent.OUT_OF_SCOPE)


def test_who_wants_no_person_gets_none() -> None:
    assert not context("I don't want a person", said(Intent.HAND_OFF)).has(Intent.HAND_OFF)
    assert context("I want a person", said(Intent.HAND_OFF)).has(Intent.HAND_OFF)


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        ("hmm I don't know", "undecided"),
        ("not sure which one", "undecided"),
        ("can you do it for 5 dollars?", "haggle"),
        ("lower the price", "haggle"),
    ],
)
def test_indecision_and_haggling_are_answered_as_such(message: str, detail: str) -> None:
    assert details(context(message, said(Intent.OUT_OF_SCOPE))) == [detail]


def test_what_the_bot_would_choose_is_what_others_rate_best() -> None:
    read = context("which would you recommend?", said(Intent.RECOMMEND))
    assert read.has(Intent.COMPARE) and read.comparatives == (Comparative("rating", 1),)


def test_whether_it_may_be_exchanged_is_asked_of_the_shop() -> None:
    world = make_world(silent=Policies())
    liked = said(Intent.REFINE, like_items=("s1",))
    assert context("can he return it if he doesn't like it?", liked, SHOWN, world).has(Intent.SHOP_QUESTION)


def test_the_nearest_to_what_is_not_sold_is_not_guessed() -> None:
    lost = DialogueState("s", failures=1)
    read = context("what's the closest thing you have?", said(Intent.RECOMMEND), lost)
    assert details(read) == ["nothing_near"] and decide(lost, read, Change()) == (Say("nothing_near"),)


def test_the_cheapest_into_the_cart_is_an_errand_however_it_was_read() -> None:
    read = context("the cheapest one into my cart please", said(Intent.REFINE, comparatives=(Comparative("price", -1, extreme=True),)))
    assert read.has(Intent.CART) and read.references == ("s4",) and not read.comparatives
