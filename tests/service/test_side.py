"""Beside the conversation: what comes from records and shoppers is shown as text."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from chatrec.domain.need import Constraint, Op, Strength
from chatrec.domain.profile import Profile
from chatrec.domain.tool import CartLine
from chatrec.service.side import cart_html, side_html

HOSTILE = '<img src=x onerror="alert(1)">'


def shop(title: str) -> Any:
    return cast(Any, SimpleNamespace(about=lambda: {"currency": "USD"}, live_item=lambda item_id: SimpleNamespace(title=title)))


def test_nothing_of_a_record_or_a_profile_becomes_markup() -> None:
    line = CartLine(HOSTILE, HOSTILE, 2, HOSTILE, (("size", HOSTILE),), Decimal("3.50"), "USD", 1)
    wish = Constraint("brand", Op.IS, (HOSTILE,), strength=Strength.AVOID)
    html = side_html([line], Profile("ann", liked=(HOSTILE,), wishes=(wish,)), shop(HOSTILE))
    assert "<img" not in html and 'onerror="' not in html
    assert "2 × $3.50" in html and "$7.00" in html and "only 1 left" in html


def test_a_visitor_sees_no_profile_and_no_sum_is_made_of_unlike_things() -> None:
    assert "Remembered" not in side_html([], None, shop("")) and "Nothing in it yet" in side_html([], None, shop(""))
    dear = CartLine("a", "", 1, "A", price=Decimal("3.00"), currency="USD")
    assert "Together" in cart_html([dear])
    assert "Together" not in cart_html([dear, CartLine("b", "", 1, "B", price=Decimal("3.00"), currency="EUR")])
    assert "Together" not in cart_html([dear, CartLine("b", "", 1, "B")]) and "no price listed" in cart_html([CartLine("b", "", 1, "B")])
