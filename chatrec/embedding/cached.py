"""Vectors kept by content: a second ingest embeds only what changed, and a killed one goes on where it stopped."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from chatrec.protocols import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Progress = Callable[[int, int], None]

COMMIT_EVERY = 128
MOST_FORGOTTEN = 20_000  # rows at once: some tenths of a second
_LOOK_UP_AT_ONCE = 500  # SQLite allows 999 bound values in builds before 3.32
_NORM_SLACK = 1e-3
_SPOILT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

log = logging.getLogger(__name__)


class CachedEmbedder:
    """An embedder that remembers, in one SQLite file, what ``embedder`` made of each text.

    For catalogue texts: a shopper's words do not belong into a file. The key is SHA-256 of embedder name and text, so another
    model never gets this one's vectors. New vectors are committed every ``commit_every`` texts. A damaged file is thrown away, as
    everything in it can be made again. ``fresh`` counts the texts that had to be embedded since this object was made.
    """

    def __init__(self, embedder: Embedder, path: Path | str, *, commit_every: int = COMMIT_EVERY) -> None:
        self._embedder = embedder
        self._path = Path(path)
        self._commit_every = commit_every
        self.fresh = 0

    @property
    def name(self) -> str:
        """The name of the embedder inside."""
        return self._embedder.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._embedder.dimension

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Unit-norm vectors, shape ``(len(texts), dimension)``.

        ``progress(done, total)`` counts distinct texts; its first call tells how many were remembered.
        """
        import numpy as np

        keys = [self._key(text) for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        try:
            known = self._vectors(wanted, progress)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", None) not in _SPOILT:
                raise
            log.warning("the vector cache %s is damaged and starts anew", self._path.name)
            self._path.unlink()
            known = self._vectors(wanted, progress)
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, key in enumerate(keys):
            vectors[row] = known[key]
        return vectors

    def size(self) -> int:
        """How many vectors the file holds; 0 where there is none or it is damaged."""
        if not self._path.is_file():
            return 0
        try:
            with closing(_opened(self._path)) as cache:
                return int(cache.execute("SELECT count(*) FROM vectors").fetchone()[0])
        except sqlite3.DatabaseError:
            return 0

    def forget_but(self, texts: Sequence[str], most: int = MOST_FORGOTTEN) -> int:
        """Removes at most ``most`` vectors of texts other than these, so that a cache does not grow with every edition of a catalogue.

        Gives how many went; what is left over goes the next time. A missing or damaged file is left alone.
        """
        if not self._path.is_file():
            return 0
        kept = {self._key(text) for text in texts}
        try:
            with closing(_opened(self._path)) as cache, cache:
                found = (key for (key,) in cache.execute("SELECT digest FROM vectors"))
                unused = [(key,) for key in islice((key for key in found if key not in kept), most)]
                cache.executemany("DELETE FROM vectors WHERE digest = ?", unused)
            return len(unused)
        except sqlite3.DatabaseError as error:
            log.warning("the vector cache %s was not tidied (%s)", self._path.name, type(error).__name__)
            return 0

    def _vectors(self, wanted: dict[bytes, str], progress: Progress | None) -> dict[bytes, NDArray[np.float32]]:
        if not wanted:
            return {}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(_opened(self._path)) as cache:
            known = self._remembered(cache, list(wanted))
            missing = [key for key in wanted if key not in known]
            self._report(progress, len(known), len(wanted))
            for batch in self._batches(missing, wanted):
                known.update(zip(batch, self._embed(cache, batch, wanted), strict=True))
                self._report(progress, len(known), len(wanted))
        return known

    def _embed(self, cache: sqlite3.Connection, batch: list[bytes], wanted: dict[bytes, str]) -> NDArray[np.float32]:
        fresh = self._embedder.encode([wanted[key] for key in batch])
        with cache:
            rows = [(key, vector.tobytes()) for key, vector in zip(batch, fresh, strict=True)]
            cache.executemany("INSERT OR REPLACE INTO vectors (digest, vector) VALUES (?, ?)", rows)
        self.fresh += len(batch)
        return fresh

    def _batches(self, missing: list[bytes], wanted: dict[bytes, str]) -> Iterator[list[bytes]]:
        """Texts of like length together (little padding), longest first (the estimate of the time left falls, never rises)."""
        ordered = sorted(missing, key=lambda key: len(wanted[key]), reverse=True)
        for start in range(0, len(ordered), self._commit_every):
            yield ordered[start : start + self._commit_every]

    def _remembered(self, cache: sqlite3.Connection, keys: list[bytes]) -> dict[bytes, NDArray[np.float32]]:
        import numpy as np

        found: dict[bytes, NDArray[np.float32]] = {}
        for start in range(0, len(keys), _LOOK_UP_AT_ONCE):
            some = keys[start : start + _LOOK_UP_AT_ONCE]
            marks = ",".join("?" * len(some))
            for key, blob in cache.execute(f"SELECT digest, vector FROM vectors WHERE digest IN ({marks})", some):
                vector = np.frombuffer(blob, dtype=np.float32) if len(blob) == 4 * self.dimension else None
                # A row damaged on the disk has lost its unit norm; it is made again like one that is absent.
                if vector is not None and abs(float(vector @ vector) - 1.0) < _NORM_SLACK:
                    found[key] = vector
        return found

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.name}\0{text}".encode("utf-8", "surrogatepass")).digest()

    @staticmethod
    def _report(progress: Progress | None, done: int, total: int) -> None:
        if progress is not None:
            progress(done, total)


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30.0)
    try:
        # The rollback journal: safe with several connections in every SQLite version. What a power cut takes is made again.
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("CREATE TABLE IF NOT EXISTS vectors (digest BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID")
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection
