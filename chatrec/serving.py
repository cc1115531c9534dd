"""Which generation serves: the newest that can be opened, taken up between two turns."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from chatrec.errors import GenerationError, IndexInUse, SessionError, ShopNotReady
from chatrec.storage.generations import Generation, Generations
from chatrec.wiring import Pinned

log = logging.getLogger(__name__)

# A generation that cannot be opened beside a serving one is tried again after this long: loading it costs a second on a large shop.
RETRY_S = 10.0


class Serving:
    """The generation that answers, and those that are still in use by a turn. Safe to share between threads."""

    def __init__(self, folder: Path, load: Callable[[Generation], Pinned]) -> None:
        self._folder = folder
        self._load = load
        self._generations = Generations(folder)
        self._guard = threading.Lock()
        self._now: Pinned | None = None
        self._retired: list[Pinned] = []
        self._turns: dict[int, int] = {}
        self._refused: tuple[int, float] = (0, 0.0)
        self._closed = False

    @contextmanager
    def pinned(self) -> Iterator[Pinned]:
        """The newest generation, kept while the block runs; an older one is closed when the last turn on it ends.

        A newer generation that cannot be opened leaves the older one serving, which says so in its receipts. Raises
        :class:`SessionError` after :meth:`close`, :class:`ShopNotReady` when the shop holds no generation (any more), and where none
        is serving yet what :func:`pin` raises.
        """
        with self._guard:
            chosen = self._newest()
            self._turns[id(chosen)] = self._turns.get(id(chosen), 0) + 1
        try:
            yield chosen
        finally:
            with self._guard:
                self._turns[id(chosen)] -= 1
                for old in [p for p in self._retired if not self._turns.get(id(p))]:
                    self._retired.remove(old)
                    del self._turns[id(old)]
                    old.close()

    def close(self) -> None:
        """Release every index folder; turns under way fail."""
        with self._guard:
            self._closed = True
            for pinned in (*self._retired, *([self._now] if self._now else [])):
                pinned.close()
            self._now, self._retired = None, []

    def _newest(self) -> Pinned:
        if self._closed:
            raise SessionError("this shop was closed; open it again with ChatRec.open")
        current = self._generations.current()
        if current is None:
            raise ShopNotReady(f"'{self._folder}' holds no finished catalogue; run: chatrec ingest --shop {self._folder} --items FILE")
        if self._now is None:
            self._now = self._load(current)
        elif self._now.generation.number != current.number:
            self._now = self._switched(self._now, current)
        return self._now

    def _switched(self, serving: Pinned, current: Generation) -> Pinned:
        number, since = self._refused
        if number == current.number and time.monotonic() - since < RETRY_S:
            return serving
        try:
            fresh = self._load(current)
        except (IndexInUse, GenerationError) as error:
            log.warning("generation %d cannot be opened (%s); %d goes on serving", current.number, error, serving.generation.number)
            self._refused = (current.number, time.monotonic())
            weaker = f"catalogue: generation {current.number} cannot be opened, {serving.generation.number} serves"
            if weaker not in serving.parts.absent:
                serving.parts = replace(serving.parts, absent=(*serving.parts.absent, weaker))
            return serving
        if self._turns.get(id(serving)):
            self._retired.append(serving)
        else:
            self._turns.pop(id(serving), None)
            serving.close()
        return fresh
