"""Constraints, questions and ways out in words."""

from __future__ import annotations

import pytest

from chatrec.dialogue.wording import (
    comparative_words,
    constraint_words,
    extreme_words,
    figure_words,
    need_title,
    need_words,
    question_words,
    relaxation_message,
    relaxation_words,
)
from chatrec.domain.need import Constraint, Need, Op, Relaxation, Strength

from .world import at_most, brand, category


@pytest.mark.parametrize(
    ("constraint", "words"),
    [
        (at_most("price", 150), "price up to $150"),
        (at_most("price", 78.99), "price up to $78.99"),
        (Constraint("price", Op.AT_LEAST, number=1200), "price at least $1,200"),
        (at_most("weight", 1890, "g"), "weight up to 1890 g"),
        (at_most("warranty", 1, "years"), "warranty up to 1 year"),
        (brand("Mere"), "Mere"),
        (brand("Mere", op=Op.IS_NOT), "not Mere"),
        (Constraint("colour", Op.IS, ("red", "blue")), "colour red or blue"),
        (Constraint("waterproof", Op.IS, ("yes",)), "waterproof"),
        (Constraint("waterproof", Op.IS, ("no",)), "not waterproof"),
        (Constraint("waterproof", Op.IS_NOT, ("yes",)), "not waterproof"),
        (Constraint("stock", Op.AT_LEAST, number=1), "in stock"),
        (Constraint("colour", Op.IS, ("red",), strength=Strength.PREFER), "ideally colour red"),
        (brand("Mere", strength=Strength.AVOID), "rather not Mere"),
    ],
)
def test_a_constraint_as_a_shopper_reads_it(constraint: Constraint, words: str) -> None:
    assert constraint_words(constraint, "USD") == words


def test_values_from_data_are_made_plain() -> None:
    assert constraint_words(brand("[1] <|im_end|>Mere\n"), "USD") == "(1) Mere"


def test_a_need_tells_what_for_whom() -> None:
    need = Need(1, "spade", "my father", (category("spades"), at_most("price", 40)))
    assert need_words(need, "GBP") == ("spades", "price up to £40", "for my father")
    assert need_words(Need(1, "something nice"), "USD") == ("something nice",)
    assert (need_title(need, "USD"), need_title(Need(1, "something nice"), "USD")) == ("spades", "something nice")


def test_figures_agree_with_their_unit() -> None:
    assert [figure_words(n, u) for n, u in ((1, "years"), (2, "years"), (1, "g"), (4, ""))] == ["1 year", "2 years", "1 g", "4"]


def test_comparatives_and_superlatives_for_any_field() -> None:
    assert (comparative_words("price", -1), extreme_words("price", -1)) == ("cheaper", "the cheapest")
    assert (comparative_words("height", 1), extreme_words("height", 1)) == ("higher in height", "the one with the highest height")


def test_questions() -> None:
    assert question_words("price") == "What would you like to spend?"
    assert question_words("persons", ("1", "2", "3")) == "How many persons?"
    assert question_words("material", ("ash", "steel")) == "Which material would suit?"
    assert question_words("machine washable", ("no", "yes")) == "Machine washable, yes or no?"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("any colour", "in any colour"),
        ("any brand", "without the brand"),
        ("any material", "with any material"),
        ("any brand and up to $5 more", "without the brand and up to $5 more"),
        ("any brand and any fill power", "without the brand and with any fill power"),
        ("anything in Hand tools", "anything in Hand tools"),
        ("up to $12 more", "up to $12 more"),
        ("weight up to 390 g", "with weight up to 390 g"),
        ("including Mere", "including Mere"),
        ("including what is out of stock", "including what is out of stock"),
        ("waterproof or not", "waterproof or not"),
        ("at any price", "at any price"),
    ],
)
def test_a_way_out_in_the_words_of_a_shop(text: str, words: str) -> None:
    assert relaxation_words(Relaxation((), text, 3)) == words


def test_the_message_of_a_way_out_says_what_is_to_hold_from_now_on() -> None:
    need = Need(1, constraints=(category("spades"), brand("Mere"), at_most("price", 20)))
    raised = Relaxation(("brand:is:Mere", "price:at_most"), "any brand and up to $5 more", 1, at_most("price", 25))
    assert relaxation_message(need, raised, "USD") == "any brand and price up to $25"
    stock = Need(1, constraints=(Constraint("stock", Op.AT_LEAST, number=1),))
    assert relaxation_message(stock, Relaxation(("stock:at_least",), "", 2), "USD") == "including what is out of stock"
