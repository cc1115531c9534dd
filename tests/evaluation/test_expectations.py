"""Every expectation of a script holds when it should, and fails when it should."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from chatrec.domain.item import Attribute, Item
from chatrec.domain.need import Constraint, Need, Op
from chatrec.domain.reply import Card, Chip, Comparison, Receipt
from chatrec.domain.state import DialogueState, OpenQuestion
from chatrec.evaluation.expectations import Played, check
from chatrec.evaluation.scripts import schema

ITEMS = {
    "a": Item(
        "a",
        "Red kettle",
        category="kettles",
        brand="Corrow",
        price=Decimal("20.00"),
        attributes=(Attribute("weight", ("900",), 900.0, "g"),),
    ),
    "b": Item(
        "b",
        "Blue kettle",
        category="kettles",
        brand="Senn",
        price=Decimal("35.00"),
        attributes=(Attribute("weight", ("700",), 700.0, "g"),),
    ),
    "c": Item("c", "Clay cup", category="cups", brand="Senn", price=Decimal("9.00")),
}
NEED = Need(1, "kettle", constraints=(Constraint("category", Op.IS, ("kettles",)), Constraint("price", Op.AT_MOST, number=40)))
RECEIPT = Receipt(
    "t", "s", 2, 1, "show me kettles",
    reading={"intents": [{"intent": "recommend"}], "language": "en"},
    acts=[{"kind": "recommend", "need_id": 1}, {"kind": "item_answer", "item_ids": ("b",)}],
)  # fmt: skip
PLAYED = Played(
    text="Here is Red kettle ($20.00) and Blue kettle ($35.00).",
    action="",
    lists=((Card(1, "a", "Red kettle"),), (Card(2, "b", "Blue kettle"),)),
    comparison=Comparison(
        ("Red kettle", "Blue kettle"), ("a", "b"), (("price", ("$20.00", "$35.00")), ("height", ("not listed", "20 cm")))
    ),
    chips=(Chip("constraint", "kettles"), Chip("constraint", "price up to $40")),
    receipt=RECEIPT,
    state=DialogueState("s", needs=(NEED,), active_need=1, liked=("a",), disliked=("c",)),
    earlier=(("c", "b"),),
)


def satisfies(item: Item, constraints: Sequence[Constraint]) -> bool:
    def holds(c: Constraint) -> bool:
        if c.field == "price":
            return item.price is not None and (item.price <= c.number if c.op is Op.AT_MOST else item.price >= c.number)  # type: ignore[operator]
        return (getattr(item, c.field) in c.values) is (c.op is Op.IS)

    return all(holds(c) for c in constraints)


def failed(expect: dict[str, Any], played: Played = PLAYED) -> list[str]:
    return check(expect, played, ITEMS.__getitem__, satisfies)


HOLD_AND_FAIL: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"intents": ["recommend"]}, {"intents": ["compare"]}),
    ({"acts": ["recommend", "item_answer"]}, {"acts": ["item_answer", "recommend"]}),
    ({"needs": 1}, {"needs": 2}),
    ({"ledger": [{"field": "price", "op": "at_most", "number": 40}]}, {"ledger": [{"field": "price", "op": "at_most", "number": 39}]}),
    ({"ledger": [{"field": "price", "op": "at_most"}]}, {"ledger": [{"field": "price", "op": "at_least"}]}),
    ({"ledger": [{"field": "category", "values": ["Kettles"]}]}, {"ledger": [{"field": "category", "values": ["cups"]}]}),
    ({"ledger": [{"field": "price", "strength": "must"}]}, {"ledger": [{"field": "price", "strength": "prefer"}]}),
    ({"not_in_ledger": ["brand"]}, {"not_in_ledger": ["price"]}),
    ({"ledger": [{"need": 1, "field": "price"}]}, {"ledger": [{"need": 2, "field": "price"}]}),
    ({"language": "en"}, {"language": "de"}),
    
    ({"missing": ["height"]}, {"missing": ["price"]}),
    ({"lists": [{"first": "a"}, {"count": 1, "first": "b"}]}, {"lists": [{"first": "b"}, {"first": "b"}]}),
    ({"lists": [{}, {}]}, {"lists": [{}]}),
    ({"lists": [{}, {"every": [{"field": "price", "op": "at_most", "number": 35}]}]}, {"lists": [{}, {"every": [{"field": "price", "op": "at_most", "number": 20}]}]}),
    ({"items": {"count": 2}}, {"items": {"count": 3}}),
    ({"items": {"at_least": 2}}, {"items": {"at_least": 3}}),
    ({"items": {"every": [{"field": "price", "op": "at_most", "number": 35}]}}, {"items": {"every": [{"field": "price", "op": "at_most", "number": 34}]}}),
    ({"items": {"every": [{"field": "category", "values": ["kettles"]}]}}, {"items": {"every": [{"field": "category", "op": "is_not", "values": ["kettles"]}]}}),
    ({"items": {"lead": [{"field": "brand", "values": ["Corrow"]}]}}, {"items": {"lead": [{"field": "brand", "values": ["Senn"]}]}}),
    ({"items": {"include": ["a", "b"]}}, {"items": {"include": ["c"]}}),
    ({"items": {"include": [{"turn": 1, "card": 2}]}}, {"items": {"include": [{"turn": 1, "card": 1}]}}),
    ({"items": {"exclude": ["c"]}}, {"items": {"exclude": ["b"]}}),
    ({"items": {"first": "a"}}, {"items": {"first": "b"}}),
    ({"items": {"distinct": "brand"}}, {"items": {"distinct": "category"}}),
    ({"items": {"order": {"field": "price", "first": "least"}}}, {"items": {"order": {"field": "price", "first": "most"}}}),
    ({"items": {"beats": {"field": "price", "by": "more", "turn": 1, "card": 1}}}, {"items": {"beats": {"field": "price", "by": "less", "turn": 1}}}),
    ({"items": {}}, {"items": {"none_of_turn": 1}}),
    ({"about": ["b"]}, {"about": ["a"]}),
    ({"about": [{"turn": 1, "card": 2}]}, {"about": [{"turn": 1, "card": 1}]}),
    ({"liked": ["a"]}, {"liked": ["b"]}),
    ({"disliked": ["c"]}, {"disliked": ["a"]}),
    ({"text": {"has": ["red KETTLE"]}}, {"text": {"has": ["green kettle"]}}),
    ({"text": {"any": ["cup", "kettle"]}}, {"text": {"any": ["cup", "pan"]}}),
    ({"text": {"lacks": ["cup"]}}, {"text": {"lacks": ["kettle"]}}),
    ({"text": {"matches": [r"\$\d+\.00"]}}, {"text": {"matches": [r"^\d"]}}),
    ({"compared": ["price"]}, {"compared": ["weight"]}),
    ({"chips": ["$40"]}, {"chips": ["$50"]}),
    ({"action": ""}, {"action": "hand_off"}),
    ({"question": False}, {"question": True}),
]  # fmt: skip


@pytest.mark.parametrize(("holds", "fails"), HOLD_AND_FAIL)
def test_each_expectation_holds_and_fails(holds: dict[str, Any], fails: dict[str, Any]) -> None:
    assert failed(holds) == []
    assert len(failed(fails)) >= 1


def test_no_expectation_is_left_untested() -> None:
    definitions = schema()["$defs"]
    used = {name for _, fails in HOLD_AND_FAIL for name in fails}
    assert used == set(definitions["expect"]["properties"])
    for part in ("items", "text"):
        inner = {name for _, fails in HOLD_AND_FAIL for name in fails.get(part, {})}
        assert inner == set(definitions[part]["properties"]), part


def test_every_failure_is_told_not_only_the_first() -> None:
    assert len(failed({"needs": 3, "intents": ["why"], "text": {"has": ["x1", "x2"]}, "items": {"count": 0}})) == 5


def test_an_open_question_and_a_hand_off_are_seen() -> None:
    asking = replace(PLAYED, action="hand_off", state=replace(PLAYED.state, question=OpenQuestion(1, "brand", "Which?", ("Senn",), 2)))
    assert failed({"question": True, "action": "hand_off"}, asking) == []
    assert len(failed({"question": False, "action": ""}, asking)) == 2


@pytest.mark.parametrize(
    "expect",
    [
        {"items": {"beats": {"field": "weight", "by": "less", "turn": 9}}},
        {"items": {"beats": {"field": "height", "by": "less"}}},
        {"items": {"order": {"field": "height", "first": "least"}}},
        {"about": [{"turn": 1, "card": 9}]},
        {"items": {"first": {"turn": 7, "card": 1}}},
    ],
)
def test_what_can_not_be_compared_fails_rather_than_passes(expect: dict[str, Any]) -> None:
    assert failed(expect)


def test_a_turn_without_a_reply_shows_nothing() -> None:
    silent = replace(PLAYED, text="", lists=(), comparison=None, chips=(), receipt=None)
    assert failed({"items": {"count": 0}, "acts": [], "text": {"lacks": ["kettle"]}}, silent) == []
    assert failed({"items": {"at_least": 1}, "intents": ["recommend"], "about": ["a"]}, silent)


def test_live_records_are_looked_at() -> None:
    """What is held against the limits is the record that the shop gives now."""
    now: Callable[[str], Item] = lambda i: replace(ITEMS[i], price=Decimal("99.00"))  # noqa: E731
    assert check({"items": {"every": [{"field": "price", "op": "at_most", "number": 40}]}}, PLAYED, now, satisfies)
