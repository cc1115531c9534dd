"""Whole turns on the small shop, with the reading given: what is shown, said, asked, remembered and written into the receipt."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from chatrec.dialogue.turn import run_turn
from chatrec.domain.facts import Evidence
from chatrec.domain.item import Order
from chatrec.domain.need import Need
from chatrec.domain.reading import Comparative, Intent, IntentSpan, NeedReading, Reading, Unknown
from chatrec.domain.reply import Cards, Chips, Comparison, Done, Effect, ReplyEvent, Said
from chatrec.domain.state import DialogueState

from .world import Silent, World, at_most, brand, category, items, make_world, said, state_with

SPADES = Need(1, "spade", constraints=(category("spades"),))
WANTED = said(Intent.RECOMMEND, needs=(NeedReading("spade", (category("spades"), at_most("price", 50)), opens=True),))


def turn(
    world: World, reading: Reading, state: DialogueState | None = None, message: str = "a message"
) -> tuple[list[ReplyEvent], DialogueState]:
    events, steps = [], run_turn(message, state or DialogueState("s"), world.parts, "turn-1", reading)
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            return events, end.value


def of(kind: type, events: list[ReplyEvent]) -> list:  # type: ignore[type-arg]
    return [e for e in events if isinstance(e, kind)]


def text(events: list[ReplyEvent]) -> str:
    return of(Done, events)[0].text


def labels(events: list[ReplyEvent], kind: str) -> list[str]:
    return [c.label for c in of(Chips, events)[0].chips if c.kind == kind]


def test_cards_come_before_their_text_and_done_comes_last() -> None:
    events, state = turn(make_world(), WANTED)
    kinds = [type(e) for e in events]
    assert kinds.index(Cards) < kinds.index(Said) < kinds.index(Chips) and kinds[-1] is Done and kinds.count(Done) == 1
    assert state.last_shown() == tuple(c.item_id for c in of(Cards, events)[0].cards) and state.turn == 1


def test_every_card_is_cited_once_and_nothing_else() -> None:
    events, _ = turn(make_world(), WANTED)
    cards = of(Cards, events)[0].cards
    assert {n for e in of(Said, events) for n in e.sentence.cites} == {c.position for c in cards}
    assert all(c.title in text(events) for c in cards)
    assert not [i.title for i in items() if i.title in text(events) and i.title not in [c.title for c in cards]]


@pytest.mark.parametrize("intent", [Intent.REFINE, Intent.COMPARE, Intent.WHY, Intent.CHOOSE])
def test_the_text_tells_the_price_of_this_moment(intent: Intent) -> None:
    world = make_world()
    for item_id in ("s1", "s3"):
        world.live.set(item_id, price="41.50")
    events, _ = turn(world, said(intent), state_with(SPADES, shown=[("s1", "s3")]))
    assert "$41.50" in text(events)
    assert "45.00" not in text(events) and "52.00" not in text(events)


def test_nothing_matches_is_said_with_ways_out_and_their_counts() -> None:
    reading = said(Intent.RECOMMEND, needs=(NeedReading("", (category("spades"), brand("Mere"), at_most("price", 20)), opens=True),))
    events, state = turn(make_world(), reading)
    assert not of(Cards, events) and "nothing" in text(events).lower() and state.failures == 0
    assert "up to $5 more (1)" in labels(events, "relax")
    tapped = next(c for c in of(Chips, events)[0].chips if c.label == "up to $5 more (1)")
    assert tapped.message == "price up to $25"


def test_all_seen_is_not_called_nothing_matches() -> None:
    state = state_with(Need(1, constraints=(category("rakes"),)), shown=[("r1", "r2", "r3")])
    events, _ = turn(make_world(), said(Intent.MORE), state)
    assert not of(Cards, events) and "seen all 3" in text(events)


def test_two_needs_have_two_lists_and_all_their_chips() -> None:
    reading = said(
        Intent.RECOMMEND,
        needs=(
            NeedReading("spade", (category("spades"), at_most("price", 50)), opens=True),
            NeedReading("rake", (category("rakes"), at_most("price", 40)), opens=True),
        ),
    )
    events, _ = turn(make_world(), reading)
    assert [c.need_id for c in of(Cards, events)] == [1, 2]
    assert labels(events, "constraint") == ["spades", "price up to $50 (spades)", "rakes", "price up to $40 (rakes)"]


def test_no_chip_stands_there_twice() -> None:
    reading = replace(WANTED, unknown=(Unknown("trowel", "category", ("spades", "spades", "rakes")),))
    events, _ = turn(make_world(), reading)
    shown = [(c.kind, c.label) for c in of(Chips, events)[0].chips]
    assert len(set(shown)) == len(shown)


def big_shop() -> World:
    return make_world([replace(i, item_id=f"{i.item_id}-{n}", title=f"{i.title} {n}") for n in range(4) for i in items()])


def test_one_question_is_asked_and_a_shopper_who_waves_it_away_is_left_alone() -> None:
    world = big_shop()
    events, state = turn(world, said(Intent.RECOMMEND, needs=(NeedReading("spade", (category("spades"),), opens=True),)))
    assert state.question is not None and text(events).rstrip().endswith("?") and "any" in labels(events, "answer")
    field = state.question.field
    skip = Reading((IntentSpan(Intent.SKIP, "skip that"),))
    for reading in (skip, said(Intent.MORE), said(Intent.REFINE, needs=(NeedReading("ash spade"),))):
        events, state = turn(world, reading, state)
        assert state.question is None or state.question.field != field
        assert reading is not skip or state.question is None
    assert of(Cards, events) and f"1:passed:{field}" in state.asked


def test_any_leaves_a_field_open_and_the_receipt_tells_what_became_of_the_question() -> None:
    world = big_shop()
    first, state = turn(world, said(Intent.RECOMMEND, needs=(NeedReading("spade", (category("spades"),), opens=True),)))
    assert state.question is not None
    field = state.question.field
    assert of(Done, first)[0].receipt.question["asked"] == field
    events, state = turn(world, Reading((IntentSpan(Intent.SKIP, "any"),)), state)
    told = of(Done, events)[0].receipt.question
    assert (told["waiting"], told["answer"], told["asked"]) == (field, "any", "")
    assert f"1:any:{field}" in state.asked and f"1:passed:{field}" not in state.asked


def test_an_answered_question_may_be_followed_by_another_about_something_else() -> None:
    world = big_shop()
    _, state = turn(world, said(Intent.RECOMMEND, needs=(NeedReading("spade", (category("spades"),), opens=True),)))
    assert state.question is not None
    field, value = state.question.field, state.question.options[0]
    answer = at_most("price", 46) if field == "price" else brand(value)
    _, state = turn(world, said(Intent.REFINE, needs=(NeedReading("", (answer,)),)), state)
    assert len(set(state.asked)) == len(state.asked) and f"1:{field}" in state.asked


def test_no_question_where_the_shop_wants_none() -> None:
    world = big_shop()
    world.parts = replace(world.parts, limits=replace(world.parts.limits, ask=False))
    _, state = turn(world, said(Intent.RECOMMEND, needs=(NeedReading("spade", (category("spades"),), opens=True),)))
    assert state.question is None and state.asked == ()


def test_the_only_one_is_not_the_cheapest_of_all_one() -> None:
    state = state_with(Need(1, constraints=(category("spades"), brand("Tolland"))), shown=[("s1",)])
    events, _ = turn(make_world(), said(Intent.REFINE, comparatives=(Comparative("price", -1, extreme=True),)), state)
    assert "all 1" not in text(events)


def test_the_comparison_holds_what_differs_and_says_what_is_not_listed() -> None:
    bare = [replace(i, attributes=i.attributes[1:]) if i.item_id == "s3" else i for i in items()]
    events, _ = turn(make_world(bare), said(Intent.COMPARE), state_with(SPADES, shown=[("s1", "s3")]))
    rows = dict(of(Comparison, events)[0].rows)
    assert rows["price"] == ("$45.00", "$52.00") and rows["weight"] == ("1900 g", "not listed")
    assert "material" not in rows and "folding" not in rows  # the same in both


def test_an_order_is_told_to_its_owner_only() -> None:
    order = Order("A-1", "ann", "s1", "shipped", eta="2030-01-02")
    world = make_world(silent=Silent(orders=(order,)))
    asked = said(Intent.ORDER_STATUS, order_ids=("A-1",))
    assert "shipped" in text(turn(world, asked, DialogueState("s", user_id="ann"))[0])
    for user_id in (None, "bob"):
        told = text(turn(world, asked, DialogueState("s", user_id=user_id))[0])
        assert "shipped" not in told and "Ashdown" not in told and told


def test_a_person_gets_a_brief() -> None:
    spades = Need(1, "spade", constraints=(category("spades"), at_most("price", 50)))
    asked = ("1:material", "1:any:material")
    state = state_with(spades, shown=[("s1",)], liked=("s1",), asked=asked, tried=("without the brand: 7",))
    events, state = turn(make_world(), said(Intent.HAND_OFF, mood=-0.5), state, "a person, please")
    brief = dict(of(Effect, events)[0].payload)
    assert {name: brief[name] for name in ("reason", "needs", "shown", "shown_titles", "liked", "disliked")} == {
        "reason": "asked", "needs": "spades, price up to $50", "shown": "s1", "shown_titles": "Ashdown border spade", "liked": "s1",
        "disliked": "",
    }  # fmt: skip
    assert (brief["asked"], brief["tried"], brief["mood"]) == ("material", "without the brand: 7", "-0.25")
    assert (brief["language"], brief["last_message"]) == ("en", "a person, please")
    assert of(Done, events)[0].action == "hand_off" and state.handed_off


def test_the_third_failure_in_a_row_brings_a_person_and_only_once() -> None:
    world, state = make_world(), DialogueState("s")
    actions = []
    for _ in range(5):
        events, state = turn(world, said(Intent.OUT_OF_SCOPE), state)
        actions.append(of(Done, events)[0].action)
    assert actions == ["", "", "hand_off", "", ""]


def test_failures_do_not_add_up_over_a_success() -> None:
    world, state = make_world(), DialogueState("s")
    for reading in (said(Intent.OUT_OF_SCOPE), said(Intent.OUT_OF_SCOPE), WANTED, said(Intent.OUT_OF_SCOPE)):
        _, state = turn(world, reading, state)
    assert state.failures == 1 and not state.handed_off


class Mute:
    """A writer of which no sentence passes."""

    def write(self, evidence: Evidence) -> list:  # type: ignore[type-arg]
        return []


def test_a_turn_is_answered_even_when_nothing_passes_the_gate() -> None:
    world = make_world()
    world.parts = replace(world.parts, writer=Mute())
    for reading in (WANTED, said(Intent.SMALL_TALK)):
        assert text(turn(world, reading)[0])


def test_the_receipt_is_json_and_holds_what_was_shown_and_why() -> None:
    events, _ = turn(make_world(), WANTED)
    receipt = of(Done, events)[0].receipt
    kept = json.loads(json.dumps(asdict(receipt), default=str))
    assert [row["item_id"] for row in kept["shown"]] == [c.item_id for c in of(Cards, events)[0].cards]
    assert all(0 < row["propensity"] <= 1 and row["price"] for row in kept["shown"])
    assert kept["ledger"][0]["constraints"][1]["number"] == 50 and kept["acts"][0]["kind"] == "recommend"
    assert {"understand", "update", "decide", "total"} <= set(kept["timings_ms"])


def test_an_empty_message_and_a_very_long_one_are_answered() -> None:
    world = make_world(message_chars=40)
    for message in ("", "   \n", "spade " * 100):
        steps = run_turn(message, DialogueState("s"), world.parts, "t")
        assert text(list(steps))
