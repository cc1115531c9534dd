"""Convex fusion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatrec.candidates.fusion import ConvexFusion
from chatrec.domain.candidate import Candidate, Query
from chatrec.protocols import Fusion

TITLES = {"a": "Summit tent", "b": "Meadow tent", "c": "Orbit DX-200 camera", "d": "Orbit DX-300 camera", "e": "Kettle"}
scores = st.floats(-5, 5, allow_nan=False)
lists_of = st.dictionaries(
    st.sampled_from(["dense", "keyword", "collaborative", "popularity", "assortment", "further"]),
    st.dictionaries(st.sampled_from(sorted(TITLES)), scores),
)


def listed(source: str, **found: float) -> list[Candidate]:
    ordered = sorted(found.items(), key=lambda pair: -pair[1])
    return [Candidate(i, s, source, f"{source} says {i}") for i, s in ordered]


def ids(found: list[Candidate]) -> list[str]:
    return [c.item_id for c in found]


@given(lists_of, st.text(max_size=30), st.integers(0, 6))
def test_scores_in_range_no_duplicates_at_most_k(found: dict[str, dict[str, float]], text: str, k: int) -> None:
    lists = {source: listed(source, **values) for source, values in found.items()}
    fused = ConvexFusion(TITLES).fuse(lists, Query(text), k)
    assert len(fused) <= k
    assert len(set(ids(fused))) == len(fused)
    assert all(0.0 <= c.score <= 1.0 and all(0.0 <= s <= 1.0 for _, s in c.sources) for c in fused)
    assert [c.score for c in fused] == sorted((c.score for c in fused), reverse=True)


def test_is_a_fusion_and_keeps_the_sources() -> None:
    fusion: Fusion = ConvexFusion(TITLES)
    best = fusion.fuse({"dense": listed("dense", a=0.8, b=0.4), "keyword": listed("keyword", a=9.0)}, Query("tent"), 5)[0]
    assert best.item_id == "a"
    assert best.sources == (("dense", 1.0), ("keyword", 1.0))
    assert best.score == pytest.approx(1.0 - 0.4 * 0.5)  # nothing known of behaviour
    assert best.reason == "keyword says a"


def test_words_mix_by_their_share() -> None:
    lists = {"dense": listed("dense", a=0.9, b=0.1), "keyword": listed("keyword", b=9.0, a=0.9)}
    assert ids(ConvexFusion(TITLES, dense=0.9).fuse(lists, Query("x"), 2)) == ["a", "b"]
    assert ids(ConvexFusion(TITLES, dense=0.1).fuse(lists, Query("x"), 2)) == ["b", "a"]


def test_behaviour_decides_among_what_matches_and_brings_in_nothing() -> None:
    lists = {"dense": listed("dense", a=0.50, b=0.49, c=0.1), "popularity": listed("popularity", e=50.0, b=40.0, a=1.0)}
    assert ids(ConvexFusion(TITLES).fuse(lists, Query("tent"), 5)) == ["b", "a", "c"]
    assert ids(ConvexFusion(TITLES).fuse(lists | {"dense": []}, Query(), 5)) == ["e", "b", "a"]


def test_taste_speaks_for_popularity_too_where_there_is_a_model() -> None:
    """The model was told by validation how much popularity counts beside a history of this length: it is not counted twice."""
    lists = {"collaborative": listed("collaborative", a=1.0, b=0.1), "popularity": listed("popularity", b=1.0, a=0.1)}
    fusion = ConvexFusion(TITLES)
    for likes in (0, 1, 30):
        assert ids(fusion.fuse(lists, Query(history=(("x", 1.0),) * likes), 2)) == ["a", "b"]
    assert ids(fusion.fuse({"popularity": lists["popularity"]}, Query(), 2)) == ["b", "a"]


@pytest.mark.parametrize("text", ["do you have the dx-300?", "DX300 camera", "orbit dx-300 camera please"])
def test_a_model_number_never_loses_to_semantics(text: str) -> None:
    lists = {
        "dense": listed("dense", c=0.9, a=0.8, d=0.2),
        "keyword": listed("keyword", c=9.0, d=1.0),
        "popularity": listed("popularity", c=99.0),
    }
    fused = ConvexFusion(TITLES).fuse(lists, Query(text), 3)
    assert fused[0].item_id == "d"
    assert fused[0].reason == "is the one you named"


def test_a_whole_title_never_loses_and_a_measure_is_no_model_number() -> None:
    lists = {"dense": listed("dense", b=0.9, a=0.1)}
    assert ids(ConvexFusion(TITLES).fuse(lists, Query("the Summit Tent you showed"), 2)) == ["a", "b"]
    assert ids(ConvexFusion(TITLES).fuse(lists, Query("a tent"), 2)) == ["b", "a"]
    measured = ConvexFusion({"a": "Flask 500ml", "b": "Jug"})
    assert ids(measured.fuse(lists, Query("jug of 500ml"), 2)) == ["b", "a"]


def test_the_assortment_fills_up_below() -> None:
    lists = {"popularity": listed("popularity", a=1.0, b=0.01), "assortment": listed("assortment", e=1.0, a=0.5, c=0.3)}
    assert ids(ConvexFusion(TITLES).fuse(lists, Query(), 5)) == ["a", "b", "e", "c"]


def test_nothing_found_and_bad_shares() -> None:
    assert ConvexFusion(TITLES).fuse({"dense": []}, Query("x"), 5) == []
    with pytest.raises(ValueError, match="share text"):
        ConvexFusion(TITLES, text=1.5)


def test_other_shares_without_reading_the_titles_again() -> None:
    lists = {"dense": listed("dense", a=0.9, b=0.1), "keyword": listed("keyword", b=9.0, a=0.9)}
    fusion = ConvexFusion(TITLES).with_shares(0.8, 0.1)
    assert (fusion.text, fusion.dense) == (0.8, 0.1) and ids(fusion.fuse(lists, Query("x"), 2)) == ["b", "a"]
    assert fusion.fuse(lists, Query("summit tent"), 1)[0].reason == "is the one you named"


def test_named_products_let_behaviour_propose() -> None:
    lists = {"dense": listed("dense", a=0.9, b=0.5), "collaborative": listed("collaborative", e=3.0, b=2.0, c=1.0)}
    fusion = ConvexFusion(TITLES)
    assert ids(fusion.fuse(lists, Query("tent"), 5)) == ["a", "b"]
    for told in (Query("tent", liked=("d",)), Query("", like_items=("d",))):
        assert ids(fusion.fuse(lists, told, 5))[0] == "e"
    words_alone = {"dense": lists["dense"], "popularity": listed("popularity", e=9.0)}
    assert ids(fusion.fuse(words_alone, Query("tent", liked=("d",)), 5)) == ["a", "b"]  # what is popular answers no liking
