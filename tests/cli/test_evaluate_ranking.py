"""``chatrec evaluate --protocol ranking`` on a small ingested shop: figures, report, pictures; and what it refuses."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from chatrec.catalog.ingest import ingest
from chatrec.catalog.sources import Sources
from chatrec.cli.main import main
from chatrec.storage.generations import Generations
from chatrec.testing.embedders import HashingEmbedder

Run = Callable[..., tuple[int, str, str]]
ITEMS = "item_id,title,category,brand,price\n" + "".join(
    f"k{n:02d},{'Kettle' if n % 2 else 'Tent'} number {n},{'Kettles' if n % 2 else 'Tents'},Brand {n % 5},{n + 3}.50\n" for n in range(24)
)


def log() -> str:
    chance = np.random.default_rng(0)
    lines = ["user_id,item_id,event,timestamp"]
    for user in range(80):
        own = np.arange(user % 2, 24, 2)
        for place, item in enumerate(chance.permutation(own)[: chance.integers(4, 10)]):
            lines.append(f"u{user},k{item:02d},purchase,2025-05-{1 + place + user % 9:02d}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One shop with a log and one without."""
    folder = tmp_path_factory.mktemp("ranking")
    (folder / "items.csv").write_text(ITEMS, encoding="utf-8")
    (folder / "log.csv").write_text(log(), encoding="utf-8")
    ingest(folder / "tea", Sources(items=folder / "items.csv", interactions=folder / "log.csv"), embedder=HashingEmbedder())
    ingest(folder / "silent", Sources(items=folder / "items.csv"), embedder=HashingEmbedder())
    return {name: folder / name for name in ("tea", "silent")}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["chatrec", "evaluate", *map(str, arguments)])
        monkeypatch.setenv("CHATREC_TRAIN__SEARCH", "none")
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        shown = capsys.readouterr()
        assert "Traceback" not in shown.out + shown.err
        return status, shown.out, re.sub(r"\s+", " ", shown.err)

    return command


def test_figures_report_and_pictures(run: Run, shops: dict[str, Path], tmp_path: Path) -> None:
    before = sorted((p, p.stat().st_mtime_ns) for p in shops["tea"].rglob("*") if p.is_file() and "generations" in p.parts)
    places = {"--json": tmp_path / "f.json", "--report": tmp_path / "r.html", "--plots": tmp_path / "plots"}
    flat = [part for pair in places.items() for part in pair]
    status, out, err = run("--shop", shops["tea"], "--protocol", "ranking", "--split", "strong", "--shoppers", 12, *flat)
    assert status == 0 and out == ""
    assert re.search(r"tea\.strong: \d+ shoppers", err) and "tea.time" not in err and "written: " in err
    result = json.loads(places["--json"].read_text(encoding="utf-8"))
    assert (
        result["name"] == "evaluate-ranking" and result["seed"] == 7 and "--shoppers 12" in result["command"] and result["machine"]["cores"]
    )
    assert {key.split("/")[0].split(".")[1] for key in result["figures"]} == {"strong"}
    low, value, high = result["figures"]["tea.strong/chatrec/ndcg@10"]
    assert 0.0 <= low <= value <= high <= 1.0 and "tea.strong/chatrec minus random/ndcg@10" in result["figures"]
    assert places["--report"].read_text(encoding="utf-8").count("data:image/png;base64,") == 4
    assert len(list(places["--plots"].glob("*.png"))) == 4
    after = sorted((p, p.stat().st_mtime_ns) for p in shops["tea"].rglob("*") if p.is_file() and "generations" in p.parts)
    assert [p for p, _ in after if p.name != "readers.lock"] == [p for p, _ in before if p.name != "readers.lock"]
    assert Generations(shops["tea"]).numbers() == [1]


def test_a_shop_without_a_log_says_so_and_gives_json_where_nothing_else_was_asked_for(run: Run, shops: dict[str, Path]) -> None:
    status, out, err = run("--shop", shops["silent"], "--protocol", "ranking")
    assert status == 0 and "holds no liking" in err
    assert json.loads(out)["figures"] == {f"silent.{name}/chatrec/shoppers": 0.0 for name in ("leave-last-out", "time", "strong")}


def test_what_cannot_be_written_or_belongs_elsewhere_is_said_before_anything_is_measured(
    run: Run, shops: dict[str, Path], tmp_path: Path
) -> None:
    ranking = ("--shop", shops["tea"], "--protocol", "ranking")
    status, _, err = run(*ranking, "--report", tmp_path / "no" / "r.html")
    assert status == 1 and "--report" in err and "does not exist" in err
    status, _, err = run(*ranking, "--json", tmp_path)
    assert status == 1 and "is a folder" in err
    (tmp_path / "plots").write_text("", encoding="utf-8")
    status, _, err = run(*ranking, "--plots", tmp_path / "plots")
    assert status == 1 and "is a file; name a folder" in err
    status, _, err = run("--shop", shops["tea"], "--report", tmp_path / "r.html")
    assert status == 2 and "--protocol ranking" in err
    for wrong in (("--split", "weekly"), ("--shoppers", 0)):
        assert run(*ranking, *wrong)[0] == 2
    status, _, err = run("--shop", tmp_path / "none", "--protocol", "ranking")
    assert status == 1 and "is not a shop" in err


def test_pictures_that_cannot_be_drawn(run: Run, shops: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    status, _, err = run("--shop", shops["tea"], "--protocol", "ranking", "--report", tmp_path / "r.html")
    assert status == 1 and "pip install matplotlib" in err and not (tmp_path / "r.html").exists()
