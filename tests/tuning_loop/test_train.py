"""A whole training on a tiny model: what it writes, that it learns, stops, and goes on after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chatrec.errors import ModelError
from chatrec.generation.adapters import check_adapter
from chatrec.generation.prompts import CHAT_END
from chatrec.generation.transformers_engine import TransformersGenerator
from chatrec.generation.weights import base_weights
from chatrec.tuning.checkpoint import CHECKPOINT_FILE, RunState, load_state, save_state
from chatrec.tuning.dataset import tokenise
from chatrec.tuning.packing import mean_loss
from chatrec.tuning.plots import draw_losses
from chatrec.tuning.train import TrainReport, TuningSettings, main, train_adapter

from .conftest import make_rows

ROWS, HELD_OUT = make_rows(40, seed=1), make_rows(8, seed=2)
QUICK = TuningSettings(epochs=4, rank=4, rate=0.02, pack_tokens=400, evaluations=4, threads=1)


def _train(
    base: Path,
    folder: Path,
    settings: TuningSettings = QUICK,
    lines: list[str] | None = None,
    held_out: list[dict[str, str]] | None = None,
    **options: object,
) -> TrainReport:
    say = (lines if lines is not None else []).append
    return train_adapter(
        ROWS,
        held_out or HELD_OUT,
        folder / "adapter",
        base=str(base),
        settings=settings,
        checkpoint_folder=folder / "checkpoints",
        progress=say,
        **options,
    )  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def trained(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainReport, list[str]]:
    lines: list[str] = []
    return _train(tiny_base, tmp_path_factory.mktemp("trained"), lines=lines, prompts=["reply.v1"]), lines


def test_it_learns(trained: tuple[TrainReport, list[str]]) -> None:
    report, lines = trained
    assert (report.rows, report.steps, report.resumed, report.stopped_early) == (40, 20, 0, False)
    assert report.loss_after < 0.7 * report.loss_before
    assert report.tokens_per_s > 0 and report.seconds > 0
    assert any("tokens/s" in line and "left" in line for line in lines)


def test_the_folder_is_a_whole_adapter(trained: tuple[TrainReport, list[str]], tiny_base: Path) -> None:
    folder = trained[0].folder
    names = ["adapter_config.json", "adapter_model.safetensors", "card.json", "card.md", "loss.png", "training_log.jsonl"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == []
    card = check_adapter(folder, base_weights(str(tiny_base)))
    assert card.prompts == ("reply.v1",) and card.settings["rank"] == 4 and len(card.data_digest) == 64
    assert card.scores["loss_after"] == pytest.approx(trained[0].loss_after)
    log = [json.loads(line) for line in (folder / "training_log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in log if "loss" in line] == list(range(1, 21))
    assert len([line for line in log if "eval_loss" in line]) == 5
    rates = [line["rate"] for line in log if "rate" in line]
    assert max(rates) == pytest.approx(0.02, rel=0.1) and rates[-1] < 0.1 * max(rates)
    assert (folder / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_the_saved_weights_are_bfloat16_and_give_the_reported_loss(trained: tuple[TrainReport, list[str]], tiny_base: Path) -> None:
    import torch
    from safetensors.torch import load_file

    from chatrec.generation.transformers_engine import attach_adapter, load_model
    from chatrec.tuning.dataset import pack_examples
    from chatrec.tuning.packing import ATTENTION

    report, _ = trained
    assert {value.dtype for value in load_file(report.folder / "adapter_model.safetensors").values()} == {torch.bfloat16}
    base = base_weights(str(tiny_base))
    model, tokenizer = load_model(base, attention=ATTENTION)
    packs = pack_examples(tokenise(HELD_OUT, tokenizer), 1)
    assert mean_loss(model, packs) == pytest.approx(report.loss_before, rel=1e-4)
    tuned, _ = attach_adapter(model, report.folder, base, merge=False)
    assert mean_loss(tuned, packs) == pytest.approx(report.loss_after, rel=1e-4)


def test_the_generator_speaks_with_it(trained: tuple[TrainReport, list[str]], tiny_base: Path) -> None:
    generator = TransformersGenerator.open(str(tiny_base), str(trained[0].folder))
    text = "".join(generator.generate(HELD_OUT[0]["prompt"], max_tokens=9))
    assert text.startswith("Take")


def test_same_seed_same_adapter_other_seed_another(trained: tuple[TrainReport, list[str]], tiny_base: Path, tmp_path: Path) -> None:
    weights = trained[0].folder / "adapter_model.safetensors"
    again = _train(tiny_base, tmp_path / "again")
    other = _train(tiny_base, tmp_path / "other", TuningSettings(epochs=1, rank=4, seed=5, evaluations=1))
    assert (again.folder / weights.name).read_bytes() == weights.read_bytes()
    assert (other.folder / weights.name).read_bytes() != weights.read_bytes()


def test_a_killed_run_ends_with_the_same_adapter(trained: tuple[TrainReport, list[str]], tiny_base: Path, tmp_path: Path) -> None:
    """SIGKILL while it trains and writes checkpoints all the time; then the run goes on in this process."""
    for name, rows in (("train", ROWS), ("eval", HELD_OUT)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = [
        sys.executable,
        "-m",
        "chatrec.tuning.train",
        "--train",
        str(tmp_path / "train.jsonl"),
        "--eval",
        str(tmp_path / "eval.jsonl"),
    ]
    command += ["--out", str(tmp_path / "adapter"), "--checkpoints", str(tmp_path / "checkpoints"), "--base", str(tiny_base)]
    options = "--epochs 4 --rank 4 --rate 0.02 --pack-tokens 400 --evaluations 4 --threads 1 --checkpoint-s 0"
    command += options.split(" ")
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    try:
        _wait_for_step(tmp_path / "checkpoints", 6, process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (tmp_path / "adapter").exists()
    lines: list[str] = []
    report = _train(tiny_base, tmp_path, lines=lines)
    assert report.resumed == 1 and any(line.startswith("resumed at step") for line in lines)
    assert (report.folder / "adapter_model.safetensors").read_bytes() == (trained[0].folder / "adapter_model.safetensors").read_bytes()
    losses = [
        [(line["step"], line.get("loss"), line.get("eval_loss")) for line in _log(folder)] for folder in (report.folder, trained[0].folder)
    ]
    assert losses[0] == losses[1]


def _log(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "training_log.jsonl").read_text().splitlines()]


def _wait_for_step(checkpoints: Path, step: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        logs = list(checkpoints.glob("*/log.jsonl"))
        if logs and len(logs[0].read_text().splitlines()) > step and (logs[0].parent / CHECKPOINT_FILE).exists():
            return
        time.sleep(0.002)
    raise AssertionError(f"the training did not reach step {step}")


def test_it_stops_early_and_keeps_the_best(tiny_base: Path, tmp_path: Path) -> None:
    """What is learnt makes held-out replies of other letters less likely from the start."""
    settings = TuningSettings(epochs=4, rank=4, rate=0.05, warmup=0.0, evaluations=10, patience=2, threads=1)
    strange = [{**row, "completion": "QXZJ" * 8 + CHAT_END} for row in HELD_OUT]
    report = _train(tiny_base, tmp_path, settings, held_out=strange)
    assert report.stopped_early and report.steps < 20
    assert report.best_step < report.steps
    assert report.loss_after <= report.loss_before + 1e-3
    again = _train(tiny_base, tmp_path, settings, held_out=strange)
    assert (again.steps, again.best_step, again.stopped_early) == (report.steps, report.best_step, True)


def test_a_time_limit_ends_the_schedule(tiny_base: Path, tmp_path: Path) -> None:
    report = _train(tiny_base, tmp_path, TuningSettings(epochs=500, rank=4, minutes=0.01, threads=1))
    assert 0 < report.steps < 2500
    assert report.seconds < 5


def test_a_damaged_checkpoint_starts_afresh(tmp_path: Path) -> None:
    assert load_state(tmp_path) is None
    save_state(tmp_path, RunState(step=3, history=[{"step": 1.0, "loss": 2.0}]))
    state = load_state(tmp_path)
    assert state is not None and (state.step, state.history) == (3, [{"step": 1.0, "loss": 2.0}])
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT_FILE]
    data = (tmp_path / CHECKPOINT_FILE).read_bytes()
    for damaged in (b"", data[: len(data) // 2], b"rubbish"):
        (tmp_path / CHECKPOINT_FILE).write_bytes(damaged)
        assert load_state(tmp_path) is None


def test_rows_that_do_not_fit_are_said(tiny_base: Path, tmp_path: Path) -> None:
    long = {**ROWS[0], "prompt": "<|im_start|>system\n" + "x" * 2000 + ROWS[0]["prompt"]}
    with pytest.raises(ModelError, match="no row fits"):
        train_adapter([long], HELD_OUT, tmp_path / "a", base=str(tiny_base), checkpoint_folder=tmp_path, progress=lambda _: None)


def test_the_command_line_reports_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rows.jsonl").write_text('{"prompt": "x", "completion": "y"}\n')
    paths = ["--train", str(tmp_path / "rows.jsonl"), "--eval", str(tmp_path / "rows.jsonl"), "--out", str(tmp_path / "out")]
    assert main(paths) == 1
    assert "rows.jsonl, line 1: prompt must end with" in capsys.readouterr().err


def test_a_picture_of_nothing_is_drawn(tmp_path: Path) -> None:
    draw_losses([], tmp_path / "empty.png")
    assert (tmp_path / "empty.png").stat().st_size > 1000
