from __future__ import annotations

from typing import Any

import pytest

from chatrec.catalog.interactions import EventRows, event_rows
from chatrec.catalog.mapping import TableMapping
from chatrec.catalog.readers import read_table
from chatrec.domain.event import EventKind
from chatrec.errors import MissingColumn, RejectedRows


@pytest.fixture
def events_of(write: Any) -> Any:
    def read(
        content: Any, name: str = "interactions.csv", known: dict[str, str] | None = None, strict: bool = False, **mapping: Any
    ) -> EventRows:
        chosen = TableMapping(**mapping)
        return event_rows(read_table(write(name, content), chosen.layout, strict=strict, sequences=True), chosen, known)

    return read


def short(rows: EventRows) -> list[tuple[str, str, str, float, float]]:
    return [(e.user_id, e.item_id, e.kind.value, e.value, e.timestamp) for e in rows.events]


def test_events(events_of: Any) -> None:
    text = "user_id,item_id,event,value,timestamp\nu1,a,view,,30\nu1,b,add_to_cart,2,20\nu2,a,Purchase,1,10\n"
    assert short(events_of(text)) == [("u2", "a", "purchase", 1.0, 10.0), ("u1", "b", "cart", 2.0, 20.0), ("u1", "a", "view", 1.0, 30.0)]


def test_ratings(events_of: Any) -> None:
    rows = events_of("userId,movieId,rating,timestamp\n1,2,4.5,964982703\n1,3,9,964982704\n")
    assert short(rows) == [("1", "2", "rating", 4.5, 964982703.0)]
    assert [(r.line, r.column) for r in rows.rejects.kept] == [(3, "rating")]
    assert short(events_of("userId,movieId,rating,timestamp\n1,3,9,5\n", rating_scale=10))[0][3] == 4.5


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("s.txt", "u1 a b\nu2 c\n"),
        ("s.json", '{"u1": ["a", "b"], "u2": ["c"]}'),
        ("s.inter", "user_id:token\titem_id_list:token_seq\titem_id:token\nu1\ta\tb\nu2\t\tc\n"),
    ],
)
def test_sequences_keep_their_order(events_of: Any, name: str, content: str) -> None:
    rows = events_of(content, name)
    assert sorted(short(rows)) == [("u1", "a", "click", 1.0, 1.0), ("u1", "b", "click", 1.0, 2.0), ("u2", "c", "click", 1.0, 1.0)]
    assert any("order" in n for n in rows.notes)


def test_the_mapping_says_what_a_sequence_means(events_of: Any) -> None:
    assert events_of("u1 a\n", "s.txt", constants={"event": "purchase"}).events[0].kind is EventKind.PURCHASE


def test_unknown_items_are_counted_and_variants_count_for_their_item(events_of: Any) -> None:
    rows = events_of(
        "user_id,item_id,event,timestamp\nu,a,view,1\nu,a-red,view,2\nu,zz,view,3\nu,zz,view,4\n",
        known={"a": "a", "a-red": "a"},
        strict=True,
    )
    assert [e.item_id for e in rows.events] == ["a", "a"]
    assert rows.unknown == {"zz": 2}
    assert any("'zz' (2)" in n for n in rows.notes)


def test_cancellations_take_back_the_latest_purchases(events_of: Any) -> None:
    text = (
        "InvoiceNo,StockCode,Quantity,InvoiceDate,CustomerID\n1,a,5,2020-01-01,17.0\n2,a,2,2020-01-02,17.0\nC3,a,-3,2020-01-03,17.0\n"
        "C4,b,-1,2020-01-03,17.0\n5,b,4,2020-01-04,17.0\n"
    )
    rows = events_of(text)
    assert [(e.user_id, e.item_id, e.value, e.session_id) for e in rows.events] == [("17", "a", 4.0, "1"), ("17", "b", 4.0, "5")]
    assert (rows.cancellations, rows.cancelled, rows.withdrawn, rows.loose_cancellations) == (2, 3, 1, 1)
    assert rows.read == len(rows.events) + rows.cancellations + rows.withdrawn


def test_bad_rows(events_of: Any) -> None:
    text = "user_id,item_id,event,timestamp\n,a,view,1\nu,,view,1\nu,a,teleport,1\nu,a,view,someday\nu,a,view,-3\nu,a,view,5\nu,a,view,5\n"
    rows = events_of(text)
    assert len(rows.events) == 1
    assert rows.merged == 1
    assert [(r.line, r.column) for r in rows.rejects.kept] == [
        (2, "user_id"),
        (3, "item_id"),
        (4, "event"),
        (5, "timestamp"),
        (6, "timestamp"),
    ]
    with pytest.raises(RejectedRows, match="line 2"):
        events_of(text, strict=True)


def test_words_for_events_can_be_translated(events_of: Any) -> None:
    rows = events_of("user_id,item_id,event,timestamp\nu,a,Warenkorb,1\n", values={"event": {"Warenkorb": "cart"}})
    assert rows.events[0].kind is EventKind.CART


def test_without_times_the_file_gives_the_order(events_of: Any) -> None:
    rows = events_of("user_id,item_id\nu,b\nu,a\n")
    assert [e.item_id for e in rows.events] == ["b", "a"]


def test_missing_columns(events_of: Any) -> None:
    with pytest.raises(MissingColumn, match="'user_id'"):
        events_of("who_was_it,item_id\nu,a\n")
