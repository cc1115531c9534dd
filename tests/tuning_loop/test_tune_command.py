"""``chatrec tune`` from the order to the promoted adapter, on a tiny base and a few rows."""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatrec.cli.main import main
from chatrec.generation.adapters import WEIGHTS_FILE, read_card
from chatrec.testing.tiny_model import write_tiny_base
from chatrec.tuning.dialogues import Intake, invent

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def wide_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With room for a whole prompt, a byte a token."""
    return write_tiny_base(tmp_path_factory.mktemp("wide") / "base", context=4096)


@pytest.fixture(scope="module")
def rows() -> dict[str, list[dict[str, str]]]:
    found = {}
    for name, split in (("train", "train"), ("eval", "held_out")):
        intake = Intake(12)
        found[name] = [intake.row(draft, split) for draft in invent(split, 12, random.Random(4), intake)]
    return found


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, rows: dict[str, list[dict[str, str]]]) -> Run:
    """The command, with a dozen invented rows in the place of those that would be composed."""

    def few(folder: Path, *_: Any, **__: Any) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, part in rows.items():
            (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part), encoding="utf-8")
        return folder

    monkeypatch.setattr("chatrec.tuning.dialogues.write_rows", few)
    monkeypatch.setattr("chatrec.generation.adapters.adapters_folder", lambda: tmp_path / "shipped")
    # the fast engine would merge each of these models into a file of its own first
    monkeypatch.setattr("chatrec.generation.engines.choose_engine", lambda settings: ("transformers", "test"))
    monkeypatch.setattr("chatrec.tuning.scores.MOST_TOKENS", 16)
    monkeypatch.setenv("CHATREC_HOME", str(tmp_path / "home"))

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["chatrec", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        shown = capsys.readouterr()
        assert "Traceback" not in shown.out + shown.err
        return status, shown.out, re.sub(r"\s+", " ", shown.err)

    return command


def test_tuned_measured_and_promoted_then_gone_on_from(run: Run, wide_base: Path, tmp_path: Path) -> None:
    common = ["--base", wide_base, "--held-out", 8, "--work", tmp_path / "work", "--out", tmp_path / "mine"]
    status, told, said = run("tune", *common)
    assert status == 0 and "mine: promoted" in told and "difference [95% interval]" in said and "bare base" in said
    first = read_card(tmp_path / "mine")
    assert first.settings["promoted"] == "yes" and first.prompts == ("reply.v4",) and "grounded" in first.scores
    status, told, said = run("tune", *common, "--start-from", tmp_path / "mine", "--seed", 8)
    assert status == 0 and "starting from adapter mine" in said
    second = read_card(tmp_path / "mine")
    assert second.start_digest == first.weights_digest and second.settings["rate"] == 1e-4
    assert f"mine@{first.weights_digest[:8]}" in second.settings["compared_with"], "what is replaced is measured too"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--start-from", "absent"], "'absent' is not a folder"),
        (["--refine"], "none is in use for this base: train one first"),
        (["--dialogues", "chats.jsonl"], "--dialogues needs --shop"),
        (["--shop", "absent"], "is not a shop"),
        (["--base", "absent"], "neither the built-in"),
    ],
)
def test_what_cannot_be_used_is_said_before_any_work(
    run: Run, wide_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], reason: str
) -> None:
    monkeypatch.setattr("chatrec.tuning.dialogues.write_rows", lambda *_, **__: pytest.fail("rows are composed"))
    status, _, said = run("tune", "--base", wide_base, "--out", tmp_path / "mine", *arguments)
    assert status == 1 and reason in said and not (tmp_path / "mine").exists()


def test_a_place_that_holds_something_else_is_left_alone(run: Run, wide_base: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / WEIGHTS_FILE).write_bytes(b"mine")
    status, _, said = run("tune", "--base", wide_base, "--out", tmp_path / "photos")
    assert status == 1 and "is no adapter folder: name another --out" in said
    assert (tmp_path / "photos" / WEIGHTS_FILE).read_bytes() == b"mine"


def test_the_help_teaches(run: Run) -> None:
    status, told, _ = run("tune", "--help")
    assert status == 0
    for word in ("--quick", "--start-from", "--refine", "--force", "sentence gate", "goes on from its last checkpoint", "docs/tuning.md"):
        assert word in re.sub(r"\s+", " ", told), word
