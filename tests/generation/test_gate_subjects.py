"""What is told of a part is not told of the whole."""

from __future__ import annotations

import pytest

from chatrec.catalog.facts import typed_facts
from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.domain.item import Attribute, Item
from chatrec.generation.evidence import RecordEvidence
from chatrec.generation.gate import SentenceGate
from chatrec.generation.gate_subjects import subject_of
from chatrec.generation.gate_tokens import tokenise
from chatrec.generation.gate_words import rooted, stem

GATE = SentenceGate()


def kit(description: str, **ages: float) -> Evidence:
    attributes = tuple(Attribute(name.replace("_", " "), (), years, "years") for name, years in ages.items())
    item = Item("kit", "Patchwell Kit", description=description, category_path=("First aid kits",), attributes=attributes)
    return RecordEvidence().build("recommend", "a kit for the boat", needs=["first aid kits"], items=[(item, typed_facts(item))])


@pytest.mark.parametrize(
    ("description", "true", "false"),
    [
        ("The webbing is soft and dries in an hour.", "The webbing of [1] is soft and dries in an hour.", "[1] dries in an hour."),
        ("The shoulder straps are padded.", "[1] has padded straps.", "[1] is padded."),
        ("The handle stays cool.", "[1] has a handle that stays cool.", "[1] stays cool."),
    ],
)
def test_a_clause_of_a_part_is_no_word_on_the_whole(description: str, true: str, false: str) -> None:
    evidence = kit(description)
    assert GATE.judge(true, evidence).ok and not GATE.judge(false, evidence).ok


def test_one_end_of_a_span_of_ages_is_not_the_other() -> None:
    evidence = kit("", age_from=3.0, age_to=7.0)
    assert GATE.judge("[1] is for ages from 3 years up to 7 years.", evidence).ok
    assert not GATE.judge("[1] is for ages from 7 years.", evidence).ok and not GATE.judge("[1] is for ages up to 3 years.", evidence).ok


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("the fork tines are short", "fork tines"),
        ("the pouch sheds drizzle", "pouch"),
        ("the material is tested", ""),
        ("padded straps", ""),
    ],
)
def test_the_subject_of_a_statement(text: str, things: str) -> None:
    fact = Fact(FactKind.DESCRIPTION, "statement", text)
    assert subject_of(fact, tokenise(text)) == {rooted(stem(word)) for word in things.split()}
    assert not subject_of(Fact(FactKind.DESCRIPTION, "does", text), tokenise(text))
