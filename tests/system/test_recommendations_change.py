"""What the demo shop offers changes with likes, with the variety knob, with the page, with a new product and with the owner's rules."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from chatrec.bot import ChatRec
from chatrec.candidates.interactions import EventWeights, gather
from chatrec.catalog.ingest import ingest
from chatrec.catalog.sources import Sources
from chatrec.dialogue.offer import find, make_query
from chatrec.domain.act import Recommend
from chatrec.domain.candidate import Candidate, Query
from chatrec.domain.context import Context
from chatrec.domain.event import EventKind
from chatrec.domain.item import Item
from chatrec.domain.reply import Receipt
from chatrec.errors import UnknownShopper
from chatrec.shops import demo_folder

from .shop import TEMPLATE, say

TOGETHER = "often chosen together with "
KNOBS = (0.0, 0.3, 0.6, 1.0)
REQUESTS = ("show me something", "something for camping", "a jacket", "a tent under 300", "a lamp")
OPEN_ENDED = "show me something"
# The greedy choice raises coverage and distance, of which the measured entropy is the report: a list that is nearly as even as it can be
# may lose a hundredth of it.
AT_THE_TOP = 0.01
NEW = "tent-new"
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Log:
    """Who chose what in the demo shop: ``together`` counts the shoppers who chose both of two items."""

    rows: Mapping[str, int]
    together: Floats
    shoppers: int

    def lift(self, one: str, other: str) -> float:
        """How much more often two items have the same shopper than by chance."""
        a, b = self.rows[one], self.rows[other]
        return float(self.together[a, b] * self.shoppers / max(self.together[a, a] * self.together[b, b], 1.0))

    def likers(self, item_id: str) -> int:
        """How many shoppers chose it."""
        return int(self.together[self.rows[item_id], self.rows[item_id]]) if item_id in self.rows else 0

    def agreement(self, offered: Sequence[str], liked: Sequence[str]) -> float:
        """The mean over the offered items of how much likelier (mean log-lift) those who chose a liked one chose it."""
        return float(np.mean([[math.log(max(self.lift(o, one), 0.1)) for one in liked] for o in offered if o not in liked]))


@pytest.fixture(scope="module")
def log(demo_bot: ChatRec) -> Log:
    """Counted from the events that the shop was trained on."""
    events = demo_bot.database.events.arrays([kind for kind in EventKind if kind is not EventKind.SHOWN])
    told = gather(events, {i.item_id for i in demo_bot.items()}, EventWeights().by_kind)
    chosen = np.asarray((told.matrix > 0).toarray(), np.float64)
    return Log({item_id: row for row, item_id in enumerate(told.item_ids)}, chosen.T @ chosen, len(chosen))


@pytest.fixture(scope="module")
def shelf(demo_bot: ChatRec) -> dict[str, Item]:
    """The records by id."""
    return {item.item_id: item for item in demo_bot.items()}


@pytest.fixture(scope="module")
def with_new(demo_bot: ChatRec, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatRec]:
    """The demo shop after one more product was ingested, a tent much like one that it has; nothing was trained since."""
    folder = copy_of_demo(tmp_path_factory.mktemp("new"))
    lines = (folder / "items.jsonl").read_text(encoding="utf-8").splitlines()
    known = next(row for row in map(json.loads, lines) if row["item_id"] == "tent-01")
    told = {name: value for name, value in known.items() if name not in ("rating", "n_ratings")}
    described = "A free-standing shelter for two walkers. It has a porch at either door, and it packs small."
    row = {**told, "item_id": NEW, "title": "Marrowby 2 two-person trail tent", "description": described}
    (folder / "more.jsonl").write_text("\n".join([*lines, json.dumps(row)]) + "\n", encoding="utf-8")
    ingest(folder, Sources(items=folder / "more.jsonl"), strict=True)
    with ChatRec.open(folder, settings=TEMPLATE) as bot:
        yield bot


def copy_of_demo(place: Path) -> Path:
    return Path(shutil.copytree(demo_folder(), place / "shop"))


def judge(bot: ChatRec, session: str, items: Iterable[str], kind: EventKind = EventKind.LIKE) -> None:
    for item_id in items:
        bot.feedback(session, item_id, kind)


def receipt(bot: ChatRec, session: str, message: str = OPEN_ENDED, **more: Any) -> Receipt:
    events = list(bot.reply(session, message, **more))
    return events[-1].receipt  # type: ignore[union-attr]


def shown(told: Receipt) -> list[str]:
    return [row["item_id"] for row in told.shown]


def browsed(bot: ChatRec, session: str) -> list[dict[str, Any]]:
    """Nine items that are offered without words, in three turns."""
    return [row for line in (OPEN_ENDED, "something else", "show me others") for row in receipt(bot, session, line).shown]


def queried(bot: ChatRec, session: str, user_id: str | None = None) -> Query:
    with bot._using() as pinned:
        return make_query(Recommend(1), None, replace(bot.state(session), user_id=user_id), pinned.parts, None)


def pool(bot: ChatRec, session: str) -> list[Candidate]:
    """The candidates that the re-ranker chooses from, without words."""
    query = queried(bot, session)
    with bot._using() as pinned:
        return find(query, None, pinned.parts)


def by_taste(bot: ChatRec, query: Query, k: int = 100) -> list[Candidate]:
    with bot._using() as pinned:
        return next(s for s in pinned.parts.sources if s.name == "collaborative").candidates(query, k)


def favourites(log: Log, shelf: Mapping[str, Item], told: Mapping[str, str], count: int = 4) -> list[str]:
    """The items of a category or brand that most shoppers chose."""
    fit = [i for i, item in shelf.items() if all(getattr(item, name) == value for name, value in told.items())]
    return sorted(fit, key=lambda i: (-log.likers(i), i))[:count]


class TestLikes:
    TASTES = (
        {"category": "tents"},
        {"category": "knives and tools"},
        {"category": "power banks and chargers"},
        {"category": "travel bags"},
        {"brand": "Thistlecombe"},
    )

    @pytest.mark.parametrize("taste", TASTES, ids=lambda t: next(iter(t.values())))
    def test_likes_move_the_offer_towards_what_shoppers_like_that_chose(
        self, demo_bot: ChatRec, log: Log, shelf: dict[str, Item], taste: dict[str, str]
    ) -> None:
        liked = favourites(log, shelf, taste)
        session = f"likes {taste}"
        before = [row["item_id"] for row in browsed(demo_bot, f"stranger to {taste}")]
        judge(demo_bot, session, liked)
        after = [row["item_id"] for row in browsed(demo_bot, session)]
        assert set(after) != set(before)
        assert not set(after) & set(liked)
        assert log.agreement(after, liked) > log.agreement(before, liked)

    def test_one_like_counts_in_the_very_next_list(self, demo_bot: ChatRec) -> None:
        before = shown(receipt(demo_bot, "one like"))
        judge(demo_bot, "one like", before[:1])
        told = receipt(demo_bot, "one like", "something else")
        stranger = browsed(demo_bot, "no like")
        assert shown(told) != [row["item_id"] for row in stranger[3:6]]
        assert all("collaborative" in row["sources"] for row in told.shown)

    def test_reasons_name_a_liked_item_and_are_true(self, demo_bot: ChatRec, log: Log, shelf: dict[str, Item]) -> None:
        """The named item was liked here, and in the log the two were chosen by the same shoppers more often than by chance."""
        ids = {item.title: item_id for item_id, item in shelf.items()}
        lifts = []
        for taste in self.TASTES:
            liked = favourites(log, shelf, taste)
            session = f"reasons {taste}"
            judge(demo_bot, session, liked)
            for row in browsed(demo_bot, session):
                for reason in row["reason"].split("; "):
                    if reason.startswith(TOGETHER):
                        because = ids[reason.removeprefix(TOGETHER)]
                        assert because in liked
                        assert log.together[log.rows[because], log.rows[row["item_id"]]] >= 2
                        lifts.append(log.lift(because, row["item_id"]))
        assert len(lifts) >= 25
        assert np.mean(np.array(lifts) > 1.0) > 0.9

    def test_what_was_liked_is_not_offered_again(self, demo_bot: ChatRec) -> None:
        liked = ["furn-14", "tarp-04"]
        judge(demo_bot, "liked once", liked)
        assert not set(liked) & {row["item_id"] for row in browsed(demo_bot, "liked once")}

    def test_a_stranger_is_told_of_no_like(self, demo_bot: ChatRec) -> None:
        rows = browsed(demo_bot, "a stranger")
        assert rows and all(TOGETHER not in row["reason"] and "collaborative" not in row["sources"] for row in rows)

    def test_dislikes_push_away(self, demo_bot: ChatRec, log: Log, shelf: dict[str, Item]) -> None:
        """What goes with the disliked items falls behind, and they themselves are gone."""
        liked = favourites(log, shelf, {"category": "tents"}) + favourites(log, shelf, {"category": "travel bags"})
        judge(demo_bot, "dislikes", liked)
        before = [c.item_id for c in by_taste(demo_bot, queried(demo_bot, "dislikes"), 450)]
        put_off = before[:3]
        judge(demo_bot, "dislikes", put_off, EventKind.DISLIKE)
        after = [c.item_id for c in by_taste(demo_bot, queried(demo_bot, "dislikes"), 450)]
        assert not set(put_off) & set(after)
        known = [i for i in before[3:] if log.likers(i) >= 10]
        kin = sorted(known, key=lambda i: -max(log.lift(i, one) for one in put_off))[:20]
        assert np.mean([after.index(i) for i in kin]) > np.mean([before.index(i) for i in kin])
        assert not set(put_off) & {row["item_id"] for row in browsed(demo_bot, "dislikes")}

    def test_no_disliked_item_is_a_reason(self, demo_bot: ChatRec, shelf: dict[str, Item]) -> None:
        judge(demo_bot, "disliked reason", ["tent-03", "furn-14"])
        judge(demo_bot, "disliked reason", ["stove-02", "tarp-04"], EventKind.DISLIKE)
        told = " ".join(row["reason"] for row in browsed(demo_bot, "disliked reason"))
        assert TOGETHER in told
        assert shelf["stove-02"].title not in told and shelf["tarp-04"].title not in told

    def test_only_dislikes_leave_what_is_popular_without_them(self, demo_bot: ChatRec) -> None:
        first = shown(receipt(demo_bot, "only dislikes"))
        judge(demo_bot, "only dislikes", first, EventKind.DISLIKE)
        rows = receipt(demo_bot, "only dislikes").shown
        assert rows and not set(first) & {row["item_id"] for row in rows}
        assert all(TOGETHER not in row["reason"] for row in rows)


class TestVariety:
    made: ClassVar[dict[str, Receipt]] = {}

    @classmethod
    def at(cls, bot: ChatRec, request: str, knob: float, liked: Sequence[str] = ()) -> Receipt:
        """The first list of a fresh session with the slider at ``knob``."""
        session = f"knob {request} {knob} {liked}"
        if session not in cls.made:
            judge(bot, session, liked)
            bot.set_diversity(session, knob)
            cls.made[session] = receipt(bot, session, request)
        return cls.made[session]

    @pytest.mark.parametrize("request_", REQUESTS)
    def test_at_zero_the_best_come_in_their_order(self, demo_bot: ChatRec, request_: str) -> None:
        told = self.at(demo_bot, request_, 0.0)
        figures = told.ranking["1"]
        scores = [row["score"] for row in told.shown]
        assert scores == sorted(scores, reverse=True)
        assert figures["entropy_after"] == figures["entropy_before"]
        assert figures["diversity"] == 0.0

    def test_at_zero_the_list_is_the_top_of_the_candidates(self, demo_bot: ChatRec) -> None:
        judge(demo_bot, "top", ["tent-03", "furn-14"])
        demo_bot.set_diversity("top", 0.0)
        best = [c.item_id for c in pool(demo_bot, "top")][:3]
        assert shown(receipt(demo_bot, "top")) == best

    @pytest.mark.parametrize("liked", [(), ("tent-03", "furn-14")], ids=["stranger", "with likes"])
    def test_the_higher_the_knob_the_wider_the_spread(self, demo_bot: ChatRec, liked: tuple[str, ...]) -> None:
        """On the mean of the requests it rises from knob to knob; a single list never loses what the first step of the knob won."""
        figures = np.array([[self.at(demo_bot, r, k, liked).ranking["1"]["entropy_after"] for k in KNOBS] for r in REQUESTS])
        assert (np.diff(figures.mean(axis=0)) > 0.0).all()
        assert (figures[:, 1:] >= figures[:, :1] - AT_THE_TOP).all()
        assert (np.diff(figures, axis=1) > -0.03).all()  # what falls is counted by the benchmark "rerank"
        assert figures[:, -1].mean() > figures[:, 0].mean() + 0.2

    def test_at_one_there_are_more_categories_and_brands(self, demo_bot: ChatRec, shelf: dict[str, Item]) -> None:
        kinds: dict[float, int] = {}
        for knob in (0.0, 1.0):
            lists = [[shelf[i] for i in shown(self.at(demo_bot, r, knob))] for r in REQUESTS]
            kinds[knob] = sum(len({i.category for i in found}) + len({i.brand for i in found}) for found in lists)
        assert kinds[1.0] > kinds[0.0]

    def test_no_knob_breaks_a_limit(self, demo_bot: ChatRec, shelf: dict[str, Item]) -> None:
        for knob in KNOBS:
            found = [shelf[i] for i in shown(self.at(demo_bot, "a tent under 300", knob))]
            assert found and all(i.category == "tents" and i.price is not None and i.price <= 300 for i in found)


class TestNewProduct:
    def test_it_is_found_by_its_name_and_by_what_it_is(self, with_new: ChatRec) -> None:
        assert say(with_new, "by name", "Marrowby 2").ids[0] == NEW
        assert NEW in say(with_new, "by words", "a tent for two walkers with a porch at either door").ids

    def test_it_is_offered_by_taste_to_those_who_like_its_kin(self, with_new: ChatRec) -> None:
        judge(with_new, "kin", ["tent-01", "tent-02", "tent-10", "tent-15"])
        found = by_taste(with_new, queried(with_new, "kin"))
        place = [c.item_id for c in found].index(NEW)
        assert place < 10
        assert found[place].source == "collaborative"
        rows = {row["item_id"]: row for row in browsed(with_new, "kin")}
        assert NEW in rows
        assert rows[NEW]["sources"]["collaborative"] > 0.0 and "popularity" not in rows[NEW]["sources"]

    def test_its_reason_is_honest(self, with_new: ChatRec, log: Log) -> None:
        """Nobody has chosen it, so it is chosen together with nothing."""
        assert log.likers(NEW) == 0
        judge(with_new, "honest", ["tent-01", "tent-02"])
        reason = next(c.reason for c in by_taste(with_new, queried(with_new, "honest")) if c.item_id == NEW)
        assert reason in {"similar to Whinlow 2 two-person backpacking tent", "similar to Pennywort 1 solo tent"}
        for row in browsed(with_new, "honest"):
            assert row["item_id"] != NEW or not row["reason"].startswith(TOGETHER)

    def test_liking_the_new_one_itself_tells_something(self, with_new: ChatRec) -> None:
        judge(with_new, "likes new", [NEW])
        found = by_taste(with_new, queried(with_new, "likes new"))
        assert found and not any(c.reason.startswith(TOGETHER) for c in found)
        judge(with_new, "likes another", ["power-01"])
        other = {c.item_id: place for place, c in enumerate(by_taste(with_new, queried(with_new, "likes another")))}
        places = {c.item_id: place for place, c in enumerate(found)}
        kin = ("tent-01", "tent-15", "tent-10")
        assert sum(places.get(i, 100) for i in kin) < sum(other.get(i, 100) for i in kin)

    def test_strangers_to_tents_are_not_offered_it(self, with_new: ChatRec) -> None:
        judge(with_new, "elsewhere", ["power-01", "power-02", "case-01"])
        assert NEW not in [row["item_id"] for row in browsed(with_new, "elsewhere")]


class TestPage:
    def test_the_page_changes_what_is_offered_without_words(self, demo_bot: ChatRec, log: Log) -> None:
        plain = shown(receipt(demo_bot, "no page"))
        moved = 0.0
        for n, page in enumerate(("tent-01", "power-01", "tool-04", "case-01")):
            found = shown(receipt(demo_bot, f"page {n}", context=Context(page=(page,))))
            assert found != plain and page not in found
            moved += log.agreement(found, [page]) - log.agreement([i for i in plain if i != page], [page])
        assert moved > 0.0

    def test_the_cart_counts_more_than_the_page(self, demo_bot: ChatRec, log: Log) -> None:
        told = receipt(demo_bot, "cart", context=Context(page=("power-01",), cart=("tent-03", "furn-14")))
        named = [row["reason"] for row in told.shown]
        assert any("Dabbler dome for two" in r or "Dunlin beach and festival chair" in r for r in named)

    def test_leaving_the_page_takes_it_back(self, demo_bot: ChatRec) -> None:
        plain = shown(receipt(demo_bot, "still no page"))
        receipt(demo_bot, "leaves", context=Context(page=("tent-01",)))
        again = receipt(demo_bot, "leaves", "something else", context=Context())
        assert all(TOGETHER not in row["reason"] for row in again.shown)
        assert set(shown(again)) != set(plain)

    def test_a_page_that_the_catalogue_does_not_know_changes_nothing(self, demo_bot: ChatRec) -> None:
        assert shown(receipt(demo_bot, "odd page", context=Context(page=("no such item",)))) == shown(receipt(demo_bot, "odd page not"))


class TestRules:
    """The rules stand in the shop's own ``chatrec.toml``."""

    @pytest.fixture
    def ruled(self, demo_bot: ChatRec, tmp_path: Path) -> Iterator[ChatRec]:
        folder = copy_of_demo(tmp_path)
        with (folder / "chatrec.toml").open("a", encoding="utf-8") as file:
            file.write('\n[rules]\npins = ["stove-02", "tent-11"]\nbury = ["furn-14"]\nboosts = {"brand:quillback" = 0.25}\n')
        with ChatRec.open(folder, settings=TEMPLATE) as bot:
            yield bot

    def test_rules_are_shown_and_labelled(self, demo_bot: ChatRec, ruled: ChatRec, shelf: dict[str, Item]) -> None:
        before = receipt(demo_bot, "unruled")
        assert "furn-14" in shown(before) and {row["rule"] for row in before.shown} == {""}
        rows = browsed(ruled, "ruled")
        assert rows[0]["item_id"] == "stove-02" and rows[0]["rule"] == "pinned"
        assert "furn-14" not in [row["item_id"] for row in rows]
        boosted = [row for row in rows if row["rule"].startswith("boosted")]
        assert {row["rule"] for row in boosted} == {"boosted +0.25"}
        for row in rows:
            assert (shelf[row["item_id"]].brand == "Quillback") == row["rule"].startswith("boosted")
        tents = receipt(ruled, "pinned tent", "a tent")
        assert (tents.shown[0]["item_id"], tents.shown[0]["rule"]) == ("tent-11", "pinned")

    def test_no_rule_lifts_the_irrelevant(self, ruled: ChatRec, shelf: dict[str, Item]) -> None:
        for n, request in enumerate(("a power bank", "a sleeping bag", "a suitcase")):
            found = shown(receipt(ruled, f"irrelevant {n}", request))
            assert found and not {"stove-02", "tent-11"} & set(found)
            assert not any(shelf[i].brand == "Quillback" for i in found)

    def test_no_rule_breaks_a_limit(self, ruled: ChatRec, shelf: dict[str, Item]) -> None:
        cheap = receipt(ruled, "limit", "a tent under 100")
        assert cheap.shown and "tent-11" not in shown(cheap)
        without = receipt(ruled, "limit of brand", "a stove, but not from Varden Peak")
        assert without.shown and all(shelf[i].brand != "Varden Peak" for i in shown(without))

    def test_what_is_buried_comes_where_little_else_is_left(self, ruled: ChatRec) -> None:
        told = receipt(ruled, "little left", "camp furniture from Sundrift under 36")
        assert [row["rule"] for row in told.shown if row["item_id"] == "furn-14"] == ["buried"]


