"""The plan that a written reply carries out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatrec.catalog.facts import typed_facts
from chatrec.domain.facts import Evidence
from chatrec.domain.item import Attribute, Item
from chatrec.generation.evidence import RecordEvidence
from chatrec.generation.prompts import PromptLibrary
from chatrec.resources import prompts_folder
from chatrec.tuning.dialogues_written import written_drafts
from chatrec.tuning.drafts import MODELLED, Draft
from chatrec.tuning.told_plan import as_served, plan_told

LIBRARY = PromptLibrary(prompts_folder())


def mug(key: str, description: str = "", **values: str) -> Item:
    attributes = (Attribute("dishwasher safe", ("yes",)), *(Attribute(name, (value,)) for name, value in values.items()))
    return Item(key, f"{key.title()} Mug", description=description, category_path=("Travel mugs",), attributes=attributes)


def mugs() -> Evidence:
    """A light slate mug and a large one that keeps its heat, both dishwasher safe."""
    light = replace(mug("fern", colour="slate"), attributes=(*mug("fern", colour="slate").attributes, Attribute("weight", (), 240.0, "g")))
    large = mug("moss", "Keeps coffee hot through a morning.")
    capacities = ((light, 350.0), (large, 500.0))
    items = [replace(i, attributes=(*i.attributes, Attribute("capacity", (), ml, "ml"))) for i, ml in capacities]
    return RecordEvidence().build("recommend", "a slate mug", needs=["travel mugs"], items=[(i, typed_facts(i)) for i in items])


def parts(evidence: Evidence, reply: str) -> list[tuple[str, ...]]:
    plan = plan_told(evidence, reply)
    assert plan is not None
    return [item.parts for item in plan.items]


def test_only_what_the_reply_tells_of_an_item_is_planned_in_its_order() -> None:
    case = mugs()
    told = parts(case, "[1] weighs 240 g and is slate. [2] holds more, 500 ml.")
    assert told[0] == ("weighs 240 g", "comes in slate")
    assert any("holds more" in part for part in told[1]) and not any("coffee" in part for part in told[1])


def test_what_is_said_of_one_item_is_not_planned_for_the_other() -> None:
    told = parts(mugs(), "[1] is slate, and [2] keeps coffee hot through a morning.")
    assert told == [("comes in slate",), ("keeps coffee hot through a morning",)]


def test_what_code_says_in_a_shop_is_no_part_of_a_training_reply() -> None:
    reply = "Both are dishwasher safe. [1] is slate; [2] holds 500 ml. It keeps coffee hot through a morning. Shall I tell you more?"
    served = as_served(reply)
    assert served == "[1] is slate; [2] holds 500 ml. It keeps coffee hot through a morning."
    plan = plan_told(mugs(), served)
    assert plan is not None and not plan.shared and not any("dishwasher" in part for item in plan.items for part in item.parts)


@pytest.mark.parametrize(
    ("reply", "drawback"),
    [
        ("[1] is slate. [2] keeps coffee hot through a morning, but holds 500 ml.", "holds 500 ml"),
        ("[1] is slate. [2] keeps coffee hot through a morning. It holds 500 ml, though.", "holds 500 ml"),
        ("[1] is slate. [2] holds 500 ml and keeps coffee hot through a morning.", ""),
        ("[1] is slate, but [2] holds 500 ml and keeps coffee hot through a morning.", ""),
    ],
)
def test_what_a_reply_sets_off_with_but_is_marked_in_its_plan(reply: str, drawback: str) -> None:
    plan = plan_told(mugs(), reply)
    assert plan is not None and [item.drawback for item in plan.items] == ["", drawback]
    assert drawback not in plan.items[1].parts


@pytest.mark.parametrize(
    "reply",
    [
        "[1] is the warmest, and [2] holds 500 ml.",  # nothing computed says so
        "[1] is slate, and there is also [2].",  # nothing on record is told of the second
        "[1] is slate, and [2] holds 500 ml, with a handle.",  # no plan would hold the handle
        "[1] is slate, but dishwasher safe, but weighs 240 g, and [2] holds 500 ml.",  # what the second "but" sets off, nobody knows
    ],
)
def test_no_plan_leads_to_what_a_model_would_have_to_make_up(reply: str) -> None:
    assert plan_told(mugs(), reply) is None


def test_rows_hold_no_figure_that_the_reply_leaves_out() -> None:
    """Over every reply written by hand: a figure on an item's line stands in the reply, so telling all is what is learnt."""
    checked = 0
    for draft in written_drafts()[:600]:
        plan = plan_told(draft.evidence, draft.reply) if draft.act in MODELLED else None
        for item in plan.items if plan else ():
            for part in item.parts:
                checked += 1
                assert all(figure in draft.reply for figure in part.split() if figure.isdigit()), (draft.reply, part)
    assert checked > 500


def test_the_prompt_of_a_row_is_the_plan_and_of_other_acts_the_evidence() -> None:
    case = mugs()
    draft = Draft(case, "[1] is slate, and [2] holds 500 ml.", "recommend", "travel mugs", "test")
    prompt = draft.prompt(LIBRARY) or ""
    assert ": comes in slate\n[2]" in prompt and "240 g" not in prompt
    assert Draft(case, "[1] is the warmest, and [2] too.", "recommend", "travel mugs", "test").prompt(LIBRARY) is None
