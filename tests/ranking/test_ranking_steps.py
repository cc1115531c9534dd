"""Facets, clusters, rules, specificity and the registry."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatrec.catalog.contract import Contract
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.domain.candidate import Candidate
from chatrec.domain.item import Item
from chatrec.errors import SettingsError
from chatrec.ranking import (
    Rules,
    adapt_diversity,
    cut_near_duplicates,
    drop_irrelevant,
    facets_of,
    make_pruner,
    profile_of,
    request_specificity,
    reranker,
)
from chatrec.ranking.clusters import cluster
from chatrec.ranking.entropy import EntropyReranker
from chatrec.ranking.facets import Facets, price_bands
from chatrec.ranking.prune import title_stem
from chatrec.ranking.rules import MOST_BOOST, RuledReranker
from chatrec.testing.reranker_contract import random_case

share = st.floats(0, 1)


def listed(*scores: float) -> list[Candidate]:
    return [Candidate(f"i{n}", s, "x") for n, s in enumerate(scores)]


def test_facets_of_a_catalogue() -> None:
    items = [Item(str(n), f"t{n}", category="Tents" if n % 2 else "", brand="Acme", price=Decimal(n) if n else None) for n in range(9)]
    facets = facets_of(items, np.eye(9, dtype=np.float32))
    assert facets.names == ("category", "brand", "price band", "cluster")
    assert "category:tents" in facets.labels
    columns, shares, vectors = facets.gather(["1", "nobody"])
    assert {facets.labels[c].split(":")[0] for c in columns[0]} == set(facets.names)
    assert (columns[1] == -1).all()
    assert not shares[1].any()
    assert not vectors[1].any()
    assert facets_of(items[:1]).names == ("brand",)
    assert facets_of([]).gather(["x"])[0].shape == (1, 0)


def test_several_values_share_the_weight() -> None:
    facets = Facets.of(["a"], {"colour": [("red", "blue", "red")]})
    assert facets.gather(["a"])[1].tolist() == [[0.5, 0.5]]
    with pytest.raises(ValueError, match="rows for 1 items"):
        Facets.of(["a"], {"colour": []})


def test_price_bands_are_relative_to_the_category() -> None:
    items = [Item(f"s{n}", "sock", category="socks", price=Decimal(n + 1)) for n in range(8)]
    items += [Item(f"t{n}", "tent", category="tents", price=Decimal(100 * (n + 1))) for n in range(8)]
    bands = [b[0] for b in price_bands(items)]
    assert bands[0] == bands[8] == "1"
    assert bands[7] == bands[15] == "4"


def test_clusters_find_separated_groups_and_are_repeatable() -> None:
    chance = np.random.default_rng(0)
    group = chance.integers(3, size=60)
    vectors = np.eye(8)[group] + 0.05 * chance.normal(size=(60, 8))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    found = cluster(vectors, 3)
    assert all(len(set(found[group == g])) == 1 for g in range(3))
    assert len(set(found)) == 3
    assert (found == cluster(vectors, 3)).all()
    assert cluster(np.ones((5, 2), np.float32) / 2**0.5, 3).tolist() == [0] * 5
    assert cluster(np.zeros((0, 3), np.float32)).size == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ridge Runner tee, blue, L", "Ridge Runner Tee - Red, XL", True),
        ("Nitrile gloves 100 count (box)", "Nitrile Gloves 50 count", True),
        ("Acme DX-200 camera", "Acme DX-300 camera", False),
        ("Ink cartridge 61", "Ink cartridge 62", False),
        ("Wool socks", "Wool hat", False),
    ],
)
def test_title_stems(one: str, other: str, same: bool) -> None:
    assert (title_stem(one) == title_stem(other)) is same


def test_near_duplicates_are_cut_to_the_best() -> None:
    vectors = np.array([[1, 0], [1, 0.01], [0, 1], [0.7, 0.7], [0, -1]], np.float32)
    facets = Facets.of([f"i{n}" for n in range(5)], {}, vectors)
    titles = {"i2": "Trail mug red", "i3": "Trail mug blue", "i0": "Tent", "i1": "Tarp", "i4": "Red"}
    candidates = listed(0.9, 0.8, 0.7, 0.6, 0.5)
    assert [c.item_id for c in cut_near_duplicates(candidates, facets, titles)] == ["i0", "i2", "i4"]
    assert [c.item_id for c in cut_near_duplicates(candidates, facets, titles, least=4)] == ["i0", "i2", "i4", "i1"]
    assert cut_near_duplicates([], facets, titles) == []


def test_relevance_floor() -> None:
    assert len(drop_irrelevant(listed(1.0, 0.5, 0.1, 0.05), share=0.2)) == 2
    assert len(drop_irrelevant(listed(1.0, 0.5, 0.1, 0.05), share=0.2, least=3)) == 3
    assert len(drop_irrelevant(listed(0.0, -0.5))) == 2
    assert drop_irrelevant([]) == []


def test_a_rule_names_items_by_facet_value_and_labels_what_it_moves() -> None:
    items = [Item(f"i{n}", f"t{n}", category="Tents" if n % 2 else "Mugs", brand=f"B{n}") for n in range(6)]
    facets = facets_of(items)
    rules = Rules(pins=("brand:b5",), bury=frozenset({"category:mugs"}), boosts={"category:tents": 0.1, "i3": 0.1})
    found = rules.apply(listed(0.9, 0.8, 0.7, 0.65, 0.5, 0.4), facets)
    assert [(c.item_id, c.rule) for c in found] == [
        ("i5", "pinned"),
        ("i1", "boosted +0.10"),
        ("i3", "boosted +0.20"),
        ("i0", "buried"),
        ("i2", "buried"),
        ("i4", "buried"),
    ]
    assert rules.pinned(found, facets) == {"i5"}
    assert Rules(pins=("brand:nobody", "i1")).unknown(facets) == ["brand:nobody"]
    assert not Rules()


@pytest.mark.parametrize("knob", [0.0, 0.5, 1.0])
def test_pins_take_half_of_a_list_and_the_buried_only_what_is_left(knob: float) -> None:
    facets, candidates = random_case(1, 12)
    pins = tuple(c.item_id for c in candidates[6:10])
    ruled = Rules(pins=pins, bury=frozenset(c.item_id for c in candidates[:3])).apply(candidates)
    reranker = RuledReranker(EntropyReranker(facets), facets)
    ranked = reranker.rerank(ruled, 4, knob)
    assert [c.item_id for c in ranked.items[:2]] == list(pins[:2])
    assert not any(c.rule == "buried" for c in ranked.items)
    everything = reranker.rerank(ruled, 12, knob)
    assert {c.rule for c in everything.items[-3:]} == {"buried"}
    assert len(everything.propensity) == 12
    assert reranker.rerank(ruled, 1, knob).items[0].item_id == pins[0]


def test_the_pruner_keeps_a_pinned_item_of_two_alike_and_lifts_nothing_irrelevant() -> None:
    titles = ["Trail mug red", "Trail mug blue", *(f"Thing number{n}" for n in range(2, 16))]
    items = [Item(f"i{n}", title) for n, title in enumerate(titles)]
    vectors = np.random.default_rng(0).normal(size=(16, 32)).astype(np.float32)
    shelf = CatalogueShelf(items, [b"[]"] * 16, vectors, Contract.of(items))
    found = [*(Candidate(f"i{n}", 0.9 - 0.05 * n, "x") for n in range(14)), Candidate("i15", 0.01, "x")]
    plain = [c.item_id for c in make_pruner(shelf)(found)]
    ruled = [c.item_id for c in make_pruner(shelf, rules=Rules(pins=("i1", "i15")))(found)]
    assert plain[0] == "i0"
    assert ruled[0] == "i1"
    for kept, gone in ((plain, "i1"), (ruled, "i0"), (ruled, "i15")):
        assert gone not in kept
    assert make_pruner(shelf, least=15, rules=Rules(pins=("i1",)))(found)[0].rule == "pinned"


def test_a_profile_weighs_the_facet_values_of_what_was_chosen() -> None:
    facets = Facets.of(["a", "b", "c"], {"brand": [("x",), ("y",), ("x", "y")], "kind": [("k",), (), ()]})
    assert profile_of(facets, []) == {}
    assert profile_of(facets, [("nobody", 1.0), ("a", float("nan"))]) == {}
    one = profile_of(facets, [("a", 1.0)])
    assert one == {"brand:x": 1.0, "kind:k": 1.0}
    mixed = profile_of(facets, [("b", 1.0), ("c", 1.0), ("a", -0.5)])
    assert mixed.keys() == {"brand:y"}  # the dislike takes x away, and k has nothing to lose
    assert 1.3 < mixed["brand:y"] < 1.5
    newer = profile_of(facets, [("a", 1.0)] + [("b", 1.0)] * 30)
    assert newer["brand:x"] == pytest.approx(0.5)


def test_rules_pin_bury_and_boost_within_bounds() -> None:
    rules = Rules(pins=("i3", "absent"), bury=frozenset({"i0"}), boosts={"i2": MOST_BOOST})
    found = rules.apply(listed(1.0, 0.6, 0.5, 0.1))
    assert [c.item_id for c in found] == ["i3", "i2", "i1", "i0"]
    assert found[1].score == pytest.approx(0.5 + MOST_BOOST)
    assert Rules(boosts={"i0": 0.2}).apply([Candidate("i0", -0.4, "x")])[0].score == pytest.approx(-0.2)
    with pytest.raises(SettingsError, match="boost"):
        Rules(boosts={"a": MOST_BOOST + 0.1})
    with pytest.raises(SettingsError, match="both"):
        Rules(pins=("a",), bury=frozenset({"a"}))


@given(share, share, share)
def test_diversity_falls_with_specificity_and_rises_with_its_base(base: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert adapt_diversity(base, high) <= adapt_diversity(base, low) + 1e-12
    assert adapt_diversity(low, base) <= adapt_diversity(high, base) + 1e-12
    assert adapt_diversity(base, 0.5) == pytest.approx(base)
    assert adapt_diversity(0.0, one) == 0.0
    assert adapt_diversity(1.0, one) == 1.0


def test_specificity_counts_what_was_said() -> None:
    vague = request_specificity()
    asked = request_specificity(words=1)
    exact = request_specificity(words=4, constraints=3, matching=5, catalogue=4000)
    assert vague == 0.0 < asked < exact < 1.0
    assert request_specificity(matching=4000, catalogue=4000) == 0.0


def test_an_unknown_name_says_what_there_is() -> None:
    with pytest.raises(SettingsError, match="choose one of entropy, mmr"):
        reranker("magic", Facets.of([], {}))
