"""What the gate does to a sentence before it gives up on it: markup, ellipsis, broken English, and any string at all."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatrec.generation.gate import SentenceGate
from chatrec.generation.gate_ellipsis import written_out
from chatrec.generation.gate_english import mended
from chatrec.generation.gate_formats import plain_format

sys.path.insert(0, str(Path(__file__).parent))
from gate_worlds import BAGS, HEADPHONES, PANS, TEE, VACUUMS, WORLDS

GATE = SentenceGate()


@pytest.mark.parametrize(
    ("sentence", "plain"),
    [
        ("**Skua Polar 5** ($129.00): has a synthetic fill.", "[1] has a synthetic fill."),
        ("1. **Tern Light** – packs small enough for a pannier.", "[2] packs small enough for a pannier."),
        ("Item 2: it weighs 900 g.", "[2] weighs 900 g."),
        ("【1】 has a nylon shell.", "[1] has a nylon shell."),
        ("[Tern Light](https://shop.example/2) weighs 900 g.", "[2] weighs 900 g."),
        ("[1] costs one hundred twenty-nine dollars and has a nylon shell.", "[1] has a nylon shell."),
        ("<b>#2</b> is lighter than #1.", "[2] is lighter than [1]."),
        ("Both [1, 2] stay under $150.", "Both [1] and [2] stay under $150."),
        ("[1] has a synthetic fill.", "[1] has a synthetic fill."),
        ("Item 7 is a good choice.", "Item 7 is a good choice."),
    ],
)
def test_any_way_of_naming_an_item_becomes_its_citation(sentence: str, plain: str) -> None:
    assert plain_format(sentence, BAGS) == plain


@pytest.mark.parametrize(
    ("sentence", "ok"),
    [
        ("[2] is waterproof, and so is [1].", False),
        ("[2] is waterproof, [1] isn't.", True),
        ("[1] is not waterproof, but [2] is.", True),
        ("[1] isn't waterproof, nor is [2].", False),
        ("[1] has a synthetic fill, as does [2].", False),
        ("[1] weighs 1200 g, and the same goes for [2].", False),
        ("Unlike [1], [2] is waterproof.", True),
        ("So is [1].", False),
        ("[1] does too.", False),
        ("As for [2], it weighs 900 g.", True),
        ("As for [1], it weighs 900 g.", False),
        ("[1] is not out of stock.", True),
        ("[2] holds a little more than [1].", False),
        ("[1] is heavier than [2].", True),
        ("[1] is the heavier one.", True),
        ("[2] is heavier than [1].", False),
        ("[2] costs more than [1].", True),
    ],
)
def test_what_a_clause_leaves_out_is_judged_with_it(sentence: str, ok: bool) -> None:
    assert GATE.judge(sentence, BAGS).ok is ok


def test_a_bare_clause_is_written_out() -> None:
    assert written_out("[1] isn't electric, [2] is.") == "[1] isn't electric, [2] electric."
    assert written_out("[2] is red and light, and so is [1].") == "[2] is red and light, and [1] is red, light."
    assert written_out("That would be [1].") == "That would be [1]."
    assert written_out("Both are.") is None


@pytest.mark.parametrize(
    ("world", "sentence", "better"),
    [
        ("bags", "[1] is brand Kolder.", "[1] is made by Kolder."),
        ("bags", "[1] has weight 1200 g.", "[1] weighs 1200 g."),
        ("bags", "[2] comes in 900 g.", "[2] weighs 900 g."),
        ("bags", "[1] are a sleeping bag with a synthetic fill.", "[1] is a sleeping bag with a synthetic fill."),
        ("bags", "[1] has a fill synthetic.", "[1] has a synthetic fill."),
        ("headphones", "[1] is colour black.", "[1] comes in black."),
        ("headphones", "[1] comes in black and comes in black.", "[1] comes in black."),
        ("headphones", "[1] is is wireless.", "[1] is wireless."),
        ("pans", "[2] is material aluminium.", "[2] is made of aluminium."),
        ("tee", "[1] is machine washable: yes.", "[1] is machine washable."),
    ],
)
def test_broken_english_is_mended_from_the_record(world: str, sentence: str, better: str) -> None:
    assert mended(sentence, WORLDS[world]) == better
    assert GATE.check(sentence, WORLDS[world]).repaired == better


@pytest.mark.parametrize(
    "sentence",
    ["[1] 1200 g.", "[1] sleeping bags: weighs 1200 g.", "[1] weighs 1200 g and has a weight of 1200 g.", "[1] is sleeping bags."],
)
def test_a_line_of_the_record_is_no_sentence(sentence: str) -> None:
    assert not GATE.judge(sentence, BAGS).ok


@pytest.mark.parametrize(
    ("sentence", "world"),
    [
        ("[1] is number one.", VACUUMS),
        ("[1] is a bag for work.", BAGS),
        ("[1] supports your back.", BAGS),
        ("[1] is the highest.", HEADPHONES),
        ("Both are machine washable.", TEE),
        ("[2] heats out in 3 minutes.", PANS),
        ("Its station has mapping.", VACUUMS),
    ],
)
def test_idle_words_make_no_claim_pass(sentence: str, world: object) -> None:
    assert not GATE.judge(sentence, world, (2,)).ok  # type: ignore[arg-type]


PIECES = st.lists(
    st.sampled_from([
        "[1]", "[2]", "[1, 2]", "(2)", "【1】", "Item 1:", "**", "$129", "for", "costs", "and", "so is", "isn't", "too", "Skua Polar 5", "unlike",
        "its", "both", "has a", "900 g", "half a", "out of stock", "not", "no", "than", ",", ";", ":", ".", "|", "\n", "- ", "é", "漢字", "\u202e",
    ]),
    max_size=40,
).map(" ".join)  # fmt: skip


@given(sentence=st.one_of(st.text(max_size=400), PIECES), world=st.sampled_from(sorted(WORLDS)))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_step_takes_any_string(sentence: str, world: str) -> None:
    evidence = WORLDS[world]
    assert isinstance(plain_format(sentence, evidence), str)
    assert isinstance(mended(sentence, evidence), str)
    assert written_out(sentence) is None or isinstance(written_out(sentence), str)
    verdict = GATE.check(sentence, evidence)
    assert not verdict.repaired or GATE.judge(verdict.repaired, evidence).ok


@pytest.mark.parametrize(
    "piece", ["[1] is waterproof, ", "(", "$1 ", "**a** ", "and so is [1] ", "a", "[1][2]", "is is ", "\n- ", " ", "5 g "]
)
def test_time_grows_no_faster_than_the_text(piece: str) -> None:
    seconds = []
    for size in (2_500, 10_000):
        text = (piece * (size // len(piece) + 1))[:size]
        GATE.check(text[:50], BAGS)
        start = time.process_time()
        assert not GATE.check(text, BAGS).repaired or size < 5_000
        seconds.append(time.process_time() - start)
    assert seconds[1] < max(8.0 * seconds[0], 0.25)
