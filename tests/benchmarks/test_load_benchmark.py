"""The soak's judgement: what grows is seen, what only warms up or jumps once is not; and what a process holds is read as it is."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.load_server import Served, holding
from benchmarks.load_soak import WARM_UP_MIN, Reading, judged

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="what a process holds is read from Linux's /proc")


def hour(rss_mib: Callable[[float], float], seed: int = 5) -> list[Reading]:
    """An hour of readings whose memory goes as told, with some noise."""
    noise = np.random.default_rng(seed).normal(0.0, 0.5, 120)
    minutes = [(n + 1) / 2 for n in range(120)]
    return [
        Reading(m, rss_mib(m) + float(e), 300.0, 20, 40, 6.0 + m / 60, 15, 80.0, 150.0) for m, e in zip(minutes, noise, strict=True)
    ]  # fmt: skip


def test_a_leak_is_seen_and_what_warms_up_or_jumps_once_is_not() -> None:
    low, slope, high = judged(hour(lambda m: 500 + 12 * m / 60))["rss_mib_an_hour"]
    assert low > 0 and low <= slope <= high and slope == pytest.approx(12.0, abs=1.0)
    warmed = judged(hour(lambda m: 500 - 200 * max(0.0, WARM_UP_MIN - m) / WARM_UP_MIN))
    assert warmed["rss_mib_an_hour"][1] == pytest.approx(0.0, abs=0.7)
    assert judged(hour(lambda m: 500 + 300 * (m == 30.0)))["rss_mib_an_hour"][1] == pytest.approx(0.0, abs=0.7)
    assert warmed["threads_an_hour"] == [0.0, 0.0, 0.0] and warmed["database_mib_an_hour"][1] == pytest.approx(1.0)
    assert warmed["minutes"] == 60.0 and warmed["threads_first"] == warmed["threads_last"] == 20


def test_of_a_run_that_was_stopped_at_once_nothing_is_judged() -> None:
    assert judged([]) == {} and judged(hour(float)[:2]) == {}


def test_what_a_process_holds_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_bytes(bytes(1 << 20))
    (tmp_path / "shop.db-journal").write_bytes(bytes(1 << 19))
    here = Served("", os.getpid(), tmp_path)
    before, done = holding(here), threading.Event()
    waiting = threading.Thread(target=done.wait)
    waiting.start()
    try:
        with (tmp_path / "open").open("wb"):
            held = bytearray(32 << 20)
            held[::4096] = bytes([1]) * len(held[::4096])
            after = holding(here)
    finally:
        done.set()
        waiting.join()
    assert after.threads == before.threads + 1 and after.descriptors == before.descriptors + 1
    assert after.anonymous_mib - before.anonymous_mib > 25 and after.rss_mib >= after.anonymous_mib
    assert before.database_mib == 1.5
