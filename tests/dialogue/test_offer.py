"""The offer: filters that fail closed, live rows, wishes, extremes, exhaustion."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.dialogue.offer import Offer, liked_for, make_offer, telling_words
from chatrec.domain.act import Recommend
from chatrec.domain.candidate import Candidate, Query
from chatrec.domain.item import Variant
from chatrec.domain.need import Constraint, Need, Op, Strength

from .world import World, at_most, brand, category, items, make_world, state_with

IN_STOCK = Constraint("stock", Op.AT_LEAST, number=1)


def offer(world: World, *constraints: Constraint, act: Recommend | None = None, **state: object) -> Offer:
    return make_offer(act or Recommend(1), state_with(Need(1, constraints=constraints), **state), world.parts)


def ids(made: Offer) -> list[str]:
    return [i.item_id for i in made.items]


def test_every_hard_limit_holds() -> None:
    made = offer(make_world(), category("spades"), at_most("price", 46), brand("Ashdown", op=Op.IS_NOT))
    assert ids(made) == ["s4"] and made.matching == 1


def test_a_record_that_does_not_say_never_matches() -> None:
    silent = [replace(i, attributes=()) if i.item_id == "s4" else i for i in items()]
    made = offer(make_world(silent), category("spades"), at_most("weight", 2000, "g"))
    assert "s4" not in ids(made) and set(ids(made)) == {"s1", "s3"}


def test_an_unknown_field_matches_nothing() -> None:
    made = offer(make_world(), category("spades"), Constraint("horsepower", Op.AT_LEAST, number=1))
    assert made.items == () and made.relaxations


def test_what_sold_out_since_the_snapshot_is_replaced() -> None:
    world = make_world(shown=5)
    world.live.set("s1", stock=0)
    made = offer(world, category("spades"), IN_STOCK)
    assert ids(made) == ["s3", "s4", "s5"]
    assert made.replaced == ("s1",) and all(i.stock for i in made.items)


def test_a_price_that_rose_above_the_budget_is_not_shown() -> None:
    world = make_world()
    world.live.set("s4", price="70.00")
    made = offer(world, category("spades"), at_most("price", 50))
    assert set(ids(made)) == {"s1", "s2"} and made.replaced == ("s4",)


def test_the_price_shown_is_the_live_one() -> None:
    world = make_world()
    world.live.set("s1", price="41.50")
    assert {i.item_id: str(i.price) for i in offer(world, category("spades")).items}["s1"] == "41.50"


def test_an_item_without_a_live_row_is_not_shown() -> None:
    world = make_world()
    world.live.gone.update({"s1", "s3"})
    assert set(ids(offer(world, category("spades")))) == {"s2", "s4", "s5"}


def test_all_sold_out_means_nothing_matches() -> None:
    world = make_world()
    for item_id in ("s1", "s3", "s4", "s5"):
        world.live.set(item_id, stock=0)
    made = offer(world, category("spades"), IN_STOCK)
    assert made.items == () and made.matching == 0


def test_all_seen_is_something_else_than_nothing_matches() -> None:
    seen = offer(make_world(), category("rakes"), act=Recommend(1, fresh=True), shown=[("r1", "r2", "r3")])
    assert seen.items == () and seen.matching == 3
    none = offer(make_world(), category("rakes"), at_most("price", 5))
    assert none.items == () and none.matching == 0 and none.relaxations


def test_an_excluded_version_is_not_on_the_card() -> None:
    versions = (("red", 2), ("blue", 3), ("grey", 0))
    rakes = [
        replace(i, variants=tuple(Variant(c, (("colour", c),), None, n) for c, n in versions)) if i.item_id == "r1" else i for i in items()
    ]
    made = offer(make_world(rakes), Constraint("colour", Op.IS_NOT, ("red",)))
    assert ids(made) == ["r1"] and made.items[0].options() == {"colour": ("blue",)}


def test_ways_out_count_what_the_shop_has_now() -> None:
    world = make_world()
    limits = (category("rakes"), brand("Ashdown"), at_most("price", 15))
    assert [(r.text, r.count) for r in offer(world, *limits).relaxations] == [("up to $4 more", 1)]
    world.live.gone.add("r1")
    world.live.set("r3", price="14.00")
    assert [(r.text, r.count) for r in offer(world, *limits).relaxations] == [("any brand", 1)]


def test_what_was_turned_down_is_gone() -> None:
    assert ids(offer(make_world(), category("rakes"), disliked=("r2",))) == ["r1", "r3"]


def test_what_is_out_of_stock_comes_last() -> None:
    world = make_world()
    assert ids(offer(world, category("hoses"))) == ["h1", "h2", "h3"]
    world.live.set("h1", stock=0)
    world.live.set("h3", stock=4)
    assert ids(offer(world, category("hoses"))) == ["h2", "h3", "h1"]


def test_a_wish_brings_what_fulfils_it_to_the_front() -> None:
    light = Constraint("weight", Op.AT_MOST, number=1000, unit="g", strength=Strength.PREFER)
    assert ids(offer(make_world(), category("spades"), light))[0] == "s4"


def test_a_wish_finds_what_the_sources_had_no_room_for() -> None:
    world = make_world(pool=2)
    tolland = brand("Tolland", strength=Strength.PREFER)
    assert ids(offer(world, category("spades"), tolland))[0] == "s5"


def test_where_nothing_fulfils_all_wishes_what_fulfils_most_comes_first() -> None:
    light = Constraint("weight", Op.AT_MOST, number=1000, unit="g", strength=Strength.PREFER)
    folding = Constraint("folding", Op.IS, ("yes",), strength=Strength.PREFER)
    assert ids(offer(make_world(), category("spades"), brand("Ashdown", strength=Strength.PREFER), light, folding))[0] == "s4"


def test_what_all_that_is_left_fulfils_tells_nothing_and_the_rest_of_the_words_does() -> None:
    need = Need(1, "folding spades with steel blade", constraints=(category("spades"),))
    assert telling_words(need) == "folding with steel blade"
    assert telling_words(Need(1, "spades", constraints=(category("spades"),))) == "" == telling_words(None)


class _Words:
    """Keyword search over titles: the share of the words that a title holds."""

    name = "keyword"

    def candidates(self, query: Query, k: int) -> list[Candidate]:
        wanted = set(query.text.split())
        held = {i.item_id: len(wanted & set(i.title.casefold().split())) for i in items() if query.admits(i.item_id)}
        return [Candidate(i, n / len(wanted), self.name, "matches") for i, n in held.items() if n]


def test_the_words_said_of_a_thing_bring_what_holds_them_to_the_top() -> None:
    world = make_world()
    world.parts = replace(world.parts, sources=(world.source, _Words()))
    state = state_with(Need(1, "trenching spades", constraints=(category("spades"),)))
    assert ids(make_offer(Recommend(1), state, world.parts))[0] == "s5"
    plain = state_with(Need(1, "spades", constraints=(category("spades"),)))
    assert ids(make_offer(Recommend(1), plain, world.parts))[0] != "s5"


def test_something_to_avoid_sinks_but_stays() -> None:
    shy = brand("Ashdown", strength=Strength.AVOID)
    found = ids(offer(make_world(shown=5), category("spades"), shy))
    assert found.index("s3") < found.index("s1") and "s1" in found


def test_the_cheapest_by_the_price_of_this_moment() -> None:
    world = make_world()
    cheapest = Recommend(1, ("price", -1))
    assert ids(offer(world, category("spades"), act=cheapest)) == ["s4", "s2", "s1"]
    world.live.set("s5", price="9.00")
    assert ids(offer(world, category("spades"), act=cheapest)) == ["s5", "s4", "s2"]


def test_no_wish_and_no_stock_moves_the_cheapest() -> None:
    wish = brand("Tolland", strength=Strength.PREFER)
    assert ids(offer(make_world(), category("spades"), wish, act=Recommend(1, ("price", -1))))[0] == "s4"
    assert ids(offer(make_world(), category("hoses"), act=Recommend(1, ("price", -1))))[0] == "h3"  # out of stock, and the cheapest


def test_the_sources_are_asked_with_limits_likes_and_dislikes() -> None:
    world = make_world()
    offer(world, category("rakes"), liked=("s1",), disliked=("r2",))
    query = world.source.asked[0]
    assert query.allowed == {"r1", "r2", "r3"} and query.exclude == {"r2", "s1"}  # liked and never shown: the shopper knows it
    assert query.history == (("s1", 1.0), ("r2", -1.0))


PRICES = st.lists(st.sampled_from(["5.00", "24.00", "39.00", "52.00", "90.00", None]), min_size=11, max_size=11)
STOCKS = st.lists(st.sampled_from([0, 1, 9]), min_size=11, max_size=11)


@settings(max_examples=60, deadline=None)
@given(PRICES, STOCKS, st.integers(10, 80))
def test_whatever_happens_in_the_shop_no_shown_item_breaks_a_limit(prices: list[str | None], stocks: list[int], budget: int) -> None:
    world = make_world()
    for item_id, price, stock in zip(list(world.live.rows), prices, stocks, strict=True):
        world.live.set(item_id, price=price, stock=stock)
    limits = (at_most("price", budget), IN_STOCK)
    made = offer(world, *limits)
    rows = world.live.live(ids(made))
    assert all(rows[i].price is not None and rows[i].price <= budget and rows[i].stock for i in ids(made))  # type: ignore[operator]
    assert len(set(ids(made))) == len(ids(made)) <= 3


def test_items_that_tie_for_the_cheapest_are_counted() -> None:
    world = make_world()
    cheapest = Recommend(1, ("price", -1))
    assert offer(world, category("spades"), act=cheapest).tied == 1
    world.live.set("s1", price="25.00")
    assert offer(world, category("spades"), act=cheapest).tied == 2


def test_the_cheapest_by_words_is_of_what_holds_the_words() -> None:
    world = make_world()

    class Keyword:
        name = "keyword"

        def candidates(self, query: Query, k: int) -> list[Candidate]:
            assert query.text == "hay rake" and k == len(world.parts.shelf)
            return [Candidate("r3", 9.0, "keyword"), Candidate("r2", 7.0, "keyword"), Candidate("h2", 2.0, "keyword")]

    parts = replace(world.parts, sources=(*world.parts.sources, Keyword()))
    made = make_offer(Recommend(1, ("price", -1)), state_with(Need(1, "hay rake")), parts)
    assert ids(made) == ["r2", "r3"] and made.matching == 2


def test_what_a_shopper_named_as_liked_is_told_to_the_sources_and_not_offered() -> None:
    world = make_world()
    made = make_offer(Recommend(0), state_with(liked=("s1",)), world.parts)
    query = world.source.asked[0]
    assert query.liked == ("s1",) and "s1" not in ids(made)
    shown = make_world()
    made = make_offer(Recommend(0), state_with(shown=(("s1",),), liked=("s1",)), shown.parts)
    assert shown.source.asked[0].liked == () and "s1" in ids(made)


def test_words_for_something_of_its_own_are_not_drowned_by_what_is_liked() -> None:
    wanted = Need(1, "pouch for a phone")
    assert liked_for(wanted, ("s1",)) == () and liked_for(None, ("s1",)) == ("s1",)
    assert liked_for(replace(wanted, constraints=(category("rakes"),)), ("s1",)) == ("s1",)
