"""What the gate works out itself: comparisons from the figures, items pointed at by their place, wishes and silence said back."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.gate_data import Labelled, load
from chatrec.domain.facts import Evidence
from chatrec.generation.gate import SentenceGate
from chatrec.generation.gate_ellipsis import answered, with_shared_units
from chatrec.generation.gate_pointing import pointed_out
from chatrec.generation.gate_reckoning import reckoned
from chatrec.generation.gate_tokens import Kind, tokenise

sys.path.insert(0, str(Path(__file__).parent))
from gate_worlds import BAGS, PANS, attribute, clause, figure, flag, item, kind, price, rating

GATE = SentenceGate()
DATA = load()
COMPARED = [s for s in DATA.sentences if s.source == "compared"]


@pytest.mark.parametrize("sentence", COMPARED, ids=lambda s: s.text)
def test_what_is_compared_pointed_at_or_said_back_is_judged_by_the_records(sentence: Labelled) -> None:
    verdict = GATE.judge(sentence.text, DATA.worlds[sentence.world], sentence.previous)
    assert verdict.ok is sentence.is_true, f"{verdict.span!r}: {verdict.reason} ({sentence.why})"


def test_a_superlative_over_all_needs_the_figure_of_all() -> None:
    torches = (
        item(1, "A", kind("torches"), figure("weight", 300, "g"), figure("run time", 6, "h")),
        item(2, "B", kind("torches"), figure("weight", 0.2, "kg"), figure("run time", 9, "h")),
        item(3, "C", kind("torches"), figure("weight", 500, "g")),
    )
    notes = {(note.text, note.cites) for note in reckoned(torches)}
    assert ("[2] is lighter than [1] and [3]", (2, 1, 3)) in notes
    assert ("[2] is lighter than [1] by 100 g", (2, 1)) in notes
    assert ("[3] is heavier than [2] by 300 g", (3, 2)) in notes
    assert ("[2] runs longer than [1] by 3 h", (2, 1)) in notes
    assert not [text for text, cites in notes if "runs" in text and 3 in cites]
    evidence = Evidence("compare", "compare them", items=torches)
    assert GATE.judge("[2] is the lightest.", evidence).ok
    assert not GATE.judge("[2] runs the longest.", evidence).ok


def test_what_can_not_be_compared_is_not() -> None:
    one, other = item(1, "A", figure("weight", 300, "g")), item(2, "B", figure("weight", 30, "cm"))
    assert not list(reckoned((one, other)))
    assert not list(reckoned((one,)))
    rivals = (item(1, "A", price(10, "USD")), item(2, "B", price(9, "EUR")))
    assert not list(reckoned(rivals)), "two currencies"
    assert not list(reckoned((item(1, "A", figure("model year", 2024)), item(2, "B", figure("model year", 2025)))))


def test_equals_are_the_same_and_neither_is_more() -> None:
    evidence = Evidence(
        "compare", "compare them", items=(item(1, "A", figure("weight", 1, "kg")), item(2, "B", figure("weight", 1000, "g")))
    )
    assert GATE.judge("Both have the same weight.", evidence).ok
    assert not GATE.judge("[1] is lighter than [2].", evidence).ok
    assert not GATE.judge("[2] is the heavier one.", evidence).ok


@pytest.mark.parametrize(
    ("sentence", "previous", "meant"),
    [
        ("The second costs less.", (), "[2] costs less."),
        ("The first one is red.", (), "[1] is red."),
        ("[1] is cast iron; the other is aluminium.", (), "[1] is cast iron; [2] is aluminium."),
        ("The other one is aluminium.", (1,), "[2] is aluminium."),
        ("[1] is round and [2] is square; the latter is lighter.", (), "[1] is round and [2] is square; [2] is lighter."),
        ("The second drawer locks.", (), "The second drawer locks."),
        ("The third costs less.", (), "The third costs less."),
        ("The other one is aluminium.", (), "The other one is aluminium."),
    ],
)
def test_a_place_is_read_as_the_item_that_stands_there(sentence: str, previous: tuple[int, ...], meant: str) -> None:
    assert pointed_out(sentence, PANS, previous) == meant


def test_the_shoppers_own_pointer_is_the_only_item() -> None:
    alone = replace(PANS, shopper="is the second one heavy?", items=PANS.items[:1])
    assert pointed_out("The second one weighs 2.4 kg.", alone, ()) == "[1] weighs 2.4 kg."


def test_pointing_does_not_count_as_a_citation() -> None:
    verdict = GATE.judge("The second is dishwasher safe.", PANS)
    assert verdict.ok
    assert verdict.cites == ()


@pytest.mark.parametrize(
    ("sentence", "meant"),
    [
        ("It does: [1] folds flat.", "Yes, [1] folds flat."),
        ("It isn't: [1] is heavy.", "No, [1] is heavy."),
        ("I'm afraid not: [1] leaks.", "No, [1] leaks."),
        ("It does not fold.", "It does not fold."),
    ],
)
def test_an_answer_in_other_words_is_a_yes_or_a_no(sentence: str, meant: str) -> None:
    assert answered(sentence) == meant


def test_a_bare_figure_shares_the_unit_of_the_one_before() -> None:
    tokens = with_shared_units(tokenise("You get 40 hours from [1] and 18 from [2]."))
    assert [t.unit for t in tokens if t.kind is Kind.NUMBER] == ["h", "h"]
    apart = with_shared_units(tokenise("[1] runs for 40 hours and has 18 keys."))
    assert [t.unit for t in apart if t.kind is Kind.NUMBER] == ["h", ""]


@pytest.mark.parametrize(
    ("sentence", "ok"),
    [
        ("For something waterproof, take [1].", False),
        ("For a waterproof bag, take [1].", False),
        ("You asked for a waterproof bag, so take [1].", False),
        ("You asked for a waterproof bag, and [1] is one.", False),
        ("Since you wanted it waterproof, take [1].", False),
        ("[1] has what you asked for.", False),
        ("You asked for a waterproof bag; [1] is not waterproof.", True),
        ("Since you wanted it waterproof, take [2].", True),
        ("Neither is over $150.", True),
        ("[1] is warmer than [2].", True),
        ("[2] is warmer than [1].", False),
    ],
)
def test_a_wish_said_back_is_no_claim_and_makes_none(sentence: str, ok: bool) -> None:
    assert GATE.judge(sentence, BAGS).ok is ok


def test_a_thing_told_of_is_there_and_a_property_of_it_is_not_lent() -> None:
    cable = Evidence(
        "recommend",
        "headphones",
        items=(item(1, "A", kind("headphones"), clause("the cable is 1.2 m long and unplugs"), attribute("colour", "colour red, white"), flag("vegan"), rating(4.1, 9)),),
    )  # fmt: skip
    assert GATE.judge("[1] has a cable.", cable).ok
    assert GATE.judge("[1] comes in two colours.", cable).ok
    assert not GATE.judge("[1] comes in three colours.", cable).ok
    assert not GATE.judge("[1] is long.", cable).ok


@pytest.mark.parametrize(
    "piece", ["the second one, ", "against 1 kg for [2] ", "you asked for 8 ", "not in the listing ", "[1] and the other "]
)
def test_the_longest_sentences_take_no_longer_than_linear_time(piece: str) -> None:
    started = time.process_time()
    for size in (600, 4_000):
        GATE.check((piece * size)[:size], BAGS)
    assert time.process_time() - started < 1.0
