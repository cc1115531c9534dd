"""What the template writer says of several items and facts: each thing once, in order, and silence once for all."""

from __future__ import annotations

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind
from chatrec.generation.template import TemplateWriter
from chatrec.generation.units import says_again


def fact(kind: FactKind, name: str, text: str, value: str = "", number: float | None = None, unit: str = "") -> Fact:
    return Fact(kind, name, text, value, number, unit, "row")


def item(n: int, name: str, *facts: Fact) -> EvidenceItem:
    return EvidenceItem(n, f"i{n}", name, (fact(FactKind.TYPE, "type", "spade"), *facts))


def said(evidence: Evidence) -> list[str]:
    return [s.rendered for s in TemplateWriter().write(evidence)]


GRAMS = fact(FactKind.ATTRIBUTE, "weight", "weight 1700 g", "1700", 1700.0, "g")


def test_a_figure_is_not_told_again_in_another_unit() -> None:
    assert says_again("weighs 1700 g", ["weighs 1.7 kg and rolls up small"])
    assert not says_again("is 30 cm high", ["is 30 cm wide"])
    assert not says_again("weighs 1700 g", ["weighs 1.8 kg"])
    assert not says_again("is waterproof", ["is waterproof"])  # no figure: not its business


def test_ages_are_told_as_one_span() -> None:
    ages = (
        fact(FactKind.ATTRIBUTE, "age from", "age from 4 years", "4", 4.0, "years"),
        fact(FactKind.ATTRIBUTE, "age to", "age to 10 years", "10", 10.0, "years"),
    )
    assert "is for ages from 4 years up to 10 years" in " ".join(said(Evidence("recommend", "", items=(item(1, "Little spade", *ages),))))


def test_an_item_of_which_nothing_can_be_told_is_named_once_in_its_place() -> None:
    bare = Evidence("recommend", "spades", items=(item(1, "Alpha spade"), item(2, "Beta spade", GRAMS), item(3, "Gamma spade")))
    told = " ".join(said(bare))
    assert [told.count(name) for name in ("Alpha spade", "Beta spade", "Gamma spade")] == [1, 1, 1]
    assert told.index("Alpha") < told.index("Beta") < told.index("Gamma")


def test_silence_of_several_listings_is_said_once() -> None:
    notes = tuple(Fact(FactKind.COMPUTED, "silent", f"the listing of [{n}] does not say", cites=(n,), source="turn") for n in (1, 2))
    told = said(Evidence("item_answer", "are they vegan?", items=(item(1, "Alpha spade"), item(2, "Beta spade")), notes=notes))
    assert told == ["The listings of Alpha spade and Beta spade do not say."]


def test_stock_that_several_listings_do_not_tell_is_said_once() -> None:
    stocked = item(3, "Gamma spade", fact(FactKind.STOCK, "stock", "in stock", "7"))
    bare = (item(1, "Alpha spade"), item(2, "Beta spade"))
    told = said(Evidence("item_answer", "are they in stock?", items=(*bare, stocked)))
    assert told == ["Gamma spade is in stock.", "The listings of Alpha spade and Beta spade do not say whether they are in stock."]
    alone = said(Evidence("item_answer", "is it in stock?", items=bare[:1]))
    assert alone == ["The listing of Alpha spade does not say whether it is in stock."]


def test_every_verdict_is_said() -> None:
    notes = tuple(
        Fact(FactKind.COMPUTED, "verdict", f"the listing gives the colour of [{n}] as red, not as blue", "no", cites=(n,), source="row")
        for n in (1, 2, 3)
    )
    items = (item(1, "Alpha spade"), item(2, "Beta spade"), item(3, "Gamma spade"))
    told = said(Evidence("item_answer", "are they blue?", items=items, notes=notes))
    assert len(told) == 3 and all("not as blue" in sentence for sentence in told)


LIGHT = fact(FactKind.ATTRIBUTE, "weight", "weight 900 g", "900", 900.0, "g")
STEEL = fact(FactKind.ATTRIBUTE, "material", "material steel", "steel")
PADDED = Fact(FactKind.DESCRIPTION, "statement", "shoulder straps are padded", "shoulder straps are padded")


def note(name: str, text: str, *cites: int) -> Fact:
    return Fact(FactKind.COMPUTED, name, text, source="computed", cites=cites)


def test_a_comparison_stands_in_the_sentence_of_its_item() -> None:
    notes = (note("weight", "[2] is the lightest of these", 2, 1, 3), note("material", "all are made of steel", 1, 2, 3))
    items = (item(1, "Alpha spade", GRAMS, STEEL), item(2, "Beta spade", LIGHT, STEEL), item(3, "Gamma spade", GRAMS, STEEL))
    told = said(Evidence("recommend", "spades", items=items, notes=notes))
    assert told[0] == "All three are made of steel."
    assert told[1:3] == ["Alpha spade weighs 1700 g.", "Beta spade is the lightest at 900 g."]
    assert sum("steel" in sentence for sentence in told) == 1


def test_a_statement_of_the_listing_stands_behind_its_item() -> None:
    told = said(Evidence("recommend", "spades", items=(item(1, "Alpha spade", LIGHT, PADDED), item(2, "Beta spade", PADDED))))
    assert told[1] == "Alpha spade weighs 900 g; the shoulder straps are padded."
    assert told[2] == "With Beta spade, the shoulder straps are padded."


def test_what_touches_the_wish_comes_first() -> None:
    told = said(Evidence("recommend", "a steel spade", items=(item(1, "Alpha spade", LIGHT, STEEL),)))
    assert told[0] == "Alpha spade is made of steel and weighs 900 g."
