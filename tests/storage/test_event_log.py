from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from chatrec.domain.event import Event, EventKind
from chatrec.storage.database import Database
from chatrec.storage.events import EventLog

SHOWN = Event("u1", "i3", EventKind.SHOWN, 50.5, 1.0, "s1", "s1-4", 2, 0.125)


@pytest.fixture
def log(tmp_path: Path) -> EventLog:
    return Database.open(tmp_path).events


def clicks(count: int, user: str = "u1") -> list[Event]:
    return [Event(user, f"i{n}", EventKind.CLICK, float(n)) for n in range(count)]


def test_events_come_back_whole_oldest_first(log: EventLog) -> None:
    late, early = Event("u1", "i1", EventKind.RATING, 99.0, 4.5), Event("u1", "i2", EventKind.VIEW, 1.0)
    assert log.append([late, SHOWN]) == 2
    assert log.append([early]) == 1
    assert log.append([]) == 0
    assert log.history("u1") == [early, SHOWN, late]
    assert log.history("u1", kinds=[EventKind.SHOWN]) == [SHOWN]
    assert log.history("u1", limit=2) == [SHOWN, late]
    assert log.history("nobody") == []
    assert log.of_session("s1") == [SHOWN]


def test_events_of_one_moment_keep_the_order_in_which_they_were_written(log: EventLog) -> None:
    same = [Event("u1", f"i{n}", EventKind.VIEW, 7.0) for n in range(20)]
    log.append(same)
    assert log.history("u1") == same
    assert log.history("u1", limit=3) == same[-3:]


def test_a_batch_with_a_known_key_is_not_added_again(log: EventLog) -> None:
    assert log.append(clicks(3), key="turn-1") == 3
    assert log.append(clicks(3), key="turn-1") == 0
    assert log.append(clicks(3), key="turn-2") == 3
    assert log.append(clicks(1)) == 1
    assert log.append(clicks(1)) == 1
    assert log.count() == 8


def test_a_failed_batch_leaves_its_key_free(log: EventLog) -> None:
    broken = [*clicks(2), Event("u1", None, EventKind.VIEW, 1.0)]  # type: ignore[arg-type]
    with pytest.raises(Exception, match="NOT NULL"):
        log.append(broken, key="turn-1")
    assert log.append(clicks(2), key="turn-1") == 2


def test_a_second_import_does_not_double_and_spares_the_chat(log: EventLog) -> None:
    log.append([SHOWN], key="k")
    assert log.replace_imported(iter(clicks(100))) == 100
    assert log.replace_imported(clicks(60), source="ratings.csv") == 60
    assert log.replace_imported(clicks(90)) == 90
    assert (log.count(), log.count(""), log.count("interactions"), log.count("ratings.csv")) == (151, 1, 90, 60)
    assert log.replace_imported([]) == 0
    assert log.count() == 61
    with pytest.raises(ValueError, match="source"):
        log.replace_imported([], source="")


def test_a_failed_import_leaves_the_old_one(log: EventLog) -> None:
    log.replace_imported(clicks(5))
    with pytest.raises(Exception, match="NOT NULL"):
        log.replace_imported([*clicks(30_000), Event("u", None, EventKind.VIEW, 1.0)])  # type: ignore[arg-type]
    assert log.count() == 5


def test_arrays_hold_the_log_in_order(log: EventLog) -> None:
    log.replace_imported(
        [Event("b", "y", EventKind.VIEW, 5.0), Event("a", "x", EventKind.RATING, 1.5, 4.0), Event("b", "x", EventKind.CART, 9.0)]
    )
    arrays = log.arrays()
    assert len(arrays) == 3
    assert (arrays.user_ids, arrays.item_ids) == (("b", "a"), ("y", "x"))
    assert arrays.user.tolist() == [0, 1, 0]
    assert arrays.item.tolist() == [0, 1, 1]
    assert [arrays.kinds[k] for k in arrays.kind] == [EventKind.VIEW, EventKind.RATING, EventKind.CART]
    assert arrays.value.tolist() == [1.0, 4.0, 1.0]
    assert arrays.timestamp.tolist() == [5.0, 1.5, 9.0]
    assert [str(a.dtype) for a in (arrays.user, arrays.kind, arrays.value, arrays.timestamp)] == ["int32", "int8", "float32", "float64"]
    assert log.arrays(kinds=[EventKind.CART, EventKind.VIEW]).timestamp.tolist() == [5.0, 9.0]
    assert log.arrays(since=5.0).item_ids == ("y", "x")


def test_an_empty_log_has_empty_arrays(log: EventLog) -> None:
    arrays = log.arrays()
    assert (len(arrays), arrays.user_ids, str(arrays.timestamp.dtype)) == (0, (), "float64")


def test_counts_by_item(log: EventLog) -> None:
    log.append([*clicks(3), *clicks(2, "u2"), SHOWN])
    assert log.counts_by_item() == {"i0": 2, "i1": 2, "i2": 1, "i3": 1}
    assert log.counts_by_item([EventKind.SHOWN]) == {"i3": 1}
    assert log.counts_by_item(since=2.0) == {"i2": 1, "i3": 1}


def test_a_real_log_of_100_000_ratings(log: EventLog) -> None:
    data = os.environ.get("CHATREC_DATA")
    path = Path(data or "absent") / "movielens" / "ml-100k" / "u.data"
    if not path.is_file():
        pytest.skip("CHATREC_DATA names no folder with movielens/ml-100k/u.data")
    rows = [line.split("\t") for line in path.read_text().splitlines()]
    start = time.perf_counter()
    log.replace_imported(Event(u, i, EventKind.RATING, float(t), float(v)) for u, i, v, t in rows)
    written = time.perf_counter()
    arrays = log.arrays()
    read = time.perf_counter()
    assert [arrays.user_ids[u] for u in arrays.user] == [row[0] for row in rows]
    assert [arrays.item_ids[i] for i in arrays.item] == [row[1] for row in rows]
    assert arrays.value.tolist() == [float(row[2]) for row in rows]
    assert (len(arrays.user_ids), len(arrays.item_ids)) == (943, 1682)
    assert written - start < 30
    assert read - written < 5
