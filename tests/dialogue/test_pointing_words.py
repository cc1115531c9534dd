"""The words that point at an item, put as "it"."""

from __future__ import annotations

import pytest

from chatrec.dialogue.pointing_words import asked_of_it


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("is the first one waterproof", "is it waterproof"),
        ("does the second run on gas", "does it run on gas"),
        ("how heavy is number 2", "how heavy is it"),
        ("the third one , what is it made of", "what is it made of"),
        ("what does that one weigh", "what does it weigh"),
    ],
)
def test_a_pointer_becomes_it(said: str, asked: str) -> None:
    assert asked_of_it(said) == asked


@pytest.mark.parametrize(
    "said", ["is it warm", "does the first aid kit hold plasters", "how long will it last", "is the second layer lined", ""]
)
def test_what_points_at_no_item_stays(said: str) -> None:
    assert asked_of_it(said) == said
