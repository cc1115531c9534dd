"""Typed facts: what a record says, and nothing that would embarrass a seller."""

from __future__ import annotations

import pytest

from chatrec.catalog.attributes import Labelled, typed_attributes
from chatrec.catalog.facts import clauses, title_segments, typed_facts
from chatrec.domain.item import Attribute, Item


def told(item: Item) -> list[str]:
    return [fact.text for fact in typed_facts(item)]


@pytest.mark.parametrize(
    "clause",
    [
        "Please keep the lid pressed down for some seconds",
        "Lift the handle and look at the seam",
        "Do not fold the film along its edge",
        "Merrow and Sons is family owned since 1950",
        "All rights reserved by the maker",
        "The colour may differ from the photo shown",
        "Shop online for kettles and pans",
        "(no loose lids anywhere in the drawer",
        "Read the leaflet before the first use",
        "Sold by merrow-kettles.com all over the land",
    ],
)
def test_orders_to_the_reader_and_talk_of_the_maker_are_no_facts(clause: str) -> None:
    assert clauses(f"{clause}. The spout pours without a drip.") == ["The spout pours without a drip"]


def test_a_shouting_clause_is_told_in_the_letters_of_a_sentence() -> None:
    assert clauses("MADE OF SOLID OAK AND BRASS.") == ["Made of solid oak and brass"]
    assert clauses("LED ring with USB plug and HEPA filter.") == ["LED ring with USB plug and HEPA filter"]


def test_the_title_once_more_is_no_fact() -> None:
    kettle = Item("k", "Merrow stove kettle, 2 l, copper", "Merrow stove kettle 2 l copper. Holds ten cups of tea.", "kettles")
    assert "Holds ten cups of tea" in told(kettle) and "Merrow stove kettle 2 l copper" not in told(kettle)


def test_title_segments_keep_ranges_and_lower_what_is_no_name() -> None:
    assert title_segments("Pond tester for fish tanks, pH 0.0 - 14.0 range, and other waters, Black/Deep Blue, LED display") == [
        "pH 0.0 - 14.0 range", "black/deep blue", "LED display",
    ]  # fmt: skip


def test_columns_that_say_nothing_are_not_told() -> None:
    shirt = Item(
        "s", "Merrow linen shirt", category="shirts",
        attributes=(
            Attribute("plating", ("na",)), Attribute("features", ("2", "shirt", "two breast pockets", "note: see the picture")),
            Attribute("novelty", ("an amazing and stunning cut",)), Attribute("style code", ("ms-40-b",)), Attribute("fabric", ("linen",)),
            Attribute("ideal for", ("men's", "boys'")), Attribute("belt included", ("no",)),
        ),
        brand="Merrow",
    )  # fmt: skip
    assert told(shirt) == [
        "shirts",
        "two breast pockets",
        "fabric linen",
        "ideal for men, boys'",
        "not belt",
        "brand Merrow",
        "style code ms-40-b",
    ]


def test_labels_of_figures_read_as_words() -> None:
    rows = [Labelled() for _ in range(3)]
    for n, row in enumerate(rows):
        row.add("boil_min_per_l", str(3.5 + n))
        row.add("waterproof", "yes")
        row.add("waterproof_mm", str(3000 + n))
    attributes = typed_attributes(rows, {})[0]
    assert [(a.name, a.number, a.unit) for a in attributes] == [
        ("boil", 3.5, "min per L"), ("waterproof", None, ""), ("waterproof rating", 3000.0, "mm"),
    ]  # fmt: skip
