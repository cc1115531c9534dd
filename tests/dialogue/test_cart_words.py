from __future__ import annotations

from decimal import Decimal

import pytest

from chatrec.dialogue.cart_words import cart_total, line_words, pieces, shortage, without_counts
from chatrec.dialogue.carts import lines_meant, open_option, versions_left
from chatrec.domain.item import Item, Variant
from chatrec.domain.need import Constraint, Need, Op
from chatrec.domain.state import DialogueState, ShownList
from chatrec.domain.tool import CartLine


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("put two of these in my cart", 2), ("add 3 of the second one", 3), ("2x the first one please", 2), ("a dozen of them", 12),
        ("add the first one", 1), ("add number 2 to my cart", 1), ("put 99 of it in my cart", 50), ("one in size 42", 1), ("0 of these", 1),
    ],
)  # fmt: skip
def test_pieces(text: str, count: int) -> None:
    assert pieces(text) == count


def test_a_count_or_a_place_is_no_size() -> None:
    assert "2" not in without_counts("add 2 of the first one") and "2" not in without_counts("add number 2 to my cart")
    assert "42" in without_counts("add number 2 in 42")


SHOE = Item(
    "i1", "Shoe", variants=tuple(Variant(f"{s}{c}", (("size", s), ("colour", c)), stock=n) for s, c, n in (("41", "red", 2), ("42", "red", 3), ("42", "blue", 1), ("43", "blue", 0)))
)  # fmt: skip
EMPTY = DialogueState("s")


def chosen(*options: tuple[str, str], said: str = "", state: DialogueState = EMPTY) -> list[str]:
    return [v.variant_id for v in versions_left(SHOE, {f"i1:{n}": v for n, v in options}, said, state)]


def test_versions_are_narrowed_by_what_was_chosen_said_or_asked_for() -> None:
    assert chosen() == ["41red", "42red", "42blue"]  # what is out of stock is not offered
    assert chosen(("size", "42")) == ["42red", "42blue"]
    assert chosen(said="the blue one in 42") == ["42blue"]
    assert chosen(said="the green one") == ["41red", "42red", "42blue"]  # no such version: still a choice
    assert chosen(("size", "44")) == []
    need = Need(1, constraints=(Constraint("size", Op.IS, ("42",)),))
    shown = DialogueState("s", needs=(need,), shown=(ShownList(1, 1, ("i1",)),))
    assert chosen(state=shown) == ["42red", "42blue"]


def test_the_first_open_option_is_asked_for() -> None:
    assert open_option(SHOE.variants) == ("size", ("41", "42", "43"))
    assert open_option(SHOE.variants[1:3]) == ("colour", ("red", "blue"))
    assert open_option(SHOE.variants[:1]) == ("", ()) == open_option(())


KETTLE = CartLine("k", "", 2, "Camp Kettle", price=Decimal("3.50"), currency="USD", stock=1)
MUG = CartLine("m", "v", 1, "Enamel Mug", (("size", "large"),), Decimal("12.00"), "USD")


def test_lines_in_words() -> None:
    assert line_words(KETTLE) == "2 × Camp Kettle at $3.50 each" and shortage(KETTLE) == "Camp Kettle has only 1 left by now."
    assert line_words(MUG) == "Enamel Mug (size large) at $12.00" and shortage(MUG) == ""
    assert line_words(CartLine("x", "", 3, "Thing")) == "3 × Thing with no price listed"
    assert cart_total([KETTLE, MUG]) == "$19.00" and cart_total([KETTLE, CartLine("x", "", 1, "Thing")]) == "" == cart_total([])


def test_which_line_is_meant() -> None:
    assert lines_meant([KETTLE, MUG], (), "remove the mug from my cart") == [MUG]
    assert lines_meant([KETTLE, MUG], ("k",), "remove it from my cart") == [KETTLE]
    assert lines_meant([KETTLE, MUG], (), "Enamel Mug (size large)") == [MUG]
    assert lines_meant([KETTLE, MUG], (), "remove it from my cart") == []  # asked for
    assert lines_meant([MUG], (), "remove that from my cart") == [MUG]
