"""A "but" stays where something contrasts, and becomes "and" where nothing does."""

from __future__ import annotations

import pytest

from chatrec.domain.facts import Evidence
from chatrec.generation.gate import SentenceGate
from chatrec.generation.gate_contrast import without_false_contrast
from tests.generation.gate_worlds import RETURNS, attribute, clause, figure, flag, item, kind, note, price

GATE = SentenceGate()
KETTLES = Evidence(
    "recommend",
    "a kettle",
    (),
    (
        item(1, "Tansy", kind("kettles"), attribute("material", "material steel"), attribute("features", "swivel base"),
             flag("cordless"), flag("insulated", False), figure("weight", 900, "g"), clause("rattles when it boils"), price(29)),
        item(2, "Sorrel", kind("kettles"), attribute("material", "material glass"), attribute("gender", "gender kids"),
             flag("insulated"), figure("weight", 1400, "g"), price(59)),
    ),
    (note("[1] costs less than [2]", 1, 2, name="price"), note("[1] is lighter than [2] by 500 g", 1, 2, name="weight", number=500, unit="g")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "better"),
    [
        ("[1] is cordless, but it is made of steel.", "[1] is cordless, and it is made of steel."),
        ("[1] costs less but has a swivel base.", "[1] costs less and has a swivel base."),
        ("[1] costs less than [2], but it is lighter.", "[1] costs less than [2], and it is lighter."),
        ("[1] weighs 900 g, but is the lightest.", "[1] weighs 900 g, and is the lightest."),
        ("[1] is the cheapest, though it is cordless; [2] is insulated.", "[1] is the cheapest, and it is cordless; [2] is insulated."),
        ("[2] is insulated, but it comes for kids.", ""),
        ("[1] is cordless, but it is not insulated.", ""),
        ("[1] is cordless but rattles when it boils.", ""),
        ("[1] rattles when it boils, but it is cordless.", ""),
        ("[2] is insulated but costs more.", ""),
        ("[2] is insulated but weighs 1400 g.", ""),
        ("[1] is cordless, but [2] is insulated.", ""),
        ("[1] is cordless, but only 2 are left.", ""),
        ("You wanted glass, but [1] is made of steel.", ""),
        ("But [1] is cordless.", ""),
        ("It is cordless, but it is made of steel.", ""),
        ("[1] is nothing but steel.", ""),
        ("", ""),
    ],
)
def test_only_what_does_not_contrast_is_joined_anew(sentence: str, better: str) -> None:
    assert without_false_contrast(sentence, KETTLES) == (better or sentence)


def test_the_gate_mends_a_false_contrast() -> None:
    verdict = GATE.check("[1] is the cheapest, but it is cordless.", KETTLES)
    assert (verdict.ok, verdict.repaired) == (False, "[1] is the cheapest, and it is cordless.")


def test_policies_keep_their_words() -> None:
    text = "You can return unused items, but not worn ones [1]."
    assert without_false_contrast(text, RETURNS) == text
