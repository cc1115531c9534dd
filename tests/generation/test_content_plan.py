"""What a reply is to tell, before anybody words it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from chatrec.catalog.facts import typed_facts
from chatrec.domain.facts import Evidence
from chatrec.domain.item import Attribute, Item
from chatrec.generation.content_plan import LONG_LIST, MOST_TOLD, MOST_TOLD_ALONE, MOST_TOLD_OF_MANY, planned
from chatrec.generation.evidence import RecordEvidence
from chatrec.generation.prompts import PromptLibrary, render_reply_prompt
from chatrec.generation.template import TemplateWriter
from chatrec.resources import prompts_folder


def stove(key: str, grams: float, price: str, **words: str) -> Item:
    attributes = (Attribute("weight", (), grams, "g"), *(Attribute(n, (v,)) for n, v in words.items()))
    return Item(key, f"{key.title()} Stove", category_path=("Stoves",), price=Decimal(price), currency="USD", attributes=attributes)


STOVES = [
    stove("kestrel", 95, "49", fuel="gas", piezo="yes", material="titanium", colour="grey", origin="Norway"),
    stove("ember", 380, "29", fuel="gas", piezo="no", material="steel", colour="red", origin="Spain"),
    stove("brook", 240, "65", fuel="gas", piezo="no", material="brass", colour="gold", origin="France"),
]


def evidence(items: list[Item], act: str = "recommend", shopper: str = "a stove for hiking") -> Evidence:
    return RecordEvidence().build(act, shopper, needs=["stoves"], items=[(i, typed_facts(i)) for i in items])


def test_a_comparison_stands_at_its_item_with_the_figure_it_rests_on() -> None:
    plan = planned(evidence(STOVES))
    told = {p.item.item_id: p.parts for p in plan.items}
    assert "is the lightest at 95 g" in told["kestrel"] and "weighs 95 g" not in told["kestrel"]
    assert "is the cheapest" in told["ember"]
    assert not any("lightest" in p or "cheapest" in p for p in told["brook"])
    assert not any(n.cites == (1,) or n.text.startswith("[") for n in plan.others)


def test_a_figure_that_was_asked_for_is_joined_with_its_comparison() -> None:
    plan = planned(evidence(STOVES[:2], shopper="which weight has a good stove"))
    first = plan.items[0].parts
    assert sum("95" in part for part in first) == 1
    assert first[0] == "is lighter at 95 g"


def test_what_all_share_is_told_once() -> None:
    plan = planned(evidence([replace(i, attributes=(*i.attributes, Attribute("use", ("hiking",)))) for i in STOVES]))
    assert [note.text for note in plan.shared] == ["all are for hiking"]
    assert not any("hiking" in part for p in plan.items for part in p.parts)


@pytest.mark.parametrize(("count", "most"), [(1, MOST_TOLD_ALONE + 1), (2, MOST_TOLD + 1), (3, MOST_TOLD), (LONG_LIST, MOST_TOLD_OF_MANY)])
def test_more_items_are_told_of_in_fewer_words_each(count: int, most: int) -> None:
    items = [stove(f"stove{n}", 100 + 10 * n, str(20 + n), fuel=f"fuel{n}", material=f"metal{n}", origin=f"land{n}") for n in range(count)]
    plan = planned(evidence(items))
    assert len(plan.told) == count
    assert all(1 <= len(p.parts) + bool(p.clause) <= most for p in plan.items)


def test_model_and_template_are_handed_the_same() -> None:
    case = evidence(STOVES)
    prompt = render_reply_prompt(case, PromptLibrary(prompts_folder()))
    said = " ".join(s.text for s in TemplateWriter().write(case))
    for told in planned(case).items:
        line = next(line for line in prompt.splitlines() if line.startswith(f"[{told.item.n}]"))
        assert all(part in line for part in told.parts)
        assert all(word in said for part in told.parts for word in part.split()[1:])


def test_an_answer_holds_what_touches_the_question() -> None:
    asked = planned(evidence(STOVES[:1], "item_answer", "what is it made of?"))
    assert asked.items[0].parts == ("is made of titanium",)
