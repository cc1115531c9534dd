"""Cart, returns, profile and a shop's own tools, in a whole shop over its real database."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from chatrec import tool
from chatrec.bot import ChatRec
from chatrec.domain.context import Context
from chatrec.domain.item import Order
from chatrec.domain.need import Constraint, Op, Strength
from chatrec.domain.profile import Profile
from chatrec.domain.reply import Cards, Chips, Done, Effect, Said
from chatrec.errors import UnknownItem
from chatrec.testing.embedders import HashingEmbedder

from .shop import TEMPLATE, Turn, open_shop, say

WRAPPED: list[str] = []


@tool(
    examples=["gift wrap order {order_id}", "wrap my order as a gift"],
    changes=True,
    verified=True,
    question="Shall I have order {order_id} gift-wrapped for $4?",
    questions={"order_id": "Which order shall be wrapped?"},
)
def gift_wrap(order_id: str) -> str:
    """Has an order gift-wrapped."""
    WRAPPED.append(order_id)
    return f"Order {order_id} will be gift-wrapped. <b>[1]</b>"


@tool(examples=["when does the shop in {town} open", "opening hours in {town}"], questions={"town": "Which town is the shop in?"})
def store_hours(town: str) -> str:
    """Tells when a shop is open."""
    return f"{town}: 9 to 18, from Monday to Saturday"


@pytest.fixture
def served(shop: Path) -> Iterator[ChatRec]:
    WRAPPED.clear()
    rules = {"returns": {"days": 21, "excluded": ("Tea",)}, "tools": {"least_score": 0.5}}
    with ChatRec.open(shop, settings={**TEMPLATE, **rules}, embedder=HashingEmbedder(), tools=[gift_wrap, store_hours]) as bot:
        yield bot


def talk(bot: ChatRec, session: str, *lines: str, user: str | None = None) -> Turn:
    """The last of these turns."""
    return [say(bot, session, line, user) for line in lines][-1]


def acts(turn: Turn) -> list[str]:
    return [a["kind"] for a in turn.done.receipt.acts]


def in_cart(bot: ChatRec, session: str, user: str | None = None) -> list[tuple[str, tuple[tuple[str, str], ...], int]]:
    return [(line.item_id, line.options, line.quantity) for line in bot.shopper(session, user_id=user).cart()]


def test_into_the_cart_after_a_yes_and_not_before(served: ChatRec) -> None:
    asked = talk(served, "s", "show me teapots", "put the second one in my cart")
    second = served.state("s").last_shown()[1]
    assert (
        acts(asked) == ["cart"]
        and asked.text.startswith("Shall I put")
        and [c.label for c in asked.chips if c.kind == "answer"] == ["Yes", "No"]
    )
    assert in_cart(served, "s") == []
    assert "In your cart now: " in talk(served, "s", "yes please").text
    assert in_cart(served, "s") == [(second, (), 1)]
    assert acts(talk(served, "s", "yes")) != ["cart"]  # a yes to nothing puts nothing in
    assert in_cart(served, "s") == [(second, (), 1)]


def test_the_cheapest_is_weighed_and_not_the_card_that_stands_first(served: ChatRec) -> None:
    talk(served, "furthest", "show me teapots", "something dearer")
    shown = served.state("furthest").last_shown()
    prices = {i: served.live(i).price for i in shown}
    cheapest = min(shown, key=lambda i: prices[i] or Decimal(0))
    asked = talk(served, "furthest", "the cheapest one, add it to my cart")
    assert "Shall I put" in asked.text and in_cart(served, "furthest") == []
    talk(served, "furthest", "yes")
    assert [line[0] for line in in_cart(served, "furthest")] == [cheapest]


def test_a_no_or_another_subject_leaves_the_cart_alone(served: ChatRec) -> None:
    talk(served, "s", "show me teapots", "put the first one in my cart", "no thanks")
    talk(served, "s", "put the first one in my cart", "do you ship to Malta?", "yes")
    assert in_cart(served, "s") == []


def test_a_yes_that_goes_on_does_both(served: ChatRec) -> None:
    turn = talk(served, "s", "show me teapots", "put the first one in my cart", "yes, and show me kettles under 50")
    assert acts(turn)[:2] == ["cart", "recommend"] and len(in_cart(served, "s")) == 1 and turn.ids


def test_a_version_is_asked_for_option_by_option_and_never_chosen(served: ChatRec) -> None:
    size = talk(served, "s", "I want an enamel mug", "add it to my cart")
    assert "more than one size" in size.text and {c.label for c in size.chips if c.kind == "answer"} == {"small", "large"}
    colour = talk(served, "s", "large")
    assert "more than one colour" in colour.text
    asked = talk(served, "s", "white")
    assert "$12.50" in asked.text and "size large, colour white" in asked.text
    talk(served, "s", "yes")
    assert in_cart(served, "s") == [("t19", (("size", "large"), ("colour", "white")), 1)]


def test_a_version_named_in_the_message_is_not_asked_for_again(served: ChatRec) -> None:
    asked = talk(served, "s", "I want an enamel mug", "add it in small to my cart")
    assert asked.text.startswith("Shall I put") and "size small, colour blue" in asked.text and "$9.50" in asked.text


def test_pieces_and_stock(served: ChatRec) -> None:
    talk(served, "s", "show me copper kettles", "put two of it in my cart", "yes")
    assert in_cart(served, "s") == [("t7", (), 2)]
    refused = talk(served, "s", "put it in my cart", "yes")
    assert "only 2 left, and 2 of them are in your cart already" in refused.text
    assert in_cart(served, "s") == [("t7", (), 2)]


def test_prices_in_the_cart_are_those_of_this_moment(served: ChatRec) -> None:
    talk(served, "s", "show me copper kettles", "put two of it in my cart", "yes")
    served.set_price("t7", Decimal("99.50"))
    served.set_stock("t7", 1)
    shown = talk(served, "s", "what is in my cart?")
    assert "2 × Bray & Moss Copper Kettle at $99.50 each" in shown.text and "Together that is $199.00" in shown.text
    assert "has only 1 left by now" in shown.text
    served.database.items.remove(["t7"])
    assert "empty" in talk(served, "s", "what is in my cart?").text or "nothing in your cart" in talk(served, "s", "show my cart").text


def test_out_of_the_cart_and_empty(served: ChatRec) -> None:
    talk(served, "s", "show me teapots", "put the first one in my cart", "yes", "put the second one in my cart", "yes")
    asked = talk(served, "s", "remove the second one from my cart")
    assert asked.text.startswith("Shall I take") and len(in_cart(served, "s")) == 2
    talk(served, "s", "yes")
    assert len(in_cart(served, "s")) == 1
    talk(served, "s", "empty my cart", "yes")
    assert in_cart(served, "s") == []
    assert "cart" in talk(served, "s", "remove it from my cart").text


def test_carts_belong_to_sessions_until_the_shopper_is_verified(served: ChatRec) -> None:
    talk(served, "a", "show me teapots", "put the first one in my cart", "yes")
    assert in_cart(served, "b") == [] and len(in_cart(served, "a")) == 1
    talk(served, "a", "hello", user="u1")
    assert in_cart(served, "a") == [] and len(in_cart(served, "elsewhere", "u1")) == 1
    assert in_cart(served, "elsewhere", "u2") == []


def test_a_button_needs_no_second_yes(served: ChatRec) -> None:
    turn = Turn(tuple(served.put_in_cart("s", "t1")))
    assert "In your cart now: " in turn.text and in_cart(served, "s") == [("t1", (), 1)]
    asked = Turn(tuple(served.put_in_cart("s", "t19")))
    assert "more than one size" in asked.text
    assert served.shopper("s").take_out("t1").done and in_cart(served, "s") == []
    with pytest.raises(UnknownItem):
        next(served.put_in_cart("s", "nothing"))


def test_a_turn_that_dies_after_its_effect_is_carried_out_once(served: ChatRec) -> None:
    talk(served, "s", "show me teapots", "put the first one in my cart")
    for _ in range(3):  # the shopper's page breaks off right after the change, before anything is saved
        events = served.reply("s", "yes")
        assert any(isinstance(event, Effect) for event in [next(events)])
        events.close()  # type: ignore[attr-defined]
    talk(served, "s", "yes")
    assert [n for _, _, n in in_cart(served, "s")] == [1]


def orders(bot: ChatRec, *lines: Order) -> None:
    bot.database.orders.replace_all(lines)


JUNE = Context(moment=1_780_315_200.0)  # 2026-06-01


def test_returns_are_told_with_dates_and_without_promises(served: ChatRec) -> None:
    orders(
        served,
        Order("A-1", "u1", "t1", "delivered", "2026-05-20"),
        Order("A-2", "u1", "t23", "delivered", "2026-05-20"),
        Order("A-3", "u2", "t2", "delivered", "2026-05-20"),
    )
    turn = Turn(tuple(served.reply("s", "I want to return order A-1", user_id="u1", context=JUNE)))
    assert acts(turn) == ["return_check"] and "2026-05-20" in turn.text and "2026-06-10" in turn.text and "refund" not in turn.text
    assert "cannot be sent back" in talk(served, "s", "I want to return order A-2", user="u1").text  # tea
    theirs = talk(served, "s", "I want to return order A-3", user="u1")
    assert "2026" not in theirs.text and "Everyday" not in theirs.text
    assert "sign in" in talk(served, "v", "I want to return order A-1").text


def test_a_tool_asks_for_what_is_missing_confirms_and_is_carried_out_once(served: ChatRec) -> None:
    orders(served, Order("A-1", "u1", "t1", "packed", "2026-05-20"), Order("B-22", "u2", "t2", "packed", "2026-05-20"))
    assert "sign in" in talk(served, "v", "gift wrap order A-1").text
    asked = talk(served, "s", "please wrap my order as a gift", user="u1")
    assert acts(asked) == ["tool"] and asked.text == "Which order shall be wrapped?"
    confirm = talk(served, "s", "A-1", user="u1")
    assert confirm.text == "Shall I have order A-1 gift-wrapped for $4?" and WRAPPED == []
    done = talk(served, "s", "yes", user="u1")
    assert WRAPPED == ["A-1"] and done.text == "Order A-1 will be gift-wrapped. b(1)/b."
    talk(served, "s", "yes", user="u1")
    assert WRAPPED == ["A-1"]
    talk(served, "s", "gift wrap order B-22", "yes", user="u1")
    assert WRAPPED == ["A-1"]  # another shopper's order


def test_a_tool_finds_its_argument_in_the_words_and_asks_once(served: ChatRec) -> None:
    assert talk(served, "s", "when does the shop in Port Ellen open?").text == "Port Ellen: 9 to 18, from Monday to Saturday."
    assert talk(served, "s", "opening hours please", "Leith").text == "Leith: 9 to 18, from Monday to Saturday."
    assert served.state("s").needs == ()  # no wish came of it
    talk(served, "s", "opening hours please")
    assert acts(talk(served, "s", "show me kettles under 50 instead")) == ["recommend"]


def test_tools_do_not_swallow_the_search(served: ChatRec) -> None:
    assert acts(talk(served, "s", "a gift for my mother under 50")) == ["recommend"]
    assert acts(talk(served, "t", "show me kettles under 50")) == ["recommend"]


def remembered(bot: ChatRec, user: str = "u1") -> Profile:
    profile = bot.shopper("any", user_id=user).profile()
    assert profile is not None
    return profile


def test_what_a_verified_shopper_says_for_good_is_offered_and_kept_only_with_consent(served: ChatRec) -> None:
    asked = talk(served, "s", "show me kettles", "never Corrow again", user="u1")
    assert "Shall I remember for your next visits: no Corrow?" in asked.text and remembered(served).is_empty
    talk(served, "s", "no", user="u1")
    assert remembered(served).is_empty
    again = talk(served, "s", "never Corrow again", user="u1")
    assert "remember" not in again.text  # offered once a dialogue
    talk(served, "t", "show me kettles", "never Corrow again", "yes", user="u1")
    (wish,) = remembered(served).wishes
    assert (wish.field, wish.values, wish.strength) == ("brand", ("Corrow",), Strength.AVOID)
    assert "remember" not in talk(served, "v", "show me kettles", "never Corrow again").text  # a visitor has no profile


def test_a_remembered_wish_stands_as_a_chip_and_can_be_dropped(served: ChatRec) -> None:
    served.database.profiles.save(
        Profile(
            "u1",
            wishes=(
                Constraint("colour", Op.IS, ("black",), strength=Strength.PREFER),
                Constraint("brand", Op.IS, ("Senn",), strength=Strength.AVOID),
            ),
        )
    )
    turn = talk(served, "s", "show me kettles", user="u1")
    assert {"ideally colour black (remembered)", "rather not Senn (remembered)"} <= set(turn.constraints)
    assert all("Senn" not in card.title for card in turn.cards) and "black" in turn.text
    served.drop("s", 1, served.state("s").needs[0].constraints[-1].key)
    assert "rather not Senn (remembered)" not in talk(served, "s", "under 100", user="u1").constraints  # dropped, it stays away
    assert "ideally colour black (remembered)" not in talk(served, "s2", "show me kettles for my mother", user="u1").constraints
    assert "ideally colour black (remembered)" not in talk(served, "s3", "show me kettles").constraints
    assert "ideally colour black (remembered)" not in talk(served, "s4", "show me tea", user="u1").constraints  # tea has no colour


def test_dislikes_are_remembered_for_the_next_visit(served: ChatRec) -> None:
    first = talk(served, "s", "show me kettles", user="u1").ids[0]
    served.feedback("s", first, "dislike", user_id="u1")
    assert remembered(served).disliked == (first,)
    assert first not in talk(served, "next", "show me kettles", user="u1").ids
    served.shopper("next", user_id="u1").drop(f"item:{first}")
    assert remembered(served).is_empty
    assert not [e for e in served.database.events.history("u1", 50) if e.kind == "dislike"]


def test_what_do_you_know_about_me(served: ChatRec) -> None:
    assert "not signed in" in talk(served, "v", "what do you know about me?").text
    served.database.profiles.save(Profile("u1", liked=("t1",), wishes=(Constraint("size", Op.IS, ("large",), strength=Strength.PREFER),)))
    told = talk(served, "s", "what do you know about me?", user="u1")
    assert "size large" in told.text and "Gooseneck" in told.text and "Cork" in told.text
    assert [c.key for c in told.chips if c.kind == "profile"] == ["wish:prefer:size:is:large"]
    assert "I have forgotten: size large." in talk(served, "s", "forget my saved sizes", user="u1").text
    assert remembered(served).wishes == () and remembered(served).liked == ("t1",)
    assert "Gooseneck" not in talk(served, "s", "what do you know about me?", user="u2").text


def test_forget_me_erases_all_after_a_yes(served: ChatRec) -> None:
    talk(served, "s", "show me kettles", "put the first one in my cart", "yes", user="u1")
    served.feedback("s", "t1", "like", user_id="u1")
    talk(served, "s", "forget me", user="u1")
    assert served.state("s").turn == 4 and not remembered(served).is_empty
    gone = talk(served, "s", "yes", user="u1")
    assert gone.done.action == "forgotten" and gone.constraints == ()
    assert remembered(served).is_empty and in_cart(served, "s", "u1") == [] and served.shopper("s", user_id="u1").turns() == []
    assert served.state("s").version == 0
    erased = served.forget(user_id="u1")
    assert erased == dict.fromkeys(erased, 0)


def test_a_visitor_is_forgotten_too(served: ChatRec) -> None:
    talk(served, "s", "show me kettles", "put the first one in my cart", "yes", "forget me", "yes")
    assert served.state("s").version == 0 and in_cart(served, "s") == []
    erased = served.forget(session_id="s")
    assert erased == dict.fromkeys(erased, 0)


def test_the_conversation_comes_back_after_a_restart(shop: Path) -> None:
    with open_shop(shop) as bot:
        first = say(bot, "s", "show me kettles under 50")
        list(bot.refresh("s", heard="Drop something"))
        say(bot, "s", "compare the first two")
    with open_shop(shop) as bot:
        turns = bot.shopper("s").turns()
        assert [message for message, _ in turns] == ["show me kettles under 50", "Drop something", "compare the first two"]
        events = turns[0][1]
        cards = next(e for e in events if isinstance(e, Cards))
        assert tuple(c.item_id for c in cards.cards) == first.ids and [c.why for c in cards.cards] == [c.why for c in first.cards]
        assert tuple(e.sentence.rendered for e in events if isinstance(e, Said)) == first.said
        assert next(e for e in events if isinstance(e, Chips)).chips == first.chips
        assert isinstance(events[-1], Done) and not events[-1].receipt.stopped
        assert bot.shopper("s", user_id="u1").turns() == [] and bot.shopper("other").turns() == []


def test_a_stopped_turn_is_kept_as_far_as_it_was_said(served: ChatRec) -> None:
    events = served.reply("s", "show me kettles under 50", keep_stopped=True)
    seen = [next(events) for _ in range(3)]
    events.close()  # type: ignore[attr-defined]
    cards = next(e for e in seen if isinstance(e, Cards))
    ((message, kept),) = served.shopper("s").turns()
    assert message == "show me kettles under 50" and [type(e) for e in kept[:3]] == [type(e) for e in seen]
    assert isinstance(kept[-1], Done) and kept[-1].receipt.stopped
    assert served.state("s").last_shown() == tuple(c.item_id for c in cards.cards)
    assert "tell me" not in talk(served, "s", "put the first one in my cart").text.lower()


def test_nothing_personal_is_logged(served: ChatRec, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "chatrec")
    talk(
        served,
        "my-session",
        "show me kettles",
        "put the first one in my cart",
        "yes",
        "I always take black",
        "yes",
        "forget me",
        "yes",
        user="u1",
    )
    said = " ".join(r.getMessage() for r in caplog.records if r.name.startswith("chatrec"))
    assert not [word for word in ("my-session", "u1", "kettle", "black") if word in said]


def test_a_shop_with_a_cart_of_its_own(shop: Path) -> None:
    held: dict[str, int] = {}

    @tool(changes=True)
    def cart_add(item_id: str, variant_id: str = "", quantity: int = 1) -> None:
        """The shop's own cart."""
        held[item_id] = held.get(item_id, 0) + quantity

    with ChatRec.open(shop, settings=TEMPLATE, embedder=HashingEmbedder(), tools=[cart_add]) as bot:
        list(bot.put_in_cart("s", "t1"))
        assert held == {"t1": 1} and bot.shopper("s").cart() == ()
        assert replace(bot.state("s"), version=0).turn == 1
