"""The mood monitor: how a shopper feels over a dialogue, and whether a shop's shoppers suddenly feel worse than they use to.

The watch is an exponentially weighted moving average chart of the share of negative turns (Roberts, "Control chart tests based on
geometric moving averages", Technometrics 1, 1959) with a binomial limit in place of the normal one, for negative turns are rare: with
weight ``W`` the average carries as much as ``(2 - W) / W`` turns, and it alarms where a binomial of that size at the usual share would
reach it with a chance below ``ALARM``. One unhappy shopper is no surge: the negative turns must come from several dialogues.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chatrec.domain.mood import MoodAlert, MoodPoint
from chatrec.domain.reply import Effect

log = logging.getLogger(__name__)

# A turn counts half after one more turn: what was said long ago is over.
WEIGHT_OF_NEW = 0.5
NEGATIVE = -0.3
"""A turn of this mood or below is a negative one (one clear word of displeasure gives -0.5)."""
W = 0.05
TURNS_CARRIED = round((2.0 - W) / W)
ALARM = 0.001
LEAST_SESSIONS = 3
# The usual share before there is a history: five negative turns in a hundred, counted as so many turns.
USUAL, USUAL_TURNS = 0.05, 100.0
DAY_S = 86_400.0
LOOK_EVERY_S, ALERT_EVERY_S = 60.0, 3600.0
RECENT_S = DAY_S
"""The turns of the last day are judged against those before."""
HISTORY_DAYS = 28.0


def rolling(before: float, mood: float) -> float:
    """The mood of a dialogue after one more turn, in [-1, 1]."""
    return (1.0 - WEIGHT_OF_NEW) * before + WEIGHT_OF_NEW * mood


def watch(points: Sequence[MoodPoint], now: float) -> MoodAlert | None:
    """The alert that stands at ``now`` (unix seconds), or ``None``. ``points`` are oldest first; those of the last day are recent."""
    past = [p for p in points if p.at < now - RECENT_S]
    recent = [p for p in points if now - RECENT_S <= p.at <= now]
    baseline = usual_share(past)
    rate = baseline
    for point in recent:
        rate += W * ((point.mood <= NEGATIVE) - rate)
    counted = [p for p in recent[-TURNS_CARRIED:] if p.mood <= NEGATIVE]
    chance = tail(TURNS_CARRIED, math.floor(rate * TURNS_CARRIED + 1e-9), baseline)
    sessions = len({p.session_id for p in counted})
    if chance >= ALARM or sessions < LEAST_SESSIONS:
        return None
    return MoodAlert(now, round(rate, 4), round(baseline, 4), chance, len(counted), sessions)


class ShopMood:
    """Watches over the whole shop while it is open: after a negative turn it looks whether such turns surge, at most once a minute, and
    gives one alert an hour. Safe to share between threads: the worst is one look too many.

    ``moods`` gives the mood of each turn since a moment (unix seconds), oldest first.
    """

    def __init__(self, moods: Callable[[float], Sequence[MoodPoint]], clock: Callable[[], float] = time.time) -> None:
        self._moods, self._clock = moods, clock
        self._looked, self._alerted = -math.inf, -math.inf

    def after_turn(self, session_id: str, mood: float) -> Effect | None:
        """The alert as an effect for the shop, with figures and no words; ``None`` where there is none, or it was given already."""
        now = self._clock()
        if mood > NEGATIVE or now - self._looked < LOOK_EVERY_S or now - self._alerted < ALERT_EVERY_S:
            return None
        self._looked = now
        alert = watch([*self._moods(now - HISTORY_DAYS * DAY_S), MoodPoint(session_id, now, mood)], now)
        if alert is None:
            return None
        self._alerted = now
        log.warning("mood alert: %s", alert_words(alert))
        figures = {"rate": alert.rate, "baseline": alert.baseline, "chance": alert.chance, "turns": alert.turns, "sessions": alert.sessions}
        hour = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H")
        return Effect("mood_alert", f"mood_alert:{hour}", tuple((name, f"{value:.4g}") for name, value in figures.items()))


def alert_words(alert: MoodAlert) -> str:
    """An alert as one sentence."""
    return (
        f"negative turns surge: a share of {alert.rate:.0%} lately, against a usual {alert.baseline:.1%}; {alert.turns} negative turns in "
        f"{alert.sessions} dialogues (the chance of that by luck is {alert.chance:.1g})"
    )


def usual_share(past: Sequence[MoodPoint]) -> float:
    """The share of negative turns that is usual, in (0, 1): a prior that gives way to what was seen."""
    negative = sum(p.mood <= NEGATIVE for p in past)
    return (USUAL * USUAL_TURNS + negative) / (USUAL_TURNS + len(past))


def tail(n: int, least: int, share: float) -> float:
    """The chance of at least ``least`` of ``n`` where each happens with the chance ``share``."""
    return min(1.0, sum(math.comb(n, k) * share**k * (1.0 - share) ** (n - k) for k in range(max(0, least), n + 1)))


@dataclass(frozen=True, slots=True)
class MoodDay:
    """One day (UTC, "2026-11-21"): its turns, how many were negative and positive, in how many dialogues, and the mean mood."""

    day: str
    turns: int
    negative: int
    positive: int
    sessions: int
    mean: float


def by_day(points: Sequence[MoodPoint]) -> Iterator[MoodDay]:
    """The days that saw turns, oldest first."""
    days: dict[str, list[MoodPoint]] = {}
    for point in points:
        days.setdefault(datetime.fromtimestamp(point.at, UTC).date().isoformat(), []).append(point)
    for day, found in sorted(days.items()):
        moods = [p.mood for p in found]
        yield MoodDay(
            day,
            len(found),
            sum(m <= NEGATIVE for m in moods),
            sum(m >= -NEGATIVE for m in moods),
            len({p.session_id for p in found}),
            round(sum(moods) / len(moods), 3),
        )
