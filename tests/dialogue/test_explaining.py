"""Why this, and why not that: exact facts of the list, the ledger and the records."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatrec.dialogue.decide import decide
from chatrec.dialogue.explaining import named_items
from chatrec.dialogue.ledger import Change
from chatrec.domain.act import Explain
from chatrec.domain.need import Need, Op, Strength
from chatrec.domain.reading import Intent, IntentSpan, Reading
from chatrec.domain.reply import Done
from chatrec.domain.state import DialogueState, ShownList

from .test_turn import of, text, turn
from .world import at_most, brand, category, items, make_world, said, state_with

LIMITS = (category("spades"), at_most("price", 50))
STATE = replace(
    state_with(Need(1, "spade", constraints=LIMITS)),
    shown=(ShownList(1, 1, ("s1", "s4"), ("spades, price up to $50 · liked by many", "spades, price up to $50 · liked by many")),),
    turn=1,
)


def why_not(words: str, state: DialogueState = STATE, world: object = None) -> str:
    reading = Reading((IntentSpan(Intent.WHY, words),))
    return text(turn(world or make_world(), reading, state, words)[0])  # type: ignore[arg-type]


def test_why_this_tells_the_limits_it_keeps_and_the_reason_of_its_source() -> None:
    reading = Reading((IntentSpan(Intent.WHY, "why the first one"),), references=("s1",))
    told = text(turn(make_world(), reading, STATE)[0])
    assert "it keeps to what you asked for (spades, price up to $50) and it is liked by many" in told


def test_why_this_tells_a_wish_that_is_fulfilled() -> None:
    wish = brand("Ashdown", strength=Strength.PREFER)
    state = replace(STATE, needs=(Need(1, "spade", constraints=(*LIMITS, wish)),))
    reading = Reading((IntentSpan(Intent.WHY, "why the first one"),), references=("s1",))
    assert "what you would rather have: Ashdown" in text(turn(make_world(), reading, state)[0])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("why not the lady's spade?", "price up to $50): $2 above your limit"),
        ("why didn't you show me the trenching spade?", "$11 above your limit"),
        ("how come you left out the bow rake?", "rakes, not spades"),
        ("why not the digging spade?", "is out of stock"),
        ("why not the border spade?", "I did show you Ashdown border spade"),
    ],
)
def test_why_not_tells_what_speaks_against_it(words: str, told: str) -> None:
    assert told in why_not(words)


def test_why_not_what_was_turned_down_and_what_ranks_below() -> None:
    bare = replace(STATE, needs=(Need(1, "spade", constraints=(category("spades"),)),))
    assert "because you turned it down" in why_not("why not the trenching spade?", replace(bare, disliked=("s5",)))
    assert "comes in place 4 of 5" in why_not("why not the trenching spade?", bare)


def test_the_receipt_names_the_item_that_was_meant() -> None:
    reading = Reading((IntentSpan(Intent.WHY, "why not the trenching spade?"),))
    events, state = turn(make_world(), reading, STATE, "why not the trenching spade?")
    assert of(Done, events)[0].receipt.acts[0]["item_id"] == "s5" and state.focus == ("s5",)


def test_a_name_that_no_title_holds_is_asked_for() -> None:
    assert "Which one do you mean?" in why_not("why not the golden trowel?")


def test_names_are_found_in_titles_and_kinds_are_not_names() -> None:
    shelf = make_world([replace(i, item_id=f"{i.item_id}{n}") for n in range(1) for i in items()]).parts.shelf
    assert named_items("why not the pocket hose", shelf) == ("h20",)
    assert named_items("why not a spade", shelf) == ()


def test_why_not_read_as_something_else_is_still_why_not_but_wishes_are_not() -> None:
    def acts(words: str, **rest: object) -> tuple[object, ...]:
        return decide(STATE, Reading((IntentSpan(Intent.OUT_OF_SCOPE, words),), **rest), Change())  # type: ignore[arg-type]

    assert acts("and why not the pocket hose") == (Explain("", "and why not the pocket hose"),)
    assert not any(isinstance(a, Explain) for a in acts("why not show me red ones"))
    assert not any(isinstance(a, Explain) for a in acts("the pocket hose is not blue"))


def test_exclusions_are_told_as_ruled_out() -> None:
    state = replace(STATE, needs=(Need(1, "spade", constraints=(category("spades"), brand("Tolland", op=Op.IS_NOT))),))
    assert "Tolland, which you ruled out" in why_not("why not the trenching spade?", state)


def test_without_anything_shown_there_is_nothing_to_explain() -> None:
    events, _ = turn(make_world(), said(Intent.WHY), DialogueState("s"))
    assert "Which one do you mean?" in text(events)
