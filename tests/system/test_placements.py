"""Recommendations for a shop's pages, on the tea shop and the demo shop: the same path as a turn, without its words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.catalog.ingest import ingest
from chatrec.catalog.sources import Sources
from chatrec.domain.event import EventKind
from chatrec.errors import PlacementError, SessionError, UnknownItem, UnknownShopper
from chatrec.placements import PLACEMENTS, TASTE_UNKNOWN, Placement
from chatrec.testing.embedders import HashingEmbedder

from .shop import open_shop, say

QUERY = "a kettle"


def ids(made: Placement) -> list[str]:
    return [card.item_id for card in made.cards]


def ask(bot: ChatRec, placement: str, k: int = 6, **more: str) -> Placement:
    """Any placement with all that it may need."""
    return bot.recommend(placement, item_id="t1", cart=("t9", "t26"), query=QUERY, k=k, **more)


def shown_of(bot: ChatRec, user_id: str) -> list[tuple[str, int | None, float | None]]:
    events = bot.database.events.history(user_id, 100, [EventKind.SHOWN])
    return sorted((e.item_id, e.position, e.propensity) for e in events)


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_list_holds_what_was_asked_for_and_nothing_twice(shared: ChatRec, placement: str) -> None:
    for k in (1, 4, 10):
        made = ask(shared, placement, k)
        assert 0 < len(made.cards) <= k and len(set(ids(made))) == len(made.cards)
        assert [card.position for card in made.cards] == list(range(1, len(made.cards) + 1))
        assert set(made.propensities) == set(ids(made)) and all(0.0 < p <= 1.0 for p in made.propensities.values())
        assert (made.placement, made.generation) == (placement, 2)
        for card in made.cards:
            record = shared.live_item(card.item_id)
            assert (card.price, card.stock, card.category) == (record.price, record.stock, record.category)
            assert card.why.strip()
    assert ids(ask(shared, placement)) == ids(ask(shared, placement))


def test_an_item_never_goes_with_itself_and_sold_out_things_come_last(shared: ChatRec) -> None:
    for item in shared.items():
        made = shared.recommend("item", item_id=item.item_id, k=8)
        assert item.item_id not in ids(made) and made.cards
        there = [card.stock is None or card.stock > 0 for card in made.cards]
        assert there == sorted(there, reverse=True)


def test_a_version_of_an_item_is_that_item(shared: ChatRec) -> None:
    assert ids(shared.recommend("item", item_id="t19-2")) == ids(shared.recommend("item", item_id="t19"))


def test_an_item_that_sells_out_makes_room(bot: ChatRec) -> None:
    first = ids(bot.recommend("item", item_id="t1"))[0]
    bot.set_stock(first, 0)
    assert first not in ids(bot.recommend("item", item_id="t1"))
    bot.set_stock(first, 5)
    assert ids(bot.recommend("item", item_id="t1"))[0] == first


def test_a_cart_is_completed_by_what_it_does_not_hold(shared: ChatRec) -> None:
    made = shared.recommend("cart", cart=("t9", "t19-1", "t9", "no such thing"), k=10)
    assert not {"t9", "t19"} & set(ids(made))
    pot = shared.live_item("t9").category
    assert made.cards[0].category != pot, "a second teapot completes nothing"


def test_a_kept_cart_is_used_where_none_is_given(bot: ChatRec) -> None:
    list(bot.put_in_cart("s", "t9"))
    kept = bot.recommend("cart", session_id="s")
    assert "t9" not in ids(kept) and ids(kept) == ids(bot.recommend("cart", cart=("t9",)))


def test_a_search_keeps_its_limits(shared: ChatRec) -> None:
    made = shared.recommend("search", query="a kettle under 40, not white", k=10)
    assert made.cards and not made.notes
    for card in made.cards:
        assert card.category == "Kettles" and card.price is not None and card.price <= 40
        assert "white" not in dict(card.options).get("colour", ()) and card.item_id != "t4"
    in_chat = say(shared, "the same words", "a kettle under 40, not white")
    assert set(in_chat.ids) <= set(ids(made))


def test_a_search_for_an_extreme_is_ordered_by_it(shared: ChatRec) -> None:
    prices = [card.price for card in shared.recommend("search", query="the cheapest kettles", k=5).cards]
    assert len(prices) == 5 and prices == sorted(p for p in prices if p is not None)


def test_a_search_for_two_things_finds_both(shared: ChatRec) -> None:
    made = shared.recommend("search", query="a kettle under 60 and a teapot under 50", k=6)
    assert {"Kettles", "Teapots"} == {card.category for card in made.cards}
    for card in made.cards:
        assert card.price is not None and card.price <= (60 if card.category == "Kettles" else 50)


def test_a_search_that_nothing_matches_says_so_with_the_ways_out(shared: ChatRec) -> None:
    made = shared.recommend("search", query="a kettle under 3")
    assert made.cards == () and made.propensities == {}
    assert made.notes[0].startswith("Nothing matches") and len(made.notes) > 1
    assert any(ch.isdigit() for ch in made.notes[1])


def test_words_that_say_nothing_known_are_still_searched_for(shared: ChatRec) -> None:
    for words in ("zzz qqq", "Senn", "ω", "'; DROP TABLE items; --", "<script>alert(1)</script>"):
        made = shared.recommend("search", query=words)
        assert len(set(ids(made))) == len(made.cards)


def test_a_stranger_is_told_that_the_taste_is_unknown(shared: ChatRec) -> None:
    home, personal = shared.recommend("home"), shared.recommend("personal")
    assert ids(home) == ids(personal)
    assert all(card.why.startswith(TASTE_UNKNOWN) for card in personal.cards)
    assert not any(TASTE_UNKNOWN in card.why for card in home.cards)


def test_likes_of_a_session_and_a_shoppers_past_are_personal(bot: ChatRec) -> None:
    bot.feedback("s", "t26", EventKind.LIKE)
    mine = bot.recommend("personal", session_id="s")
    assert mine.cards and "t26" not in ids(mine) and not any(TASTE_UNKNOWN in card.why for card in mine.cards)
    past = {e.item_id for e in bot.database.events.history("u1", 500, [EventKind.PURCHASE])}
    known = bot.recommend("personal", user_id="u1")
    assert past and known.cards and not any(TASTE_UNKNOWN in card.why for card in known.cards)
    assert any("chosen" in c.why or "similar" in c.why or "interest" in c.why for c in known.cards)


def test_without_a_model_what_was_liked_still_counts(tmp_path: Path) -> None:
    shop = tmp_path / "untrained"
    ingest(shop, Sources(items=_items(tmp_path)), embedder=HashingEmbedder())
    with open_shop(shop) as bare:
        bare.feedback("s", "t26", EventKind.LIKE)
        made = bare.recommend("personal", session_id="s")
        assert any("similar to Oru Steamed Green Tea" in card.why for card in made.cards) and "t26" not in ids(made)
        assert bare.recommend("cart", cart=("t9",)).cards and bare.recommend("home").cards


def _items(folder: Path) -> Path:
    from .shop import write_shop

    made = write_shop(folder / "files").items
    assert made is not None
    return made


def test_what_was_turned_down_is_not_offered(bot: ChatRec) -> None:
    for placement in PLACEMENTS:
        first = ids(ask(bot, placement, session_id="s"))[0]
        bot.feedback("s", first, EventKind.DISLIKE)
        assert first not in ids(ask(bot, placement, session_id="s"))
        assert first in ids(ask(bot, placement, k=10)) or placement == "personal", "others still see it"


def test_a_visitor_sees_nothing_of_a_shoppers_session(bot: ChatRec) -> None:
    say(bot, "hers", "hello", "u1")
    bot.feedback("hers", "t26", EventKind.LIKE, user_id="u1")
    assert all(TASTE_UNKNOWN in card.why for card in bot.recommend("personal", session_id="hers").cards)


def test_variety_rises_with_the_slider(shared: ChatRec) -> None:
    shared.set_diversity("plain", 0.0)
    shared.set_diversity("varied", 1.0)
    kinds = [len({c.category for c in shared.recommend("home", session_id=s).cards}) for s in ("plain", "varied")]
    assert kinds[0] <= kinds[1] and kinds[1] >= 4


def test_a_list_is_logged_with_its_chances_for_whoever_saw_it(bot: ChatRec) -> None:
    seen = bot.database.events.count()
    bot.recommend("home")
    assert bot.database.events.count() == seen, "nobody is named: nothing is logged"
    for user_id, owner in ((None, "anon:s"), ("u1", "u1")):
        made = bot.recommend("home", session_id="s", user_id=user_id)
        assert shown_of(bot, owner) == sorted((c.item_id, c.position, made.propensities[c.item_id]) for c in made.cards)
    assert bot.forget(session_id="s")["events"] >= 6


def test_the_shops_rules_hold(copied: Callable[[str], Path]) -> None:
    with open_shop(copied("pinned"), rules={"pins": ("t40",), "bury": ("category:tea",)}) as bot:
        made = bot.recommend("home", k=5)
        assert ids(made)[0] == "t40" and not any(card.category == "Tea" for card in made.cards)


def test_what_no_list_can_be_made_of_is_refused(shared: ChatRec) -> None:
    with pytest.raises(PlacementError, match=r"no placement 'checkout'; use one of home, item, cart, search, personal"):
        shared.recommend("checkout")
    for placement, more in (("item", {}), ("search", {"query": " \n"}), ("home", {"k": 0}), ("home", {"k": 31})):
        with pytest.raises(PlacementError, match=r"give|holds 1 to 30"):
            shared.recommend(placement, **more)  # type: ignore[arg-type]
    with pytest.raises(UnknownItem, match="no item 't999'"):
        shared.recommend("item", item_id="t999")
    with pytest.raises(UnknownShopper):
        shared.recommend("personal", user_id="nobody")
    with pytest.raises(SessionError):
        shared.recommend("home", session_id="a\nb")


def test_on_the_demo_shop_pages_are_varied_and_their_reasons_name_things(demo_bot: ChatRec) -> None:
    home = demo_bot.recommend("home", k=8)
    assert len({c.category for c in home.cards}) >= 6 and all(c.stock is None or c.stock > 0 for c in home.cards)
    tent = next(i for i in demo_bot.items() if "tent" in i.category.casefold())
    near = demo_bot.recommend("item", item_id=tent.item_id, k=6)
    assert all("similar to" in c.why or "chosen together" in c.why or "interest in" in c.why or "popular" in c.why for c in near.cards)
    found = demo_bot.recommend("search", query="tent under 300", k=6)
    assert found.cards and all(c.price is not None and c.price <= 300 for c in found.cards)


def test_on_a_real_catalogue_the_same_holds(data: Path, tmp_path: Path) -> None:
    mapping = Path(__file__).parents[2] / "benchmarks" / "mappings" / "flipkart_1k.toml"
    file = data / "flipkart_1k" / "flipkart_com-ecommerce_sample.csv"
    ingest(tmp_path / "shop", Sources(items=file, mapping=mapping), embedder=HashingEmbedder())
    with open_shop(tmp_path / "shop") as bot:
        home = bot.recommend("home", k=10)
        assert len(set(ids(home))) == 10 and len({card.category for card in home.cards}) >= 5
        for item in bot.items()[::25]:
            made = bot.recommend("item", item_id=item.item_id, k=6)
            assert made.cards and item.item_id not in ids(made)
            assert all(card.title.casefold() != item.title.casefold() for card in made.cards), "a version is that item"
            assert item.item_id not in ids(bot.recommend("cart", cart=(item.item_id,), k=6))
        found = bot.recommend("search", query="shoes under 700", k=10)
        assert all(card.price is not None and card.price <= 700 for card in found.cards)
        assert found.cards or found.notes
