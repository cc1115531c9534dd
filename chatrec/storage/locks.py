"""File locks between processes: the kernel drops them when their holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType


class FileLock:
    """A ``flock`` on one file, held until :meth:`release` or the end of the process.

    The file stays behind on release: removing it would let two holders lock two different files of one name.
    """

    def __init__(self, path: Path, *, shared: bool = False) -> None:
        self.path = path
        self._shared = shared
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._handle is not None

    def take(self, *, wait: bool = True) -> bool:
        """Locks the file, making it where absent. Without ``wait`` gives False when another holder is in the way.

        Raises ``FileNotFoundError`` when the folder is gone.
        """
        flags = (fcntl.LOCK_SH if self._shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        while True:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(handle, flags)
            except BlockingIOError:
                os.close(handle)
                return False
            if self._is_still(handle):
                self._handle = handle
                return True
            os.close(handle)  # the folder was removed or replaced while this waited

    def write(self, text: str) -> None:
        """Puts ``text`` into the locked file, for whoever is refused."""
        if self._handle is None:
            raise RuntimeError(f"{self.path} must be locked before it is written")
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, text.encode(), 0)

    def release(self) -> None:
        """Gives the lock up; a second call does nothing."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def _is_still(self, handle: int) -> bool:
        try:
            named = self.path.stat()
        except FileNotFoundError:
            return False
        opened = os.fstat(handle)
        return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)

    def __enter__(self) -> FileLock:
        if not self.held:
            self.take()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()
