"""Staging folders: where one process prepares what it will take over in a moment, swept away once that process is gone."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatrec.storage.locks import FileLock

PREFIX = ".staging-"
OWNER = "owner.lock"
# Between making a folder and locking it lies a moment in which it has no owner yet.
_SETTLED_S = 60.0


@contextmanager
def staging(shop: Path) -> Iterator[Path]:
    """A fresh folder below ``shop`` that is removed at the end; what killed processes left there is removed first."""
    sweep(shop)
    folder = shop / f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir()
    try:
        with FileLock(folder / OWNER):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(shop: Path) -> list[Path]:
    """Removes the staging folders whose process is gone (the kernel drops its lock, however it ended); gives them."""
    gone = []
    for path in shop.glob(f"{PREFIX}*"):
        try:
            if not (path / OWNER).exists() and time.time() - path.stat().st_mtime < _SETTLED_S:
                continue
            lock = FileLock(path / OWNER)
            if lock.take(wait=False):
                shutil.rmtree(path, ignore_errors=True)
                lock.release()
                gone.append(path)
        except OSError:  # another process swept it away meanwhile
            continue
    return gone
