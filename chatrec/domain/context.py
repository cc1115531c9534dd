"""Where a shopper is at this moment: what a shop's page knows without anyone having said it."""

from __future__ import annotations

import math
from dataclasses import dataclass

MOST_ITEMS = 50


@dataclass(frozen=True, slots=True)
class Context:
    """The page that the shopper is on, and when.

    ``page`` are the ids of the items that the page is about (usually one, or none), ``cart`` those that lie in the cart, oldest first; of
    either the ``MOST_ITEMS`` last count, each once. ``moment`` is unix seconds as the clock in the shop shows them, ``None`` where the time
    is not to count. Ids that the catalogue does not hold are fine: they say nothing.
    """

    page: tuple[str, ...] = ()
    cart: tuple[str, ...] = ()
    moment: float | None = None

    def __post_init__(self) -> None:
        for name in ("page", "cart"):
            once = dict.fromkeys(reversed([i for i in getattr(self, name) if isinstance(i, str) and i]))
            object.__setattr__(self, name, tuple(reversed(list(once)[:MOST_ITEMS])))
        if self.moment is not None and not math.isfinite(self.moment):
            object.__setattr__(self, "moment", None)


NOWHERE = Context()
