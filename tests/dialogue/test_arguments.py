"""Arguments of a tool, from the shopper's words."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import pytest
from pydantic import Field

from chatrec.actions.tools import make_tool
from chatrec.dialogue.arguments import as_typed, fill, invalid, question_for, value_of
from chatrec.dialogue.perform import Scene
from chatrec.dialogue.tools import confirmation
from chatrec.domain.act import UseTool
from chatrec.domain.state import DialogueState

from .world import make_world


def book(
    town: Annotated[str, Field(description="Which town is it")],
    day: date,
    people: int,
    size: Literal["small", "large"],
    code: Annotated[str, Field(pattern="^[A-Z]{2}-[0-9]{2}$")],
    wrapped: bool = False,
) -> str:
    """Books a table."""
    return ""


BOOK = make_tool(book, examples=["book a table in {town} for us"], question="Shall I book {people} seats in {town}?")


def scene(message: str) -> Scene:
    return Scene(DialogueState("s", turn=1), message, make_world().parts)


def test_what_the_words_hold_is_taken_and_nothing_is_made_up() -> None:
    message = "Book a table in Port Ellen for us, 3 people, a large one on 2026-06-01 with AB-12"
    found = fill(BOOK, UseTool("book", (("", message.lower()),)), scene(message))
    assert found["town"] == "Port Ellen" and found["day"] == "2026-06-01" and found["size"] == "large" and found["code"] == "AB-12"
    assert fill(BOOK, UseTool("book", (("", "book something"),)), scene("book something")) == {}
    assert invalid(BOOK, {"town": "Leith", "people": "three"}) == ["day", "people", "size", "code"]


def test_orders_and_products_pointed_at_are_taken() -> None:
    def wrap(order_number: str, product: str) -> str:
        """Wraps."""
        return ""

    found = fill(make_tool(wrap), UseTool("wrap", (("", "wrap it"), ("order_id", "A-1"), ("item_id", "s1"))), scene("wrap it"))
    assert found == {"order_number": "A-1", "product": "s1"}


@pytest.mark.parametrize(
    ("name", "message", "value"),
    [
        ("people", "there will be 4 of us", "4"),
        ("people", "2 or 3", ""),
        ("size", "Large please", "large"),
        ("size", "small or large", ""),
        ("day", "on 2026-06-01", "2026-06-01"),
        ("code", "it is ab-12", "ab-12"),
        ("wrapped", "yes", "Yes"),
        ("town", "Leith", "Leith"),
        ("town", "what does it cost to have it sent to Leith?", ""),
    ],
)
def test_an_answer_is_read_by_the_kind_of_the_argument(name: str, message: str, value: str) -> None:
    assert value_of(next(p for p in BOOK.parameters if p.name == name), message) == value


def test_questions_and_the_confirmation() -> None:
    assert question_for(BOOK, "town") == ("Which town is it?", ())
    assert question_for(BOOK, "size") == ("Which size is it about?", ("small", "large"))
    assert question_for(BOOK, "wrapped")[1] == ("Yes", "No")
    assert confirmation(BOOK, {"town": "Leith [1]", "people": "3"}) == "Shall I book 3 seats in Leith (1)?"
    plain = make_tool(book, question="")
    assert confirmation(plain, {"town": "Leith"}) == "Shall I go ahead: books a table (town Leith)?"


def test_the_spelling_is_the_shoppers() -> None:
    assert as_typed("port ellen", "Open in Port Ellen?") == "Port Ellen"
    assert as_typed("leith", "something else") == "leith"