class TestUnverified:
    def test_attributes_are_the_verified_shoppers_alone(self, demo_bot: ChatRec) -> None:
        user_id, told = next((u, t) for u, t in sorted(demo_bot.database.users.all().items()) if t)
        assert queried(demo_bot, "verified", user_id).attributes == tuple(sorted(told.items()))
        assert queried(demo_bot, "unverified").attributes == ()
        assert queried(demo_bot, "unverified").history == ()

    def test_a_session_named_like_a_shopper_gets_nothing_of_theirs(self, demo_bot: ChatRec) -> None:
        user_id = "shopper-0001"
        assert queried(demo_bot, "theirs", user_id).history
        query = queried(demo_bot, user_id)
        assert query.attributes == () and query.history == ()
        assert shown(receipt(demo_bot, user_id)) == shown(receipt(demo_bot, "anybody"))

    def test_after_a_verified_turn_an_unverified_one_knows_nothing(self, demo_bot: ChatRec) -> None:
        theirs = receipt(demo_bot, "logs out", user_id="shopper-0001")
        assert any("collaborative" in row["sources"] for row in theirs.shown)
        after = receipt(demo_bot, "logs out", "something else")
        assert all("collaborative" not in row["sources"] for row in after.shown)

    def test_nobody_is_verified_by_a_name_that_the_shop_does_not_know(self, demo_bot: ChatRec) -> None:
        with pytest.raises(UnknownShopper):
            list(demo_bot.reply("unknown", OPEN_ENDED, user_id="no such shopper"))
