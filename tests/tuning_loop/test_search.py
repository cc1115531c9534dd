"""The recorded search: a table that grows, goes on, and puts the best first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatrec.tuning.search import PICTURE, TABLE, Trial, main, read_table, search
from chatrec.tuning.tuning_settings import TuningSettings

from .conftest import make_rows

ROWS, HELD_OUT = make_rows(16, seed=1), make_rows(6, seed=2)
TRIALS = [Trial(4, 0, 0.02), Trial(4, 1, 1e-4)]
QUICK = TuningSettings(evaluations=1, threads=1)


def test_trials_are_recorded_once_and_the_best_comes_first(tiny_base: Path, tmp_path: Path) -> None:
    results = search(ROWS, HELD_OUT, TRIALS, tmp_path, base=str(tiny_base), minutes=0.005, settings=QUICK, progress=lambda _: None)
    assert [line["rate"] for line in results] == [0.02, 1e-4] and results[0]["loss"] < results[1]["loss"]
    assert (tmp_path / PICTURE).read_bytes().startswith(b"\x89PNG") and not (tmp_path / "checkpoints").exists()
    (tmp_path / TABLE).write_text((tmp_path / TABLE).read_text().splitlines()[0] + "\n" + '{"rank": 4, "la', encoding="utf-8")
    lines: list[str] = []
    again = search(ROWS, HELD_OUT, TRIALS, tmp_path, base=str(tiny_base), minutes=0.005, settings=QUICK, progress=lines.append)
    assert sum("measured already" in line for line in lines) == 1 and len(again) == 2
    assert (
        len(search(ROWS[:8], HELD_OUT, TRIALS[:1], tmp_path, base=str(tiny_base), minutes=0.005, settings=QUICK, progress=lines.append))
        == 1
    )


def test_trials_bounded_by_epochs_take_the_same_steps(tiny_base: Path, tmp_path: Path) -> None:
    results = search(ROWS, HELD_OUT, TRIALS, tmp_path, base=str(tiny_base), epochs=2, settings=QUICK, progress=lambda _: None)
    assert {line["steps"] for line in results} == {2 * len(ROWS) // QUICK.batch_rows} and {line["epochs"] for line in results} == {2}


def test_a_trial_that_fails_is_recorded_and_comes_last(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chatrec.errors import ModelError
    from chatrec.tuning import search as module

    real = module.train_adapter

    def fragile(*rows: object, settings: TuningSettings, **options: object) -> object:
        if settings.rate > 1:
            raise ModelError("training failed at step 3")
        return real(*rows, settings=settings, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "train_adapter", fragile)
    trials = [Trial(4, 0, 100.0), Trial(4, 0, 0.02)]
    results = search(ROWS, HELD_OUT, trials, tmp_path, base=str(tiny_base), minutes=0.005, settings=QUICK, progress=lambda _: None)
    assert "error" not in results[0] and results[1]["error"] == "training failed at step 3"
    assert len(read_table(tmp_path / TABLE)) == 2


def test_the_command_line(tiny_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, rows in (("train", ROWS), ("eval", HELD_OUT)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    files = ["--train", str(tmp_path / "train.jsonl"), "--eval", str(tmp_path / "eval.jsonl"), "--out", str(tmp_path / "found")]
    points = "--ranks 4 --layers 0 --rates 0.02 --minutes 0.005 --threads 1".split()
    assert main([*files, "--base", str(tiny_base), *points]) == 0
    told = capsys.readouterr().out
    assert told.startswith("1 trials of 0.005 min") and json.loads(told.splitlines()[-1])["rank"] == 4
    assert main([*files, "--base", str(tmp_path / "absent"), *points]) == 1
    assert "is neither the built-in" in capsys.readouterr().err
