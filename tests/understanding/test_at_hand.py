"""What is said of the thing at hand opens no other need: shelves within the shelf, bare words that its records hold, what is said again."""

from __future__ import annotations

import json
import tempfile
from functools import lru_cache
from pathlib import Path

import pytest

from chatrec.catalog.readers import read_table
from chatrec.catalog.rows import item_rows
from chatrec.domain.need import Constraint, Need, Op
from chatrec.domain.reading import Intent, Reading
from chatrec.domain.state import DialogueState, OpenQuestion, ShownList
from chatrec.understanding import RuleUnderstander

from .shops import embedder, shelf_of

_ROWS = [
    ("Harbour canvas tote", "bags", "tote", 40, "A roomy tote with a zip pocket and long handles."),
    ("Quarry leather tote", "bags", "tote", 120, "Full-grain leather, lined with striped cotton."),
    ("Pebble evening clutch", "bags", "clutch", 60, "A small beaded clutch with a chain."),
    ("Fern belt clutch", "bags", "clutch", 35, "Worn on a belt, with a zip."),
    ("Marsh rubber boots", "footwear", "boots", 55, "Knee-high boots with a grippy sole."),
    ("Quarry leather boots", "footwear", "boots", 150, "Laced ankle boots with a zip at the side."),
    ("Dune canvas sandals", "footwear", "sandals", 30, "Light sandals with a cork sole."),
    ("Reed plaited sandals", "footwear", "sandals", 45, "Plaited straps and a rubber sole."),
    ("Copper storm lantern", "lighting", "lantern", 48, "A lantern for the porch."),
    ("Paper garden lantern", "lighting", "lantern", 12, "Folds flat."),
    ("Brass table lantern", "lighting", "lantern", 70, "Warm light for the evening."),
]


@lru_cache(maxsize=1)
def _shop() -> RuleUnderstander:
    names = ("item_id", "title", "category", "style", "price", "description")
    rows = [dict(zip(names, (f"i{n}", *row), strict=True)) for n, row in enumerate(_ROWS)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        small = shelf_of(item_rows(read_table(path)).items)
    return RuleUnderstander(small.contract, small, embedder())


def _state(*kinds: Constraint, question: OpenQuestion | None = None) -> DialogueState:
    need = Need(1, " ".join(v for c in kinds for v in c.values), constraints=kinds)
    return DialogueState(
        "s", turn=1, needs=(need,), active_need=1, shown=(ShownList(1, 1, ("i4", "i5", "i6")),), question=question, past=((),)
    )


FOOTWEAR = Constraint("category", Op.IS, ("footwear",), turn=1)
BAGS = Constraint("category", Op.IS, ("bags",), turn=1)
BOOTS = Constraint("style", Op.IS, ("boots",), turn=1)


def _read(message: str, state: DialogueState) -> Reading:
    return _shop().read(message, state)


def _opens(message: str, state: DialogueState) -> bool:
    return any(n.opens for n in _read(message, state).needs)


@pytest.mark.parametrize("message", ["boots", "boots please", "the sandals kind", "hm, rather boots"])
def test_a_part_of_what_is_looked_for_narrows_it(message: str) -> None:
    assert not _opens(message, _state(FOOTWEAR))


@pytest.mark.parametrize("message", ["lanterns", "I also need boots", "totes", "what about a clutch"])
def test_another_kind_of_thing_is_another_need(message: str) -> None:
    assert _opens(message, _state(FOOTWEAR))


def test_the_kind_that_was_asked_for_is_the_answer() -> None:
    asked = OpenQuestion(1, "style", "Which style?", ("tote", "clutch"), 1)
    reading = _read("clutch, I think", _state(BAGS, question=asked))
    assert [(c.field, c.values) for n in reading.needs for c in n.constraints] == [("style", ("clutch",))]
    assert not any(n.opens for n in reading.needs)


def test_the_wider_kind_said_after_the_narrow_one_opens_nothing() -> None:
    assert not _opens("footwear", _state(BOOTS))


@pytest.mark.parametrize(
    "message", ["zip", "with a zip", "it should have a zip", "it should have something to do with laced", "zip please"]
)
def test_a_bare_word_that_its_records_hold_is_said_of_the_thing_at_hand(message: str) -> None:
    reading = _read(message, _state(FOOTWEAR))
    assert not any(n.opens for n in reading.needs) and any(n.query for n in reading.needs), reading
    assert reading.has(Intent.REFINE) or reading.has(Intent.RECOMMEND)


def test_a_word_that_other_titles_hold_too_is_a_wish_and_one_of_a_single_title_points() -> None:
    assert _read("leather", _state(FOOTWEAR)).references == ()
    assert _read("marsh", _state(FOOTWEAR)).references == ("i4",)
    assert _read("I'll take the canvas one", _state(FOOTWEAR)).references == ("i6",)


@pytest.mark.parametrize(
    "message", ["as I told you, with a zip", "like I already said: zip", "please read that again: zip", "I repeat, with a zip"]
)
def test_what_is_said_again_is_read_like_what_was_said(message: str) -> None:
    reading = _read(message, _state(FOOTWEAR))
    assert [n.query for n in reading.needs] == ["zip"] and not reading.has(Intent.HAND_OFF) and not reading.has(Intent.WHY)


@pytest.mark.parametrize("message", ["I want it with a zip", "the second one is nice but I want it with a zip", "I need it to have a zip"])
def test_to_want_it_otherwise_chooses_nothing(message: str) -> None:
    reading = _read(message, _state(FOOTWEAR))
    assert not reading.has(Intent.CHOOSE) and any("zip" in n.query for n in reading.needs)


def test_to_want_it_chooses_it() -> None:
    assert _read("I want it", _state(FOOTWEAR)).has(Intent.CHOOSE)


def test_not_the_second_by_its_number() -> None:
    assert _read("not #2", _state(FOOTWEAR)).disliked == ("i5",)


def test_what_is_said_beside_an_answer_is_kept() -> None:
    asked = OpenQuestion(1, "price", "How much?", ("up to $40", "over $40"), 1)
    reading = _read("over 40. And with a zip, please", _state(FOOTWEAR, question=asked))
    assert [(n.query, [c.op for c in n.constraints]) for n in reading.needs] == [("zip", [Op.AT_LEAST])]


def test_a_figure_that_limits_another_thing_answers_nothing() -> None:
    asked = OpenQuestion(1, "rating", "How well rated?", ("4 or better", "3 or better"), 1)
    (need,) = _read("a lantern under 40", _state(FOOTWEAR, question=asked)).needs
    assert need.opens and [(c.op, c.number) for c in need.constraints if c.field == "price"] == [(Op.AT_MOST, 40.0)]
    answered, lantern = _read("4, and a lantern for the porch", _state(FOOTWEAR, question=asked)).needs
    assert [(c.field, c.op, c.number) for c in answered.constraints] == [("rating", Op.AT_LEAST, 4.0)] and lantern.opens
