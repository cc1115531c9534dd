"""The adapter gate: what is measured, what is let through, what happens to the rest."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from chatrec.errors import AdapterError, IngestError
from chatrec.generation.adapters import CARD_FILE, WEIGHTS_FILE, read_card
from chatrec.generation.weights import base_weights
from chatrec.testing.tiny_model import write_tiny_base
from chatrec.tuning import promotion
from chatrec.tuning.gated import Plan, held_out_cases, refused, train_gated
from chatrec.tuning.promotion import SLACK, compare, place, rivals_of
from chatrec.tuning.row_evidence import evidence_text
from chatrec.tuning.scores import ReplyScore
from chatrec.tuning.train import train_adapter
from chatrec.tuning.tuning_settings import TuningSettings

from .conftest import make_rows
from .test_scores import GOOD, TWO

FULL = ReplyScore(2, 2, 2, 2, True)
HALF = ReplyScore(1, 2, 1, 2, False)
QUICK = TuningSettings(epochs=1, rank=4, rate=0.01, evaluations=1, threads=1)
ROWS, HELD_OUT = make_rows(16, seed=1), make_rows(8, seed=2)


def test_what_is_clearly_worse_is_refused_and_the_reverse_is_better() -> None:
    good, bad = [FULL] * 50, [FULL] * 40 + [HALF] * 10
    worse = compare(bad, good, "mine")
    assert worse.refusal.startswith("grounded, cited, whole worse than mine's beyond chance") and not worse.is_better
    assert worse.differences["grounded"][1] == pytest.approx(-0.1) and worse.differences["whole"][1] == pytest.approx(-0.2)
    better = compare(good, bad, "mine")
    assert better.refusal == "" and better.is_better
    assert any("whole" in line and "+0.200" in line for line in better.lines())


def test_equals_are_let_through_but_are_no_improvement() -> None:
    same = compare([FULL, HALF] * 20, [FULL, HALF] * 20, "mine")
    assert same.refusal == "" and not same.is_better


def test_a_loss_within_chance_is_refused_when_it_is_more_than_a_trifle() -> None:
    small = compare([FULL] * 9 + [HALF], [FULL] * 10, "mine")
    assert small.differences["score"][2] >= 0.0 and small.refusal == "the mean of the three is below mine's"
    trifle = compare([FULL] * 299 + [HALF], [FULL] * 300, "mine")
    assert -SLACK < trifle.differences["score"][1] < 0.0 and trifle.refusal == ""


def test_the_pairs_must_match() -> None:
    for one, other in (([FULL], [FULL, HALF]), ([], [])):
        with pytest.raises(ValueError, match="the same evidence"):
            compare(one, other, "mine")


@pytest.fixture(scope="module")
def adapter(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("current")
    return train_adapter(
        ROWS, HELD_OUT, place / "mine", base=str(tiny_base), settings=replace(QUICK, seed=5),
        checkpoint_folder=place / "checkpoints", progress=lambda _: None,
    ).folder  # fmt: skip


def test_rivals_are_what_is_in_use_and_what_would_be_replaced(tiny_base: Path, adapter: Path, tmp_path: Path) -> None:
    weights = base_weights(str(tiny_base))
    assert [r.setting for r in rivals_of(tmp_path / "new", "none", weights)] == ["none"]
    assert [r.setting for r in rivals_of(tmp_path / "new", str(adapter), weights)] == [str(adapter)]
    shutil.copytree(adapter, tmp_path / "copy")
    assert len(rivals_of(tmp_path / "copy", str(adapter), weights)) == 1, "the same weights are measured once"
    assert [r.setting for r in rivals_of(tmp_path / "copy", "none", weights)] == ["none", str(tmp_path / "copy")]


def test_an_adapter_of_another_base_is_no_rival_but_is_not_overwritten(adapter: Path, tmp_path: Path) -> None:
    other = base_weights(str(write_tiny_base(tmp_path / "other", seed=3)))
    assert [r.setting for r in rivals_of(tmp_path / "new", str(adapter), other)] == ["none"]
    with pytest.raises(AdapterError, match="was trained on base"):
        rivals_of(adapter, "none", other)
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "photo.png").write_bytes(b"x")
    with pytest.raises(AdapterError, match="is no adapter folder: name another --out"):
        rivals_of(tmp_path / "things", "none", other)


def test_a_place_is_taken_in_one_step(adapter: Path, tmp_path: Path) -> None:
    for _ in range(2):
        place(adapter, tmp_path / "deep" / "shop")
        assert read_card(tmp_path / "deep" / "shop") == read_card(adapter)
        assert [path.name for path in (tmp_path / "deep").iterdir()] == ["shop"]


class _Engine:
    """A model that writes well or badly."""

    def __init__(self, text: str) -> None:
        self.name, self._text = "test", text

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        yield self._text


def _plan(base: Path, folder: Path, **options: object) -> Plan:
    plan = Plan(folder / "shop", folder / "work", str(base), "none", [TWO] * 12)
    return replace(plan, **options)  # type: ignore[arg-type]


def _engines(monkeypatch: pytest.MonkeyPatch, candidate: str, current: str) -> None:
    """The real models know nothing yet, so what they would write is put in their place; everything around them is real."""
    monkeypatch.setattr(promotion, "make_generator", lambda s: _Engine(candidate if "candidate" in s.adapter else current))


def test_what_writes_better_is_promoted_with_its_scores_in_the_card(
    tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _engines(monkeypatch, GOOD, "[1] is waterproof.")
    lines: list[str] = []
    done = train_gated(ROWS, HELD_OUT, _plan(tiny_base, tmp_path, must_improve=True), QUICK, progress=lines.append)
    card = read_card(tmp_path / "shop")
    assert done.promoted and not done.refusal
    assert (card.scores["grounded"], card.scores["cited"], card.scores["whole"], card.scores["current_whole"]) == (1.0, 1.0, 1.0, 0.0)
    assert card.settings["promoted"] == "yes" and card.settings["compared_with"] == "bare base" and card.settings["scored_replies"] == 12
    assert card.settings["gate"].startswith("gate.v") and "| grounded | 1 |" in (tmp_path / "shop" / "card.md").read_text()
    assert any("difference" in line for line in lines) and any(line.startswith("scoring the candidate: 12/12") for line in lines)


def test_what_writes_worse_is_kept_aside(tiny_base: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _engines(monkeypatch, "[1] is waterproof.", GOOD)
    shutil.copytree(adapter, tmp_path / "shop")
    plan = _plan(tiny_base, tmp_path)
    done = train_gated(ROWS, HELD_OUT, plan, QUICK, progress=lambda _: None)
    assert not done.promoted and (tmp_path / "shop" / CARD_FILE).read_bytes() == (adapter / CARD_FILE).read_bytes()
    assert read_card(done.report.folder).settings["promoted"] == "no"
    message = str(refused(done, plan))
    assert "not promoted" in message and str(done.report.folder) in message and "--force" in message
    forced = train_gated(ROWS, HELD_OUT, replace(plan, force=True), QUICK, progress=lambda _: None)
    assert forced.promoted and forced.refusal and forced.report.resumed == 1
    assert read_card(tmp_path / "shop").settings["promoted"] == "forced"
    assert (tmp_path / "shop" / WEIGHTS_FILE).read_bytes() == (done.report.folder / WEIGHTS_FILE).read_bytes()


def test_a_refinement_must_be_an_improvement(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _engines(monkeypatch, GOOD, GOOD)
    done = train_gated(ROWS, HELD_OUT, _plan(tiny_base, tmp_path, must_improve=True), QUICK, progress=lambda _: None)
    assert not done.promoted and done.refusal == "it does not write better than bare base"


def test_without_evidence_there_is_nothing_to_measure(tiny_base: Path, tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="nothing can be measured"):
        train_gated(ROWS, HELD_OUT, _plan(tiny_base, tmp_path, cases=[]), QUICK, progress=lambda _: None)


def test_half_of_the_cases_are_the_shops_own() -> None:
    rows = [{"prompt": f"{n}", "completion": "", "evidence": evidence_text(replace(TWO, shopper=f"row {n}"))} for n in range(20)]
    own = [{**row, "evidence": row["evidence"].replace("row", "own")} for row in rows[:3]]
    assert [case.shopper.split()[0] for case in held_out_cases(rows, 8, own)] == ["row"] * 5 + ["own"] * 3
    assert len(held_out_cases(rows, 100)) == 20 and held_out_cases([{"prompt": "", "completion": ""}], 5) == []
    assert json.loads(rows[0]["evidence"])["shopper"] == "row 0"
