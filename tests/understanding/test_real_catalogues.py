"""Robustness on real, dirty catalogues and on a public list of naughty strings."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from chatrec.catalog.mapping import TableMapping
from chatrec.catalog.readers import read_table
from chatrec.catalog.rows import item_rows
from chatrec.domain.need import Constraint, Need, Op
from chatrec.domain.reading import Intent, Reading
from chatrec.domain.state import DialogueState, OpenQuestion, ShownList
from chatrec.understanding import RuleUnderstander

from .rendering import STATES
from .shops import embedder, shelf_of, understander

DATA = Path(os.environ.get("CHATREC_DATA", ""))
real = pytest.mark.skipif(not os.environ.get("CHATREC_DATA"), reason="CHATREC_DATA does not name the folder of real data")
NEW = DialogueState("s")


def _over(path: Path, mapping: TableMapping) -> RuleUnderstander:
    shelf = shelf_of(item_rows(read_table(path, mapping.layout), mapping).items)
    return RuleUnderstander(shelf.contract, shelf, embedder())


@pytest.fixture(scope="module")
def scientific() -> RuleUnderstander:
    return _over(DATA / "amazon_scientific_2018" / "Scientific.item.json", TableMapping())


@pytest.fixture(scope="module")
def phones() -> RuleUnderstander:
    mapping = TableMapping(columns={"name": "title", "categories": "category"}, id_from="position")
    return _over(DATA / "bestbuy_3k" / "ecommerce.json", mapping)


def _values(reading: Reading, field: str, op: Op = Op.IS) -> set[str]:
    return {v for n in reading.needs for c in n.constraints if c.field == field and c.op is op for v in c.values}


@real
def test_catalogue_without_prices_still_hears_the_price(scientific: RuleUnderstander) -> None:
    reading = scientific.read("digital calipers under 20 dollars", NEW)
    assert _values(reading, "category") == {"Digital Calipers"}
    assert [(c.op, c.number) for c in reading.needs[0].constraints if c.field == "price"] == [(Op.AT_MOST, 20.0)]
    assert [u.field for u in scientific.read("cheap calipers", NEW).unknown] == ["price"]


@real
def test_brands_in_and_out(scientific: RuleUnderstander) -> None:
    reading = scientific.read("3M tape, not Gorilla", NEW)
    assert _values(reading, "brand") == {"3M"}
    assert _values(reading, "brand", Op.IS_NOT) == {"Gorilla"}
    assert "Duct Tape" in _values(reading, "category")


@real
def test_everyday_words_are_not_taken_for_brands(scientific: RuleUnderstander) -> None:
    assert not _values(scientific.read("super glue for plastic", NEW), "brand")
    assert not _values(scientific.read("I need a small arrow sign", NEW), "brand")


@real
def test_out_of_catalogue_is_said(scientific: RuleUnderstander) -> None:
    reading = scientific.read("I want to buy a grand piano", NEW)
    assert [(u.word, u.field, u.nearest) for u in reading.unknown] == [("piano", "category", ())]
    reading = scientific.read("do you sell bicycles?", NEW)
    assert [(u.word, u.field) for u in reading.unknown] == [("bicycles", "category")]


@real
def test_function_words_are_no_makers(scientific: RuleUnderstander) -> None:
    """The shop carries ARES; "are they powder free?" in answer to "which brand?" names nobody."""
    need = Need(1, "gloves", (Constraint("category", Op.IS, ("Exam Gloves",)),))
    asked = DialogueState(
        "s",
        turn=1,
        needs=(need,),
        active_need=1,
        shown=(ShownList(1, 1, ("0", "1")),),
        question=OpenQuestion(1, "brand", "Which?", ("3M",), 1),
    )
    for message in ("are they powder free?", "ARE THEY POWDER FREE", "which are the best", "are these it?"):
        assert not [c for n in scientific.read(message, asked).needs for c in n.constraints if c.field == "brand"]
    assert _values(scientific.read("something by Ares", NEW), "brand") == {"ARES"}


@real
def test_a_whole_name_wins_over_a_part(phones: RuleUnderstander) -> None:
    assert _values(phones.read("a case for my iPhone 7 under 30", NEW), "category") == {"iPhone 7 Cases"}
    assert _values(phones.read("waterproof case iphone 6s", NEW), "category") == {"iPhone 6s Cases"}
    assert _values(phones.read("case for iphone 7 plus", NEW), "category") == {"iPhone 7 Plus Cases"}
    assert _values(phones.read("need a charger for my car", NEW), "category") == {"Car Chargers"}


@real
def test_what_no_field_records_is_kept_out_by_title(phones: RuleUnderstander) -> None:
    assert "black" in _values(phones.read("something by otterbox but not black", NEW), "title", Op.IS_NOT)


@real
def test_what_a_thing_is_for_is_not_the_thing(scientific: RuleUnderstander) -> None:
    for message in ("super glue that works on plastic", "something to cut metal sheets"):
        assert not _values(scientific.read(message, NEW), "category")
    reading = scientific.read("strong magnets to hang knives on the wall", NEW)
    assert len(reading.needs) == 1
    assert all("Magnet" in v for v in _values(reading, "category"))


@real
def test_model_numbers_stay_whole(phones: RuleUnderstander) -> None:
    reading = phones.read("screen protector for galaxy s7 under 30", NEW)
    assert "s7" in reading.needs[0].query.split()
    assert [(c.op, c.number) for c in reading.needs[0].constraints if c.field == "price"] == [(Op.AT_MOST, 30.0)]
    assert not [c for n in phones.read("case for iphone 7 plus", NEW).needs for c in n.constraints if c.field == "price"]


@real
def test_superlative_over_the_shop(phones: RuleUnderstander) -> None:
    reading = phones.read("what is the cheapest unlocked phone you have?", NEW)
    assert reading.has(Intent.RECOMMEND)
    assert [(c.field, c.direction, c.extreme) for c in reading.comparatives] == [("price", -1, True)]


@real
def test_naughty_strings(scientific: RuleUnderstander) -> None:
    strings = json.loads((DATA / "blns" / "blns.json").read_text(encoding="utf-8"))
    assert len(strings) > 500
    shop = understander("demo")
    for place, text in enumerate(strings):
        assert isinstance(shop.read(text, STATES["shown"]), Reading)
        if place % 5 == 0:
            assert isinstance(scientific.read(text, NEW), Reading)


@real
def test_reading_takes_some_ten_milliseconds(scientific: RuleUnderstander) -> None:
    messages = [
        "masking tape under 10",
        "not Gorilla",
        "a relay for my air conditioner",
        "digital caliper in mm, no plastic",
        "3d printer filament in blue, 1.75 mm PLA",
        "magnets and hooks",
    ]
    seconds = []
    for _ in range(5):
        for message in messages:
            start = time.perf_counter()
            scientific.read(message, NEW)
            seconds.append(time.perf_counter() - start)
    assert sorted(seconds)[len(seconds) // 2] < 0.02
