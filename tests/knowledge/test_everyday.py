"""Everyday words in the words of policies, and circumstances that a question speaks of or not."""

from __future__ import annotations

import pytest

from chatrec.domain.facts import Passage
from chatrec.knowledge.circumstances import Circumstances
from chatrec.knowledge.everyday import in_policy_words

HOME = Passage("a", "Returns: What it costs", "Our label costs $4. Parcels go to the warehouse in Harwell.")
AWAY = Passage("b", "International Orders: Sending back", "Shoppers in Norway and Sweden pay their own postage.")
SEASON = Passage("c", "Returns: Holiday gifts", "Gifts can come back until January.")
PLACES = Passage("d", "Shipping: Alaska and Hawaii", "Parcels to Alaska and Hawaii cost $12.")
ALL = (HOME, AWAY, SEASON, PLACES)


@pytest.mark.parametrize(
    ("question", "held"),
    [
        ("can he send them back?", "return it"),
        ("what does sending the boots back cost?", "returning it"),
        ("do you take PayPal?", "payment method"),
        ("what if they don't fit?", "exchange"),
        ("what if he wears them outside once?", "used"),
        ("what if it breaks after a year?", "warranty"),
    ],
)
def test_everyday_words_are_said_as_policies_say_them(question: str, held: str) -> None:
    assert held in in_policy_words(question)


@pytest.mark.parametrize("question", ["how much is shipping?", "", "do gift cards expire?"])
def test_other_questions_stay_as_they_are(question: str) -> None:
    assert in_policy_words(question) == question


def test_what_stands_around_a_question_tells_the_case() -> None:
    assert "used" in in_policy_words("I want my money back", "I wore them every day, I want my money back")


def test_what_holds_abroad_is_apart_for_who_does_not_speak_of_it() -> None:
    told = Circumstances(ALL)
    assert told.is_apart(1, "what does a return cost?") and not told.is_apart(0, "what does a return cost?")
    assert not told.is_apart(1, "what does a return from Norway cost?") and told.is_apart(0, "a return from Norway?")
    assert not told.is_apart(1, "may I send it back from abroad?")


def test_what_holds_in_the_holidays_or_in_one_place_is_apart() -> None:
    told = Circumstances(ALL)
    assert told.is_out_of_season(2, "may I return a gift?") and not told.is_out_of_season(2, "may I return a holiday gift?")
    assert told.is_apart(3, "what is shipping?") and not told.is_apart(3, "what is shipping to Alaska?")


def test_places_are_known_by_their_names() -> None:
    told = Circumstances(ALL)
    assert told.named("do you ship to Sweden?") == {"sweden"} and told.holds(1, "sweden") and not told.holds(0, "sweden")
    assert not Circumstances(()).named("Norway")
