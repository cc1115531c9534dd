"""Names, prices and topics in place of citations."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.generation.rendering import harmless, is_plural, money_text, render, short_name
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


def test_long_titles_are_cut_at_a_joint() -> None:
    title = "Stainless steel measuring spoons, set of six with engraved marks for baking, cooking and more, dishwasher proof"
    assert short_name(title, 60) == "Stainless steel measuring spoons"
    assert short_name(title) == "Stainless steel measuring spoons, set of six with engraved marks for baking"
    assert len(short_name("word " * 60)) <= 81
    assert short_name("Belkin - Slim armband for phones and players - Black", 30) == "Belkin - Slim armband…"


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
    assert is_torso("It comes with.")
