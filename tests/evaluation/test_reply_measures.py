"""Figures of written replies, on replies of which every figure is known by counting."""

from __future__ import annotations

import pytest

from chatrec.domain.facts import DroppedSentence, Evidence, EvidenceItem, Fact, FactKind, Sentence
from chatrec.evaluation.grounding_rules import strange_amounts, strange_names, titles_of
from chatrec.evaluation.reply_measures import WrittenReply, fault_counts, reply_faults, reply_figures
from chatrec.metrics.text import commonest_opening, distinct

EVIDENCE = Evidence(
    "recommend",
    "a tent under $150",
    items=(
        EvidenceItem(1, "t1", "Larkfield Duo Tent", (Fact(FactKind.PRICE, "price", "price $120.00", number=120.0, unit="USD"),)),
        EvidenceItem(2, "t2", "Tern Light Tent", (Fact(FactKind.ATTRIBUTE, "weight", "weight 900 g"),)),
    ),
    notes=(Fact(FactKind.COMPUTED, "saving", "[2] costs $20 less than [1]", cites=(2, 1)),),
)
TITLES = titles_of([("t1", "Larkfield Duo Tent"), ("t2", "Tern Light Tent"), ("x", "Bray Lacquer Tray")])


def said(text: str, origin: str = "model", *cites: int) -> Sentence:
    return Sentence(text, text, origin, cites)


def reply(*sentences: Sentence, dropped: int = 0, first_ms: float = 0.0, whole_ms: float = 0.0) -> WrittenReply:
    fell = tuple(DroppedSentence(f"lie {n}", "lie", "no record") for n in range(dropped))
    return WrittenReply("recommend", (1, 2), sentences, fell, first_ms, whole_ms)


WHOLE = reply(said("[1] is here.", "model", 1), said("[2] is here too.", "model", 2), first_ms=100.0, whole_ms=200.0)
MENDED = reply(said("[1] and [2].", "repaired", 1, 2), dropped=1, first_ms=300.0, whole_ms=400.0)
ITEMS = reply(said("[1] is here.", "model", 1), said("[2] weighs 900 g.", "template", 2), dropped=1)
NOTES = reply(said("[1] and [2].", "model", 1, 2), said("[1] is out of stock.", "template", 1))
NONE = reply(said("[1].", "template", 1), said("[2].", "template", 2), dropped=2)


@pytest.mark.parametrize(("one", "kind"), [(WHOLE, ""), (MENDED, ""), (ITEMS, "items"), (NOTES, "notes"), (NONE, "whole")])
def test_what_the_template_added_is_told_apart(one: WrittenReply, kind: str) -> None:
    assert one.fallback == kind


def test_rates_are_counted() -> None:
    found = reply_figures([WHOLE, MENDED, ITEMS, NOTES, NONE], seed=1)
    values = {name: value[1] for name, value in found.items() if isinstance(value, list)}
    assert values["sentences_passing"] == 0.5  # four of the model's own, four dropped
    assert values["unsupported_before"] == 0.5
    assert values["items_cited"] == 1.0
    assert (values["fallbacks"], values["fallbacks_whole"], values["fallbacks_items"], values["fallbacks_notes"]) == (0.6, 0.2, 0.2, 0.2)
    assert (found["dropped"], found["sentences_model"], found["sentences_repaired"], found["sentences_template"]) == (4, 4, 1, 4)
    assert values["first_sentence_p50_ms"] == 200.0 and values["reply_p50_ms"] == 300.0  # replies without a time are left out


def test_an_item_that_nobody_cites_lowers_the_rate() -> None:
    assert reply_figures([reply(said("[1] is here.", "model", 1))], seed=1)["items_cited"] == [0.5, 0.5, 0.5]


def test_nothing_written_has_no_figures() -> None:
    assert reply_figures([], seed=1) == {}


@pytest.mark.parametrize(
    ("text", "cited", "kind"),
    [
        ("Larkfield Duo Tent ($120.00) and Tern Light Tent: $20 less, below $150.", [1, 2], ""),
        ("Larkfield Duo Tent, Tern Light Tent and the Bray Lacquer Tray.", [1, 2], "invented_items"),
        ("Larkfield Duo Tent is $119.", [1, 2], "wrong_prices"),
        ("Larkfield Duo Tent.", [1], "card_mismatches"),
        ("Larkfield Duo Tent.", [1, 2, 3], "card_mismatches"),
    ],
)
def test_each_fault_is_found_and_no_other(text: str, cited: list[int], kind: str) -> None:
    faults = reply_faults(text, cited, EVIDENCE, TITLES)
    assert [name for name, found in faults.items() if found] == ([kind] if kind else [])
    told = WrittenReply("recommend", (1, 2), (), faults=faults)
    assert sum(fault_counts([told]).values()) == bool(kind)


def test_a_title_within_a_title_is_no_stranger_and_amounts_are_compared_as_numbers() -> None:
    titles = titles_of([("a", "Light Tent Pole Set"), ("b", "Tent Pole Set")])
    assert strange_names("the light tent pole set", titles, {"a"}) == []
    assert strange_names("the tent pole set", titles, {"zz"}) == ["tent pole set"]
    assert strange_amounts("$1,200 or €20", ["$1200.00"]) == ["€20"]


def test_variety() -> None:
    texts = ["Here is one tent", "Here is one lamp", "A map"]
    assert distinct(texts) == pytest.approx(5 / 7)
    assert commonest_opening(texts) == pytest.approx(2 / 3)
    assert distinct([]) == commonest_opening([]) == 0.0
