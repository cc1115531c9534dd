"""The cart, returns and what is remembered: sure words, the act behind them, and what only looks like them."""

from __future__ import annotations

import pytest

from chatrec.domain.reading import Intent
from chatrec.understanding.classifier import canonical
from chatrec.understanding.services import read_service, service_detail

from .rendering import STATES
from .shops import understander


@pytest.mark.parametrize(
    ("message", "intent", "detail"),
    [
        ("add the second one to my cart", Intent.CART, "add"), ("put two of them in my basket please", Intent.CART, "add"), ("pop the blue one in my bag", Intent.CART, "add"),
        ("remove the tent from my cart", Intent.CART, "remove"), ("take it out of the basket", Intent.CART, "remove"), ("empty my cart", Intent.CART, "empty"),
        ("remove everything from my cart", Intent.CART, "empty"), ("what's in my cart?", Intent.CART, "show"), ("how much is my cart", Intent.CART, "show"), ("my basket", Intent.CART, "show"),
        ("I want to return my boots", Intent.RETURN, ""), ("can I return order 1002?", Intent.RETURN, ""), ("I'd like to send these back", Intent.RETURN, ""), ("start a return", Intent.RETURN, ""),
        ("can I still return the jacket I bought last week?", Intent.RETURN, ""), ("refund my order", Intent.RETURN, ""), ("is my order FF-1002 eligible for return", Intent.RETURN, ""),
        ("forget me", Intent.PROFILE, "forget"), ("please forget everything you know about me", Intent.PROFILE, "forget"), ("delete my data", Intent.PROFILE, "forget"), ("don't remember me", Intent.PROFILE, "forget"),
        ("what do you know about me?", Intent.PROFILE, "show"), ("show my profile", Intent.PROFILE, "show"), ("do you remember me", Intent.PROFILE, "show"), ("remember that I wear size 42", Intent.PROFILE, "remember"),
    ],
)  # fmt: skip
def test_services(message: str, intent: Intent, detail: str) -> None:
    text = canonical(message)
    assert read_service(text) is intent
    assert service_detail(intent, text) == detail


@pytest.mark.parametrize(
    "message",
    [
        "a garden cart", "something to put in my bag", "I need a bag to put in the trolley", "add a tent to the list", "what is your return policy", "how do I return my boots",
        "can I return boots after wearing them outside?", "I want to return to the first one", "forget everything", "forget the brand", "forget it", "how do I delete my account",
        "what do you do with my personal data", "show me something else", "I'll take the second one", "drop the price constraint",
    ],
)  # fmt: skip
def test_not_services(message: str) -> None:
    assert read_service(canonical(message)) is None


def test_a_person_is_asked_for_before_all_else() -> None:
    reading = understander("demo").read("let me talk to a human about returning my boots", STATES["new"])
    assert [span.intent for span in reading.intents] == [Intent.HAND_OFF]


def test_what_goes_into_the_cart_is_pointed_at_and_liked() -> None:
    reading = understander("demo").read("put the second one in my basket", STATES["shown"])
    assert [(s.intent, s.detail) for s in reading.intents] == [(Intent.CART, "add")]
    assert reading.references == reading.liked == ("tent-02",)
    taken_out = understander("demo").read("take the second one out of my basket", STATES["shown"])
    assert [(s.intent, s.detail) for s in taken_out.intents] == [(Intent.CART, "remove")]
    assert taken_out.references == ("tent-02",) and not taken_out.liked
