"""Facets, clusters, rules, specificity and the registry."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatrec.domain.candidate import Candidate
from chatrec.domain.item import Item
from chatrec.errors import SettingsError
from chatrec.ranking import Rules, adapt_diversity, cut_near_duplicates, drop_irrelevant, facets_of, request_specificity, reranker
from chatrec.ranking.clusters import cluster
from chatrec.ranking.facets import Facets, price_bands
from chatrec.ranking.rules import MOST_BOOST, title_stem

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


def test_rules_pin_bury_and_boost_within_bounds() -> None:
    rules = Rules(pins=("i3", "absent"), bury=frozenset({"i0"}), boosts={"i2": MOST_BOOST})
    found = rules.apply(listed(1.0, 0.6, 0.5, 0.1))
    assert [c.item_id for c in found] == ["i3", "i2", "i1", "i0"]
    assert found[1].score == pytest.approx(0.5 + MOST_BOOST)
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
