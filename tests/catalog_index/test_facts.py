"""Typed facts: what a record says, and nothing that would embarrass a seller."""

from __future__ import annotations

import pytest

from chatrec.catalog.attributes import Labelled, typed_attributes
from chatrec.catalog.facts import typed_facts
from chatrec.catalog.facts_clauses import clauses
from chatrec.catalog.facts_specs import specs
from chatrec.catalog.facts_titles import title_segments
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


@pytest.mark.parametrize(
    ("prose", "facts"),
    [
        ("Keep your tea hot with this Merrow flask, which has a steel cup, so you can sip all day.", ["It has a steel cup"]),
        ("This flask keeps tea hot for nine hours, so you never drink it cold.", ["This flask keeps tea hot for nine hours"]),
        ("The lid fits your pocket.", ["The lid fits the pocket"]),
        ("Made from spruce and felt, this stool folds flat.", ["Made from spruce and felt", "This stool folds flat"]),
        ("Featuring a stylish oak frame, it stands on three legs.", ["It features an oak frame", "It stands on three legs"]),
        ("Straps are padded, the back is a sheet of foam.", ["Straps are padded", "The back is a sheet of foam"]),
        ("If dropped, the glass breaks.", ["If dropped, the glass breaks"]),
        ("Weatherproof along the cord but keep the plug dry.", ["Weatherproof along the cord"]),
        ("The oak frame offers a timeless look.", []),
        ("It adds a touch of charm to any room.", []),
        ("Works with any pump that lets your hose of 9 mm through and that we have tried out ourselves at length.", []),
        ("So it will leak if you swim. The lid can be locked.", ["The lid can be locked"]),  # what a condition brings is no property
    ],
)
def test_prose_is_cut_to_what_it_says_of_the_thing(prose: str, facts: list[str]) -> None:
    assert clauses(prose) == facts


def test_labelled_values_of_a_text_are_properties_with_their_units() -> None:
    found = specs(
        "Outer diameter: 6 mm. Body material: Brass. Bore: 4. Colour: red. Note: see the leaflet. Finish: not treated.", frozenset()
    )
    assert [(f.name, f.value, f.number, f.unit) for f in found] == [
        ("outer diameter", "6", 6.0, "mm"), ("body material", "brass", None, ""),
    ]  # fmt: skip
    assert specs("Outer diameter: 6 mm.", frozenset({"outer diameter"})) == []


@pytest.mark.parametrize(
    ("title", "segments"),
    [
        ("Merrow clamp - 4-Pack", ["pack of 4"]),
        ("Merrow lancet, sterile, 10/bx", ["sterile", "box of 10"]),
        ("Merrow brush, medium 1 ea.", ["medium"]),
        ("Merrow wire kit, 25' length each, 0.04 diameter", ["25 ft length"]),
        ("Merrow filament, MADE IN USA", ["made in USA"]),
        ("Merrow jam jars with screw caps", ["with screw caps"]),
        ("Merrow casters heavy duty pack of 4 (black)", ["black", "pack of 4"]),
        # what was cut out of something longer would say something else
        ("Merrow servo drivers for desktop printers, CNC Machine or Robotics.", []),
        ("Merrow magnets. Ideal for Fridges, DIY, Building, Scientific, and Office Boards, Pack of 6", ["pack of 6"]),
        ("Merrow weight kit for Balance Scale, Jewellery Scale", []),
        ("Merrow phone case for walkers, Black", ["black"]),
        ("Merrow resistor kit, 10 Ohm - 1M Ohm (Pack of 40)", ["10 ohm to 1M ohm", "pack of 40"]),
        ("Merrow ruler, 12 Inch - 2 Pack", ["pack of 2"]),
        ("Merrow tubing 1/16, 1/8, 3/4, 1 Inch", []),
        ("Merrow printer with a heated (200 x 200 mm) build plate, grey", ["grey", "with a heated build plate"]),
    ],
)
def test_what_a_title_says_behind_the_name_is_spelled_out(title: str, segments: list[str]) -> None:
    assert title_segments(title) == segments


def test_a_maker_that_nobody_knows_is_not_told() -> None:
    assert "brand Generic" not in told(Item("g", "Steel hook", category="hooks", brand="Generic"))
