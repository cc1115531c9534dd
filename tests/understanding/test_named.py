"""Products that a message calls by name, and what it says of them."""

from __future__ import annotations

import pytest

from chatrec.domain.need import Need
from chatrec.domain.reading import Intent, Reading
from chatrec.domain.state import DialogueState, ShownList
from tests.understanding.shops import understander

FRESH = DialogueState("named")
MAT, CASE, PACK, GLASS = "mat-01", "case-08", "trav-08", "nav-08"


def _read(message: str, state: DialogueState = FRESH) -> Reading:
    return understander("demo").read(message, state)


@pytest.mark.parametrize(
    ("message", "liked"),
    [
        ("I love my Plumbline self-inflating mat 3.8", (MAT,)),
        ("i bought the plumbline mat last year and it has been great", (MAT,)),
        ("my favourites are the Plumbline and the Fennick front-pocket cabin case", (MAT, CASE)),
        ("We have used the Strother 65. It was brilliant, what else would you suggest?", (PACK,)),
    ],
)
def test_what_is_named_and_praised_is_liked(message: str, liked: tuple[str, ...]) -> None:
    reading = _read(message)
    assert (reading.liked, reading.disliked) == (liked, ()) and reading.has(Intent.FEEDBACK)


@pytest.mark.parametrize(
    "message",
    [
        "I hated the Strother 65 wheeled backpack",
        "the strother was awful",
        "I had the Strother 65 and it fell apart",
        "I didn't like the Strother",
    ],
)
def test_what_is_named_and_blamed_is_disliked(message: str) -> None:
    reading = _read(message)
    assert (reading.liked, reading.disliked) == ((), (PACK,))


def test_praise_and_blame_are_told_apart() -> None:
    reading = _read("I hated the Strother 65 but enjoyed the Plumbline mat")
    assert (reading.liked, reading.disliked) == ((MAT,), (PACK,))


@pytest.mark.parametrize(
    "message", ["something like the Fennick case but cheaper", "cases similar to the Fennick front-pocket cabin case, only cheaper"]
)
def test_others_like_it(message: str) -> None:
    reading = _read(message)
    assert reading.like_items == (CASE,) and reading.liked == () and reading.has(Intent.RECOMMEND)
    assert [(c.field, c.direction, c.item_ids) for c in reading.comparatives] == [("price", -1, (CASE,))]


def test_a_question_about_a_named_product_points_at_it() -> None:
    reading = _read("is the Plumbline self-inflating mat 3.8 any good for winter?")
    assert reading.has(Intent.ITEM_QUESTION) and reading.references == (MAT,) and reading.liked == ()


@pytest.mark.parametrize(
    "message", ["do you have the Ternlet 8x25 compact binoculars?", "Ternlet 8x25 compact binoculars", "show me the Ternlet"]
)
def test_what_is_only_looked_for_is_searched(message: str) -> None:
    reading = _read(message)
    assert reading.references == () and reading.liked == () and "ternlet" in reading.needs[0].query


@pytest.mark.parametrize("message", ["I love hiking boots", "my favourite colour is green", "I like cooking and I hate rain", "300"])
def test_kinds_and_plain_words_are_no_names(message: str) -> None:
    reading = _read(message)
    assert (reading.liked, reading.disliked, reading.like_items) == ((), (), ())


def test_a_shown_product_is_still_judged() -> None:
    state = DialogueState("s", turn=1, needs=(Need(1, "mat"),), active_need=1, shown=(ShownList(1, 1, (MAT, "mat-12")),))
    assert _read("I like the Plumbline", state).liked == (MAT,)
    assert _read("I don't like the second one", state).disliked == ("mat-12",)


def test_what_is_told_of_it_next_counts() -> None:
    assert _read("I have the Strother 65. It fell apart").disliked == (PACK,)
    assert _read("I have the Strother 65 and need a mat").liked == (PACK,)
    assert _read("people like the Strother 65, is it waterproof?").disliked == ()


@pytest.mark.parametrize("number", range(1, 15))
def test_any_place_of_a_list_can_be_named(number: int) -> None:
    shown = tuple(f"pack-{n:02d}" for n in range(1, 13))
    state = DialogueState("s", turn=1, shown=(ShownList(1, 1, shown),))
    end = {1: "st", 2: "nd", 3: "rd"}.get(number, "th")
    assert _read(f"is the {number}{end} one waterproof?", state).references[:1] == shown[number - 1 : number] or number > 10
