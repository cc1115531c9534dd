"""``chatrec mood``: counts by day, the alert, no words."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from chatrec.cli.main import app
from chatrec.cli.mood import mood_lines
from chatrec.dialogue.mood import MoodDay
from chatrec.domain.mood import MoodAlert
from chatrec.domain.reply import Receipt
from chatrec.storage.database import Database


def shop(folder: Path, moods: list[float]) -> Path:
    with Database.open(folder / "shop.db") as database:
        for n, mood in enumerate(moods):
            database.receipts.save(Receipt(f"t{n}", f"s{n % 10}", n, 1, "secretword", {"mood": mood, "language": "en"}))
    return folder


def test_the_report_counts_by_day_and_alerts_on_a_surge(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["mood", "--shop", str(shop(tmp_path, [-0.6] * 30 + [0.5] * 3)), "--json"])
    figures = json.loads(told.stdout)
    assert told.exit_code == 0 and sum(d["turns"] for d in figures["days"]) == 33
    assert figures["alert"]["turns"] >= 20 and "secretword" not in told.stdout


def test_a_calm_shop_has_no_alert(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["mood", "--shop", str(shop(tmp_path, [0.0, 0.5, -0.5]))])
    assert told.exit_code == 0 and "no alert" in told.stdout


def test_the_lines_of_a_report() -> None:
    day = MoodDay("2026-11-21", 40, 8, 4, 9, -0.1)
    lines = mood_lines([day], MoodAlert(0.0, 0.4, 0.05, 1e-6, 15, 9))
    assert "2026-11-21" in lines[1] and lines[-1].startswith("ALERT") and "15 negative turns in 9 dialogues" in lines[-1]
    assert mood_lines([], None) == ["no turns in these days"]
