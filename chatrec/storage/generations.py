"""Generation folders: everything derived from one snapshot of the rows, switched to by one atomic rename.

``generations/CURRENT`` holds the number of the serving generation. A generation is built in ``.draft-<pid>-<random>``, written out
to the disk, renamed to the next free number, and only then named in ``CURRENT``. A process killed at any point leaves the old
generation serving and at most a folder that the next :meth:`Generations.begin` sweeps away.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatrec.errors import GenerationError, IndexInUse
from chatrec.storage.locks import FileLock

CURRENT = "CURRENT"
MANIFEST = "manifest.json"
OWNER = "owner.lock"
READERS = "readers.lock"
_LOCKS = (OWNER, READERS)
_DRAFT = ".draft-"
_DOOMED = ".doomed-"
# Chroma rewrites its own files when it opens them, so only their presence is checked.
_LIVING = ("chroma",)


@dataclass(frozen=True, slots=True)
class Generation:
    """One finished generation. ``manifest`` is what its builder wrote, plus ``number``, ``created`` (unix seconds) and ``files``
    (path inside the folder -> bytes)."""

    number: int
    folder: Path
    manifest: Mapping[str, Any] = field(compare=False)

    def damage(self) -> list[str]:
        """What is missing or of another size than when it was published; empty for a sound generation."""
        found = []
        for name, size in self.manifest.get("files", {}).items():
            path = self.folder / name
            if not path.is_file():
                found.append(f"{name} is missing")
            elif Path(name).parts[0] not in _LIVING and path.stat().st_size != size:
                found.append(f"{name} has {path.stat().st_size} bytes instead of {size}")
        return found


class Draft:
    """A generation being built. Write into ``folder``, then :meth:`publish`; :meth:`discard` it on failure.

    As a context manager it discards itself unless it was published.
    """

    def __init__(self, generations: Generations, folder: Path, lock: FileLock) -> None:
        self.folder = folder
        self._generations = generations
        self._lock = lock

    def carry(self, generation: Generation, names: Iterable[str] | None = None) -> list[str]:
        """Copies files and folders of ``generation`` into this draft and returns their names.

        Without ``names`` everything is copied but the manifest. Names that the generation lacks are left out.
        """
        with self._generations.reading(generation):
            present = [p.name for p in sorted(generation.folder.iterdir()) if p.name not in (*_LOCKS, MANIFEST)]
            wanted = present if names is None else [n for n in names if n in present]
            for name in wanted:
                source, target = generation.folder / name, self.folder / name
                if source.is_dir():
                    shutil.copytree(source, target, dirs_exist_ok=True)
                else:
                    shutil.copy2(source, target)
        return wanted

    def publish(self, manifest: Mapping[str, Any]) -> Generation:
        """Makes this the serving generation, atomically, and returns it.

        ``manifest`` must be JSON-ready. When this returns everything is on the disk.
        """
        published = self.publish_after(None, manifest)
        assert published is not None
        return published

    def publish_after(self, base: Generation | None, manifest: Mapping[str, Any]) -> Generation | None:
        """As :meth:`publish`, but only while ``base`` is still the serving one: ``None`` when another was published meanwhile."""
        if not self._lock.held:
            raise GenerationError(f"the draft {self.folder.name} was already published or discarded; begin a new one")
        return self._generations._publish(self, manifest, base)

    def discard(self) -> None:
        """Throws the draft away; nothing happens to a published one."""
        if self._lock.held:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._lock.release()

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()


class Generations:
    """The generation folders of one shop."""

    def __init__(self, shop_folder: Path | str) -> None:
        self.folder = Path(shop_folder) / "generations"

    def current(self) -> Generation | None:
        """The serving generation, or ``None`` before the first. Raises :class:`GenerationError` where ``CURRENT`` is spoilt."""
        path = self.folder / CURRENT
        try:
            text = path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            text = ""
        if not text.isdigit():
            raise GenerationError(f"{path} holds no generation number; delete it and ingest again")
        return self.open(int(text))

    def sound(self) -> Generation | None:
        """As :meth:`current`, but ``None`` also where the serving generation is spoilt: for whoever builds the next one."""
        try:
            return self.current()
        except GenerationError:
            return None

    def open(self, number: int) -> Generation:
        """The generation of this number. Raises :class:`GenerationError` when it is absent or its manifest cannot be read."""
        folder = self.folder / f"{number:06d}"
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise GenerationError(f"generation {number} in {folder} cannot be read ({error}); ingest again") from error
        return Generation(number, folder, manifest)

    def numbers(self) -> list[int]:
        """The numbers of all finished generations, ascending."""
        if not self.folder.is_dir():
            return []
        return sorted(int(p.name) for p in self.folder.iterdir() if p.name.isdigit() and p.is_dir())

    def begin(self) -> Draft:
        """A fresh empty draft, after sweeping away the drafts of dead processes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            self._sweep()
            folder = self.folder / f"{_DRAFT}{os.getpid()}-{secrets.token_hex(4)}"
            folder.mkdir()
            lock = FileLock(folder / OWNER)
            lock.take()
            lock.write(f"{os.getpid()}\n")
        return Draft(self, folder, lock)

    def own(self, generation: Generation) -> FileLock:
        """Makes this process the one owner of the generation's index folders until the lock is released.

        Raises :class:`IndexInUse` naming the owner, :class:`GenerationError` when the folder was pruned meanwhile.
        """
        lock = FileLock(generation.folder / OWNER)
        try:
            taken = lock.take(wait=False)
        except FileNotFoundError as error:
            raise GenerationError(f"generation {generation.number} is gone; open the current one") from error
        if not taken:
            raise IndexInUse(_in_use(generation))
        lock.write(f"{os.getpid()}\n")
        return lock

    @contextmanager
    def reading(self, generation: Generation) -> Iterator[Generation]:
        """Keeps the generation from being pruned while it is read without owning it (any number of readers)."""
        lock = FileLock(generation.folder / READERS, shared=True)
        try:
            lock.take()
        except FileNotFoundError as error:
            raise GenerationError(f"generation {generation.number} is gone; open the current one") from error
        with lock:
            yield generation

    def prune(self, keep: int = 2) -> list[int]:
        """Removes all but the serving generation and the newest before it, ``keep`` in all; returns what was removed.

        One that a live process owns or reads stays.
        """
        if keep < 1:
            raise ValueError(f"keep must be at least 1 (the serving generation), got {keep}")
        if not self.folder.is_dir():
            return []
        with self._alone():
            current = self.current()
            if current is None:
                return []
            kept = [n for n in self.numbers() if n <= current.number][-keep:]
            return [n for n in self.numbers() if n not in kept and self._remove(n)]

    def _remove(self, number: int) -> bool:
        folder = self.folder / f"{number:06d}"
        locks = [FileLock(folder / name) for name in _LOCKS]
        try:
            if not all(lock.take(wait=False) for lock in locks):
                return False
            doomed = self.folder / f"{_DOOMED}{number:06d}-{secrets.token_hex(4)}"
            folder.rename(doomed)  # at once out of sight: nobody opens half a generation
            shutil.rmtree(doomed, ignore_errors=True)
            return True
        finally:
            for lock in locks:
                lock.release()

    def _publish(self, draft: Draft, manifest: Mapping[str, Any], base: Generation | None) -> Generation | None:
        with self._alone():
            if base is not None and self.current() != base:
                return None
            number = max([0, *self.numbers()]) + 1
            written = {**manifest, "number": number, "created": time.time(), "files": _files(draft.folder)}
            (draft.folder / MANIFEST).write_text(json.dumps(written, indent=1, sort_keys=True), encoding="utf-8")
            _sync_tree(draft.folder)
            folder = self.folder / f"{number:06d}"
            draft.folder.rename(folder)
            _sync(self.folder)
            self._switch(number)
            draft.folder = folder
            draft._lock.release()
        return self.open(number)

    def _switch(self, number: int) -> None:
        """Names ``number`` in CURRENT: readers see the old number or the new one, never a part."""
        path = self.folder / f".{CURRENT}-{os.getpid()}"
        path.write_text(f"{number}\n", encoding="ascii")
        _sync(path)
        path.replace(self.folder / CURRENT)
        _sync(self.folder)

    def _alone(self) -> FileLock:
        """The lock under which drafts are begun, swept and published, and generations pruned."""
        return FileLock(self.folder / ".lock")

    def _sweep(self) -> None:
        for path in self.folder.iterdir():
            if path.name.startswith(_DOOMED):
                shutil.rmtree(path, ignore_errors=True)
            elif path.name.startswith(_DRAFT):
                lock = FileLock(path / OWNER)
                if lock.take(wait=False):
                    shutil.rmtree(path, ignore_errors=True)
                    lock.release()
            elif path.name.startswith(f".{CURRENT}-"):
                path.unlink(missing_ok=True)


def _files(folder: Path) -> dict[str, int]:
    """Every file below ``folder`` with its size, but locks and manifest."""
    paths = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {str(p.relative_to(folder)): p.stat().st_size for p in paths if p.name not in (*_LOCKS, MANIFEST)}


def _sync_tree(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        _sync(path)


def _sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _in_use(generation: Generation) -> str:
    try:
        pid = (generation.folder / OWNER).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        pid = ""
    who = "this process itself" if pid == str(os.getpid()) else f"process {pid or 'unknown'}"
    return (
        f"the index folder {generation.folder} is in use by {who}; close that one first, or talk to it over HTTP: "
        "an index folder has one owner at a time"
    )
