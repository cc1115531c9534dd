"""Clauses of descriptions: which follow their item, which stand alone, which are torn."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.generation.clause_forms import clause_form
from chatrec.generation.gate_words import stems

NAMES = frozenset(stems("Tarnby kettle, brushed steel kettles"))
MAKERS = frozenset(stems("Aldergate Goods"))


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ("Pours slowly and without drips", "pours slowly and without drips"),
        ("Opens with one thumb", "opens with one thumb"),
        ("It is made of silicone rubber", "is made of silicone rubber"),
        ("The kettle switches itself off", "switches itself off"),
        ("This kettle is sold without a base", "is sold without a base"),
        ("This product contains two filters", "contains two filters"),
        ("Heavy when full", "is heavy when full"),
        ("Made for green wood", "is made for green wood"),
        ("A warm sound with strong mids", "has a warm sound with strong mids"),
        ("LIDS: Opens wide for cleaning", "opens wide for cleaning"),
        ("Lasts two days; less in frost", "lasts two days"),
        ("Leaves a thin film that will dry", "leaves a thin film that will dry"),
        ("Now includes two filters", "now includes two filters"),
        ("Stays put while pouring", "stays put while pouring"),
        ("Drips when it is tilted", "drips when it is tilted"),
    ],
)
def test_a_clause_without_its_subject_follows_the_item(clause: str, said: str) -> None:
    form = clause_form(clause, NAMES, MAKERS)
    assert form is not None and form.is_predicate and form.text == said


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ("The handle stays cool to the touch", "the handle stays cool to the touch"),
        ("All gears are metal", "all gears are metal"),
        ("Keys get heavier towards the bass", "keys get heavier towards the bass"),
        ("Pipettes may be frozen in liquid nitrogen", "pipettes may be frozen in liquid nitrogen"),
        ("USB ports enable simple charging", "USB ports enable simple charging"),
        ("Two headphones can be used at once", "two headphones can be used at once"),
    ],
)
def test_a_clause_with_a_subject_of_its_own_is_a_statement(clause: str, said: str) -> None:
    form = clause_form(clause, NAMES, MAKERS)
    assert form is not None and not form.is_predicate and form.text == said


@pytest.mark.parametrize(
    "clause",
    [
        "high molecular weight chlorinated hydrocarbons",
        "in laboratories of chemistry and education",
        "is also suitable for food",
        "Its rated to work in the cold",
        "Theres a reason for that",
        "Beyond that, its UL listed",
        "Aldergate makes kettles since 1911",
        "The company is headquartered far away",
        "All rights reserved",
        "These levels can be altered",
        "Bring it in when it rains",
        "0 to 70 % (R.H. input protection",
        "The most common style is a flat washer",
        "bulky, dear, and the cartridge must be rinsed",
        "SUPERB VALUE for everyone",
        "It had a towing strength of up to two tons",
        "Ergonomic Handle Reduces Vibrations And Is Light",
        "Colour Coded - Set includes one each red and black",
        "Fluid direction should be as the arrow showsValve Body",
        "The wound cleanser is made to allow for fast and thorough",
        "The flow is allowed when the hole",
        "Resin . is made from corn starch",
        "Cabinet building and are engineered to fit",
        "Fully insulated nylon disconnects Color",
        "Positive regulator are available in four voltages",
        "Times has been instrumental in the field",
        "All gardeners know that a pruner is a tool",
        "None is supplied",
        "kettle",
        "",
    ],
)
def test_a_torn_or_boastful_clause_has_no_form(clause: str) -> None:
    assert clause_form(clause, NAMES, MAKERS) is None


@given(clause=st.text(max_size=120))
@settings(max_examples=200, deadline=None)
def test_any_string_gets_an_answer_that_adds_at_most_one_verb(clause: str) -> None:
    form = clause_form(clause, NAMES, MAKERS)
    assert form is None or form.text.removeprefix("is ").removeprefix("has ").lower() in clause.lower()


@pytest.mark.parametrize(
    ("clause", "text", "follows"),
    [
        ("The hood fits over a bun", "the hood fits over a bun", False),
        ("The strainer lifts out with the lid", "the strainer lifts out with the lid", False),
        ("A cartridge lasts about two months", "a cartridge lasts about two months", False),
        ("Colours stay natural behind the lens", "colours stay natural behind the lens", False),
        ("Tastes of cocoa and toast", "tastes of cocoa and toast", True),
        ("Can be folded to any shape", "can be folded to any shape", True),
    ],
)
def test_plain_sentences_of_listings_are_told(clause: str, text: str, follows: bool) -> None:
    form = clause_form(clause)
    assert form is not None and (form.text, form.is_predicate) == (text, follows)


@pytest.mark.parametrize(
    ("clause", "text"),
    [
        ("Loops for a small tripod", None),
        ("Pockets in the sides", None),
        ("Works with most hobs", "works with most hobs"),
        ("Parks, gravel, forest paths", None),
        ("Included with the kettle are two filters", None),
        ("Built in cup hooks allow hanging", None),
        ("Opens flat, joins to another, washes at 30", "opens flat"),
        ("It will not stand unless filled", "will not stand unless filled"),
        ("A kettle that doubles as a teapot", "is a kettle that doubles as a teapot"),
        ("This Aldergate X-20 kettle has a whistle", "has a whistle"),
        ("This ensemble features two cups", "features two cups"),
        ("Each unit comes with a brush", "comes with a brush"),
        ("This material resists heat", None),
        ("Two of them clip together", None),
        ("Regular cleaning can help against chalk", None),
        ("Kit includes", None),
    ],
)
def test_what_follows_the_item_is_told_from_what_only_looks_so(clause: str, text: str | None) -> None:
    form = clause_form(clause, NAMES, MAKERS)
    assert (form.text if form is not None and form.is_predicate else None) == text


def test_a_part_named_in_the_title_is_not_the_item() -> None:
    names, heads = frozenset(stems("Tarnby bobble hat")), frozenset(stems("hat"))
    bobble, hat = clause_form("The bobble is sewn on", names, heads=heads), clause_form("The hat is sewn by hand", names, heads=heads)
    assert bobble is not None and (bobble.text, bobble.is_predicate) == ("the bobble is sewn on", False)
    assert hat is not None and (hat.text, hat.is_predicate) == ("is sewn by hand", True)


def test_a_row_of_nouns_before_a_verb_is_a_statement() -> None:
    form = clause_form("A raised rim helps to keep the lid in place", NAMES, MAKERS)
    assert form is not None and (form.text, form.is_predicate) == ("a raised rim helps to keep the lid in place", False)
