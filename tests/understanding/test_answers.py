"""While a question waits, what is said beside it is read as it stands: a longer name is no option, a size no sum, and dollars no grams."""

from __future__ import annotations

import pytest

from chatrec.domain.need import Constraint, Need, Op
from chatrec.domain.state import DialogueState, OpenQuestion

from .shops import understander


def limits(message: str, field: str, *options: str, kind: str = "rain jackets") -> set[tuple[str, Op, str | float | None]]:
    """The limits that a message sets while a question about ``field`` waits, beside things of one kind."""
    need = Need(1, kind, constraints=(Constraint("category", Op.IS, (kind,), turn=1),), opened_turn=1)
    question = OpenQuestion(1, field, f"Which {field} would suit?", options, 1)
    state = DialogueState("s", turn=1, needs=(need,), active_need=1, question=question)
    reading = understander("demo").read(message, state)
    return {(c.field, c.op, c.values[0] if c.values else c.number) for n in reading.needs for c in n.constraints}


@pytest.mark.parametrize("message", ["hiking boots from Yarrow", "hiking boots", "hiking boots in black, size 42"])
def test_an_option_inside_a_longer_name_is_no_answer(message: str) -> None:
    found = limits(message, "use", "hiking", "running", "travel", kind="daypacks")
    assert ("category", Op.IS, "hiking boots") in found and "use" not in {field for field, *_ in found}


@pytest.mark.parametrize("message", ["hiking", "for hiking please", "hiking I think"])
def test_the_option_itself_is_the_answer(message: str) -> None:
    assert limits(message, "use", "hiking", "running", "travel", kind="daypacks") == {("use", Op.IS, "hiking")}


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("weight", ("up to 250 g", "over 250 g")),  # nothing weighs so little
        ("water column", ("up to 10000 mm", "over 10000 mm")),
        ("warranty", ("1 year", "2 years", "5 years")),  # nothing is guaranteed for longer
    ],
)
def test_a_bare_figure_that_parts_nothing_at_hand_is_money(field: str, options: tuple[str, ...]) -> None:
    assert limits("under 100 please", field, *options) == {("price", Op.AT_MOST, 100.0)}


def test_a_bare_figure_beside_other_wishes_is_money() -> None:
    found = limits("under 300 please, and not black", "weight", "up to 250 g", "over 250 g")
    assert found == {("price", Op.AT_MOST, 300.0), ("colour", Op.IS_NOT, "black")}


def test_a_figure_that_parts_what_is_at_hand_or_has_its_unit_is_the_answer() -> None:
    options = ("up to 250 g", "over 250 g")
    assert limits("under 300 please", "weight", *options) == {("weight", Op.AT_MOST, 300.0)}
    assert limits("under 100 g please", "weight", *options) == {("weight", Op.AT_MOST, 100.0)}
    assert limits("under 2", "weight", *options) == {("weight", Op.AT_MOST, 2.0)}  # nor does any jacket cost so little


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("under $200", {("price", Op.AT_MOST, 200.0)}),
        ("200 dollars max", {("price", Op.AT_MOST, 200.0)}),
        ("my budget is 200", {("price", Op.AT_MOST, 200.0)}),
        ("size 42", {("size", Op.IS, "42")}),
        ("rated 4 or better", {("rating", Op.AT_LEAST, 4.0)}),
        ("show me 3 more", set()),
        ("2 jackets", {("category", Op.IS, "insulated jackets")}),
    ],
)
def test_what_says_of_what_it_is_answers_no_question_about_a_weight(message: str, found: set[tuple[str, Op, str | float | None]]) -> None:
    assert limits(message, "weight", "up to 250 g", "over 250 g") == found


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("under 300 g", {"weight"}), ("under 1 kg please", {"weight"}), ("size 42", {"size"}), ("4 stars at least", {"rating"}),
        ("for my 7 year old", {"age from", "age to"}), ("100 percent waterproof", {"waterproof"}), ("show me 3 more", set()), ("for 2 people", set()),
    ],
)  # fmt: skip
def test_what_says_of_what_it_is_answers_no_question_about_money(message: str, fields: set[str]) -> None:
    assert {field for field, *_ in limits(message, "price", "up to $100", "over $100")} == fields


@pytest.mark.parametrize(
    "message", ["80", "hmm 80?", "I would say 80", "80 each", "ok, up to 80 then", "80 total", "80 pounds", "under 80", "$80"]
)
def test_a_sum_is_the_answer_and_nothing_else(message: str) -> None:
    assert limits(message, "price", "up to $100", "over $100") == {("price", Op.AT_MOST, 80.0)}


def test_no_more_stars_than_there_are() -> None:
    options = ("4 or better", "3 or better")
    assert limits("under 100", "rating", *options) == {("price", Op.AT_MOST, 100.0)}
    assert limits("4", "rating", *options) == limits("4 stars", "rating", *options) == {("rating", Op.AT_LEAST, 4.0)}
