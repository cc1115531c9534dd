"""Words that are no catalogue value: slips, other names, second thoughts, sizes and colours that are not carried; nothing is dropped silently."""

from __future__ import annotations

import json
import tempfile
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.catalog.contract import Contract
from chatrec.catalog.readers import read_table
from chatrec.catalog.rows import item_rows
from chatrec.catalog.synonyms import MOST_MEANT, synonyms_of
from chatrec.domain.need import Constraint, Op, Strength
from chatrec.domain.reading import NeedReading, Reading
from chatrec.domain.state import DialogueState
from chatrec.understanding import RuleUnderstander

from .rendering import STATES, render
from .shops import embedder, shelf, shelf_of, understander

NEW = DialogueState("s")
# A shop that records nothing but titles and categories.
_BARE = [
    ("Nitrile gloves powder-free, large, 10 pack", "gloves"),
    ("Nitrile gloves, small, 100 count", "gloves"),
    ("Latex gloves large, pack of 10", "gloves"),
    ("Cotton gloves, one pair", "gloves"),
    ("Leather work gloves, brown", "gloves"),
    ("Copper tubing 1/4 inch, 50 ft", "tubing"),
    ("Stainless steel tubing 1/4 in, 10 ft", "tubing"),
    ("Stainless steel tubing 1/2 in", "tubing"),
    ("Clear vinyl tubing 1/2 inch", "tubing"),
    ("Heat-shrink tubing, black", "tubing"),
]


@lru_cache(maxsize=1)
def _bare() -> RuleUnderstander:
    rows = [{"item_id": f"i{n}", "title": title, "category": category} for n, (title, category) in enumerate(_BARE)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        bare = shelf_of(item_rows(read_table(path)).items)
    return RuleUnderstander(bare.contract, bare, embedder())


def _read(message: str, shop: str = "demo", state: DialogueState = NEW) -> Reading:
    return understander(shop).read(message, state)


def _constraint(need: NeedReading, field: str) -> Constraint | None:
    return next((c for c in need.constraints if c.field == field), None)


def _mapped(reading: Reading) -> list[tuple[str, str]]:
    return [(m.said, m.read) for m in reading.mapped]


def test_a_far_slip_is_read_by_its_neighbour_and_said() -> None:
    reading = _read("hekkin pols")
    kind = _constraint(reading.needs[0], "category")
    assert kind is not None and kind.values == ("trekking poles",)
    assert _mapped(reading) == [("hekkin pols", "trekking poles")]
    assert not reading.unknown


def test_a_near_slip_goes_unsaid() -> None:
    assert not _read("slepping bag").mapped


@pytest.mark.parametrize(
    ("message", "category"), [("multitol", "knives and tools"), ("sleepingbag", "sleeping bags"), ("back packs", "backpacks")]
)
def test_words_written_together_or_apart(message: str, category: str) -> None:
    kinds = [v for n in _read(message).needs for c in n.constraints if c.field == "category" for v in c.values]
    assert any(category in kind for kind in kinds)


@pytest.mark.parametrize("word", ["drone", "piano", "crimson"])
def test_words_of_their_own_are_no_slips(word: str) -> None:
    reading = _read(f"a {word}")
    assert not reading.mapped
    assert [u.word for u in reading.unknown] == [word]


def test_a_word_for_several_values_stands_for_them_and_is_said() -> None:
    reading = _read("a wooden table", "home")
    material = _constraint(reading.needs[0], "material")
    assert material is not None and set(material.values) == {"oak", "pine", "beech"}
    assert [m.field for m in reading.mapped] == ["material"]


def test_a_value_that_the_kind_does_not_record_only_moves_the_ranking() -> None:
    gender = _constraint(_read("kids hammock").needs[0], "gender")
    assert gender is not None and gender.strength is Strength.PREFER


@pytest.mark.parametrize(
    ("message", "shop", "word"),
    [
        ("boots in size 57", "demo", "size 57"),
        ("jacket made of goretex", "demo", "goretex"),
        ("a tent with bluetooth", "demo", "bluetooth"),
        ("sofa in navy", "home", "navy"),
        ("a tent and a kayak", "demo", "kayak"),
    ],
)
def test_what_is_not_carried_is_said(message: str, shop: str, word: str) -> None:
    assert word in [u.word for u in _read(message, shop).unknown]


def test_the_nearest_sizes_are_those_of_the_kind() -> None:
    (unknown,) = _read("boots in size 57").unknown
    assert unknown.field == "size" and set(unknown.nearest) <= {"44", "45", "46", "47"}


def test_a_thing_beside_another_is_a_need_of_its_own() -> None:
    needs = _read("I need a kayak and a tent under 200").needs
    assert [n.query for n in needs] == ["kayak", "tent"]
    assert [bool(n.constraints) for n in needs] == [False, True]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("a tent, no wait, a tarp", "a tarp"),
        ("a daypack under 100, sorry, 150", "a daypack under 150"),
        ("a tent for 2, I mean 3 people", "a tent for 3 people"),
        ("red boots, no, black", "black boots"),
        ("a stove - actually make that a lantern, under 50", "a lantern, under 50"),
    ],
)
def test_second_thoughts(said: str, meant: str) -> None:
    assert render(_read(said)) == render(_read(meant))


