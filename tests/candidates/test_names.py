"""Exact names and model numbers never lose to meaning."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.catalogues import sources_of
from chatrec.candidates.fusion import ConvexFusion
from chatrec.candidates.names import MOST_NAMESAKES, Names, joined, numbers_in
from chatrec.catalog.mapping import load_mapping
from chatrec.catalog.readers import read_table
from chatrec.catalog.rows import item_rows
from chatrec.demo.files import records
from chatrec.domain.candidate import Candidate, Query

TITLES = {
    "a": "Orbit camera",
    "b": "Orbit camera case",
    "c": "Orbit DX-200 camera",
    "d": "Orbit DX-300 camera, 2000mAh",
    "e": "Kettle",
    "f": "Summit tent 2-person",
    "SKU-77123": "Lamp",
}
FRAMES = ("{}", "hello, is the {} still there, and how soon can I have it?", "{} or something better")


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("orbit CAMERA", ["a"]),
        ("an Orbit camera case please", ["b"]),
        ("orbit camera with an orbit camera case", ["a", "b"]),
        ("dx-300", ["d"]),
        ("the DX 200?", ["c"]),
        ("dx200 or DX-300", ["c", "d"]),
        ("do you have sku-77123", ["SKU-77123"]),
        ("kettle", []),
        ("2000mah", []),
        ("2-person tent", []),
        ("", []),
        ("???", []),
    ],
)
def test_what_a_request_names(asked: str, named: list[str]) -> None:
    assert list(Names(TITLES).named(asked)) == named


def test_a_number_of_many_titles_is_a_property() -> None:
    several = {str(n): f"Screen {n} inch fhd1080p" for n in range(MOST_NAMESAKES + 1)}
    assert Names(several).named("an fhd1080p screen") == ()
    assert len(Names(dict(list(several.items())[1:])).named("an fhd1080p screen")) == MOST_NAMESAKES


@given(st.text(max_size=60), st.dictionaries(st.text(max_size=4), st.text(max_size=25), max_size=6))
def test_total_on_any_text(asked: str, titles: dict[str, str]) -> None:
    assert set(Names(titles).named(asked)) <= set(titles)


def hostile(ids: Sequence[str]) -> list[Candidate]:
    return [Candidate(item_id, 1.0, "dense", "close to what you asked for") for item_id in ids]


def first(fusion: ConvexFusion, asked: str, others: list[Candidate]) -> Candidate:
    """The first with every source against it: only others at a perfect cosine and as the most popular."""
    return fusion.fuse({"dense": others, "popularity": others}, Query(asked), 1)[0]


@cache
def catalogue(name: str) -> dict[str, str]:
    if name == "demo":
        return {str(r["item_id"]): str(r["title"]) for r in records()}
    if "CHATREC_DATA" not in os.environ:
        pytest.skip("CHATREC_DATA names no folder of real catalogues")
    found = sources_of(name)
    if found is None:
        pytest.skip(f"{name} is not in the folder named by CHATREC_DATA")
    mapping = load_mapping(found.mapping).items
    return {item.item_id: item.title for item in item_rows(read_table(Path(found.items), mapping.layout), mapping).items}


@pytest.mark.parametrize("name", ["demo", "bestbuy_3k", "amazon_scientific_2018"])
def test_every_title_of_a_catalogue_comes_first_or_its_namesake(name: str) -> None:
    titles = catalogue(name)
    fusion, others = ConvexFusion(titles), hostile(list(titles)[:5])
    words = {i: " ".join(re.findall(r"[^\W_]+", t.lower())) for i, t in titles.items()}
    lost = [
        (title, found.item_id)
        for number, (item_id, title) in enumerate(titles.items())
        if " " in words[item_id]
        for asked in (FRAMES[number % len(FRAMES)].format(title if number % 2 else title.lower()),)
        if words[(found := first(fusion, asked, others)).item_id] != words[item_id]
    ]
    assert lost == []


@pytest.mark.parametrize("name", ["bestbuy_3k", "amazon_scientific_2018"])
def test_every_model_number_of_a_catalogue_brings_an_item_that_has_it(name: str) -> None:
    titles = catalogue(name)
    fusion, others = ConvexFusion(titles), hostile(list(titles)[:5])
    held: dict[str, set[str]] = defaultdict(set)
    typed: dict[str, str] = {}
    for item_id, title in titles.items():
        for number in numbers_in(title.lower()):
            held[joined(number)].add(item_id)
            typed.setdefault(joined(number), number)
    known = {number: ids for number, ids in held.items() if len(ids) <= MOST_NAMESAKES}
    assert len(known) > 40
    lost = [
        (typed[number], found.item_id)
        for number, ids in known.items()
        for asked in (f"do you sell the {typed[number].upper()}?",)
        if (found := first(fusion, asked, others)).item_id not in ids
    ]
    assert lost == []


def test_a_named_item_that_no_source_found_is_offered_unless_it_is_ruled_out() -> None:
    fusion, others = ConvexFusion(TITLES), hostile(["e", "f"])
    best = first(fusion, "orbit camera case", others)
    assert (best.item_id, best.reason, best.source) == ("b", "is the one you named", "named")
    assert fusion.fuse({"dense": others}, Query("orbit camera case", exclude=frozenset({"b"})), 3)[0].item_id == "e"
    assert fusion.fuse({"dense": others}, Query("orbit camera case", allowed=frozenset({"e"})), 3)[0].item_id == "e"
    assert fusion.fuse({}, Query("orbit camera case"), 3)[0].item_id == "b"
