"""Misspelt words: what is mended, what is left alone, and that the reason says so."""

from __future__ import annotations

import string
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from chatrec.candidates.sources import KeywordSource
from chatrec.catalog.spelling import MOST_EDITS, Spelling
from chatrec.catalog.text_index import TextIndex
from chatrec.domain.candidate import Query
from chatrec.domain.item import Item

WORDS = {
    "trekking": 40,
    "hiking": 90,
    "poles": 30,
    "pole": 12,
    "headlamp": 9,
    "waterproof": 60,
    "boot": 50,
    "laboratory": 300,
    "labratory": 1,
}
SHOP = [
    Item("p", "Staddle trekking poles", "For hiking."),
    Item("h", "Glint headlamp", "A waterproof lamp."),
    Item("t", "Harrow tent", "For two."),
]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("hekkin", "hiking"), ("hekkin", "trekking"), ("pols", "poles"), ("headlmp", "headlamp"), ("labrotory", "laboratory")],
)
def test_slips_are_read(typed: str, meant: str) -> None:
    assert meant in Spelling(WORDS).meant(typed)


@pytest.mark.parametrize("typed", ["poles", "boat", "qqqqqq", "po", "dx200", "pøles", "", "hiking poles"])
def test_known_everyday_and_strange_words_are_left_alone(typed: str) -> None:
    assert Spelling(WORDS).meant(typed) == ()


def test_nothing_to_compare_with() -> None:
    assert Spelling({}).meant("hekkin") == () and Spelling({"日本": 3, "a1": 2}).meant("hekkin") == ()


words = st.text(string.ascii_lowercase, min_size=3, max_size=11)


@settings(max_examples=60, deadline=None)
@given(st.sets(words, min_size=1, max_size=40), words, st.data())
def test_the_masks_rule_nothing_out_that_is_near(known: set[str], typed: str, data: st.DataObject) -> None:
    """All of the nearest are found, by comparison with every word."""
    near = data.draw(st.sampled_from(sorted(known)))
    slipped = near[: len(near) // 2] + typed[:1] + near[len(near) // 2 :]
    spelling = Spelling(dict.fromkeys(known, 1))
    found = {spelling.words[row] for _, row in spelling._within(slipped)}
    most = 1 if len(slipped) <= 5 else MOST_EDITS
    wanted = {w for w in known if OSA.distance(slipped, w) <= most and (len(slipped) > 5 or w[0] == slipped[0])}
    assert found == wanted


def test_quick_in_a_vocabulary_of_a_hundred_thousand_words() -> None:
    rng = np.random.default_rng(1)
    syllables = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "il", "ost")]
    many = {"".join(syllables[n] for n in drawn): 1 for drawn in rng.integers(0, len(syllables), (110_000, 4)).tolist()}
    assert len(many) > 100_000
    spelling = Spelling(many)
    typed = [w[:2] + w[3:] for w in list(many)[:2_000:50]]
    spelling.meant("warmup")
    start = time.process_time()
    for word in typed:
        spelling.meant(word)
    assert (time.process_time() - start) / len(typed) < 0.006  # a third of this on an idle core; the goal is 2 ms


def test_a_mended_word_finds_counts_less_and_is_told() -> None:
    index = TextIndex.build(SHOP)
    assert index.mended("hekkin pols for rain") == {"hekkin": ("hiking", "trekking"), "pols": ("poles",)}
    source = KeywordSource(index, {i.item_id: f"{i.title} {i.description}" for i in SHOP})
    best = source.candidates(Query("treking pols"), 3)
    assert [c.item_id for c in best] == ["p"]
    assert best[0].reason == "matches 'trekking, poles' (you wrote 'treking, pols')"
    assert 0.0 < best[0].score < source.candidates(Query("trekking poles"), 1)[0].score
    assert source.candidates(Query("trekking poles"), 1)[0].reason == "matches 'trekking, poles'"
    assert index.read("Any Treking pols, please?") == "Any trekking poles, please?"
    assert index.mended("boat") == {} and index.read("zzzzzz") == "zzzzzz"


def test_the_words_are_kept_with_the_index(tmp_path: Path) -> None:
    index = TextIndex.build(SHOP)
    index.save(tmp_path)
    assert TextIndex.load(tmp_path).mended("hekkin pols") == index.mended("hekkin pols")
    (tmp_path / "words.json").unlink()  # an index written before: its stems serve
    assert TextIndex.load(tmp_path).mended("headlmp") == {"headlmp": ("headlamp",)}
