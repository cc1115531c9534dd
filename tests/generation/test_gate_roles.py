"""What a fact may be told as: purposes, materials, parts, ranks, and two facts that are not one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.generation.gate import SentenceGate
from chatrec.generation.gate_claims import claims_of
from chatrec.generation.gate_roles import Role, role_of
from tests.generation.gate_worlds import attribute, clause, figure, flag, item, kind, note, price

GATE = SentenceGate()
BAGS = Evidence(
    "recommend",
    "a bag for the office",
    ("briefcases",),
    (
        item(1, "Stoat 14", kind("briefcases"), attribute("material", "material waxed canvas"), attribute("use", "use office, travel"),
             attribute("features", "brass zip"), attribute("features", "shoulder strap"), figure("weight", 900, "g"), flag("lockable"),
             attribute("lining", "lining felt"), clause("has a sleeve for a laptop"), price(90)),
        item(2, "Marten 15", kind("briefcases"), attribute("material", "material leather"), figure("weight", 1300, "g"), price(150)),
    ),
    (note("[1] is lighter than [2] by 400 g", 1, 2, name="weight", number=400, unit="g"), note("[1] costs less than [2]", 1, 2, name="price")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "ok"),
    [
        ("[1] is for travel.", True),
        ("[1] is made for the office and for travel.", True),
        ("[1] is for a laptop.", False),
        ("[1] is for travel and lockable.", True),
        ("[1] is for canvas.", False),
        ("[1] is for travel and canvas.", False),
        ("[1] is for felt.", False),
        ("[1] is for briefcases.", False),
        ("[1] is for a brass zip.", False),
        ("[1] is a good choice for a shoulder strap.", False),
        ("[1] is made of waxed canvas.", True),
        ("[1] is made of brass.", False),
        ("[1] is made of travel.", False),
        ("[1] comes in office and travel.", False),
        ("[1] is a briefcase with a brass zip.", True),
        ("[1] is a travel briefcase.", True),
        ("[1] is canvas.", True),
        ("[1] is a canvas.", False),
        ("[1] is a brass zip.", False),
        ("[1] is travel.", False),
        ("[1] has a brass zip and a shoulder strap.", True),
        ("[1] has a shoulder strap with a brass zip.", True),
        ("[1] has a brass strap.", False),
        ("[1] has a canvas zip.", False),
        ("[1] comes with a lockable zip.", False),
        ("[1] is the lighter one.", True),
        ("[1] is for the lightest.", False),
        ("[1] is made of the cheaper.", False),
        ("[1] has the lightest.", False),
        ("Is [1] for canvas?", False),
    ],
)
def test_a_fact_is_told_as_what_it_is(sentence: str, ok: bool) -> None:
    assert GATE.judge(sentence, BAGS).ok is (ok or sentence.endswith("?"))


@pytest.mark.parametrize(
    ("fact", "role"),
    [
        (attribute("use", "use office"), Role.PURPOSE),
        (attribute("outer material", "outer material canvas"), Role.MATERIAL),
        (attribute("features", "brass zip"), Role.PART),
        (attribute("lining", "lining felt"), Role.COMPONENT),
        (attribute("item form", "item form bar"), Role.FORM),
        (Fact(FactKind.OPTION, "colour", "colour red", "red"), Role.LOOK),
        (Fact(FactKind.OPTION, "size", "sizes S, M", "S, M"), Role.OTHER),
        (kind("briefcases"), Role.KIND),
        (flag("lockable"), Role.STATE),
        (clause("has a sleeve for a laptop"), Role.PART),
        (clause("folds flat"), Role.OTHER),
        (figure("weight", 900, "g"), Role.OTHER),
    ],
)
def test_a_claim_has_the_role_of_its_property(fact: Fact, role: Role) -> None:
    assert role_of(next(claims_of(fact, 0))) is role


@pytest.mark.parametrize(
    ("sentence", "ok"),
    [
        ("[2] is heavier than [1], the lighter one.", True),
        ("[1] is lighter than [2], the lighter one.", False),
        ("[2] weighs 1300 g and [1] 900 g, the lighter of the two.", True),
        ("[1] weighs 900 g and [2] 1300 g, the lighter of the two.", False),
        ("[2] is heavier than [1], the cheaper one, and weighs 1300 g.", True),
        ("[2] is heavier than [1], the cheaper one, and weighs 900 g.", False),
    ],
)
def test_a_rank_behind_a_comma_names_what_stands_before_it(sentence: str, ok: bool) -> None:
    assert GATE.judge(sentence, BAGS).ok is ok


@pytest.mark.parametrize("text", ["strap length 60 - 130 cm", "strap length 60 to 130 cm", "strap length 60-130 cm"])
@pytest.mark.parametrize(
    ("sentence", "ok"),
    [
        ("[1] has a strap length of 60 to 130 cm.", True),
        ("[1] has a strap length of 60 - 130 cm.", True),
        ("[1] has a strap length of between 60 and 130 cm.", True),
        ("[1] has a strap length of up to 130 cm.", True),
        ("[1] has a strap length of at most 130 cm.", True),
        ("[1] has a strap length from 60 cm.", True),
        ("[1] has a strap length of 130 cm.", False),
        ("[1] has a strap length of 60 cm.", False),
        ("[1] has a strap length of up to 60 cm.", False),
        ("[1] has a strap length of at least 130 cm.", False),
        ("[1] has a strap length of 60 to 120 cm.", False),
    ],
)
def test_an_end_of_a_range_is_not_its_value(text: str, sentence: str, ok: bool) -> None:
    first, *others = BAGS.items
    ranged = replace(first, facts=(*first.facts, attribute("strap length", text)))
    assert GATE.judge(sentence, replace(BAGS, items=(ranged, *others))).ok is ok
