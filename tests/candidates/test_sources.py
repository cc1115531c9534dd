"""Every source keeps the contract, and does what it is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from chatrec.candidates.model import CollaborativeModel
from chatrec.candidates.sources import AssortmentSource, CollaborativeSource, DenseSource, KeywordSource, PopularitySource
from chatrec.candidates.sources.reasons import WordMatch
from chatrec.catalog.text_index import TextIndex
from chatrec.domain.candidate import Query
from chatrec.domain.item import Item
from chatrec.protocols import CandidateSource
from chatrec.testing.embedders import HashingEmbedder
from chatrec.testing.source_contract import SourceContract

Collaborative = Callable[[CollaborativeModel | None, list[Item]], CollaborativeSource]
EMBEDDER = HashingEmbedder(256)


def text(item: Item) -> str:
    return f"{item.title} {item.description}"


def dense(items: list[Item], **further: object) -> DenseSource:
    titles, texts = {i.item_id: i.title for i in items}, {i.item_id: text(i) for i in items}
    vectors = EMBEDDER.encode([text(i) for i in items])
    return DenseSource(EMBEDDER, [i.item_id for i in items], vectors, titles, texts=texts, **further)  # type: ignore[arg-type]


class WithWorld(SourceContract):
    @pytest.fixture(autouse=True)
    def _world(self, items: list[Item], model: CollaborativeModel, collaborative: Collaborative) -> None:
        self.collaborative = collaborative
        self.items, self.model = items, model
        self.titles = {i.item_id: i.title for i in items}


class TestCollaborativeContract(WithWorld):
    def make(self) -> CandidateSource:
        return self.collaborative(self.model, self.items)

    def asking(self) -> Query:
        return Query(history=(("camping-0", 1.0), ("camping-3", 0.4)))


class TestDenseContract(WithWorld):
    def make(self) -> CandidateSource:
        return dense(self.items)

    def asking(self) -> Query:
        return Query(text="waterproof light tent")


class TestKeywordContract(WithWorld):
    def make(self) -> CandidateSource:
        return KeywordSource(TextIndex.build(self.items), {i.item_id: text(i) for i in self.items})

    def asking(self) -> Query:
        return Query(text="waterproof tent")


class TestPopularityContract(WithWorld):
    def make(self) -> CandidateSource:
        return PopularitySource(self.items, self.model)

    def asking(self) -> Query:
        return Query()

    def silent(self) -> Query | None:
        return None


class TestAssortmentContract(WithWorld):
    def make(self) -> CandidateSource:
        return AssortmentSource(self.items)

    def asking(self) -> Query:
        return Query()

    def silent(self) -> Query | None:
        return Query(text="tent")


def test_collaborative_finds_the_shoppers_kind(model: CollaborativeModel, items: list[Item], collaborative: Collaborative) -> None:
    source = collaborative(model, items)
    for group in ("camping", "kitchen"):
        found = source.candidates(Query(history=((f"{group}-1", 1.0), (f"{group}-2", 1.0))), 4)
        assert {c.item_id for c in found} == {f"{group}-{n}" for n in (0, 3, 4, 5)}


def test_collaborative_reason_names_the_item_that_counted_most(
    model: CollaborativeModel, items: list[Item], collaborative: Collaborative
) -> None:
    source = collaborative(model, items)
    found = source.candidates(Query(history=(("kitchen-0", 1.0), ("camping-0", 1.0))), 12)
    named = {c.item_id.split("-")[0]: c.reason for c in found}
    assert named["camping"] == "often chosen together with Harrow tent"
    assert named["kitchen"] == "often chosen together with Harrow frying pan"


def test_collaborative_dislikes_push_away(model: CollaborativeModel, items: list[Item], collaborative: Collaborative) -> None:
    source = collaborative(model, items)
    liked = (("camping-0", 1.0), ("kitchen-0", 1.0))
    before = {c.item_id: c.score for c in source.candidates(Query(history=liked), 12)}
    after = {c.item_id: c.score for c in source.candidates(Query(history=(*liked, ("kitchen-1", -1.0))), 12)}
    assert "kitchen-1" not in after

    def kitchen(scores: dict[str, float]) -> float:
        return sum(scores[f"kitchen-{n}"] for n in (2, 3, 4, 5)) - sum(scores[f"camping-{n}"] for n in (2, 3, 4, 5))

    assert kitchen(after) < kitchen(before) - 1.0
    assert source.candidates(Query(history=(("camping-0", 1.0), ("camping-0", -1.0))), 5) == []  # changed their mind
    assert source.candidates(Query(history=(("camping-0", -1.0),)), 5) == []


def test_collaborative_offers_only_what_the_catalogue_holds(
    model: CollaborativeModel, items: list[Item], collaborative: Collaborative
) -> None:
    served = [i for i in items if i.item_id != "camping-4"]
    found = collaborative(model, served).candidates(Query(history=(("camping-1", 1.0), ("never seen", 1.0))), 12)
    assert found
    assert "camping-4" not in {c.item_id for c in found}
    assert collaborative(None, served).candidates(Query(history=(("camping-1", 1.0),)), 5) == []
    assert collaborative(model, served).candidates(Query(history=(("never seen", 1.0), ("camping-1", float("nan")))), 5) == []


def test_dense_likes_search_near_their_mean(items: list[Item]) -> None:
    source = dense(items)
    found = source.candidates(Query(like_items=("camping-1", "camping-3")), 3)
    assert not {"camping-1", "camping-3"} & {c.item_id for c in found}
    assert found[0].item_id == "camping-5"
    assert found[0].reason == "similar to Harrow sleeping bag and Harrow camp stove"
    assert source.candidates(Query(like_items=("unknown",)), 3) == []


def test_dense_by_index_and_exactly_agree(items: list[Item]) -> None:
    class Index:
        calls = 0

        def search(self, vector: np.ndarray, k: int) -> Sequence[tuple[str, float]]:
            Index.calls += 1
            scores = EMBEDDER.encode([text(i) for i in items]) @ vector
            return [(items[n].item_id, float(scores[n])) for n in np.argsort(-scores, kind="stable")[:k]]

    exact, indexed = dense(items), dense(items, index=Index(), looked_through=3)
    some = frozenset(i.item_id for i in items[1:])
    for query in (Query("light tent"), Query("light tent", allowed=some), Query("kettle", exclude=frozenset({"kitchen-2"}))):
        assert [c.item_id for c in indexed.candidates(query, 3)] == [c.item_id for c in exact.candidates(query, 3)]
    assert Index.calls == 3
    few = Query("light tent", allowed=frozenset({"kitchen-0", "kitchen-1", "camping-0", "camping-2"}))
    assert indexed.candidates(few, 2) == exact.candidates(few, 2)
    assert Index.calls == 3  # a narrow filter is searched exactly


def test_reasons_name_the_words_that_match(items: list[Item]) -> None:
    source = KeywordSource(TextIndex.build(items), {i.item_id: text(i) for i in items})
    best = source.candidates(Query("I need waterproof sleeping bags please"), 1)[0]
    assert best.item_id == "camping-1"
    assert best.reason == "matches 'waterproof, sleeping, bags'"


def test_word_match() -> None:
    match = WordMatch("show me a 2-person tent, waterproof")
    assert match.words("Waterproof TENTS for everybody") == ["tent", "waterproof"]
    assert match.reason("attentive tentacles") == ""
    assert WordMatch("please show me something").reason("please show me something") == ""
    assert WordMatch("((.*").reason("(((") == ""


def test_popularity_falls_back_to_ratings(items: list[Item], model: CollaborativeModel) -> None:
    rated = PopularitySource(items)
    assert rated.candidates(Query(), 1)[0].item_id == "camping-5"
    assert rated.candidates(Query(), 1)[0].reason == "rated 4 by 6 shoppers"
    unknown = Item("new", "New thing", rating=5.0, n_ratings=10_000)
    found = PopularitySource([*items, unknown], model).candidates(Query(), 20)
    assert found[-1].item_id == "new"  # a rating never outweighs an event
    assert found[0].reason == "popular with other shoppers"
    assert PopularitySource([Item("a", "A"), Item("b", "B")]).candidates(Query(), 5) == []


def test_assortment_takes_turns_between_categories(items: list[Item]) -> None:
    assert [c.item_id for c in AssortmentSource(items).candidates(Query(), 4)] == ["camping-0", "kitchen-0", "camping-1", "kitchen-1"]


def test_a_fixed_order_is_kept_whether_the_filter_is_narrow_or_wide() -> None:
    from chatrec.candidates.sources.admitted import FixedOrder

    ids = [f"i{n}" for n in range(100)]
    order = FixedOrder(ids[::-1])
    for allowed in (None, frozenset(ids), frozenset(ids[:60]), frozenset(("i3", "i50", "i97", "elsewhere"))):
        query = Query(allowed=allowed, exclude=frozenset(("i50", "i7")))
        expected = [i for i in ids[::-1] if query.admits(i)]
        assert [ids[::-1][place] for place in order.admitted(query)] == expected


def test_a_large_catalogue_is_looked_through_in_two_steps() -> None:
    rng = np.random.default_rng(4)
    n = 6_000
    vectors = rng.standard_normal((n, 24)) @ rng.standard_normal((24, 256)) + 0.5 * rng.standard_normal((n, 256))
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    ids = [f"i{row}" for row in range(n)]
    sketched, exact = (DenseSource(EMBEDDER, ids, unit, {}, exact_rows=rows) for rows in (1_000, n))
    some = frozenset(ids[::2])
    found = []
    for row in range(0, n, 500):
        query = Query(like_items=(ids[row],), allowed=some if row % 1_000 else None, exclude=frozenset(ids[:3]))
        one, other = (source.candidates(query, 20) for source in (sketched, exact))
        assert len(one) == 20 and all(query.admits(c.item_id) and c.item_id != ids[row] for c in one)
        found.append(len({c.item_id for c in one} & {c.item_id for c in other}) / 20)
    assert np.mean(found) > 0.99
    few = Query(like_items=(ids[5],), allowed=frozenset(ids[:7]))
    assert [c.item_id for c in sketched.candidates(few, 20)] == [c.item_id for c in exact.candidates(few, 20)]


def test_a_request_is_embedded_as_it_was_meant(items: list[Item]) -> None:
    mended = dense(items, read=lambda text: text.replace("ketle", "kettle"))
    meant, typed = dense(items).candidates(Query("kettle"), 3), mended.candidates(Query("ketle"), 3)
    assert [(c.item_id, c.score) for c in typed] == [(c.item_id, c.score) for c in meant]
