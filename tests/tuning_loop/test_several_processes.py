"""Two processes train what one process trains.

``torchrun`` starts them with the variables that ``accelerate launch`` sets for its processes; the latter starts several on a CPU only where
MPI is installed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatrec.generation.adapters import WEIGHTS_FILE, check_adapter
from chatrec.generation.weights import base_weights
from chatrec.tuning.row_evidence import evidence_text
from chatrec.tuning.train import train_adapter
from chatrec.tuning.tuning_settings import TuningSettings

from .conftest import make_rows
from .test_scores import TWO

OPTIONS = TuningSettings(epochs=2, rank=4, rate=0.02, pack_tokens=200, batch_rows=5, evaluations=2, sample_rows=3, threads=1)


def test_two_processes_equal_one(tiny_base: Path, tmp_path: Path) -> None:
    """The last batch of 11 rows holds a single row, so that one of the processes has nothing to do in it."""
    import torch
    from safetensors.torch import load_file

    sets = {"train": make_rows(11, seed=1), "eval": [{**row, "evidence": evidence_text(TWO)} for row in make_rows(5, seed=2)]}
    for name, rows in sets.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    alone = train_adapter(
        sets["train"], sets["eval"], tmp_path / "alone", base=str(tiny_base), settings=OPTIONS,
        checkpoint_folder=tmp_path / "checkpoints_alone", progress=lambda _: None,
    )  # fmt: skip
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend", "c10d", "--rdzv-endpoint"]
    command += ["127.0.0.1:0", "-m", "chatrec.tuning.train"]
    command += ["--train", str(tmp_path / "train.jsonl"), "--eval", str(tmp_path / "eval.jsonl"), "--base", str(tiny_base)]
    command += ["--out", str(tmp_path / "both"), "--checkpoints", str(tmp_path / "checkpoints")]
    command += "--epochs 2 --rank 4 --rate 0.02 --pack-tokens 200 --batch-rows 5 --evaluations 2 --sample-rows 3 --threads 1".split()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("step 6/6  evaluation loss") == 1, "only the main process speaks"
    check_adapter(tmp_path / "both", base_weights(str(tiny_base)))
    one, two = (load_file(folder / WEIGHTS_FILE) for folder in (alone.folder, tmp_path / "both"))
    assert one.keys() == two.keys()
    for key, value in one.items():
        assert torch.allclose(value.float(), two[key].float(), rtol=0.02, atol=2e-3), key
    lines = [
        [json.loads(line) for line in (folder / "training_log.jsonl").read_text().splitlines()]
        for folder in (alone.folder, tmp_path / "both")
    ]
    for first, second in zip(*lines, strict=True):
        for figure in first.keys() & {"step", "loss", "eval_loss", "grounded", "score"}:
            assert second[figure] == pytest.approx(first[figure], rel=1e-3, abs=1e-4), (first, second)
