"""Questions about items of the demo shop: the facts that answer, and silence where the record does not say."""

from __future__ import annotations

import tempfile
from importlib.resources import files
from pathlib import Path

import pytest

from chatrec.catalog.facts import typed_facts
from chatrec.catalog.readers import read_table
from chatrec.catalog.rows import item_rows
from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.item import Attribute, Item, Review
from chatrec.knowledge import RecordAnswers


@pytest.fixture(scope="module")
def items() -> dict[str, Item]:
    source = files("chatrec.demo") / "items"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.jsonl"
        path.write_text(
            "".join(p.read_text(encoding="utf-8") for p in sorted(source.iterdir(), key=lambda p: p.name) if p.name.endswith(".jsonl"))
        )
        return {i.item_id: i for i in item_rows(read_table(path)).items}


ANSWERS = [
    ("trav-01", "will it fit a 15-inch laptop?", "laptop sleeve"),
    ("trav-01", "how heavy is it", "weight 1450 g"),
    ("trav-01", "can I take it as hand luggage?", "carry on"),
    ("boot-01", "is it waterproof?", "waterproof"),
    ("boot-01", "are they ok in the rain", "waterproof"),
    ("boot-01", "what sizes does it come in", "sizes 40, 41, 42, 43, 44, 45, 46"),
    ("boot-01", "can the sole be replaced?", "After that they go on for years, because the sole can be replaced"),
    ("boot-01", "are these vegan", "not vegan"),
    ("bottle-02", "can I put it in the dishwasher", "not dishwasher safe"),
    ("bottle-02", "how much does it hold", "volume 750 ml"),
    ("bottle-02", "what is it made of?", "material stainless steel"),
    ("bag-03", "how warm is the third one?", "comfort temp -15 C"),
    ("pack-01", "do you have it in blue", "the listing gives the colour of {item} as moss green, not as blue"),
    ("pack-01", "does it have a rain cover", "rain cover included"),
    ("pack-01", "is there a warranty on it", "warranty 5 years"),
    ("pack-01", "how many litres is it", "capacity 65 L"),
    ("pack-01", "how many pockets does it have", "pockets 7"),
    ("furn-02", "how much weight can it carry", "max load 110 kg"),
    ("kid-01", "is it suitable for a 3 year old", "{item} is listed for ages from 1 to 4, so 3 is within that"),
    ("safe-01", "does it contain medicines?", "No medicines, by design"),
    ("tent-01", "how many people can sleep in it", "persons 2"),
    ("tent-01", "who makes it", "brand Tarnfell"),
    ("cook-01", "can I wash it in the dishwasher?", "not dishwasher safe"),
    ("base-01", "which colours are there?", "colours black, moss green"),
    ("base-01", "is it merino?", "material merino wool"),
    ("power-01", "how many mAh", "battery mah"),
    ("rain-02", "do you have it in chartreuse?", "the listing gives the colour of {item} as navy and plum, not as chartreuse"),
    (
        "pack-11",
        "does it come with a rain cover?",
        "the listing of {item} names ice axe loops, rope strap, removable hip belt and crampon patch, but no rain cover",
    ),
    ("boot-01", "how much was it again?", "price"),
]


@pytest.mark.parametrize(("item_id", "question", "expected"), ANSWERS, ids=[f"{i}: {q}" for i, q, _ in ANSWERS])
def test_the_answering_fact_is_among_the_first(items: dict[str, Item], item_id: str, question: str, expected: str) -> None:
    found = RecordAnswers().answer(question, items[item_id], typed_facts(items[item_id]))
    assert any(f.text.lower().startswith(expected.lower()) for f in found[:3]), [f.text for f in found]


def test_price_and_stock(items: dict[str, Item]) -> None:
    item = items["pack-01"]
    assert [f.kind for f in RecordAnswers().answer("how much is it?", item, typed_facts(item))] == [FactKind.PRICE]
    assert [f.text for f in RecordAnswers().answer("is it in stock?", item, typed_facts(item))] == ["in stock"]


UNSAID = [
    ("furn-01", "does it have bluetooth?"),
    ("furn-01", "is it in stock?"),
    ("tent-01", "is it dishwasher safe?"),
    ("boot-01", "how long does the battery last?"),
    ("bottle-01", "how many people does it sleep"),
    ("base-01", "how many lumens does it have"),
    ("pack-01", "who wrote it"),
    ("cook-02", "does it work with induction?"),
]


@pytest.mark.parametrize(("item_id", "question"), UNSAID, ids=[f"{i}: {q}" for i, q in UNSAID])
def test_empty_where_the_record_does_not_say(items: dict[str, Item], item_id: str, question: str) -> None:
    assert RecordAnswers().answer(question, items[item_id], typed_facts(items[item_id])) == ()


def test_opinions_answer_only_questions_about_opinions(items: dict[str, Item]) -> None:
    item = items["boot-02"]
    facts = typed_facts(item, [Review("boot-02", "u1", "They leaked after two weeks of rain.", 2.0)])
    answers = RecordAnswers()
    assert FactKind.OPINION not in {f.kind for f in answers.answer("is it waterproof in the rain?", item, facts)}
    assert FactKind.OPINION in {f.kind for f in answers.answer("what do other customers say about it?", item, facts)}


def test_tell_me_more_gives_the_first_facts(items: dict[str, Item]) -> None:
    item = items["furn-01"]
    found = RecordAnswers().answer("tell me more about the first one", item, typed_facts(item))
    assert 3 <= len(found) <= 6
    assert any(f.name == "weight" for f in found)


@pytest.mark.parametrize("question", ["", "?", "\x00", "((((", "a" * 100_000, "हिन्दी में बताओ"])
def test_any_string_is_survived(items: dict[str, Item], question: str) -> None:
    item = items["furn-01"]
    assert isinstance(RecordAnswers().answer(question, item, typed_facts(item)), tuple)


def test_a_part_with_a_colour_of_its_own_is_not_the_colour_of_the_item() -> None:
    """ "Does it have a red light?" is not answered by the colour of the lamp."""
    item = Item("h1", "Pipkin headlamp", category="headlamps", attributes=(Attribute("colour", ("orange",)),))
    facts = [
        Fact(FactKind.ATTRIBUTE, "colour", "colour orange", "orange"),
        Fact(FactKind.DESCRIPTION, "description", "It has a red light for reading maps."),
    ]
    assert [f.name for f in RecordAnswers().answer("does it have a red light?", item, facts)] == ["description"]
    assert RecordAnswers().answer("does it have black buttons?", item, facts) == ()
    assert "orange" in RecordAnswers().answer("do you have it in red instead?", item, facts)[0].text
