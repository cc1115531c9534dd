"""The order desk shows a shopper their own orders and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatrec.actions import OrderBook
from chatrec.domain.item import Order
from chatrec.protocols import OrderDesk
from chatrec.storage.database import Database

ORDERS = (
    Order("FF-1001", "ann", "tent-01", "delivered", "2026-09-01", "2026-09-05"),
    Order("FF-1002", "ann", "boot-02", "shipped", "2026-10-11", "2026-10-15"),
    Order("FF-1002", "ann", "sock-03", "shipped", "2026-10-11", "2026-10-15"),
    Order("FF-2001", "bob", "bag-03", "processing", "2026-10-20", ""),
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OrderBook]:
    with Database.open(tmp_path) as database:
        database.orders.replace_all(ORDERS)
        yield OrderBook(database)


def test_own_orders_newest_first(desk: OrderDesk) -> None:
    assert [(o.order_id, o.item_id) for o in desk.orders("ann")] == [("FF-1002", "boot-02"), ("FF-1002", "sock-03"), ("FF-1001", "tent-01")]


def test_named_orders_however_typed(desk: OrderDesk) -> None:
    assert {o.item_id for o in desk.orders("ann", ["ff1002"])} == {"boot-02", "sock-03"}
    assert [o.order_id for o in desk.orders("ann", ["FF-1001", "FF-9999"])] == ["FF-1001"]


@pytest.mark.parametrize("order_ids", [["FF-2001"], ["ff-2001", "FF 2001"], ["' OR 1=1 --"]])
def test_orders_of_others_are_never_given(desk: OrderDesk, order_ids: list[str]) -> None:
    assert desk.orders("ann", order_ids) == []


@pytest.mark.parametrize("user_id", ["", "nobody", "ann'--", "%"])
def test_unknown_and_anonymous_see_nothing(desk: OrderDesk, user_id: str) -> None:
    assert desk.orders(user_id) == []
    assert desk.orders(user_id, ["FF-1001"]) == []
