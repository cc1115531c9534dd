"""Whether an order can still be sent back: told from its dates and the shop's own rule. Never a promise of money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from chatrec.domain.item import Item, Order

RETURNED = frozenset({"returned", "refunded", "return received"})
ENDED = frozenset({"cancelled", "canceled"})
ARRIVED = frozenset({"delivered", "completed", "collected", "picked up"})


@dataclass(frozen=True, slots=True)
class ReturnRules:
    """The shop's rule: ``days`` after delivery (0: the shop has not told the bot), and ``excluded`` categories that do not come back."""

    days: int = 0
    excluded: tuple[str, ...] = ()


class Verdict(StrEnum):
    """What the records say about sending an order back."""

    OPEN = "open"
    OVER = "over"
    NOT_YET = "not_yet"  # it has not arrived
    EXCLUDED = "excluded"
    DONE = "done"  # it came back already
    CANCELLED = "cancelled"
    UNDATED = "undated"  # no date on record, or no rule


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The verdict for one order line. ``since`` is the day that the window is counted from, ``until`` its last day; ``by_order`` says
    that ``since`` is the day of the order, since the day of delivery is not on record: the window then ends no earlier."""

    verdict: Verdict
    since: date | None = None
    until: date | None = None
    by_order: bool = False


def eligibility(order: Order, item: Item | None, rules: ReturnRules, today: date) -> Eligibility:
    """What the records say of one order line on this day. ``item`` is ``None`` where the catalogue holds it no more."""
    status = order.status.strip().casefold()
    if status in RETURNED:
        return Eligibility(Verdict.DONE)
    if status in ENDED:
        return Eligibility(Verdict.CANCELLED)
    if item is not None and _is_excluded(item, rules):
        return Eligibility(Verdict.EXCLUDED)
    if status not in ARRIVED:
        return Eligibility(Verdict.NOT_YET)
    delivered, placed = _day(order.eta), _day(order.placed_at)
    since = delivered or placed
    if since is None or rules.days <= 0:
        return Eligibility(Verdict.UNDATED, since, by_order=delivered is None)
    until = since + timedelta(days=rules.days)
    return Eligibility(Verdict.OPEN if today <= until else Verdict.OVER, since, until, delivered is None)


def _is_excluded(item: Item, rules: ReturnRules) -> bool:
    names = {name.casefold() for name in (item.category, *item.category_path)}
    return any(category.strip().casefold() in names for category in rules.excluded)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