@pytest.mark.parametrize("message", ["boots, no leather", "a tent, no more than 200", "a tent, actually also a mat"])
def test_no_second_thoughts(message: str) -> None:
    assert len(_read(message).needs[0].constraints) >= 1
    assert _constraint(_read(message).needs[0], "category") is not None


@settings(max_examples=40, deadline=None)
@given(st.integers(20, 900), st.integers(20, 900), st.sampled_from([", sorry, ", ", no wait, ", " - i mean "]))
def test_the_later_figure_is_meant(old: int, new: int, mark: str) -> None:
    read = [_read(text).needs[0].constraints for text in (f"a tent under {old}{mark}{new}", f"a tent under {new}")]
    assert [(c.field, c.op, c.number) for c in read[0]] == [(c.field, c.op, c.number) for c in read[1]]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(30, 900),
    st.sampled_from(["i don't want to pay over", "nothing that costs more than", "please not above", "it shouldn't cost over", "sub"]),
)
def test_a_negated_floor_is_a_cap(bound: int, words: str) -> None:
    price = _constraint(_read(f"a tent, {words} {bound}").needs[0], "price")
    assert price is not None and (price.op, price.number) == (Op.AT_MOST, float(bound))


@pytest.mark.parametrize(
    ("message", "people"),
    [("a tent for me and my wife", 2), ("a tent, just for me", 1), ("a tent for 2 adults and a baby", 3), ("a tent for two", 2)],
)
def test_people_are_counted(message: str, people: int) -> None:
    persons = _constraint(_read(message).needs[0], "persons")
    assert persons is not None and (persons.op, persons.number) == (Op.AT_LEAST, float(people))


def test_everyone_gets_their_own() -> None:
    needs = _read("boots for my husband and a daypack for my son").needs
    assert [n.recipient for n in needs] == ["my husband", "my son"]


def test_the_same_but_different_is_near_to_the_one_talked_of() -> None:
    reading = _read("the same but in green", state=STATES["shown"])
    assert reading.like_items == ("tent-01",)
    assert _constraint(reading.needs[0], "colour") is not None


def test_a_question_to_the_list_is_not_one_to_the_last_item() -> None:
    assert _read("which one has latex?", state=STATES["shown"]).references == ("tent-01", "tent-02", "tent-03")


def test_titles_tell_what_no_field_does() -> None:
    def wish(message: str) -> set[str]:
        (need,) = _bare().read(message, NEW).needs
        bare = _bare().vocabulary
        found = _constraint(need, "title")
        assert found is not None and found.strength is Strength.PREFER
        return {_BARE[row][0] for row in range(len(_BARE)) if bare.any_match((found, Constraint("title", Op.IS, (_BARE[row][0],))))}

    assert wish("10 pack of gloves, large") == {_BARE[0][0], _BARE[2][0]}
    assert wish("1/4 inch stainless steel tubing") == {_BARE[6][0]}


def test_synonyms_are_bounded_and_survive_storage() -> None:
    woods = [f"oak {n}" for n in range(300)]
    assert all(len(values) <= MOST_MEANT for values in synonyms_of("material", woods).values())
    assert "oak" not in synonyms_of("material", woods)
    contract = shelf("home").contract
    assert Contract.from_json(contract.to_json()).fields == contract.fields
    stored = json.loads(contract.to_json())
    for field in stored["fields"]:
        del field["synonyms"]  # as older versions wrote it
    assert Contract.from_json(json.dumps(stored)).fields["material"].synonyms == contract.fields["material"].synonyms


def test_what_a_thing_has_is_no_need_of_its_own() -> None:
    (need,) = _read("a tent with 2 doors and a porch").needs
    assert _constraint(need, "category") is not None
