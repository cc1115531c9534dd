""" "Do you have it in another colour?" is answered from the other listings of the same thing."""

from __future__ import annotations

from decimal import Decimal

from chatrec.dialogue.answering import answer_item
from chatrec.dialogue.scene import Performed, Scene
from chatrec.domain.act import AnswerItem
from chatrec.domain.item import Attribute, Item
from chatrec.domain.reply import Cards

from .world import make_world, state_with

ASKED = "do you have it in another colour"


def _item(item_id: str, title: str, *shades: str) -> Item:
    told = (Attribute("colour", shades),) if shades else ()
    return Item(item_id, title, "", "cases", ("cases",), "", Decimal("20.00"), "USD", stock=3, attributes=told)


SHOP = [
    _item("a", "Orbit - Slim Case for Nova 7 - Black"),
    _item("b", "Orbit - Slim Case for Nova 7 - Neon Pink"),
    _item("c", "Orbit - Slim Case for Nova 8 - Blue"),
    _item("d", "Red wool scarf"),
    _item("e", "Blue wool scarf"),
    _item("f", "Plain umbrella"),
    _item("g", "Canvas bag", "red", "green"),
]


def asked(item_id: str, question: str = ASKED) -> Performed:
    return answer_item(AnswerItem((item_id,), question), Scene(state_with(), question, make_world(SHOP).parts, 3))


def told(done: Performed) -> str:
    return " ".join(n.text for n in done.evidence.notes)


def test_the_same_in_another_colour_is_named_and_shown() -> None:
    done = asked("a")
    (cards,) = [e for e in done.events if isinstance(e, Cards)]
    assert [c.item_id for c in cards.cards] == ["b"] and "[1] in neon pink" in told(done)
    assert done.shown is not None and done.shown.item_ids == ("b",)
    assert "[1] in blue" in told(asked("d", "are there other colors?"))


def test_another_model_is_not_another_colour() -> None:
    done = asked("c")
    assert not done.events and "listed in blue" in told(done) and [c.label for c in done.chips] == ["Show similar ones"]


def test_a_listing_without_a_colour_is_said_to_be_silent() -> None:
    assert "does not say its colour" in told(asked("f"))


def test_a_record_that_lists_its_colours_answers_itself() -> None:
    assert "another one" not in told(asked("g"))


def test_other_questions_are_answered_as_before() -> None:
    assert "the listing of [1] does not say" in told(asked("a", "is it waterproof"))
