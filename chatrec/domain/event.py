"""The event log: what was shown, and what shoppers did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    """What happened between a shopper and an item."""

    SHOWN = "shown"
    VIEW = "view"
    CLICK = "click"
    LIKE = "like"
    DISLIKE = "dislike"
    CART = "cart"
    PURCHASE = "purchase"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log. ``timestamp`` is unix seconds (UTC).

    ``user_id`` is the shopper as the shop knows them; an unverified visitor is logged as ``anon:<session>``. ``position`` (from 1)
    and ``propensity`` (the probability, in (0, 1], with which the policy showed the item at all) are set for SHOWN, so that the
    log can later be weighted.
    """

    user_id: str
    item_id: str
    kind: EventKind
    timestamp: float
    value: float = 1.0
    session_id: str = ""
    turn_id: str = ""
    position: int | None = None
    propensity: float | None = None
