"""A result file gathers tables that could be compared, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.ingest import cut
from benchmarks.results_file import merged, write
from benchmarks.synthetic import DrawnVectors
from chatrec.errors import SettingsError


def result(command: str, figures: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {"name": "turn", "command": command, "machine": {"cores": 2}, "seed": 7, "seconds": 10.0, "figures": figures, **other}


def test_tables_add_up_and_a_table_measured_again_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "turn.json"
    write(path, merged(path, result("a", {"demo/bare/p50": 1, "demo/bare/old": 2})))
    write(path, merged(path, result("b", {"other/bare/p50": 3})))
    write(path, merged(path, result("c", {"demo/bare/p50": 4})))
    held = json.loads(path.read_text())
    assert held["figures"] == {"other/bare/p50": 3, "demo/bare/p50": 4}
    assert held["command"] == "a; b; c" and held["seconds"] == 30.0
    assert [p.name for p in path.parent.iterdir()] == ["turn.json"]


def test_a_file_with_only_the_same_table_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "turn.json"
    write(path, result("a", {"demo/bare/p50": 1}))
    assert merged(path, result("b", {"demo/bare/p50": 2})) == result("b", {"demo/bare/p50": 2})


@pytest.mark.parametrize("other", [{"machine": {"cores": 64}}, {"seed": 8}, {"name": "ingest"}])
def test_what_cannot_be_compared_is_not_mixed(tmp_path: Path, other: dict[str, Any]) -> None:
    path = tmp_path / "turn.json"
    write(path, result("a", {"demo/bare/p50": 1}))
    with pytest.raises(SettingsError, match=f"another {next(iter(other))}"):
        merged(path, result("b", {"x/bare/p50": 2}, **other))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps([{"id": n} for n in range(10)])),
        ("a.json", json.dumps({str(n): {"id": n} for n in range(10)})),
        ("a.jsonl", "".join(json.dumps({"id": n}) + "\n" for n in range(10))),
    ],
)
def test_a_cut_catalogue_holds_every_entry_once(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    files = cut(path, tmp_path / "parts", 7, 3)
    read = [json.loads(f"[{','.join(f.read_text().splitlines())}]") if name.endswith("l") else json.loads(f.read_text()) for f in files]
    entries = [e for part in read for e in (part.values() if isinstance(part, dict) else part)]
    assert len(files) == 3 and entries == [{"id": n} for n in range(7)]


def test_drawn_vectors_are_of_unit_length_and_belong_to_their_text() -> None:
    vectors = DrawnVectors().encode(["a", "b", "a"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(vectors[0], vectors[2])
    assert abs(float(vectors[0] @ vectors[1])) < 0.9
    assert DrawnVectors().encode([]).shape == (0, 384)
