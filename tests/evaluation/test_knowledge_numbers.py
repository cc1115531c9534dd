"""The check of figures in answers, by its own: what counts as one figure, what a record holds, and what a wrong one looks like."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from chatrec.domain.item import Attribute, Item
from chatrec.errors import ScriptError
from chatrec.evaluation.knowledge_numbers import SILENT, numbers_in, record_numbers
from chatrec.evaluation.knowledge_questions import DEFAULT_FOLDER, load_question_sets, read_question_set
from chatrec.evaluation.knowledge_search import Bm25

ROOT = Path(__file__).parents[2]


def test_one_value_is_one_figure_however_it_is_written() -> None:
    assert numbers_in("$1,500.00 or 1500, -15 C [2]") == {Decimal("1500"), Decimal("15")}
    assert numbers_in("no figure at all [1][12]") == set()


def test_figures_of_a_record_stand_in_all_its_columns() -> None:
    item = Item("a", "Flask 750", price=Decimal("19.90"), stock=3, rating=4.5, attributes=(Attribute("weight", ("340 g",), 340.0, "g"),))
    assert record_numbers(item) >= {Decimal("750"), Decimal("19.9"), Decimal("3"), Decimal("4.5"), Decimal("340").normalize()}
    assert numbers_in("it weighs 341 g") - record_numbers(item) == {Decimal("341")}


@pytest.mark.parametrize("text", ["The listing of the flask does not say.", "The listing does not give a price."])
def test_silence_is_recognised(text: str) -> None:
    assert SILENT.search(text)
    assert not SILENT.search("The flask holds 750 ml.")


def test_question_sets_are_valid_and_share_no_question() -> None:
    sets = load_question_sets(ROOT / DEFAULT_FOLDER)
    asked = {p: {q.ask.casefold() for s in sets if s.part == p for q in (*s.answered, *s.several, *s.unanswered)} for p in ("dev", "held")}
    assert asked["dev"]
    assert asked["held"]
    assert not asked["dev"] & asked["held"]


@pytest.mark.parametrize("text", ["part: other", "answered: [", "part: dev\nanswered:\n  - {sections: [a]}"])
def test_a_file_that_is_not_valid_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(ScriptError, match=r"bad\.yaml"):
        read_question_set(tmp_path / "bad.yaml")


def test_a_folder_without_questions_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="holds no questions"):
        load_question_sets(tmp_path)


def test_bm25_prefers_the_rarer_word() -> None:
    scores = Bm25(["tents and poles", "tents and stoves", "tents and tents"]).scores("a stove for tents")
    assert scores.argmax() == 1
    assert Bm25(["tents", "stoves"]).scores("stove", [1]).tolist() == [Bm25(["tents", "stoves"]).scores("stove")[1]]
