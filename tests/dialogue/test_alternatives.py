"""Where nothing matches: counts, what comes nearest and what it breaks, and where the prices begin."""

from __future__ import annotations

from dataclasses import replace

from chatrec.dialogue.breaches import breaches
from chatrec.dialogue.recommending import recommend
from chatrec.dialogue.scene import Scene
from chatrec.domain.act import Recommend
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Need, Op
from chatrec.domain.reading import Intent, NeedReading, Reading
from chatrec.domain.reply import Alternatives, Cards, Done
from chatrec.domain.state import DialogueState

from .test_turn import of, text, turn
from .world import World, at_most, brand, category, items, make_world, said, state_with

ALL = {i.item_id: i for i in items()}
CHEAP_TOLLAND = said(
    Intent.RECOMMEND, needs=(NeedReading("spade", (category("spades"), brand("Tolland"), at_most("price", 50)), opens=True),)
)


def broken(item: Item, *hard: Constraint) -> tuple[str, ...]:
    return breaches(item, hard, make_world().parts.shelf, "USD")


def test_what_an_item_breaks_is_told_with_its_own_values() -> None:
    spade = ALL["s1"]
    assert broken(spade, at_most("price", 40)) == ("$5 above your limit",)
    assert broken(spade, at_most("weight", 1500, "g")) == ("weight 1900 g, above your 1500 g",)
    assert broken(spade, brand("Mere"), category("rakes")) == ("Ashdown, not Mere", "spades, not rakes")
    assert broken(spade, Constraint("material", Op.IS_NOT, ("ash",))) == ("material ash, which you ruled out",)
    assert broken(spade, Constraint("folding", Op.IS, ("yes",))) == ("not folding",)
    assert broken(ALL["s2"], Constraint("stock", Op.AT_LEAST, number=1)) == ("out of stock",)
    assert broken(spade, brand("Ashdown"), at_most("price", 45)) == ()


def test_a_silent_record_is_said_to_be_silent() -> None:
    bare = replace(ALL["s1"], attributes=(), price=None)
    assert broken(bare, Constraint("material", Op.IS, ("steel",))) == ("its material is not listed, you asked for steel",)
    assert broken(bare, at_most("price", 5)) == ("its price is not listed",)


def test_brackets_in_a_value_do_not_become_a_citation() -> None:
    odd = replace(ALL["s1"], brand="A[2]B")
    assert broken(odd, brand("Mere")) == ("A(2)B, not Mere",)


def play(world: World, reading: Reading = CHEAP_TOLLAND) -> tuple[list, DialogueState]:  # type: ignore[type-arg]
    return turn(world, reading)


def test_alternatives_are_marked_and_none_of_them_is_a_match() -> None:
    world = make_world()
    events, state = play(world)
    assert not of(Cards, events)
    shown = of(Alternatives, events)[0]
    need = state.need()
    assert need is not None and 0 < len(shown.cards) <= world.parts.limits.shown
    for card in shown.cards:
        assert card.breaks and card.breaks in card.why
        assert not world.parts.shelf.satisfies(ALL[card.item_id], need.hard())
    assert state.shown[-1].alternative and state.last_shown() == tuple(c.item_id for c in shown.cards)
    assert "not" in text(events) and "$11 above your limit" in text(events)


def test_alternatives_are_no_shown_items_of_the_receipt_but_the_counts_are_exact() -> None:
    world = make_world()
    events, state = play(world)
    receipt = of(Done, events)[0].receipt
    assert receipt.shown == []
    need = state.need()
    assert need is not None
    for row in receipt.ranking["1"]["relaxations"]:
        assert row["count"] > 0
    loosened = need.without(brand("Tolland").key)
    assert any(row["count"] == len(world.parts.shelf.matching(loosened.hard()) or ()) for row in receipt.ranking["1"]["relaxations"])


def test_below_the_cheapest_the_cheapest_is_named() -> None:
    events, _ = play(
        make_world(), said(Intent.RECOMMEND, needs=(NeedReading("spade", (category("spades"), at_most("price", 5)), opens=True),))
    )
    assert "The cheapest of them is Mere folding spade ($25.00)" in text(events)


def test_the_cheapest_is_that_of_this_moment() -> None:
    world = make_world()
    world.live.set("s1", price="20.00")
    events, _ = play(world, said(Intent.RECOMMEND, needs=(NeedReading("spade", (category("spades"), at_most("price", 5)), opens=True),)))
    assert "The cheapest of them is Ashdown border spade ($20.00)" in text(events)


def test_what_was_tried_is_kept_for_whoever_takes_over() -> None:
    _, state = play(make_world())
    assert any("without the brand" in way for way in state.tried)


def test_nothing_is_shown_where_there_is_no_way_out() -> None:
    events, _ = play(make_world([]), said(Intent.RECOMMEND, needs=(NeedReading("spade", (), opens=True),)))
    assert not of(Alternatives, events)


def test_what_is_silent_comes_after_the_few_that_match() -> None:
    quiet = [replace(i, attributes=tuple(a for a in i.attributes if a.name != "folding")) if i.item_id == "s5" else i for i in items()]
    world = make_world(quiet)
    need = Need(1, query="spade", constraints=(category("spades"), Constraint("folding", Op.IS, ("yes",))))
    done = recommend(Recommend(1), Scene(state_with(need), "a folding spade", world.parts))
    listed, near = done.events
    assert isinstance(listed, Cards) and [c.item_id for c in listed.cards] == ["s4"]
    assert isinstance(near, Alternatives) and [(c.item_id, c.position) for c in near.cards] == [("s5", 2)]
    assert "not listed" in near.cards[0].breaks and done.shown is not None and done.shown.item_ids == ("s4", "s5")
    assert any("may fit" in n.text for n in done.evidence.notes)


def test_what_says_otherwise_is_no_silent_one() -> None:
    need = Need(1, query="spade", constraints=(category("spades"), Constraint("folding", Op.IS, ("yes",))))
    done = recommend(Recommend(1), Scene(state_with(need), "a folding spade", make_world().parts))
    assert len(done.events) == 1


def test_an_order_by_what_no_record_gives_is_said_to_be_none() -> None:
    quiet = [replace(i, attributes=()) if i.category == "spades" else i for i in items()]
    need = Need(1, query="spade", constraints=(category("spades"),))
    done = recommend(Recommend(1, ("weight", -1)), Scene(state_with(need), "the lightest", make_world(quiet).parts))
    assert isinstance(done.events[0], Cards) and len(done.events[0].cards) == 3
    assert done.evidence.notes[0].text == "none of the 5 that match lists its weight, so I can not go by that"
