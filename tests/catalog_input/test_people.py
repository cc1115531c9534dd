from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chatrec.catalog.mapping import TableMapping
from chatrec.catalog.people import order_rows, policy_texts, review_rows, user_rows
from chatrec.catalog.readers import read_table
from chatrec.domain.item import Order, Review
from chatrec.errors import MissingColumn, UnreadableFile


def test_users(write: Any) -> None:
    rows = user_rows(read_table(write("users.csv", "user_id,age,region\nu1,30,north\nu2,,\nu1,30,north\nu1,31,south\n,5,x\n")))
    assert dict(rows.records) == {"u1": {"age": "30", "region": "north"}, "u2": {}}
    assert rows.merged == 1
    assert [r.line for r in rows.rejects.kept] == [5, 6]
    assert rows.read == len(rows.records) + rows.merged + rows.rejects.lost("row")


def test_reviews(write: Any) -> None:
    text = "item_id,user_id,rating,text,timestamp\na,u1,5,Great <b>kettle</b>,100\na,u2,17,Fine,never\nz,u3,4,Who knows,1\na,u4,3,,1\n"
    rows = review_rows(read_table(write("reviews.csv", text)), TableMapping(), {"a": "a"})
    assert rows.records == [Review("a", "u1", "Great kettle", 5.0, 100.0), Review("a", "u2", "Fine", None, None)]
    assert rows.unknown == 1
    assert [(r.line, r.column, r.lost) for r in rows.rejects.kept] == [
        (3, "rating", "field"),
        (3, "timestamp", "field"),
        (5, "text", "row"),
    ]


def test_orders(write: Any) -> None:
    text = "order_id,user_id,item_id,status,placed_at,eta\nO1,u1,a,shipped,2024-05-01,2024-05-04\nO2,,a,shipped,,\nO3,u1,gone,delivered,,\nO4,u1,a,,,\n"
    rows = order_rows(read_table(write("orders.csv", text)), TableMapping(), {"a": "a"})
    assert rows.records == [Order("O1", "u1", "a", "shipped", "2024-05-01", "2024-05-04"), Order("O3", "u1", "gone", "delivered")]
    assert rows.unknown == 1
    assert [r.line for r in rows.rejects.kept] == [3, 5]


def test_missing_order_columns(write: Any) -> None:
    with pytest.raises(MissingColumn, match="'status'"):
        order_rows(read_table(write("orders.csv", "order_id,user_id\n1,2\n")))


def test_policies(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    with pytest.raises(UnreadableFile, match="do not exist"):
        policy_texts(folder)
    folder.mkdir()
    with pytest.raises(UnreadableFile, match="no Markdown"):
        policy_texts(folder)
    (folder / "returns.md").write_text("# Returns\r\n## How long\r\n30 days.\n", encoding="utf-8")
    (folder / "odd.md").write_bytes("# Caf\xe9\n".encode("latin-1"))
    (folder / "empty.md").write_text(" \n", encoding="utf-8")
    (folder / "notes.txt").write_text("not a policy", encoding="utf-8")
    texts, notes = policy_texts(folder)
    assert set(texts) == {"returns", "odd"}
    assert texts["odd"] == "# Café\n"
    assert any("empty.md" in n for n in notes)
