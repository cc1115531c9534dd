"""The admitted items of a fixed order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from chatrec.catalog.row_set import Places
from chatrec.domain.candidate import Query


class FixedOrder:
    """Item ids in an order that no query changes."""

    def __init__(self, item_ids: Sequence[str]) -> None:
        self._places = Places(item_ids)

    def admitted(self, query: Query) -> Iterator[int]:
        """The places of the ids that the query admits, in order."""
        ids, exclude = self._places.ids, query.exclude
        places = range(len(ids)) if query.allowed is None else np.flatnonzero(self._places.mask(query.allowed)).tolist()
        return (place for place in places if ids[place] not in exclude)
