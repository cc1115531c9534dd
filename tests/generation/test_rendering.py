"""Names, prices and topics in place of citations."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.generation.agreement import is_plural
from chatrec.generation.item_names import item_names
from chatrec.generation.rendering import harmless, money_text, render
from chatrec.generation.sentences import SentenceCutter, is_complete, is_torso, split_sentences

sys.path.insert(0, str(Path(__file__).parent))
from gate_worlds import BAGS, PANS, RETURNS


def test_the_price_stands_at_the_first_mention_only() -> None:
    mentioned: set[int] = set()
    assert render("[1] is not waterproof.", BAGS, mentioned) == "Skua Polar 5 ($129.00) is not waterproof."
    assert render("[2] is lighter than [1].", BAGS, mentioned) == "Tern Light ($149.00) is lighter than Skua Polar 5."
    assert mentioned == {1, 2}


def test_no_price_on_record_no_price_in_the_text() -> None:
    assert render("Take [1].", PANS, set()) == "Take Ferro 28."


def test_a_passage_becomes_its_topic_once() -> None:
    mentioned: set[int] = set()
    assert render("Refunds take 7 days [1].", RETURNS, mentioned) == "Refunds take 7 days (Returns)."
    assert render("Return shipping costs $5 [1].", RETURNS, mentioned) == "Return shipping costs $5."


def test_plural_names_get_plural_verbs() -> None:
    boots = replace(BAGS, items=(replace(BAGS.items[0], name="Crag hiking boots"), BAGS.items[1]))
    assert (
        render("Take [1]: it is warm, weighs 1 kg and comes in red.", boots, {1})
        == "Take Crag hiking boots: they are warm, weigh 1 kg and come in red."
    )
    assert render("The listing of [1] does not say.", boots, {1}) == "The listing of Crag hiking boots does not say."
    assert render("[1] is warm, and [2] is light.", boots, {1, 2}) == "Crag hiking boots are warm, and Tern Light is light."
    assert not is_plural("Compass with lanyard")
    assert not is_plural("Rope, 3 pieces")
    assert is_plural("Whimbry 8x42 binoculars")


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(189, "USD", "$189.00"), (1299.5, "EUR", "€1,299.50"), (4500, "JPY", "4,500 JPY"), (3, "", "3.00"), (5, "XYZ", "5.00 XYZ")],
)
def test_money(amount: float, currency: str, text: str) -> None:
    assert money_text(amount, currency) == text


SPOONS = "Stainless steel measuring spoons, set of six with engraved marks for baking, dishwasher proof, {}."
CASES = tuple(f"Orlo - Slim bumper case for the Pebblo 7 phone - {colour}" for colour in ("Black", "Sea green", "Sea green/Black"))


@pytest.mark.parametrize(
    ("title", "first", "later"),
    [
        (SPOONS.format("red"), "Stainless steel measuring spoons", "Stainless steel measuring spoons"),
        (CASES[0], "Orlo - Slim bumper case for the Pebblo 7 phone", "Orlo - Slim bumper case"),
        ("Orlo by Anna Fell - Wide brim hat of felted wool in seven sizes - Black", "Orlo by Anna Fell - Wide brim hat of felted wool",
         "Orlo by Anna Fell - Wide brim hat of felted wool"),
        ("Quill bench tape 1,000 m (Pack of 4), heavy duty, printed", "Quill bench tape 1,000 m", "Quill bench tape 1,000 m"),
        ("Ferro pan 28 cm - blue", "Ferro pan 28 cm - blue", "Ferro pan 28 cm - blue"),
        ("A ring binder case for the Pebblo 5, 5s and 6 telephones, soft, red", "A ring binder case for the Pebblo 5, 5s and 6 telephones",
         "A ring binder case"),
        ("", "item 1", "item 1"),
    ],
)  # fmt: skip
def test_a_name_is_the_shortest_start_that_names_the_thing(title: str, first: str, later: str) -> None:
    assert item_names((title,)) == ((first, later),)


def test_names_in_one_reply_tell_the_items_apart() -> None:
    spoons = item_names(tuple(SPOONS.format(c) for c in ("red", "blue", "sky blue")))
    assert [first for first, _ in spoons] == [f"Stainless steel measuring spoons ({c})" for c in ("red", "blue", "sky blue")]
    assert item_names(CASES)[1] == ("Orlo - Slim bumper case for the Pebblo 7 phone (Sea green)", "Orlo - Slim bumper case (Sea green)")
    sets = ("Crate pipette tips for lab use, sterile, 1 ml, 200 count", "Crate pipette tips for lab use, sterile, 2 ml, 200 count",
            "Crate pipette tips for lab use, loose, 1 ml, 200 count")  # fmt: skip
    assert [first for first, _ in item_names(sets)] == [
        "Crate pipette tips for lab use (sterile, 1 ml)", "Crate pipette tips for lab use (2 ml)", "Crate pipette tips for lab use (loose)"
    ]  # fmt: skip
    assert [first for first, _ in item_names((CASES[0], CASES[0]))][1].endswith("phone (no. 2)")


def test_names_are_short_in_the_text_and_the_price_stands_in_their_brackets() -> None:
    skua, tern = (replace(item, name=SPOONS.format(c)) for item, c in zip(BAGS.items, ("red", "blue"), strict=True))
    shown = render("[1] is not waterproof, and [2] is lighter than [1].", replace(BAGS, items=(skua, tern)), set())
    assert shown.startswith("Stainless steel measuring spoons (red, $129.00) are not waterproof, and Stainless")
    assert shown.endswith("than Stainless steel measuring spoons (red).")


def test_a_makers_own_spelling_stays_at_the_head_of_a_sentence() -> None:
    named = replace(BAGS, items=(replace(BAGS.items[0], name="eQuill bag"), replace(BAGS.items[1], name="ofen bag")))
    assert render("[1] is red.", named, {1}) == "eQuill bag is red."
    assert render("[2] is red.", named, {2}) == "Ofen bag is red."


@given(titles=st.lists(st.text(alphabet="ab1 ,-()/.é", max_size=90), min_size=1, max_size=4))
@settings(max_examples=300, deadline=None)
def test_any_titles_get_names_of_their_own(titles: list[str]) -> None:
    names = item_names(tuple(titles))
    for place in (0, 1):
        assert len({pair[place] for pair in names}) == len(titles)
    assert all(pair[0].strip() and len(pair[0]) <= 120 for pair in names)


def test_plurals_are_judged_by_the_thing_not_by_its_maker() -> None:
    assert is_plural("Orlo - Wireless headphones - Black")
    assert not is_plural("Beads - Solo charger")
    assert is_plural("Rubber gloves - large")


def test_catalogue_text_cannot_carry_markup() -> None:
    shown = harmless("<img src=x onerror=alert(1)> **Bold** [link](https://evil.example/x) `code` # Head")
    assert not set("<>`*[]") & set(shown)
    assert "http" not in shown


@given(title=st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_title_renders_on_one_line(title: str) -> None:
    evidence = replace(BAGS, items=(replace(BAGS.items[0], name=title),))
    shown = render("[1] is here.", evidence, set())
    assert "\n" not in shown
    assert not set("<>`*") & set(shown)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It weighs 4.5 kg. It is red.", ["It weighs 4.5 kg.", "It is red."]),
        ("Take [1]. [2] is lighter.", ["Take [1].", "[2] is lighter."]),
        ("It weighs 900 g. [2] is red.", ["It weighs 900 g.", "[2] is red."]),
        ("Good for cooking, e.g. Soup or stew. Done.", ["Good for cooking, e.g. Soup or stew.", "Done."]),
        ("1. [1] is red.\n2. [2] is blue.", ["[1] is red.", "[2] is blue."]),
        ("- [1] is red\n- [2] is blue", ["[1] is red", "[2] is blue"]),
        ("Really? Yes! Sure.", ["Really?", "Yes!", "Sure."]),
        ("It costs less... but it is red.", ["It costs less... but it is red."]),
        ("", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@given(text=st.text(alphabet="ab1. !?\n[]-", max_size=200), size=st.integers(1, 7))
@settings(max_examples=200, deadline=None)
def test_streaming_cuts_as_the_whole_text_does(text: str, size: int) -> None:
    cutter = SentenceCutter()
    streamed = [s for i in range(0, len(text), size) for s in cutter.feed(text[i : i + size])]
    rest = cutter.rest()
    assert "".join([*streamed, rest]).replace(" ", "") == "".join(split_sentences(text)).replace(" ", "")


def test_a_torso_is_known() -> None:
    assert is_complete("It is red.")
    assert not is_complete("It is")


def test_a_question_may_end_in_a_preposition() -> None:
    assert not is_torso("What are you looking for?")
    assert not is_torso("It is [2], which costs less.") and not is_torso("[1] weighs a little more!")
    assert is_torso("[2] is less.") and is_torso("[2] has more.")
    assert is_torso("It comes with.")
