"""Questions that one value decides: compared with the record's figure, told with it, and left open where the record has none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatrec.domain.facts import Fact, FactKind
from chatrec.knowledge.measures import measures_of
from chatrec.knowledge.question_parts import question_parts
from chatrec.knowledge.verdicts import verdicts


def _figure(name: str, number: float, unit: str = "") -> Fact:
    return Fact(FactKind.ATTRIBUTE, name, f"{name} {number:g} {unit}".strip(), f"{number:g}", number, unit)


RECORD = (
    _figure("capacity", 20, "L"),
    _figure("weight", 1450, "g"),
    _figure("max load", 110, "kg"),
    _figure("comfort temp", -5, "C"),
    _figure("persons", 4),
    _figure("length", 200, "cm"),
    _figure("battery", 22, "h"),
    _figure("age from", 5),
    _figure("age to", 10),
    Fact(FactKind.ATTRIBUTE, "features", "15 inch laptop sleeve", "15 inch laptop sleeve"),
    Fact(FactKind.ATTRIBUTE, "material", "material polyester", "polyester"),
    Fact(FactKind.OPTION, "colour", "colours black, red", "black, red"),
)
DECIDED = [
    ("is it big enough for 40 litres?", "no", "20 L"),
    ("does it hold 15 l", "yes", "20 L"),
    ("does it weigh less than 2 kg?", "yes", "1450 g"),
    ("is it under 1 kg", "no", "1450 g"),
    ("can it carry a person of 120 kg", "no", "110 kg"),
    ("I weigh 90 kilos, ok?", "yes", "110 kg"),
    ("is it warm enough for -10 C", "no", "-5 C"),
    ("good for 0 degrees?", "yes", "-5 C"),
    ("does it sleep five people", "no", "4"),
    ("long enough for a person of 1.90 m?", "yes", "200 cm"),
    ("I'm 6'8\" tall, does it fit", "no", "200 cm"),
    ("does it last 24 hours", "no", "22 h"),
    ("ok for a 7 year old", "yes", "from 5 to 10"),
    ("for my 12-year-old", "no", "from 5 to 10"),
    ("will my 15.6 inch laptop fit", "no", "15 inches"),
    ('does it fit a 14" laptop', "yes", "15 inches"),
    ("is it made of leather?", "no", "polyester"),
    ("do you have it in green", "no", "black, red"),
]


@pytest.mark.parametrize(("question", "value", "own"), DECIDED, ids=[q for q, _, _ in DECIDED])
def test_compared_and_told_with_the_figure(question: str, value: str, own: str) -> None:
    found = next(iter(verdicts(question, RECORD)))
    assert found.value == value, found.text
    assert own in found.text
    assert "{item}" in found.text


@pytest.mark.parametrize(
    "question", ["how heavy is it?", "is it made of polyester?", "does it come in red?", "which colours are there?", "is it 3 years old"]
)
def test_left_to_the_record_where_nothing_is_to_compare(question: str) -> None:
    assert [v for v in verdicts(question, RECORD) if "colour" in v.text or "material" in v.text or "weighs" in v.text] == []


@pytest.mark.parametrize("question", [q for q, _, _ in DECIDED])
def test_nothing_is_decided_without_a_figure_in_the_record(question: str) -> None:
    assert list(verdicts(question, (Fact(FactKind.ATTRIBUTE, "closure", "closure zip", "zip"),))) == []


@given(own=st.integers(1, 500), asked=st.integers(1, 500))
def test_what_holds_more_is_enough_for_less(own: int, asked: int) -> None:
    found = next(iter(verdicts(f"does it hold {asked} litres?", (_figure("capacity", own, "L"),))))
    assert (found.value == "yes") == (own >= asked)


@pytest.mark.parametrize(
    ("text", "kind", "amount"),
    [("1.5 kg", "mass", 1500), ("2 lb", "mass", 907.184), ("75 cl", "volume", 750), ("15-inch", "length", 381), ("minus 3 degrees", "temperature", -3)],
)  # fmt: skip
def test_figures_are_brought_to_one_unit(text: str, kind: str, amount: float) -> None:
    found = measures_of(text)
    assert [(m.kind, round(m.amount, 3)) for m in found] == [(kind, round(amount, 3))]


@given(st.text(max_size=300))
def test_any_string_is_survived(question: str) -> None:
    assert isinstance(list(verdicts(question, RECORD)), list)
    assert 1 <= len(question_parts(question)) <= 4


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("are returns free?", ("are returns free?",)),
        ("do you sell food and drinks", ("do you sell food and drinks",)),
        ("is it free? how long does shipping to Spain take?", ("is it free", "how long does shipping to Spain take?")),
        ("do you ship to Malta and what does it cost", ("do you ship to Malta", "what does it cost (do you ship to Malta)")),
        ("how long is the warranty, and who answers the phone on sundays?", ("how long is the warranty", "who answers the phone on sundays?")),
    ],
)  # fmt: skip
def test_a_message_is_cut_into_its_questions(message: str, parts: tuple[str, ...]) -> None:
    assert question_parts(message) == parts
