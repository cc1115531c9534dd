from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatrec.bot import ChatRec

from .shop import build_shop, environment, open_shop, python, train_shop, write_shop


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tea shop, ingested and trained. Never opened where it lies: tests work on copies."""
    place = tmp_path_factory.mktemp("tea")
    build_shop(place)
    train_shop(place / "shop")
    return place


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Copies of the tea shop for one test, each under a name of its own."""

    def copy(name: str = "shop") -> Path:
        return Path(shutil.copytree(built / "shop", tmp_path / name))

    return copy


@pytest.fixture
def shop(copied: Callable[[str], Path]) -> Path:
    """A copy of the tea shop for this test alone."""
    return copied("shop")


@pytest.fixture
def bot(shop: Path) -> Iterator[ChatRec]:
    """The copy, opened."""
    with open_shop(shop) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatRec]:
    """One open tea shop for the whole file, for tests that leave catalogue and stock alone."""
    folder = Path(shutil.copytree(built / "shop", tmp_path_factory.mktemp("shared") / "shop"))
    with open_shop(folder) as opened:
        yield opened


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with the real data sets."""
    place = os.environ.get("CHATREC_DATA", "")
    if not place or not Path(place).is_dir():
        pytest.skip("CHATREC_DATA names no folder with the real data sets")
    return Path(place)


@pytest.fixture(scope="session")
def by_command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tea shop as its owner would make it: with ``chatrec ingest`` in a process of its own, and the built-in embedder.

    The folder holds the files, ``shop`` and ``ingest.txt``, what the command printed.
    """
    place = tmp_path_factory.mktemp("by-command")
    write_shop(place)
    options = ("items", "interactions", "users", "reviews", "orders")
    files = [part for name in options for part in (f"--{name}", str(place / f"{name}.csv"))]
    command = python("-m", "chatrec.cli.main", "ingest", "--shop", str(place / "shop"), *files, "--policies", str(place / "policies"))
    done = subprocess.run(command, capture_output=True, text=True, env=environment(COLUMNS="200"), timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    (place / "ingest.txt").write_text(done.stdout, encoding="utf-8")
    return place
