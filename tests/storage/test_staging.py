"""Staging folders go with the process that made them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from chatrec.storage.staging import OWNER, PREFIX, staging, sweep

HOLDS = """
import sys, time
from pathlib import Path
from chatrec.storage.staging import staging
with staging(Path(sys.argv[1])) as folder:
    print(folder, flush=True)
    time.sleep(60)
"""


def test_a_staging_folder_is_gone_at_the_end(tmp_path: Path) -> None:
    with staging(tmp_path) as folder:
        assert folder.parent == tmp_path and (folder / OWNER).exists()
        assert sweep(tmp_path) == [] and folder.is_dir(), "its owner lives"
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_swept_at_once(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        assert sweep(tmp_path) == [] and left.is_dir()
        process.kill()
    assert left.is_dir()
    with staging(tmp_path):
        assert not left.exists()


def test_a_folder_without_a_lock_is_left_a_moment_to_its_maker(tmp_path: Path) -> None:
    fresh, old = tmp_path / f"{PREFIX}fresh", tmp_path / f"{PREFIX}old"
    fresh.mkdir()
    old.mkdir()
    os.utime(old, (time.time() - 3600, time.time() - 3600))
    assert sweep(tmp_path) == [old] and fresh.is_dir()
