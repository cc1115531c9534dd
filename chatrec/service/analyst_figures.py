"""Rows into what an analyst wants to know: who bought of what was shown, what the shop could not serve, how fast and varied it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import quantiles
from typing import Any

from chatrec.domain.event import EventKind
from chatrec.storage.analysis import Happening

CHAT = "chat"
MOST_UNMET = 30
MOST_POSITION = 10
_STEPS = {EventKind.CLICK: "clicked", EventKind.LIKE: "liked", EventKind.CART: "carted", EventKind.PURCHASE: "bought"}


@dataclass(slots=True)
class Step:
    """How often something was shown, and what came of it. One shopper in one session counts once an item."""

    shown: int = 0
    clicked: int = 0
    liked: int = 0
    carted: int = 0
    bought: int = 0

    def share(self, name: str) -> str:
        """What share of the items shown came so far, in words for a table."""
        count: int = getattr(self, name)
        return f"{100 * count / self.shown:.1f}%" if self.shown and count else "–"


@dataclass(slots=True)
class Funnel:
    """The way from shown to bought: in all, by placement (the chat is one), and by position in a list."""

    whole: Step = field(default_factory=Step)
    by_placement: dict[str, Step] = field(default_factory=dict)
    by_position: dict[int, Step] = field(default_factory=dict)


def funnel(happenings: Iterable[Happening]) -> Funnel:
    """What came of the items shown. An act counts for the list that showed the item last in the same session before it."""
    found = Funnel()
    last: dict[tuple[str, str], tuple[str, int]] = {}
    counted: set[tuple[str, str, str]] = set()
    for one in happenings:
        key = (one.session_id, one.item_id)
        if one.kind is EventKind.SHOWN:
            last[key] = (placement_of(one.turn_id), one.position or 0)
            _count(found, "shown", *last[key])
        elif (name := _STEPS.get(one.kind)) and key in last and (*key, name) not in counted:
            counted.add((*key, name))
            _count(found, name, *last[key])
    found.by_placement = dict(sorted(found.by_placement.items(), key=lambda pair: -pair[1].shown))
    found.by_position = dict(sorted(found.by_position.items()))
    return found


def _count(found: Funnel, name: str, placement: str, position: int) -> None:
    steps = [found.whole, found.by_placement.setdefault(placement, Step())]
    if 1 <= position <= MOST_POSITION:
        steps.append(found.by_position.setdefault(position, Step()))
    for step in steps:
        setattr(step, name, getattr(step, name) + 1)


def placement_of(turn_id: str) -> str:
    """What showed an item: the chat, or a placement of the shop's pages (their turn ids read ``home.9f0c1d``)."""
    name, _, rest = turn_id.partition(".")
    return name if rest and "." not in rest else CHAT


@dataclass(frozen=True, slots=True)
class Unmet:
    """Something asked for that the shop could not serve: ``what`` as it was said or understood, ``why`` in a few words."""

    what: str
    why: str
    count: int
    example: str


def unmet(receipts: Iterable[tuple[float, Mapping[str, Any]]], most: int = MOST_UNMET) -> list[Unmet]:
    """What shoppers asked for in vain, most frequent first: words that the catalogue does not know, wishes that nothing matched, and
    questions that no policy answers. ``example`` is the session of the newest case."""
    counts: Counter[tuple[str, str]] = Counter()
    newest: dict[tuple[str, str], str] = {}
    for _, receipt in receipts:
        for case in dict.fromkeys(_unmet_in(receipt)):
            counts[case] += 1
            newest[case] = str(receipt["session_id"])
    return [Unmet(what, why, count, newest[what, why]) for (what, why), count in counts.most_common(most)]


def _unmet_in(receipt: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for unknown in receipt.get("reading", {}).get("unknown", ()):
        yield str(unknown["word"]).lower(), "not in the catalogue"
    for need_id, ranking in receipt.get("ranking", {}).items():
        if ranking.get("matching") == 0:
            yield _wishes(receipt, need_id), "nothing matches"
    for evidence in receipt.get("evidence", ()):
        if evidence["act"] == "shop_answer" and not evidence["passages"]:
            question = next((a.get("question", "") for a in receipt.get("acts", ()) if a["kind"] == "shop_answer"), "")
            yield str(question).lower(), "no policy says"


def _wishes(receipt: Mapping[str, Any], need_id: str) -> str:
    """The hard wishes of a need, in short: "tents · price at_most 40"."""
    need: Mapping[str, Any] = next((n for n in receipt.get("ledger", ()) if str(n["need_id"]) == str(need_id)), {})
    said = [
        f"{'not ' if c['op'] == 'is_not' else ''}{', '.join(c['values'])}"
        if c["values"]
        else f"{c['field']} {str(c['op']).replace('_', ' ')} {c['number']:g}{' ' + c['unit'] if c['unit'] else ''}"
        for c in need.get("constraints", ())
        if c["strength"] != "prefer" and (c["values"] or c["number"] is not None)
    ]
    return " · ".join(said) or str(need.get("query") or "?")


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day (UTC): times in seconds at the median and the 95th percentile, and how varied its lists were, in [0, 1]."""

    day: str
    turns: int
    first_sentence_s: tuple[float, float]
    total_s: tuple[float, float]
    entropy: float | None
    degraded: int
    dropped: int


def by_day(receipts: Iterable[tuple[float, Mapping[str, Any]]]) -> list[DayFigures]:
    """The days of the receipts, oldest first."""
    days: dict[str, list[Mapping[str, Any]]] = {}
    for at, receipt in receipts:
        days.setdefault(datetime.fromtimestamp(at, UTC).date().isoformat(), []).append(receipt)
    return [_day(day, found) for day, found in sorted(days.items())]


def _day(day: str, receipts: Sequence[Mapping[str, Any]]) -> DayFigures:
    entropies = [r["entropy_after"] for receipt in receipts for r in receipt.get("ranking", {}).values() if r.get("matching", 0) > 1]
    return DayFigures(
        day,
        len(receipts),
        percentiles([r["timings_ms"]["first_sentence"] / 1000 for r in receipts if "first_sentence" in r["timings_ms"]]),
        percentiles([r["timings_ms"]["total"] / 1000 for r in receipts if "total" in r["timings_ms"]]),
        sum(entropies) / len(entropies) if entropies else None,
        sum(bool(r.get("degraded")) for r in receipts),
        sum(len(r.get("dropped", ())) for r in receipts),
    )


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile; zeros where there is nothing."""
    if len(seconds) < 2:
        return (seconds[0], seconds[0]) if seconds else (0.0, 0.0)
    cuts = quantiles(seconds, n=20, method="inclusive")
    return cuts[9], cuts[18]


def exposure(happenings: Iterable[Happening], items: int) -> tuple[float, float]:
    """(share of the catalogue's items that were shown at all, share of all showings that the ten most shown items had)."""
    counts = Counter(one.item_id for one in happenings if one.kind is EventKind.SHOWN)
    whole = sum(counts.values())
    top = sum(count for _, count in counts.most_common(10))
    return (len(counts) / items if items else 0.0, top / whole if whole else 0.0)
