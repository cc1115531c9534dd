"""Choosing facts: what the shopper asked for first, bounded, and never a name or a price in the model's sight."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.catalog.facts import typed_facts
from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.domain.item import Attribute, Item
from chatrec.generation.evidence import MOST_ITEM_WORDS, RecordEvidence
from chatrec.generation.evidence_choice import MOST_FACTS, seen_facts
from chatrec.protocols import EvidenceBuilder

TENT = Item(
    "t1",
    "Brae 2 tunnel tent",
    description="The Brae stands in strong wind. Two porches keep boots dry. Costs 300 dollars elsewhere. Poles are colour coded.",
    category="tents",
    brand="Northmoor",
    price=Decimal("240"),
    currency="USD",
    rating=4.4,
    n_ratings=52,
    stock=3,
    attributes=(
        Attribute("persons", ("2",), 2.0),
        Attribute("weight", ("2400",), 2400.0, "g"),
        Attribute("colour", ("green",)),
        Attribute("season", ("three-season",)),
        Attribute("pole material", ("aluminium",)),
        Attribute("waterproof", ("yes",)),
    ),
)
OTHER = Item(
    "t2", "Fell 1", category="tents", price=Decimal("180"), currency="USD", attributes=(Attribute("weight", ("1300",), 1300.0, "g"),)
)


def build(act: str = "recommend", shopper: str = "a tent", **more: Any) -> Evidence:
    return RecordEvidence().build(act, shopper, items=[(TENT, typed_facts(TENT)), (OTHER, typed_facts(OTHER))], **more)


def test_it_is_an_evidence_builder() -> None:
    builder: EvidenceBuilder = RecordEvidence()
    assert builder.build("say", "hi").act == "say"


def test_facts_that_touch_the_words_come_first_after_the_type() -> None:
    shown = seen_facts(build(shopper="how heavy is it and does it keep rain out?").items[0])
    assert shown[0].kind is FactKind.TYPE
    assert {"weight", "waterproof"} <= {f.name for f in shown[1:4]}


def test_an_item_stays_small_and_carries_price_and_stock_for_code() -> None:
    item = build(shopper="everything about the green three-season aluminium waterproof tent for two").items[0]
    assert len(seen_facts(item)) <= MOST_FACTS
    assert sum(len(f.text.split()) for f in seen_facts(item)) <= MOST_ITEM_WORDS
    assert {FactKind.PRICE, FactKind.STOCK} <= {f.kind for f in item.facts}


def test_clauses_that_spell_a_name_or_a_price_are_left_out() -> None:
    for shopper in ("strong wind", "300 dollars elsewhere"):
        shown = " ".join(f.text for f in seen_facts(build(shopper=shopper).items[0]))
        assert "Brae" not in shown
        assert "dollars" not in shown


def test_a_name_at_the_head_of_a_clause_is_cut_off() -> None:
    assert "stands in strong wind" in [f.text for f in seen_facts(build(shopper="strong wind").items[0])]


def test_one_word_of_a_brand_is_no_reason_to_tell_the_brand() -> None:
    hill = Item("h", "Hat", category="hats", brand="Hollin Hill", attributes=tuple(Attribute(f"part {n}", ("wool",)) for n in range(6)))
    facts = [(hill, typed_facts(hill))]
    asked = RecordEvidence().build("recommend", "a hat for the hill", items=facts)
    named = RecordEvidence().build("recommend", "a Hollin Hill hat", items=facts)
    assert "brand" not in {f.name for f in asked.items[0].facts}
    assert "brand" in {f.name for f in named.items[0].facts}


def test_notes_of_the_dialogue_come_before_computed_ones() -> None:
    given = Fact(FactKind.COMPUTED, "extreme", "[1] is the heaviest of all", cites=(1,))
    notes = [n.text for n in build(notes=[given]).notes]
    assert notes[0] == "[1] is the heaviest of all"
    assert "[2] costs less than [1]" in notes


def test_opinions_only_when_asked_for() -> None:
    said = Fact(FactKind.OPINION, "opinion", "a bit narrow at the foot", "a bit narrow at the foot")
    facts = [(OTHER, (*typed_facts(OTHER), said))]
    plain = RecordEvidence().build("recommend", "a light tent", items=facts)
    asked = RecordEvidence().build("recommend", "what do reviewers say?", items=facts)
    assert said not in plain.items[0].facts
    assert said in asked.items[0].facts


def test_a_comparison_tells_what_both_record() -> None:
    evidence = build("compare", "which one?")
    assert all("weight" in {f.name for f in seen_facts(item)} for item in evidence.items)


def _pair(first: Item, second: Item, shopper: str = "show me some") -> Evidence:
    return RecordEvidence().build("recommend", shopper, items=[(i, typed_facts(i)) for i in (first, second)])


def test_what_both_share_is_told_once() -> None:
    season, wool = Attribute("season", ("winter",)), Attribute("material", ("wool",))
    hat = Item("h", "Tarn hat", "Folds into a ball.", "hats", attributes=(season, wool))
    cap = Item("c", "Peel cap", "Has ear flaps for wind.", "hats", attributes=(season, wool))
    evidence = _pair(hat, cap)
    assert all(not {"season", "material"} & {f.name for f in item.facts} for item in evidence.items)
    assert [n.text for n in evidence.notes] == ["both are for winter", "both are made of wool"]
    asked = _pair(hat, cap, "something of wool")
    assert all("material" in {f.name for f in item.facts} for item in asked.items)


def test_one_figure_in_two_units_is_one_fact() -> None:
    bag = Item(
        "b", "Haybarn bag", "It weighs 1.7 kg and rolls up small.", "bags", attributes=(Attribute("weight", ("1700",), 1700.0, "g"),)
    )
    shown = [f.text for f in seen_facts(_pair(bag, OTHER).items[0])]
    assert "weighs 1.7 kg and rolls up small" in shown and "weight 1700 g" not in shown


def test_the_kind_that_was_asked_for_is_named() -> None:
    film = Item("f", "Night Ferry", category="thriller", category_path=("drama", "mystery", "thriller"))
    evidence = _pair(film, OTHER, "a mystery")
    assert [f.text for f in seen_facts(evidence.items[0])] == ["mystery", "kinds drama, mystery, thriller"]


def test_words_of_the_category_are_no_wish() -> None:
    uses = Attribute("use", ("camping", "family")), Attribute("fuel", ("gas",)), Attribute("weight", ("900",), 900.0, "g")
    stove = Item("s", "Hob stove", category="camp stoves", attributes=uses[::-1])
    first = seen_facts(_pair(stove, OTHER, "camp stoves").items[0])[1]
    assert first.name == "weight"


@given(shopper=st.text(max_size=400), description=st.text(max_size=300), title=st.text(min_size=1, max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_is_made_harmless(shopper: str, description: str, title: str) -> None:
    item = Item("x", title, description=description, category="things")
    evidence = RecordEvidence().build("recommend", shopper, needs=(shopper,), items=[(item, typed_facts(item))])
    assert len(evidence.shopper) <= 200
    for text in (evidence.shopper, *evidence.needs, *(f.text for f in evidence.items[0].facts)):
        assert "\n" not in text
        assert "<|im_" not in text
        assert "[1]" not in text
