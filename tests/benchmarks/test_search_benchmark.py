"""The labelled requests fit the demo catalogue, and what is drawn for a large shop is what it is said to be."""

from __future__ import annotations

import random
import re
from collections import Counter

import numpy as np
from rapidfuzz.distance import OSA

from benchmarks.scale import EVENTS_PER_USER, drawn_log, requests
from benchmarks.search import attributes, known_items, labelled_queries, misspelt, reciprocal
from chatrec.candidates.interactions import gather
from chatrec.demo.files import records
from chatrec.domain.candidate import Candidate
from chatrec.domain.item import Attribute, Item

SHOP = [
    Item(
        f"s{n}",
        f"Harrow {a} {b} walking jacket",
        f"Made of {c}.",
        category="jackets",
        brand=a.title(),
        attributes=(Attribute("fill", (c,)),),
    )
    for n, (a, b, c) in enumerate(
        (a, b, c) for a in ("moorland", "bracken") for b in ("quilted", "knitted") for c in ("feather", "sheepwool")
    )
]


def test_every_label_is_an_item_and_both_halves_hold_every_kind() -> None:
    labelled = list(labelled_queries())
    ids = {str(r["item_id"]) for r in records()}
    assert len(labelled) >= 100 and len({text for _, text, _ in labelled}) == len(labelled)
    assert [right - ids for _, _, right in labelled if not right or right - ids] == []
    halves = [Counter(kind for kind, _, _ in labelled[start::2]) for start in (0, 1)]
    assert halves[0] == halves[1] and len(halves[0]) == 6


def test_requests_made_from_records_never_give_a_title_away() -> None:
    for _, request, right in known_items(SHOP, 5, random.Random(1)):
        titles = [set(re.findall(r"\w+", i.title.lower())) for i in SHOP if i.item_id in right]
        assert len(right) == 1 and not titles[0] <= set(request.split())
    found = list(attributes(SHOP, 20, random.Random(1)))
    assert found and all(1 <= len(right) <= 30 for _, _, right in found)
    assert {request: right for _, request, right in found}["feather jackets"] == {"s0", "s2", "s4", "s6"}


def test_a_slip_is_one_step() -> None:
    chance = random.Random(2)
    assert {OSA.distance("waterproof", misspelt("waterproof", chance)) for _ in range(50)} <= {0, 1}


def test_reciprocal_ranks_of_keywords_and_meaning() -> None:
    lists = {name: [Candidate(i, 1.0, name) for i in ids] for name, ids in {"keyword": "abc", "dense": "cad", "popularity": "d"}.items()}
    assert reciprocal(lists) == ["a", "c", "b", "d"]


def test_the_drawn_log_has_tastes() -> None:
    log = gather(drawn_log(400, 600, 3), frozenset(f"s{n}" for n in range(600)))
    assert len(drawn_log(400, 600, 3)) == 400 * EVENTS_PER_USER and len(log.user_ids) == 400
    groups = min(200, 600 // 15)
    of_group = np.array([int(i[1:]) % groups for i in log.item_ids])[log.items]
    most = [Counter(of_group[log.users == user].tolist()).most_common(2) for user in range(50)]
    assert np.mean([sum(n for _, n in two) for two in most]) > 12  # of some forty pairs; by chance two tastes would have four


def test_every_shape_of_request_is_asked_in_turn() -> None:
    shapes = [shape for shape, need, _ in requests(SHOP, 16, random.Random(1)) if need.need_id == 1]
    assert len(set(shapes)) == 8 and shapes[:8] == shapes[8:]
