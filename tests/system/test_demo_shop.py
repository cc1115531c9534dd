"""The demo shop is built where it is missing or was made by another version, and only there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatrec import shops
from chatrec.candidates.model import FORMAT
from chatrec.demo import DEMO_VERSION


@pytest.mark.parametrize(
    ("mark", "built"),
    [
        (None, True),
        (json.dumps({"version": DEMO_VERSION, "model": FORMAT}), False),
        (json.dumps({"version": DEMO_VERSION, "model": FORMAT - 1}), True),
        (json.dumps({"version": f"not {DEMO_VERSION}", "model": FORMAT}), True),
        (json.dumps(DEMO_VERSION), True),
        ("{torn", True),
    ],
)
def test_it_is_built_again_only_when_this_version_does_not_read_it(
    mark: str | None, built: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    if mark is not None:
        (folder / "demo-built.json").write_text(mark, encoding="utf-8")
    builds: list[Path] = []
    monkeypatch.setenv("CHATREC_HOME", str(tmp_path))
    monkeypatch.setattr(shops, "demo_folder", lambda: folder)
    monkeypatch.setattr(shops, "_build_demo", lambda where, progress: builds.append(where))
    assert shops.prepare_demo() == folder
    assert builds == ([folder] if built else [])
    shops.prepare_demo()
    assert len(builds) == int(built), "a second call builds nothing"
