"""Whether an order can be sent back follows from its dates and the shop's rule."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatrec.domain.item import Item, Order
from chatrec.domain.returns import ReturnRules, Verdict, eligibility

RULES = ReturnRules(30, ("Fuel",))
TODAY = date(2026, 6, 1)
STOVE = Item("i1", "Stove", category="stoves", category_path=("camping", "stoves"))
GAS = Item("i2", "Gas", category="canisters", category_path=("fuel", "canisters"))


def order(status: str = "delivered", placed: str = "2026-05-01", eta: str = "") -> Order:
    return Order("o1", "ann", "i1", status, placed, eta)


@pytest.mark.parametrize(
    ("status", "placed", "eta", "item", "verdict"),
    [
        ("delivered", "2026-05-02", "", STOVE, Verdict.OPEN),  # the last day
        ("delivered", "2026-05-01", "", STOVE, Verdict.OVER),
        ("Delivered", "2026-04-20", "2026-05-10", STOVE, Verdict.OPEN),  # counted from delivery where that is on record
        ("shipped", "2026-01-01", "2026-06-03", STOVE, Verdict.NOT_YET),
        ("returned", "2026-05-20", "", STOVE, Verdict.DONE),
        ("cancelled", "2026-05-20", "", STOVE, Verdict.CANCELLED),
        ("delivered", "2026-05-20", "", GAS, Verdict.EXCLUDED),
        ("delivered", "some day", "", STOVE, Verdict.UNDATED),
        ("delivered", "2026-05-20", "", None, Verdict.OPEN),  # no longer sold
    ],
)
def test_the_verdict(status: str, placed: str, eta: str, item: Item | None, verdict: Verdict) -> None:
    assert eligibility(order(status, placed, eta), item, RULES, TODAY).verdict is verdict


def test_without_a_rule_no_window_is_claimed() -> None:
    found = eligibility(order(placed="2026-05-20"), STOVE, ReturnRules(), TODAY)
    assert (found.verdict, found.until) == (Verdict.UNDATED, None)


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(1, 400), st.integers(0, 800))
def test_the_window_is_open_to_its_last_day_and_not_a_day_longer(placed: date, days: int, later: int) -> None:
    found = eligibility(order(placed=placed.isoformat()), STOVE, ReturnRules(days), placed + timedelta(days=later))
    assert (found.verdict is Verdict.OPEN) == (later <= days)
    assert found.until == placed + timedelta(days=days)
