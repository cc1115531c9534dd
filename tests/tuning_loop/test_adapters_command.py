"""``chatrec adapters``: what there is, who uses it, and what is wrong with it."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from chatrec.cli.main import main
from chatrec.generation.adapters import CARD_FILE, WEIGHTS_FILE, read_card, write_card
from chatrec.storage.database import Database
from chatrec.testing.tiny_model import write_tiny_base
from chatrec.tuning.train import train_adapter
from chatrec.tuning.tuning_settings import TuningSettings

from .conftest import make_rows

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def trained(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("trained")
    return train_adapter(
        make_rows(8), make_rows(4, seed=2), place / "walker", base=str(tiny_base), settings=TuningSettings(epochs=1, rank=4, threads=1),
        checkpoint_folder=place / "checkpoints", progress=lambda _: None, prompts=["reply.v2"],
    ).folder  # fmt: skip


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """In a home of its own and away from the project, whose shipped adapter is not looked for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHATREC_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("chatrec.generation.adapters.adapters_folder", lambda: tmp_path / "shipped")

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["chatrec", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        shown = capsys.readouterr()
        return status, shown.out, re.sub(r"\s+", " ", shown.err)

    return command


def _shop(folder: Path, adapter: Path, base: Path) -> Path:
    Database.open(folder / "shop.db").close()
    (folder / "chatrec.toml").write_text(f'[model]\nadapter = "{adapter}"\nbase = "{base}"\n', encoding="utf-8")
    return folder


def test_an_adapter_is_told_with_its_scores_and_its_shop(run: Run, tiny_base: Path, trained: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(trained, tmp_path / "adapters" / "walker")
    card = read_card(folder)
    scores = {**card.scores, "grounded": 0.97, "cited": 1.0, "whole": 0.9}
    write_card(folder, replace(card, scores=scores, settings={**card.settings, "promoted": "yes", "scored_replies": 120}))
    _shop(tmp_path / "home" / "hills", folder, tiny_base)
    status, told, _ = run("adapters")
    assert status == 0
    assert f"walker@{card.weights_digest[:8]}" in told and "base base (" in told and "files whole" in told
    assert "rows 8" in told and "prompts reply.v2" in told
    assert "grounded 0.970, cited 1.000, whole 0.900 on 120 replies; promoted: yes" in told and "used by hills" in told


def test_a_damaged_one_is_refused_and_the_others_are_told(run: Run, trained: Path, tmp_path: Path) -> None:
    damaged = shutil.copytree(trained, tmp_path / "many" / "damaged")
    (damaged / WEIGHTS_FILE).write_bytes(b"rubbish")
    without = shutil.copytree(trained, tmp_path / "many" / "without")
    (without / CARD_FILE).unlink()
    shutil.copytree(trained, tmp_path / "many" / "whole")
    status, told, err = run("adapters", tmp_path / "many")
    assert status == 1 and "2 of 3 adapters cannot be used" in err
    assert "DAMAGED" in told and "the card says" in told and "no card.json" in told and "not scored by the adapter gate" in told


def test_a_shop_with_another_base_is_named(run: Run, trained: Path, tmp_path: Path) -> None:
    other = write_tiny_base(tmp_path / "other", seed=9)
    shop = _shop(tmp_path / "fells", trained, other)
    status, told, _ = run("adapters", trained, "--shop", shop)
    assert status == 1 and "DOES NOT FIT fells, whose base is" in told
    status, told, _ = run("adapters", trained)
    assert status == 0 and "used by no shop that is known here" in told


def test_nothing_and_nonsense(run: Run, tmp_path: Path) -> None:
    status, told, _ = run("adapters")
    assert status == 0 and "train one with chatrec tune" in told
    status, _, err = run("adapters", tmp_path / "absent")
    assert status == 1 and "is no folder: name an adapter's folder" in err
    status, _, err = run("adapters", "--shop", tmp_path / "absent")
    assert status == 1 and "is not a shop" in err
