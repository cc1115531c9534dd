"""The wheel holds all that the installed package needs, and nothing of it is looked for beside the package."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("build", reason="the wheel is built with the package 'build'")
pytest.importorskip("hatchling", reason="the wheel is built with hatchling")

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not (ROOT / "pyproject.toml").is_file(), reason="a wheel is built from a checkout")
# What a checkout holds of an adapter beside what is read at run time.
TRAINING_ONLY = {"loss.png", "training_log.jsonl"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel. Without isolation: the back end is installed, and nothing is fetched."""
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(place), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = place.glob("chatrec-*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files, far from the checkout."""
    place = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    return place


def run(unpacked: Path, code: str) -> str:
    """What a fresh Python prints that finds chatrec in the unpacked wheel, started elsewhere."""
    environment = {"PYTHONPATH": str(unpacked), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "HOME": str(unpacked)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False, cwd=unpacked.parent, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    here = {str(p.relative_to(ROOT)) for p in (ROOT / "chatrec").rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    assert here - held == set()
    assert {name.rsplit(".", 1)[-1] for name in held if name.startswith("chatrec/service/")} >= {"py", "js", "css", "svg"}


def test_prompts_and_adapters_travel_without_what_training_left(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(("chatrec/_prompts/", "chatrec/_adapters/"))}
    prompts = {f"chatrec/_prompts/{p.relative_to(ROOT / 'prompts')}" for p in (ROOT / "prompts").rglob("*") if p.is_file()}
    adapters = {
        f"chatrec/_adapters/{p.relative_to(ROOT / 'adapters')}"
        for p in (ROOT / "adapters").rglob("*")
        if p.is_file() and p.name not in TRAINING_ONLY
    }
    assert prompts and adapters and held == prompts | adapters


def test_nothing_of_the_checkout_s_workshop_is_in_the_wheel(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"chatrec", next(t for t in tops if t.endswith(".dist-info"))}


def test_the_unpacked_wheel_finds_what_travels_with_it(unpacked: Path) -> None:
    code = (
        "import json; from pathlib import Path; from chatrec import resources; from chatrec.demo import write_files; "
        "from chatrec.generation.adapters import find_adapter; from chatrec.generation.prompts import PromptLibrary; "
        "files = write_files(Path('made')); prompt = PromptLibrary(resources.prompts_folder()).prompt('reply'); "
        "print(json.dumps([str(resources.prompts_folder()), str(find_adapter('auto')), prompt.key, "
        "sum(1 for _ in files.items.open(encoding='utf-8')), len(resources.everyday_words())]))"
    )
    prompts, adapter, key, item_lines, words = json.loads(run(unpacked, code))
    assert Path(prompts) == unpacked / "chatrec" / "_prompts" and key.startswith("reply")
    assert Path(adapter).parent == unpacked / "chatrec" / "_adapters" and (Path(adapter) / "adapter_model.safetensors").is_file()
    assert item_lines > 400 and words > 1000


def test_the_command_of_the_wheel_says_what_it_can_do(unpacked: Path) -> None:
    shown = run(unpacked, "import sys; sys.argv = ['chatrec', '--help']; from chatrec.cli.main import app; app()")
    assert "serve" in shown and "ingest" in shown
    entry = next(unpacked.glob("*.dist-info")) / "entry_points.txt"
    assert "chatrec = chatrec.cli.main:main" in entry.read_text(encoding="utf-8")
