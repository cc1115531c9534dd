"""A service that is used for an hour at a low rate: does it hold more memory, threads or descriptors at the end, or answer slower?

A crowd makes about one turn in two seconds. Every half minute what the process holds is read from ``/proc``. What counts is the slope
after a warm-up: the median of the slopes between all pairs of readings, with its 95% interval (Theil, 1950; Sen, 1968), which a single
jump does not move. Readings follow from one another, so that the intervals are narrower than those of independent ones would be.
SIGTERM ends the run early; what was measured counts.
"""

from __future__ import annotations

import asyncio
import csv
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, astuple, dataclass, fields
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.intervals import interval, percentile
from benchmarks.load_crowd import Crowd
from benchmarks.load_server import Served, holding, lines_of, serving
from chatrec.cli.screen import console
from chatrec.storage.database import Database

MINUTES = 60.0
PACE_S, EVERY_S = 2.0, 30.0
# What fills up at first: the catalogue's pages, kept vectors, pools of threads and connections.
WARM_UP_MIN, WARM_UP_SHARE = 10.0, 1 / 3
LINES = 3_000
JUDGED = ("rss_mib", "anonymous_mib", "threads", "descriptors", "database_mib")


@dataclass(frozen=True, slots=True)
class Reading:
    """One half minute: what the process holds at its end, and the turns that were answered in it."""

    minute: float
    rss_mib: float
    anonymous_mib: float
    threads: int
    descriptors: int
    database_mib: float
    turns: int
    p50_ms: float
    p95_ms: float


def soak(folder: Path, engine: str, seed: int, minutes: float | None = None, out: Path | None = None) -> dict[str, Any]:
    """Figures by ``chatrec/metric``, the readings by ``chatrec@MINUTE/metric``. ``out`` gets these as ``soak.csv`` and as a plot."""
    with Database.open(folder, create=False) as database:
        items = [item.item_id for item in database.items.all()]
    with serving(folder, engine) as served:
        readings, crowd, whole_ms = asyncio.run(_lived(served, lines_of(folder, LINES, seed), items, seed, minutes or MINUTES))
    if crowd.met.wrong:
        console.print(f"what went wrong: {dict(crowd.met.wrong)}")
    if out is not None:
        _keep(readings, out)
    whole = {f"chatrec/{name}": value for name, value in {**_told(crowd, whole_ms, seed), **judged(readings)}.items()}
    return whole | {f"chatrec@{r.minute:05.1f}/{k}": v for r in readings for k, v in asdict(r).items() if k != "minute"}


async def _lived(
    served: Served, lines: Sequence[str], items: Sequence[str], seed: int, minutes: float
) -> tuple[list[Reading], Crowd, list[float]]:  # fmt: skip
    """The hour."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    readings: list[Reading] = []
    all_ms: list[float] = []
    async with httpx.AsyncClient(base_url=served.address, timeout=90.0) as client:
        crowd = Crowd(client, cycle(lines), items, seed)
        start = now = time.monotonic()
        due = start + EVERY_S
        while now < start + 60 * minutes and not stop.is_set():
            await crowd.act()
            if time.monotonic() >= due:
                readings.append(_reading(served, (time.monotonic() - start) / 60, crowd.met.whole_ms))
                console.print(readings[-1], dict(crowd.met.wrong), soft_wrap=True)
                all_ms += crowd.met.whole_ms
                crowd.met.whole_ms.clear()
                due = time.monotonic() + EVERY_S
            with suppress(TimeoutError):  # what came late is not caught up with: the rate stays low
                await asyncio.wait_for(stop.wait(), max(0.0, now + PACE_S - time.monotonic()))
            now = time.monotonic()
    return readings, crowd, all_ms


def _reading(served: Served, minute: float, whole_ms: Sequence[float]) -> Reading:
    held = [round(value, 2) for value in astuple(holding(served))]
    p50, p95 = (round(float(np.percentile(whole_ms, q)), 1) for q in (50, 95)) if whole_ms else (0.0, 0.0)
    return Reading(round(minute, 1), held[0], held[1], int(held[2]), int(held[3]), held[4], len(whole_ms), p50, p95)


def judged(readings: Sequence[Reading]) -> dict[str, Any]:
    """``[low, slope, high]`` an hour of what is held, and its first and last values, after the warm-up; nothing of too few readings."""
    from scipy.stats import theilslopes

    last = readings[-1].minute if readings else 0.0
    rest = [r for r in readings if r.minute > min(WARM_UP_MIN, WARM_UP_SHARE * last)]
    if len(rest) < 3:
        return {}
    hours = np.array([r.minute for r in rest]) / 60
    figures: dict[str, Any] = {"minutes": last, "warm_up_minutes": round(min(WARM_UP_MIN, WARM_UP_SHARE * last), 1)}
    for name in (*JUDGED, "p50_ms"):
        values = np.array([getattr(r, name) for r in rest], dtype=np.float64)
        found = theilslopes(values, hours, alpha=0.95)
        # of what never changed the interval is not a number
        bounds = [float(np.nan_to_num(bound, nan=found.slope)) for bound in (found.low_slope, found.high_slope)]
        figures[f"{name}_an_hour"] = [round(v, 2) for v in (bounds[0], float(found.slope), bounds[1])]
        figures |= {f"{name}_first": float(values[0]), f"{name}_last": float(values[-1])}
    return figures


def _told(crowd: Crowd, whole_ms: Sequence[float], seed: int) -> dict[str, Any]:
    figures: dict[str, Any] = {f"acts_{name}": count for name, count in sorted(crowd.met.acts.items())}
    figures |= {"turns": len(whole_ms), "busy": crowd.met.busy, "errors": crowd.met.wrong.total()}
    return figures | {f"whole_p{q}_ms": interval(whole_ms, percentile(q), seed, digits=1) for q in (50, 95) if whole_ms}


def _keep(readings: Sequence[Reading], out: Path) -> None:
    """The readings as a table, and as a picture."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    out.mkdir(parents=True, exist_ok=True)
    with (out / "soak.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(field.name for field in fields(Reading))
        writer.writerows(astuple(r) for r in readings)
    figure, places = plt.subplots(2, 3, figsize=(12, 6), sharex=True)
    shown = ("rss_mib", "anonymous_mib", "threads", "descriptors", "database_mib", "p50_ms")
    for axes, name in zip(places.flat, shown, strict=True):
        axes.plot([r.minute for r in readings], [getattr(r, name) for r in readings], linewidth=1.2)
        axes.set_title(name.replace("_", " "), fontsize=9)
        axes.set_ylim(bottom=0)
        axes.grid(visible=True, alpha=0.25)
    figure.supxlabel("minutes")
    figure.tight_layout()
    figure.savefig(out / "soak.png", dpi=90)
    plt.close(figure)
