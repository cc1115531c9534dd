"""How ``chatrec evaluate`` ends: a broken promise and a missed bar exit with 1, a case that was not got right does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from chatrec.cli.evaluate import Given, Protocol, _bars, _portable, finish

FIGURES = {"held/chatrec/exact_match": [0.8, 0.84, 0.88], "demo/chatrec/failed": 0.0}


def _ended(given: Given, problems: list[str], misses: tuple[str, ...] = ()) -> int:
    with pytest.raises(typer.Exit) as ended:
        finish(given, 1.0, dict(FIGURES), problems, misses)
    return ended.value.exit_code


@pytest.mark.parametrize(("problems", "misses", "code"), [((), (), 0), ((), ("misread",), 0), (("broken",), (), 1)])
def test_only_a_broken_promise_fails(problems: tuple[str, ...], misses: tuple[str, ...], code: int) -> None:
    assert _ended(Given("demo", Protocol.UNDERSTANDING), list(problems), misses) == code


@pytest.mark.parametrize(
    ("bar", "code"),
    [
        ("held/chatrec/exact_match=.84", 0),
        ("held/chatrec/exact_match=.9", 1),
        ("demo/chatrec/failed=0", 0),
        ("no/such/figure=0", 1),
    ],
)
def test_a_bar_is_held_against_the_figure(bar: str, code: int) -> None:
    assert _ended(Given("demo", Protocol.UNDERSTANDING, bars=_bars([bar])), []) == code


def test_a_bar_without_a_figure_or_a_value_is_refused() -> None:
    for wrong in ("0.9", "name=much", "=1"):
        with pytest.raises(typer.BadParameter, match="FIGURE=VALUE"):
            _bars([wrong])


def test_what_failed_goes_to_a_file_and_the_result_names_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    to, listed = tmp_path / "figures.json", tmp_path / "failed.txt"
    monkeypatch.setattr("sys.argv", [str(tmp_path / "chatrec"), "evaluate", "--json", str(to), f"--data={tmp_path}"])
    _ended(Given("demo", Protocol.UNDERSTANDING, problems=listed, to=to), ["broken"], ("misread",))
    assert listed.read_text(encoding="utf-8") == "broken\nmisread\n"
    assert str(tmp_path) not in to.read_text(encoding="utf-8")
    assert json.loads(to.read_text(encoding="utf-8"))["command"] == f"chatrec evaluate --json figures.json --data={tmp_path.name}"
    assert _portable("held/chatrec/exact_match=.9") == "held/chatrec/exact_match=.9" and _portable("docs/a.json") == "docs/a.json"
