"""The joints of a model's sentence are mended by the plan that it carries out; what it tells stays."""

from __future__ import annotations

import pytest

from chatrec.domain.facts import EvidenceItem
from chatrec.generation.content_plan import ContentPlan, ItemPlan
from chatrec.generation.plan_editing import edited_to_plan

PACK = ItemPlan(
    EvidenceItem(1, "pack", "Crumb daypack", ()),
    ("comes in yellow", "is longer", "weighs 98 g", "is for hiking, camping and travel", "is made of steel"),
    clause="the clip sits deep",
)
BOOT = ItemPlan(EvidenceItem(2, "boot", "Crowdy boots", ()), ("is the cheapest", "weighs 620 g"), drawback="the insoles are thin")
GLUE = ItemPlan(EvidenceItem(3, "glue", "Epoxy", ()), ("has 2 dispeners",))
PLAN = ContentPlan((PACK, BOOT, GLUE))


@pytest.mark.parametrize(
    ("sentence", "better"),
    [
        ("[1] weighs 98 g, but is made of steel.", "[1] weighs 98 g, and is made of steel."),
        ("[2] is the cheapest and weighs 620 g, but the insoles are thin.", None),
        ("[2] is the cheapest and weighs 620 g, but its insoles are thin.", None),
        ("[2] is the cheapest, weighs 620 g and the insoles are thin.", "[2] is the cheapest and weighs 620 g, but the insoles are thin."),
        ("[2] is the cheapest; the insoles are thin.", "[2] is the cheapest, but the insoles are thin."),
        ("[1] comes in yellow and weighs 98 g, and the clip sits deep.", "[1] comes in yellow and weighs 98 g; the clip sits deep."),
        ("[1] comes in yellow, longer and weighs 98 g.", "[1] comes in yellow, is longer and weighs 98 g."),
        ("[1] is made of steel, and it's made of steel as well.", "[1] is made of steel."),
        ("For hiking, [1] is for camping and travel, and it weighs 98 g.", "[1] is for hiking, camping and travel, and weighs 98 g."),
        ("For a party, [1] is for camping and travel.", None),
        ("[1] weighs 98 g, but [2] weighs 620 g.", None),
        ("[2] is the cheapest, but not waterproof.", None),
        ("[2] is the cheapest, but it squeaks on tiles.", None),
        ("[1] comes in blue, yellow and red.", None),
        ("Both are light.", None),
        ("The cheapest is [2], which is the lightest and made of felt.", "[2] is the cheapest and the lightest, and is made of felt."),
        ("The cheapest is [1], which is the lightest.", None),
        ("[2] is the cheapest and weighs 620 g, and it's made of felt.", "[2] is the cheapest, weighs 620 g and is made of felt."),
        ("[2] is the cheapest, and they fit boots, which is good.", None),
        ("[2] is the cheapest, weighs 620 g.", "[2] is the cheapest and weighs 620 g."),
        ("[1] is longer, made of steel and weighs 98 g.", "[1] is longer, is made of steel and weighs 98 g."),
        ("[3] has 2 dispenters.", "[3] has 2 dispeners."),
        ("", None),
    ],
)
def test_joints_are_mended_and_nothing_else(sentence: str, better: str | None) -> None:
    assert edited_to_plan(sentence, PLAN) == (sentence if better is None else better)
    assert edited_to_plan(edited_to_plan(sentence, PLAN), PLAN) == edited_to_plan(sentence, PLAN)
