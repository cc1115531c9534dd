"""Sets of item ids as masks over the rows of a catalogue: a filter that leaves 90,000 items costs no set of 90,000 strings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


class RowSet(Set[str]):
    """The ids of the rows for which ``mask`` is true. An immutable set like any other, equal to a frozenset of the same ids.

    ``ids`` are the catalogue's, in row order, ``rows`` their rows, ``mask`` has shape ``(len(ids),)`` and is not to be written to.
    """

    __slots__ = ("_size", "ids", "mask", "rows")

    def __init__(self, ids: tuple[str, ...], rows: Mapping[str, int], mask: Mask) -> None:
        self.ids, self.rows, self.mask = ids, rows, mask
        self.mask.setflags(write=False)
        self._size = int(np.count_nonzero(mask))

    @classmethod
    def _from_iterable(cls, it: Iterable[str]) -> frozenset[str]:  # type: ignore[override]
        """What ``&``, ``|`` and ``-`` give."""
        return frozenset(it)

    def __len__(self) -> int:
        return self._size

    def __contains__(self, item_id: object) -> bool:
        row = self.rows.get(item_id)  # type: ignore[call-overload]
        return row is not None and bool(self.mask[row])

    def __iter__(self) -> Iterator[str]:
        return (self.ids[row] for row in np.flatnonzero(self.mask).tolist())

    def __hash__(self) -> int:
        return self._hash()

    def __repr__(self) -> str:
        return f"RowSet({len(self)} of {len(self.ids)} ids)"


class Places:
    """Item ids in an order of their own (a source's, an index's), and which of them a set of ids holds."""

    def __init__(self, ids: Sequence[str]) -> None:
        self.ids = tuple(ids)
        self._places = {item_id: place for place, item_id in enumerate(self.ids)}
        # the catalogue met last, and where its rows hold these ids (``None``: in the same order)
        self._met: tuple[tuple[str, ...], NDArray[np.int64] | None] = (self.ids, None)

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._places

    def of(self, item_ids: Iterable[str]) -> NDArray[np.int64]:
        """The places of these ids; unknown ones are left out."""
        places = self._places
        return np.fromiter((places[i] for i in item_ids if i in places), dtype=np.int64)

    def mask(self, held: Set[str] | Iterable[str]) -> Mask:
        """Which places hold one of these ids, shape ``(n,)``; the caller owns the array."""
        if isinstance(held, RowSet):
            rows = self._rows_in(held)
            return held.mask.copy() if rows is None else np.append(held.mask, False)[rows]
        mask = np.zeros(len(self.ids), dtype=np.bool_)
        mask[self.of(held)] = True
        return mask

    def _rows_in(self, held: RowSet) -> NDArray[np.int64] | None:
        """For every place the row of its id in the catalogue of a set, the row after the last for none."""
        catalogue, rows = self._met
        if catalogue is held.ids:
            return rows
        if held.ids == self.ids:
            rows = None
        else:
            beyond = len(held.ids)
            rows = np.fromiter((held.rows.get(i, beyond) for i in self.ids), dtype=np.int64, count=len(self.ids))
        self._met = (held.ids, rows)
        return rows
