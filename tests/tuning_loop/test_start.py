"""A training that begins with the weights of an adapter."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import load_file

from chatrec.errors import AdapterError
from chatrec.generation.adapters import CONFIG_FILE, WEIGHTS_FILE, read_card
from chatrec.testing.tiny_model import write_tiny_base
from chatrec.tuning.checkpoint import CHECKPOINT_FILE
from chatrec.tuning.train import TrainReport, main, train_adapter
from chatrec.tuning.tuning_settings import TuningSettings

from .conftest import make_rows

ROWS, HELD_OUT = make_rows(40, seed=1), make_rows(8, seed=2)
FIRST = TuningSettings(epochs=2, rank=4, alpha=8, layers=1, rate=0.02, evaluations=2, threads=1)
MORE = TuningSettings(epochs=1, rate=0.005, evaluations=2, threads=1, checkpoint_s=0)  # its rank is 16, which the start overrules


def _train(
    base: Path, folder: Path, settings: TuningSettings, start: Path | None = None, progress: Callable[[str], None] = print
) -> TrainReport:
    return train_adapter(
        ROWS, HELD_OUT, folder / "adapter", base=str(base), settings=settings,
        checkpoint_folder=folder / "checkpoints", progress=progress, start=start,
    )  # fmt: skip


@pytest.fixture(scope="module")
def first(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _train(tiny_base, tmp_path_factory.mktemp("first"), FIRST).folder


def _eval_losses(folder: Path) -> list[float]:
    lines = [json.loads(line) for line in (folder / "training_log.jsonl").read_text().splitlines()]
    return [line["eval_loss"] for line in lines if "eval_loss" in line]


def test_it_begins_where_the_adapter_ended_and_says_so(tiny_base: Path, first: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    report = _train(tiny_base, tmp_path, MORE, first, lines.append)
    card, before = read_card(report.folder), read_card(first)
    assert _eval_losses(report.folder)[0] == pytest.approx(before.scores["loss_after"], rel=1e-3)
    assert report.loss_after < before.scores["loss_after"] < report.loss_before
    assert report.loss_before == pytest.approx(before.scores["loss_before"], rel=1e-4), "loss_before is the bare base's"
    assert card.start_digest == before.weights_digest and before.start_digest == ""
    assert before.weights_digest in (report.folder / "card.md").read_text()
    assert (card.settings["rank"], card.settings["alpha"], card.settings["layers"]) == (4, 8, 1)
    assert load_file(report.folder / WEIGHTS_FILE).keys() == load_file(first / WEIGHTS_FILE).keys()
    assert any("starting from adapter" in line and "rank 4" in line for line in lines)


def test_killed_it_goes_on_from_its_checkpoint_and_not_from_the_start(tiny_base: Path, first: Path, tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    def kill(line: str) -> None:
        if line.startswith("step 3/"):
            raise Killed

    whole = _train(tiny_base, tmp_path / "whole", MORE, first)
    with pytest.raises(Killed):
        _train(tiny_base, tmp_path / "killed", MORE, first, kill)
    assert list((tmp_path / "killed").rglob(CHECKPOINT_FILE))
    again = _train(tiny_base, tmp_path / "killed", MORE, first)
    assert again.resumed == 1
    assert (again.folder / WEIGHTS_FILE).read_bytes() == (whole.folder / WEIGHTS_FILE).read_bytes()


def test_runs_with_another_beginning_do_not_share_checkpoints(tiny_base: Path, first: Path, tmp_path: Path) -> None:
    settings = replace(MORE, rank=4, alpha=8, layers=1)
    _train(tiny_base, tmp_path, settings)
    assert _train(tiny_base, tmp_path, settings, first).resumed == 0
    assert len(list((tmp_path / "checkpoints").iterdir())) == 2


def test_an_adapter_may_be_replaced_by_what_it_became(tiny_base: Path, first: Path, tmp_path: Path) -> None:
    shutil.copytree(first, tmp_path / "adapter")
    report = _train(tiny_base, tmp_path, MORE, tmp_path / "adapter")
    assert read_card(report.folder).start_digest == read_card(first).weights_digest


def test_a_foreign_or_damaged_beginning_is_refused(tiny_base: Path, first: Path, tmp_path: Path) -> None:
    other = write_tiny_base(tmp_path / "other", seed=3)
    with pytest.raises(AdapterError, match="was trained on base"):
        _train(other, tmp_path, MORE, first)
    damaged = shutil.copytree(first, tmp_path / "damaged")
    data = bytearray((damaged / WEIGHTS_FILE).read_bytes())
    data[-1] ^= 1
    (damaged / WEIGHTS_FILE).write_bytes(data)
    with pytest.raises(AdapterError, match=r"adapter_model\.safetensors: sha256"):
        _train(tiny_base, tmp_path, MORE, damaged)
    bent = shutil.copytree(first, tmp_path / "bent")
    config = json.loads((bent / CONFIG_FILE).read_text())
    (bent / CONFIG_FILE).write_text(json.dumps({**config, "r": 8}))
    with pytest.raises(AdapterError, match="training cannot start from adapter"):
        _train(tiny_base, tmp_path, MORE, bent)
    assert not (tmp_path / "adapter").exists()


def test_the_command_line_takes_a_beginning(tiny_base: Path, first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, rows in (("train", ROWS), ("eval", HELD_OUT)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = ["--train", str(tmp_path / "train.jsonl"), "--eval", str(tmp_path / "eval.jsonl"), "--out", str(tmp_path / "adapter")]
    command += ["--checkpoints", str(tmp_path / "checkpoints"), "--base", str(tiny_base), "--threads", "1"]
    command += ["--epochs", "1", "--evaluations", "1"]
    assert main([*command, "--start-from", str(first)]) == 0
    assert read_card(tmp_path / "adapter").start_digest == read_card(first).weights_digest
    assert main([*command, "--start-from", str(tmp_path / "absent")]) == 1
    assert "absent' is not a folder" in capsys.readouterr().err
