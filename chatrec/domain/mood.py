"""How shoppers feel, without a word of theirs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MoodPoint:
    """The mood of one turn, in [-1, 1]: 0 says nothing. ``at`` is unix seconds."""

    session_id: str
    at: float
    mood: float


@dataclass(frozen=True, slots=True)
class MoodAlert:
    """A surge of negative turns.

    ``rate`` is the exponentially weighted share of negative turns now, ``baseline`` the share that is usual in this shop, ``chance`` the
    probability of seeing at least so many if nothing had changed; ``turns`` and ``sessions`` are the negative ones behind it.
    """

    at: float
    rate: float
    baseline: float
    chance: float
    turns: int
    sessions: int
