"""The answer to a question about what a thing has or has not: yes, no, or a message that only begins with such a word."""

from __future__ import annotations

import pytest

from chatrec.domain.reading import Intent, Reading
from chatrec.understanding.text import read_message
from chatrec.understanding.yes_no import is_yes_or_no, yes_or_no

from .rendering import STATES
from .shops import understander

WATERPROOF = STATES["asked waterproof"]


def read(message: str) -> Reading:
    return understander("demo").read(message, WATERPROOF)


def answer(message: str) -> list[str]:
    """The values of the limit that the message sets on what was asked about."""
    return [v for need in read(message).needs for c in need.constraints if c.field == "waterproof" for v in c.values]


@pytest.mark.parametrize(
    "message",
    (
        "yes", "Yes please!", "well, yes", "ok", "okay, yes", "ok that would be good", "sure", "sure, do that", "absolutely", "of course", "please do",
        "ok waterproof", "ok, waterproof ones then", "yes, definitely waterproof", "it has to be", "must be.", "yes and under 150", "yeah but cheaper please",
    ),
)  # fmt: skip
def test_a_yes(message: str) -> None:
    assert answer(message) == ["yes"]


@pytest.mark.parametrize(
    "message",
    (
        "no", "No thanks.", "nope", "no need for that", "not really", "not needed, thanks", "no, it needn't be", "ok, no", "no, not waterproof",
        "absolutely not", "definitely not", "of course not", "no, but under 150", "nah",
    ),
)  # fmt: skip
def test_a_no(message: str) -> None:
    assert answer(message) == ["no"]


@pytest.mark.parametrize(
    "message",
    (
        "ok sorry. Canvas tents, please?", "ok, show me others", "okay, something cheaper", "ok I'll take the first one", "sure, now I need a stove",
        "ok, thank you, bye", "definitely the first one", "absolutely love the second", "no Kolder please", "no green ones", "no preference", "no idea",
        "no matter", "no, any will do", "no, show me others", "no, I need hiking boots", "no. Canvas tents, please", "no I don't like these", "yes no",
    ),
)  # fmt: skip
def test_what_only_begins_like_an_answer_sets_no_limit(message: str) -> None:
    assert answer(message) == []


def test_what_follows_is_read_as_it_stands() -> None:
    assert Intent.MORE in {span.intent for span in read("ok, show me others").intents}
    assert Intent.SKIP in {span.intent for span in read("no preference").intents}
    (need,) = read("yes, under 150").needs
    assert {(c.field, c.values or c.number) for c in need.constraints} == {("waterproof", ("yes",)), ("price", 150.0)}


@pytest.mark.parametrize("message", ["of course", "of course not", "not needed", "it has to be", "definitely not"])
def test_an_answer_is_nothing_but_an_answer(message: str) -> None:
    """ "Of course" looks for no course, "not needed" judges nothing, and "it has to be" asks nothing."""
    reading = read(message)
    assert [span.intent for span in reading.intents] == [Intent.REFINE] and len(reading.needs) == 1
    assert not reading.needs[0].query and not reading.liked and not reading.disliked and not reading.unknown


def test_the_name_of_the_property_belongs_to_the_answer() -> None:
    assert yes_or_no(read_message("ok, machine washable ones"), ("machine", "washable")) == "yes"
    assert yes_or_no(read_message("ok, the green ones"), ("machine", "washable")) == ""
    assert is_yes_or_no(read_message("no, not machine washable"), ("machine", "washable"))
    assert not is_yes_or_no(read_message("yes, and green"), ("machine", "washable"))
