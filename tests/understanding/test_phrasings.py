"""The labelled utterances: the format holds, the two parts share no phrasing, and understanding stays as good as it was measured."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import pytest
from rapidfuzz import fuzz

from chatrec.evaluation.understanding import PARTS, run_understanding
from chatrec.evaluation.understanding_labels import Utterance, load_utterances
from chatrec.evaluation.understanding_worlds import DEMO, Worlds

from .shops import shelf
from .skeletons import skeleton, values_of

FOLDER = Path(__file__).parent / "phrasings"
WORLDS = Worlds(FOLDER)
# Two skeletons this alike (0 to 100) are one mould with a word changed; shorter ones than this hold too little to compare by letters.
ALIKE, LEAST_WORDS = 90.0, 3
# A little under what was measured: a change that understands less is noticed.
FLOORS = {
    "dev/chatrec/exact_match": 0.90,
    "dev/chatrec/constraint_f1": 0.94,
    "dev/chatrec/intent_accuracy": 0.95,
    "held/chatrec/exact_match": 0.80,
    "held/chatrec/constraint_f1": 0.92,
    "held/chatrec/intent_accuracy": 0.93,
}
LEAST_LEAD = 0.3  # of exact match, over patterns: the measure tells a good reader from a bad one


@lru_cache(maxsize=2)
def part(name: str) -> tuple[Utterance, ...]:
    return tuple(load_utterances(WORLDS.utterance_files(name)))


@pytest.fixture(scope="module")
def figures() -> dict[str, float | list[float]]:
    return run_understanding(FOLDER, parts=PARTS)[0]


def skeletons(name: str) -> dict[str, list[str]]:
    values = {shop: values_of(WORLDS.shelf(shop).contract) for shop in {u.shop for u in part(name)}}
    found: dict[str, list[str]] = defaultdict(list)
    for utterance in part(name):
        found[skeleton(utterance.text, values[utterance.shop])].append(utterance.place)
    return found


def test_there_are_enough_of_both_parts_over_several_trades() -> None:
    assert len(part("dev")) >= 300
    assert len(part("held")) >= 350
    for name in PARTS:
        assert {u.shop for u in part(name)} >= {"demo", "gadgets", "books", "home", "groceries"}
        assert {u.kind for u in part(name)} == {u.kind for u in part("dev")}, "both parts hold the same classes"


def test_no_message_is_labelled_twice() -> None:
    said = [(u.text.casefold(), u.shop, u.state) for name in PARTS for u in part(name)]
    assert len(said) == len(set(said))


def test_no_mould_stands_in_both_parts() -> None:
    dev, held = ({u.mould.casefold() for u in part(name)} for name in PARTS)
    assert not dev & held


def test_no_skeleton_stands_in_both_parts() -> None:
    dev, held = skeletons("dev"), skeletons("held")
    assert {s: (dev[s], held[s]) for s in dev if s in held} == {}
    near = [
        (dev[d], held[h])
        for d in dev
        for h in held
        if min(len(d.split()), len(h.split())) >= LEAST_WORDS and fuzz.ratio(d, h, score_cutoff=ALIKE) > 0
    ]
    assert near == []


def test_moulds_hold_few_messages_each() -> None:
    for name in PARTS:
        moulds = {(u.kind, u.mould) for u in part(name)}
        assert len(moulds) >= len(part(name)) / 3


@pytest.mark.parametrize("name", [DEMO, "gadgets", "books", "home"])
def test_the_small_catalogues_are_those_of_the_other_tests(name: str) -> None:
    assert WORLDS.shelf(name).items == shelf(name).items


def test_understanding_is_as_good_as_measured(figures: dict[str, float | list[float]]) -> None:
    measured = {name: figures[name][1] for name in FLOORS}  # type: ignore[index]
    assert {n: v for n, v in measured.items() if v < FLOORS[n]} == {}


def test_the_controls_fall_behind(figures: dict[str, float | list[float]]) -> None:
    exact = {m: figures[f"held/{m}/exact_match"][1] for m in ("chatrec", "keywords", "patterns")}  # type: ignore[index]
    assert exact["chatrec"] - exact["patterns"] > LEAST_LEAD
    assert exact["patterns"] > exact["keywords"]
    assert figures["held/keywords/constraint_f1"] == [0.0, 0.0, 0.0]
