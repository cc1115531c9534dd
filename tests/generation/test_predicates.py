"""Facts as the ends of sentences."""

from __future__ import annotations

import pytest

from chatrec.catalog.facts import attribute_facts
from chatrec.domain.facts import EvidenceItem, Fact, FactKind
from chatrec.domain.item import Attribute, Item
from chatrec.generation.evidence import RecordEvidence
from chatrec.generation.gate import SentenceGate
from chatrec.generation.gate_keys import told_keys
from chatrec.generation.predicates import join_predicates, shown, tell, with_article
from chatrec.generation.verbs import is_singular_verb, plural_verb

GATE = SentenceGate()


def _told(name: str, *values: str, number: float | None = None, unit: str = "") -> str:
    return tell(next(iter(attribute_facts(Attribute(name, values, number, unit)))))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (_told("weight", number=900, unit="g"), "weighs 900 g"),
        (_told("capacity", number=1.5, unit="l"), "holds 1.5 l"),
        (_told("bowl capacity", number=5, unit="l"), "has a bowl capacity of 5 l"),
        (_told("length", number=60, unit="cm"), "is 60 cm long"),
        (_told("run time", number=40, unit="min"), "runs for 40 min"),
        (_told("power", number=300, unit="W"), "has 300 W of power"),
        (_told("paper", number=100, unit="gsm"), "its paper is 100 gsm"),
        (_told("ratchet teeth", number=54), "has 54 ratchet teeth"),
        (_told("pages per minute", number=13), "has 13 pages per minute"),
        (_told("channels", "sixteen"), "has sixteen channels"),
        (_told("brakes", "disc"), "its brakes are disc"),
        (_told("size", "S", "M"), "comes in sizes S and M"),
        (_told("self watering", "yes"), "is self watering"),
        (_told("night vision", "yes"), "has night vision"),
        (_told("speeds", number=12), "has 12 speeds"),
        (_told("warranty", number=1, unit="years"), "has a warranty of 1 year"),
        (_told("year", number=1996), "is from 1996"),
        (_told("waterproof", number=3000, unit="mm"), "is waterproof to 3000 mm"),
        (_told("waterproof", "yes"), "is waterproof"),
        (_told("waterproof", "no"), "is not waterproof"),
        (_told("rain cover", "yes"), "has a rain cover"),
        (_told("rain cover", "no"), "has no rain cover"),
        (_told("colour", "navy", "red"), "comes in navy and red"),
        (_told("material", "oak"), "is made of oak"),
        (_told("fill", "synthetic"), "its fill is synthetic"),
        (_told("features", "soft grip"), "comes with a soft grip"),
        (_told("compatible with", "older sets"), "is compatible with older sets"),
    ],
)
def test_an_attribute_reads_as_the_end_of_a_sentence(said: str, expected: str) -> None:
    assert said == expected


def test_titles_brands_and_clauses() -> None:
    assert tell(Fact(FactKind.DESCRIPTION, "title", "pack of 4", source="title")) == "comes as a pack of 4"
    assert tell(Fact(FactKind.DESCRIPTION, "title", "dark blue", source="title")) == "comes in dark blue"
    assert tell(Fact(FactKind.BRAND, "brand", "brand Onda", "Onda")) == "is made by Onda"
    assert shown(Fact(FactKind.DESCRIPTION, "statement", "the lid is loose")) == "the lid is loose"
    assert shown(Fact(FactKind.DESCRIPTION, "description", "0.1 C accuracy")) == "the listing says: 0.1 C accuracy"
    assert shown(Fact(FactKind.OPINION, "opinion", "too loud")) == "reviewers say: too loud"


@pytest.mark.parametrize(
    ("segment", "said"),
    [
        ("barn red", "comes in barn red"),
        ("25 ft length", "is 25 ft long"),
        ("90-lb load capacity", "has a 90-lb load capacity"),
        ("8 oz pump bottle", "comes in an 8 oz pump bottle"),
        ("with screw cap", "comes with a screw cap"),
        ("made in USA", "is made in USA"),
        ("sterile", "is sterile"),
        ("50 pieces", "has 50 pieces"),
        ("9mm x 24mm x 6mm", "measures 9mm x 24mm x 6mm"),
        ("dries clear", "dries clear"),
        ("18 AWG", "is listed as 18 AWG"),
    ],
)
def test_a_segment_of_the_title_is_told_by_what_it_is(segment: str, said: str) -> None:
    assert tell(Fact(FactKind.DESCRIPTION, "title", segment, source="title")) == said


def test_people_keep_their_capitals_and_a_sort_is_no_quality() -> None:
    assert _told("director", "ada lindqvist", "bo rask") == "is directed by Ada Lindqvist and Bo Rask"
    assert _told("style", "tables") == "is listed as tables"
    assert _told("style", "modern") == "its style is modern"


def test_joining_and_articles() -> None:
    assert join_predicates(["weighs 9 g", "its fill is down", "comes in blue"]) == "weighs 9 g and comes in blue; its fill is down"
    assert join_predicates(["is for hiking and travel", "weighs 9 g"]) == "is for hiking and travel, and weighs 9 g"
    assert with_article("feet open by zip") == "feet open by zip"
    assert [with_article(w) for w in ("soft grip", "LED ring", "unit", "two zips", "noise cancelling")] == [
        "a soft grip", "an LED ring", "a unit", "two zips", "noise cancelling",
    ]  # fmt: skip


def test_verbs() -> None:
    assert [plural_verb(v) for v in ("weighs", "is", "has", "dries", "carries", "sleeps", "red")] == [
        "weigh", "are", "have", "dry", "carry", "sleep", "red",
    ]  # fmt: skip
    assert is_singular_verb("opens") and not is_singular_verb("glass") and not is_singular_verb("open")


def _evidence(*attributes: Attribute) -> EvidenceItem:
    item = Item(item_id="a", title="Gannet 2", description="The zip opens from both ends.", category="tents", attributes=attributes)
    from chatrec.catalog.facts import typed_facts

    return RecordEvidence().build("recommend", "tents", items=[(item, typed_facts(item)), (item, typed_facts(item)[:1])]).items[0]


def test_the_gate_takes_a_whole_fact_in_the_words_of_code_of_its_own_item_only() -> None:
    from chatrec.catalog.facts import typed_facts

    first = Item(
        item_id="a",
        title="Gannet 2",
        description="The zip opens from both ends. Folds with one thumb.",
        category="tents",
        attributes=(Attribute("uses", ("hiking", "paddling", "camping")), Attribute("weight", (), 900.0, "g")),
    )
    second = Item(item_id="b", title="Teal 3", category="tents", attributes=(Attribute("weight", (), 1200.0, "g"),))
    evidence = RecordEvidence().build("recommend", "tents", items=[(i, typed_facts(i)) for i in (first, second)])
    assert GATE.judge("[1] folds with one thumb and weighs 900 g.", evidence).ok
    assert GATE.judge("The zip opens from both ends.", evidence, (1,)).ok
    assert not GATE.judge("The zip opens from both ends.", evidence, (2,)).ok
    assert not GATE.judge("[2] folds with one thumb.", evidence).ok
    assert not GATE.judge("[1] never folds with one thumb.", evidence).ok
    assert not GATE.judge("[1] only folds with one thumb.", evidence).ok
    assert not GATE.judge("[1] and [2] fold with one thumb.", evidence).ok
    assert not GATE.judge("[1] folds with one thumb and a hook.", evidence).ok
    assert not GATE.judge("[1] folds with two thumbs.", evidence).ok
    assert ("fold", "with", "one", "thumb") in set(told_keys(evidence.items[0].facts))
