"""``chatrec mood``: how the shop's shoppers feel, by day, and whether that just got worse."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Annotated

import typer

from chatrec.cli.screen import out
from chatrec.cli.train import ShopOption
from chatrec.dialogue.mood import DAY_S, HISTORY_DAYS, MoodDay, alert_words, by_day, watch
from chatrec.domain.mood import MoodAlert
from chatrec.shops import open_database, resolve_shop


def mood_command(
    shop: ShopOption = "demo",
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="how many days back")] = int(HISTORY_DAYS),
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object instead of a table")] = False,
) -> None:
    """Negative and positive turns by day, and the alert where negative turns surge. Counts only: no shopper's words are kept for this.

    Example: chatrec mood --shop myshop --days 14
    """
    now = time.time()
    with open_database(resolve_shop(shop)) as database:
        points = database.turns.moods(now - max(float(days), HISTORY_DAYS) * DAY_S)
    alert = watch(points, now)
    found = list(by_day([p for p in points if p.at >= now - days * DAY_S]))
    if as_json:
        print(json.dumps({"days": [asdict(day) for day in found], "alert": asdict(alert) if alert else None}, indent=2))
        return
    for line in mood_lines(found, alert):
        out.print(line, markup=False, highlight=False)


def mood_lines(days: list[MoodDay], alert: MoodAlert | None) -> list[str]:
    """The report, line by line."""
    if not days:
        return ["no turns in these days"]
    lines = [f"{'day':<12}{'turns':>7}{'dialogues':>11}{'negative':>10}{'positive':>10}{'mean mood':>11}"]
    lines += [f"{d.day:<12}{d.turns:>7}{d.sessions:>11}{d.negative:>10}{d.positive:>10}{d.mean:>11.3f}" for d in days]
    if alert is None:
        return [*lines, "no alert: negative turns are not more frequent than usual"]
    return [*lines, f"ALERT {alert_words(alert)}"]
