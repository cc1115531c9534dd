"""The mood monitor: the surge of negative turns, counts by day, the alert for the shop."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatrec.dialogue.mood import ALERT_EVERY_S, DAY_S, ShopMood, by_day, rolling, tail, usual_share, watch
from chatrec.dialogue.turn import run_turn
from chatrec.domain.mood import MoodPoint
from chatrec.domain.reading import Intent
from chatrec.domain.reply import Effect
from chatrec.domain.state import DialogueState

from .world import make_world, said

NOW = 1_760_000_000.0


def turns(n: int, every: int, start: float, step_s: float = 60.0, sessions: int = 1000) -> list[MoodPoint]:
    """``n`` turns of which each ``every``-th is negative; 0: none."""
    return [MoodPoint(f"s{k % sessions}", start + k * step_s, -0.6 if every and k % every == every - 1 else 0.1) for k in range(n)]


LONG_AGO = turns(2000, 20, NOW - 10 * DAY_S)


def test_an_even_share_of_negative_turns_is_no_surge() -> None:
    assert watch([*LONG_AGO, *turns(300, 20, NOW - 20_000)], NOW) is None
    assert watch([], NOW) is None


def test_a_surge_is_told_with_its_figures() -> None:
    alert = watch([*LONG_AGO, *turns(80, 2, NOW - 5000)], NOW)
    assert alert is not None
    assert alert.rate > 0.3 > alert.baseline and alert.chance < 0.001 and alert.sessions >= 3


def test_one_unhappy_shopper_is_no_surge() -> None:
    alone = [replace(p, session_id="s1") for p in turns(40, 1, NOW - 3000)]
    assert watch([*LONG_AGO, *alone], NOW) is None


def test_a_surge_that_is_over_is_told_no_more() -> None:
    assert watch([*LONG_AGO, *turns(60, 2, NOW - 20_000), *turns(120, 0, NOW - 8000)], NOW) is None


@given(st.integers(1, 60), st.floats(0.01, 0.99))
def test_the_tail_is_a_probability_that_falls(n: int, share: float) -> None:
    chances = [tail(n, k, share) for k in range(n + 2)]
    assert chances[0] == pytest.approx(1.0) and chances[-1] == 0.0
    assert all(a >= b for a, b in pairwise(chances))


def test_the_tail_is_that_of_a_binomial() -> None:
    assert tail(3, 2, 0.5) == pytest.approx(0.5) and tail(39, 39, 0.5) == pytest.approx(0.5**39)


def test_the_usual_share_starts_at_the_prior_and_follows_what_was_seen() -> None:
    assert usual_share([]) == pytest.approx(0.05)
    assert usual_share(turns(100_000, 5, 0.0)) == pytest.approx(0.2, abs=0.001)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30))
def test_the_mood_of_a_dialogue_stays_in_bounds_and_forgets(moods: list[float]) -> None:
    mood = 0.0
    for one in moods:
        mood = rolling(mood, one)
    assert -1.0 <= mood <= 1.0
    for _ in range(20):
        mood = rolling(mood, 0.0)
    assert math.isclose(mood, 0.0, abs_tol=1e-5)


def test_days_are_counted_apart() -> None:
    points = [MoodPoint("a", 0.0, -0.5), MoodPoint("a", 1.0, 0.5), MoodPoint("b", DAY_S, 0.0)]
    first, second = by_day(points)
    assert (first.day, first.turns, first.negative, first.positive, first.sessions, first.mean) == ("1970-01-01", 2, 1, 1, 1, 0.0)
    assert (second.day, second.turns, second.negative) == ("1970-01-02", 1, 0)


def test_the_shop_is_alerted_once_an_hour_and_only_after_a_negative_turn() -> None:
    clock = [NOW]
    shop = ShopMood(lambda since: [p for p in (*LONG_AGO, *turns(80, 2, NOW - 5000)) if p.at >= since], lambda: clock[0])
    assert shop.after_turn("x", 0.2) is None
    alert = shop.after_turn("x", -0.6)
    assert alert is not None and alert.kind == "mood_alert" and set(dict(alert.payload)) >= {"rate", "baseline", "turns", "sessions"}
    clock[0] += 120
    assert shop.after_turn("x", -0.6) is None
    clock[0] += ALERT_EVERY_S
    assert shop.after_turn("x", -0.6) is not None


def test_a_turn_gives_the_alert_as_an_effect_and_remembers_the_mood() -> None:
    world = make_world()
    world.parts = replace(world.parts, watch_mood=lambda session_id, mood: Effect("mood_alert", "mood_alert:now") if mood < -0.3 else None)
    steps = run_turn("words", DialogueState("s"), world.parts, "t", said(Intent.SMALL_TALK, mood=-0.6, language="en"))
    events = []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            state = end.value
            break
    assert [e.kind for e in events if isinstance(e, Effect)] == ["mood_alert"]
    assert state.mood == pytest.approx(-0.3) and state.language == "en"
