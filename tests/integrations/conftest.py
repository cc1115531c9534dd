from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.shops import prepare_demo

TEMPLATE = {"model": {"engine": "template"}}


@pytest.fixture(scope="session")
def demo_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop, built once; a copy that nobody has opened yet."""
    return Path(shutil.copytree(prepare_demo(), tmp_path_factory.mktemp("demo") / "shop"))


@pytest.fixture(scope="session")
def embedder() -> MiniLMEmbedder:
    """Loaded once: that takes longer than opening a shop."""
    return MiniLMEmbedder(threads=1)


@pytest.fixture(scope="session")
def bot(demo_copy: Path, embedder: MiniLMEmbedder) -> Iterator[ChatRec]:
    """The demo shop with the template writer, shared by every file of this folder."""
    with ChatRec.open(demo_copy, settings=TEMPLATE, embedder=embedder) as opened:
        yield opened


@pytest.fixture(scope="session")
def shopper(demo_copy: Path) -> str:
    """A shopper who has ordered something."""
    with (demo_copy / "orders.csv").open(encoding="utf-8", newline="") as file:
        return next(csv.DictReader(file))["user_id"]
