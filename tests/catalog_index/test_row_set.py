"""Sets as masks: the same answers as plain sets."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chatrec.catalog.row_set import Places, RowSet

IDS = tuple(f"i{n}" for n in range(12))
ROWS = {item_id: row for row, item_id in enumerate(IDS)}
chosen = st.frozensets(st.sampled_from(IDS))
others = st.lists(st.sampled_from([*IDS, "x", "y"]), unique=True)


def row_set(ids: frozenset[str]) -> RowSet:
    return RowSet(IDS, ROWS, np.array([i in ids for i in IDS]))


@given(chosen, chosen)
def test_it_is_the_set_of_its_ids(one: frozenset[str], other: frozenset[str]) -> None:
    made = row_set(one)
    assert made == one and one == made and hash(made) == hash(row_set(one))
    assert len(made) == len(one) and list(made) == [i for i in IDS if i in one] and bool(made) is bool(one)
    assert made & other == one & other and made | other == one | other and made - row_set(other) == one - other
    assert all((i in made) is (i in one) for i in (*IDS, "x", 3, None))
    assert (made <= other) is (one <= other)


@given(chosen, others, others)
def test_the_places_of_another_order(held: frozenset[str], order: list[str], then: list[str]) -> None:
    places = Places(order)
    wanted = [i in held for i in order]
    assert places.mask(held).tolist() == wanted == places.mask(row_set(held)).tolist()
    assert places.of(then).tolist() == [order.index(i) for i in then if i in order]


def test_two_catalogues_in_turn_and_the_mask_is_the_callers_own() -> None:
    places = Places(IDS[::-1])
    first = row_set(frozenset({"i1", "i2"}))
    second = RowSet(("i2", "z"), {"i2": 0, "z": 1}, np.array([True, True]))
    for held in (first, second, first):
        mask = places.mask(held)
        assert [i for i, held_here in zip(places.ids, mask, strict=True) if held_here] == [i for i in IDS[::-1] if i in held]
        mask[:] = True
    assert len(first) == 2
