"""The receipt as the page shows it: a rule, the sources and what the shopper looks at are named; nothing of a record is markup."""

from __future__ import annotations

from typing import Any

from chatrec.domain.reply import Receipt
from chatrec.service.render import receipt_html


def told(row: dict[str, Any], **more: Any) -> str:
    figures = {"matching": 12, "pool": 9, "diversity": 0.548, "entropy_before": 0.6781, "entropy_after": 0.9973, "item_entropy": 1.1}
    shown = {"position": 1, "title": "Kettle", "score": 0.9157, "sources": {}, "reason": "", "rule": "", "propensity": 1.0, **row}
    return receipt_html(Receipt("s.1", "s", 1, 3, "hello", shown=[shown], ranking={"1": {**figures, **more}}, context={"page": ("t5",)}))


def test_a_rule_and_the_sources_are_named() -> None:
    page = told({"rule": "pinned", "sources": {"collaborative": 0.5, "popularity": 0.25}, "reason": "similar to Teapot"})
    line = "score 0.92 (collaborative 0.50, popularity 0.25); similar to Teapot; pinned by a rule of the shop; shown with probability 1"
    assert line in page


def test_what_is_not_known_is_left_out() -> None:
    assert "<td>shown with probability 1</td>" in told({"score": None})
    assert "rule of the shop" not in told({})


def test_the_spread_and_the_page_are_told() -> None:
    page = told({}, replaced_at_recheck=["t7"])
    assert "12 match, 9 considered; variety 0.55, entropy 0.68 by relevance alone → 1.00 as shown; 1 left out" in page
    assert "Page looked at</th><td>t5" in page


def test_a_title_is_text() -> None:
    page = told({"title": "<b>x</b>", "rule": "<i>"})
    assert "<b>" not in page and "<i>" not in page
