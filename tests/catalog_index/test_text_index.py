"""BM25: model numbers, weights, reasons, disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatrec.catalog.text_index import TextIndex
from chatrec.domain.item import Attribute, Item
from chatrec.errors import GenerationError


@pytest.fixture(scope="module")
def index() -> TextIndex:
    return TextIndex.build(
        [
            Item("a", "Gauge AG-42", "An analogue gauge.", brand="Merrow"),
            Item("b", "Gauge holder", "Holds 42 gauges.", brand="Merrow"),
            Item("c", "Sheet 6061 aluminium", "12 x 12 inches, 1/8 thick."),
            Item("d", "Sheet 6063 aluminium", "Like the other one."),
            Item("e", "Café table", "Waterproof top.", attributes=(Attribute("material", ("oak",)), Attribute("folding", ("yes",)))),
            Item("SKU-77123", "???", ""),
            Item("g", "The One", ""),
        ]
    )


@pytest.mark.parametrize("typed", ["AG-42", "ag-42", "AG42", "do you have the ag-42?"])
def test_a_model_number_finds_its_item_first(index: TextIndex, typed: str) -> None:
    assert index.search(typed, 3)[0][0] == "a"


def test_numbers_match_exactly(index: TextIndex) -> None:
    assert [i for i, _ in index.search("6061", 5)] == ["c"]
    assert index.search("606", 5) == []


@pytest.mark.parametrize("typed", ["", "   ", "!!!", "the of and", "zzzz", "\x00", "\ud800"])
def test_no_usable_word_gives_nothing(index: TextIndex, typed: str) -> None:
    assert [pair for pair in index.search(typed, 5) if pair[0] != "g"] == []


def test_inflection_accents_and_case_do_not_matter(index: TextIndex) -> None:
    assert {i for i, _ in index.search("GAUGES", 5)} == {"a", "b"}
    assert index.search("cafe tables", 1)[0][0] == "e"
    assert index.search("folding oak", 1)[0][0] == "e"


def test_best_first_at_most_k_and_only_what_is_allowed(index: TextIndex) -> None:
    found = index.search("gauge merrow aluminium sheet", 3)
    assert len(found) == 3 and [s for _, s in found] == sorted((s for _, s in found), reverse=True)
    assert [i for i, _ in index.search("gauge", 5, allowed={"b", "nobody"})] == ["b"]
    assert index.search("gauge", 0) == []
    assert index.search("gauge", 5, allowed=()) == []


def test_a_title_counts_more_than_a_description() -> None:
    index = TextIndex.build([Item("text", "Thing one", "comes with a whistle"), Item("title", "Whistle thing", "comes with a box")])
    assert [i for i, _ in index.search("whistle", 2)] == ["title", "text"]


def test_the_words_that_matched_as_typed(index: TextIndex) -> None:
    assert set(index.matched("a Waterproof table, please", "e")) == {"Waterproof", "table"}
    assert index.matched("AG-42", "a") == ("AG-42",)
    assert index.matched("AG-42", "b") == ("42",), "only the figure is in that record"
    assert index.matched("waterproof", "nobody") == () and index.matched("", "a") == ()


def test_every_row_can_be_reached_even_without_words(index: TextIndex) -> None:
    assert index.reachable() == len(index) == 7
    assert index.search("sku-77123", 1)[0][0] == "SKU-77123"
    assert index.search("the one", 1)[0][0] == "g"


def test_saved_and_loaded_again(index: TextIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "bm25")
    again = TextIndex.load(tmp_path / "bm25")
    for text in ("gauge", "6061 sheet", "", "cafe"):
        assert again.search(text, 5) == index.search(text, 5)
    with pytest.raises(GenerationError, match="build the generation again"):
        TextIndex.load(tmp_path / "absent")


def test_ties_keep_row_order() -> None:
    index = TextIndex.build([Item(str(i), "Mug") for i in range(20)])
    assert [i for i, _ in index.search("mug", 5)] == ["0", "1", "2", "3", "4"]


def test_a_part_of_an_unspaced_run_is_found() -> None:
    shop = [
        Item("a", "不锈钢保温杯"),
        Item("b", "登山背包 40L"),
        Item("c", "トレッキングシューズ"),
        Item("d", "스테인리스 텀블러"),
        Item("e", "Steel cup 杯"),
    ]
    index = TextIndex.build(shop)

    def first(text: str) -> str | None:
        return next((item_id for item_id, _ in index.search(text, 1)), None)

    assert [first(t) for t in ("保温杯", "背包", "シューズ", "텀블러", "杯", "40L")] == ["a", "b", "c", "d", "e", "b"]
    assert index.search("饺子", 5) == []
    assert index.matched("我要保温杯", "a") and "保温" in index.matched("我要保温杯", "a")
