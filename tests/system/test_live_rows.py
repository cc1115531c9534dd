"""Price and stock are what the shop's rows say at this moment, and the promises hold while they change."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from chatrec.bot import ChatRec
from chatrec.domain.reply import Cards
from chatrec.evaluation.audit import run_grounding
from chatrec.storage.database import Database

from .shop import open_shop, say, train_shop

PROMISES = ("invented_items", "wrong_prices", "card_mismatches", "violations")


def test_generated_turns_keep_every_promise(bot: ChatRec) -> None:
    figures, problems = run_grounding(bot, 150, seed=11)
    table = bot.folder.name
    assert problems == []
    assert {name: figures[f"{table}/chatrec/{name}"] for name in PROMISES} == dict.fromkeys(PROMISES, 0)
    assert figures[f"{table}/chatrec/turns"] == 150
    assert figures[f"{table}/chatrec/sentences"] > 200


def test_generated_turns_keep_every_promise_while_rows_change(bot: ChatRec) -> None:
    """Before each turn a handful of prices and stocks change, in both directions."""
    rng = random.Random(5)
    items = bot.items()

    def shake(_what: str, _done: int, _total: int) -> None:
        for item in rng.sample(items, 6):
            bot.set_price(
                item.item_id, (item.price or Decimal(10)) * Decimal(rng.choice(("0.5", "0.9", "1", "1.3", "3"))).quantize(Decimal("0.01"))
            )
            bot.set_stock(item.item_id, rng.choice((0, 0, 1, 5, 40, None)))

    figures, problems = run_grounding(bot, 120, seed=12, report=shake)
    assert problems == []
    assert all(figures[f"{bot.folder.name}/chatrec/{name}"] == 0 for name in PROMISES)


def test_a_price_that_rose_out_of_the_budget(bot: ChatRec) -> None:
    assert "t8" in say(bot, "rise", "a kettle under 50").ids
    bot.set_price("t8", Decimal("80.00"))
    second = say(bot, "rise", "a kettle under 50")
    assert second.ids and "t8" not in second.ids
    assert second.done.receipt.ranking["1"]["replaced_at_recheck"] == ["t8"]


def test_the_cheapest_is_the_cheapest_now(bot: ChatRec) -> None:
    assert say(bot, "cheapest", "the cheapest tray").ids[0] == "t40"
    bot.set_price("t40", Decimal("99.00"))
    turn = say(bot, "cheapest", "the cheapest tray")
    assert turn.ids[0] == "t38"
    claims = [s for s in turn.said if "cheapest" in s]
    assert claims and all(s.startswith("Tarn Small Tea Tray") for s in claims)


def test_a_price_that_fell_into_the_budget_is_shown_at_its_new_price(bot: ChatRec) -> None:
    bot.set_price("t8", Decimal("31.50"))
    turn = say(bot, "fall", "a kettle by Bray & Moss under 50")
    assert turn.ids == ("t8",)
    assert turn.cards[0].price == Decimal("31.50") and "$31.50" in turn.text and "$33.00" not in turn.text


def test_a_later_question_about_a_price_gives_the_new_one(bot: ChatRec) -> None:
    first = say(bot, "later", "a teapot by Senn")
    bot.set_price(first.ids[0], Decimal("21.25"))
    told = say(bot, "later", "how much does the first one cost?").text
    assert "$21.25" in told and "$27.50" not in told and "$34.50" not in told


def test_stock_that_ran_out_between_turns(bot: ChatRec) -> None:
    first = say(bot, "stock", "a mug that is in stock")
    for item_id in first.ids:
        bot.set_stock(item_id, 0)
    second = say(bot, "stock", "show me mugs that are in stock")
    assert second.ids and not set(first.ids) & set(second.ids)
    told = say(bot, "stock", f"is the {first.cards[0].title} in stock?").text.lower()
    assert "out of stock" in told or "not in stock" in told


def test_everything_out_of_stock_is_said_and_not_hidden(bot: ChatRec) -> None:
    for item in bot.items():
        bot.set_stock(item.item_id, 0)
    turn = say(bot, "nothing", "a teapot in stock")
    assert turn.ids == ()
    assert "in stock" in turn.text


def test_stock_that_runs_out_in_the_middle_of_a_turn_changes_the_next(bot: ChatRec) -> None:
    events = bot.reply("middle", "an infuser that is in stock")
    cards = next(e for e in events if isinstance(e, Cards)).cards
    bot.set_stock(cards[0].item_id, 0)
    list(events)
    assert cards[0].item_id not in say(bot, "middle", "an infuser that is in stock").ids


def test_a_row_deleted_behind_the_index_is_not_shown(bot: ChatRec) -> None:
    first = say(bot, "deleted", "a kettle under 50")
    with Database.open(bot.folder, create=False) as database:
        database.items.remove(first.ids)
    for line in (
        "a kettle under 50",
        "tell me about the first one",
        "compare the first two",
        "how much is the second one?",
        "something cheaper",
    ):
        turn = say(bot, "deleted", line)
        assert turn.text and not set(first.ids) & set(turn.ids)


def test_another_process_changes_a_price(bot: ChatRec) -> None:
    """Another connection, as a shop's back office would have."""
    say(bot, "office", "a tea tray")
    with Database.open(bot.folder, create=False) as database:
        database.items.set_live("t40", Decimal("19.99"), 2)
    turn = say(bot, "office", "the cheapest tray")
    assert turn.ids[0] == "t40" and turn.cards[0].price == Decimal("19.99") and "$19.99" in turn.text


def test_new_prices_survive_training(bot: ChatRec) -> None:
    bot.set_price("t11", Decimal("5.55"))
    train_shop(bot.folder)
    turn = say(bot, "trained", "the cheapest teapot")
    assert turn.ids[0] == "t11" and "$5.55" in turn.text


@pytest.mark.parametrize("price", [Decimal("0"), Decimal("0.01"), Decimal("123456789.99")])
def test_extreme_prices(bot: ChatRec, price: Decimal) -> None:
    bot.set_price("t8", price)
    turn = say(bot, "extreme", "a kettle by Bray & Moss")
    assert {c.item_id: c.price for c in turn.cards}["t8"] == price
    bot.close()
    with open_shop(bot.folder) as again:
        assert again.live("t8").price == price
