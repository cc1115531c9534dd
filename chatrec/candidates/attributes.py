"""What a shop says of its shoppers, and what the calendar says of a moment, as a few values that many share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
# An attribute with more values than this is a name or an address: its commonest values are looked at.
MOST_VALUES = 50
# Numbers with more values than this are cut into bands, each with the same number of shoppers.
MOST_NUMBERS, N_BANDS = 12, 6
_DAY_S = 86_400.0
# 1980: a log whose moments lie before holds places in an order, not times.
_EARLIEST_S = 315_532_800.0


@dataclass(frozen=True, slots=True)
class Bands:
    """``edges`` of the attributes that are numbers, rising: band n holds what is at least edge n - 1 and below edge n."""

    edges: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def value(self, name: str, text: str) -> str:
        """The value that counts: the text without case and outer blanks, or the number of the band; "" for no number where one is due."""
        if name not in self.edges:
            return text.strip().casefold()
        number = _number(text)
        return "" if number is None else str(int(np.searchsorted(self.edges[name], number, side="right")))

    def values(self, attributes: Mapping[str, str]) -> list[tuple[str, str]]:
        """(attribute, value) pairs of one shopper, by name, without the empty ones."""
        pairs = [(name, self.value(name, text)) for name, text in sorted(attributes.items())]
        return [pair for pair in pairs if pair[1]]


def columns_of(
    user_ids: Sequence[str], attributes: Mapping[str, Mapping[str, str]], least: int
) -> tuple[Bands, dict[str, tuple[tuple[str, ...], Codes]]]:
    """The bands, and by attribute its values (each of at least ``least`` of these shoppers, commonest first) and the code of every
    shopper's, -1 where none is told. Attributes with fewer than two such values are left out: they tell nobody apart."""
    told = [attributes.get(user_id, {}) for user_id in user_ids]
    names = sorted({name for row in told for name in row})
    bands = Bands({name: edges for name in names if (edges := _edges([row[name] for row in told if name in row]))})
    columns = {}
    for name in names:
        texts = [bands.value(name, row.get(name, "")) for row in told]
        common = [value for value, count in Counter(filter(None, texts)).most_common(MOST_VALUES) if count >= least]
        places = {value: n for n, value in enumerate(common)}
        if len(common) > 1:
            columns[name] = tuple(common), np.array([places.get(text, -1) for text in texts], np.int64)
    return bands, columns


def calendar_value(name: str, moments: NDArray[np.float64]) -> tuple[Codes, Codes]:
    """``calendar:month`` (1 to 12), ``calendar:weekday`` (0 is Monday) or ``calendar:hour`` (0 to 23) of moments in unix seconds, and the
    number of the year, week or day: what returns must show in another one. Empty of sense, and of one period, for moments that are no
    times."""
    usable = moments if len(moments) and moments.min() >= _EARLIEST_S else np.zeros(len(moments))
    days = np.floor(usable / _DAY_S).astype(np.int64)
    if name == "calendar:hour":
        return (np.floor(usable / 3_600.0).astype(np.int64)) % 24, days
    if name == "calendar:weekday":
        return (days + 3) % 7, (days + 3) // 7  # 1 January 1970 was a Thursday
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months % 12 + 1, months // 12


def _edges(texts: Sequence[str]) -> tuple[float, ...]:
    """The edges of the bands of an attribute whose values are many numbers; none for any other."""
    numbers = [_number(text) for text in texts]
    found = np.array([n for n in numbers if n is not None])
    if len(found) < len(numbers) or len(np.unique(found)) <= MOST_NUMBERS:
        return ()
    return tuple(float(edge) for edge in np.unique(np.quantile(found, np.linspace(0.0, 1.0, N_BANDS + 1)[1:-1], method="lower")))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None
