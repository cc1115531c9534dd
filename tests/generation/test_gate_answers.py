""" "Yes", "no" and "the listing does not say": borne out by the record, by a verdict computed for the question, or by a silent listing."""

from __future__ import annotations

import pytest

from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.generation.gate import SentenceGate
from tests.generation.gate_worlds import attribute, clause, figure, flag, item, kind, note

GATE = SentenceGate()
SILENT = note("the listing of [1] does not say", 1, name="silent")


def _asked(shopper: str, *facts: Fact, notes: tuple[Fact, ...] = ()) -> Evidence:
    return Evidence("item_answer", shopper, (), (item(1, "Brill", kind("daypacks"), *facts),), notes)


def _verdict(text: str, answer: str) -> Fact:
    return Fact(FactKind.COMPUTED, "verdict", text, answer, 25.0, source="turn", cites=(1,))


@pytest.mark.parametrize(
    ("question", "told", "answer", "sentence", "ok"),
    [
        ("is it big enough for 20 litres?", "enough for 20 litres", "yes", "Yes, [1] holds 25 l.", True),
        ("is it big enough for 20 litres?", "enough for 20 litres", "yes", "Yes, [1] is big enough for 20 litres: it holds 25 l.", True),
        ("is it big enough for 20 litres?", "enough for 20 litres", "yes", "No, [1] holds 25 l.", False),
        ("is it big enough for 20 litres?", "enough for 20 litres", "yes", "Yes, [1] holds 20 l.", False),
        ("is it big enough for 20 litres?", "enough for 20 litres", "yes", "Yes, [1] is waterproof.", False),
        ("is it big enough for 30 litres?", "less than 30 litres", "no", "No, [1] holds 25 l.", True),
        ("is it big enough for 30 litres?", "less than 30 litres", "no", "Yes, [1] holds 25 l.", False),
        ("does it hold 20 litres and a helmet?", "enough for 20 litres", "yes", "Yes, [1] holds 25 l.", False),
    ],
)
def test_a_verdict_decides_between_yes_and_no(question: str, told: str, answer: str, sentence: str, ok: bool) -> None:
    facts = (figure("capacity", 25, "l"), flag("waterproof"))
    evidence = _asked(question, *facts, notes=(_verdict(f"[1] holds 25 l, which is {told}", answer),))
    assert GATE.judge(sentence, evidence).ok is ok


@pytest.mark.parametrize(
    ("sentence", "ok"),
    [
        ("Yes, [1] is waterproof.", True),
        ("Yes, it is waterproof.", True),
        ("No, [1] is waterproof.", False),
        ("Yes, [1] holds 25 l.", False),
        ("Yes, [1] has a hood.", False),
    ],
)
def test_what_the_record_calls_by_another_name_answers(sentence: str, ok: bool) -> None:
    evidence = _asked("can i wear it in the rain?", flag("waterproof"), figure("capacity", 25, "l"), attribute("features", "hood"))
    assert GATE.judge(sentence, evidence).ok is ok


@pytest.mark.parametrize(
    ("sentence", "ok"),
    [
        ("The listing does not say whether it holds a laptop.", True),
        ("The listing of [1] does not say whether it fits a laptop.", True),
        ("[1] holds 25 l, but the listing does not say whether it holds a laptop.", True),
        ("The listing does not say whether it holds 25 l.", False),
        ("The listing does not say how much it holds.", False),
        ("The listing does not say whether it fits bottles.", False),
        ("The listing does not say whether it is waterproof and holds a laptop.", False),
    ],
)
def test_a_verb_for_anything_does_not_break_the_silence_of_a_listing(sentence: str, ok: bool) -> None:
    facts = (figure("capacity", 25, "l"), flag("waterproof"), clause("fits bottles of any size"))
    assert GATE.judge(sentence, _asked("does it hold a laptop?", *facts, notes=(SILENT,))).ok is ok


@pytest.mark.parametrize(("sentence", "ok"), [("The listing does not say whether it is e27.", True), ("Yes, it is e27.", False)])
def test_a_word_with_a_figure_is_asked_for_like_any_other(sentence: str, ok: bool) -> None:
    assert GATE.judge(sentence, _asked("is this one e27?", attribute("material", "material brass"), notes=(SILENT,))).ok is ok
    known = _asked("is this one e27?", attribute("socket", "socket e27"))
    assert GATE.judge("Yes, [1] is e27.", known).ok
    assert not GATE.judge("Yes, [1] is e14.", known).ok


@pytest.mark.parametrize(
    ("sentence", "previous", "ok"),
    [
        ("The listing of [2] does not say whether it has a lid.", (), True),
        ("[1] has a lid, and the listing of [2] does not say whether it has a lid.", (), True),
        ("The listing of [1] does not say whether it has a lid.", (), False),
        ("The listing does not say whether it has a lid.", (2,), True),
        ("The listing does not say whether it has a lid.", (1,), False),
    ],
)
def test_one_listing_is_silent_where_another_speaks(sentence: str, previous: tuple[int, ...], ok: bool) -> None:
    items = (item(1, "Brill", kind("pans"), flag("lid")), item(2, "Bream", kind("pans"), figure("diameter", 24, "cm")))
    evidence = Evidence("item_answer", "do they have a lid?", (), items, (note("the listing of [2] does not say", 2, name="silent"),))
    assert GATE.judge(sentence, evidence, previous).ok is ok
