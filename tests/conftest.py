from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from chatrec.bot import ChatRec

_OWN_HOME = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """Where no home is given, the tests get one of their own: they never touch, nor trust, the shops of whoever runs them."""
    if "CHATREC_HOME" not in os.environ:
        os.environ["CHATREC_HOME"] = config.stash[_OWN_HOME] = tempfile.mkdtemp(prefix="chatrec-tests-")
    # what is shown to be equal is shown so in float32; a processor with bfloat16 would round each side in its own way
    os.environ.setdefault("CHATREC_DTYPE", "float32")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The home goes with the tests that made it."""
    home = config.stash.get(_OWN_HOME, "")
    if home:
        shutil.rmtree(home, ignore_errors=True)
        os.environ.pop("CHATREC_HOME", None)


@pytest.fixture(scope="session")
def demo_bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatRec]:
    """The demo shop, built once and opened on a copy, with the template writer."""
    from chatrec.bot import ChatRec
    from chatrec.shops import prepare_demo

    folder = Path(shutil.copytree(prepare_demo(), tmp_path_factory.mktemp("demo") / "shop"))
    with ChatRec.open(folder, settings={"model": {"engine": "template"}}) as bot:
        yield bot


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL database: that of CHATREC_TEST_POSTGRES, or of a server that is started for these tests."""
    from chatrec.testing.postgres import PostgresMissing, postgres_server

    with ExitStack() as running:
        try:
            url = running.enter_context(postgres_server())
        except PostgresMissing as error:
            pytest.skip(str(error))
        yield url
