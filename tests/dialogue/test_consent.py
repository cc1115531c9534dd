from __future__ import annotations

import pytest

from chatrec.dialogue.consent import NO, YES, chosen_option, consent, split_consent


@pytest.mark.parametrize(
    "text", ["yes", "Yes please!", "yep", "ok", "Sure, go ahead.", "please do", "yes do it", "of course", "y", "oh yes"]
)
def test_agreement(text: str) -> None:
    assert consent(text) == YES


@pytest.mark.parametrize(
    "text", ["no", "No thanks", "nope", "don't", "not now", "cancel that", "rather not", "no, wait", "no, leave it", "never mind"]
)
def test_refusal(text: str) -> None:
    assert consent(text) == NO


@pytest.mark.parametrize(
    "text",
    ["", "yes or no?", "maybe", "is it waterproof", "no idea what to take", "okay but in blue", "yesterday", "I said yes to the other"],
)
def test_anything_else_agrees_to_nothing(text: str) -> None:
    assert consent(text) == ""


def test_an_answer_that_goes_on_is_cut() -> None:
    assert split_consent("Yes, and show me tents under 200") == (YES, "show me tents under 200")
    assert split_consent("no, the blue one") == (NO, "the blue one")
    assert split_consent("show me tents") == ("", "")


def test_an_option_is_named_whole_and_only_one() -> None:
    sizes = ("S", "M", "L", "XL", "EU 42", "EU 43")
    assert chosen_option("xl please", sizes) == "XL"
    assert chosen_option("EU 42", sizes) == "EU 42"
    assert chosen_option("the eu 43 one", sizes) == "EU 43"
    assert chosen_option("S or M", sizes) == ""
    assert chosen_option("something else", sizes) == ""
    assert chosen_option("dark blue", ("blue", "dark blue")) == "dark blue"
