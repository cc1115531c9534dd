"""A generator that loads at its first use, so that a shop's page is there before its language model is."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from chatrec.errors import GeneratorFailed, ModelError
from chatrec.generation.token_count import count_tokens
from chatrec.protocols import Generator

log = logging.getLogger(__name__)
LOADING = "loading"
# How long a reply waits for a model that another thread is loading: about as long as a reply takes with it. Weights that are
# being unpacked take much longer, and a shopper would rather read the template writer's answer meanwhile.
PATIENCE_S = 4.0
# How long a switch waits for replies under way before it closes the generator that they use.
LONGEST_REPLY_S = 30.0
# How long closing waits for a model that is being loaded: a native library that loads while the interpreter ends brings it down.
LONGEST_LOAD_S = 60.0


class DeferredGenerator:
    """Implements :class:`chatrec.protocols.Generator` over one that ``load`` makes, once, at the first use or at :meth:`warm_up`.

    When loading fails, every use raises :class:`GeneratorFailed` with the reason (the writer then answers from its templates), and
    loading is not tried again. While another thread loads, a use waits ``patience_s`` and then raises :class:`GeneratorFailed`.
    ``on_ready`` is told the generator's name.
    """

    def __init__(
        self, load: Callable[[], Generator], on_ready: Callable[[str], None] = lambda name: None, *, patience_s: float = PATIENCE_S
    ) -> None:
        self._load, self._on_ready, self._patience_s = load, on_ready, patience_s
        self._lock = threading.Lock()
        self._generator: Generator | None = None
        self._failure = ""
        self._idle = threading.Condition()
        self._replies: Counter[int] = Counter()

    @property
    def name(self) -> str:
        """The generator's name; "loading" before it is there."""
        return self._generator.name if self._generator is not None else self._failure or LOADING

    def warm_up(self) -> None:
        """Load now. Raises :class:`GeneratorFailed` when it cannot be loaded."""
        self._ready()

    def switch(self, load: Callable[[], Generator]) -> None:
        """Use what ``load`` makes from the next reply on; replies under way end with the generator that they began with.

        Raises what ``load`` raises, and then nothing has changed.
        """
        fresh = load()
        with self._lock:
            old, self._generator, self._failure = self._generator, fresh, ""
        self._on_ready(fresh.name)
        self._retire(old)

    def _retire(self, old: Generator | None) -> None:
        """Close a generator that nobody begins to use any more, once its replies have ended."""
        close = getattr(old, "close", None)
        if old is None or close is None:
            return
        with self._idle:
            self._idle.wait_for(lambda: not self._replies.get(id(old)), timeout=LONGEST_REPLY_S)
        close()

    def close(self) -> None:
        """End the generator's own threads, where it has any, and wait for one that is being loaded; a use afterwards raises
        :class:`GeneratorFailed`."""
        self._failure = self._failure or "the language model was closed"  # one that is being loaded now is never used
        if self._lock.acquire(timeout=LONGEST_LOAD_S):
            self._lock.release()
        close = getattr(self._generator, "close", None)
        if close is not None:
            close()

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        """The text after ``prompt``, in chunks."""
        generator = self._ready(self._patience_s)
        with self._counted(generator):
            yield from generator.generate(prompt, max_tokens=max_tokens, stop=stop, seed=seed)

    def count_tokens(self, text: str) -> int | None:
        """The tokens of ``text``, where the generator is there and knows its tokenizer; loads nothing."""
        return count_tokens(self._generator, text)

    @contextmanager
    def _counted(self, generator: Generator) -> Iterator[None]:
        with self._idle:
            self._replies[id(generator)] += 1
        try:
            yield
        finally:
            with self._idle:
                self._replies[id(generator)] -= 1
                self._idle.notify_all()

    def _ready(self, patience_s: float = -1.0) -> Generator:
        if not self._lock.acquire(timeout=patience_s):
            raise GeneratorFailed("the language model is still being loaded")
        try:
            return self._loaded()
        finally:
            self._lock.release()

    def _loaded(self) -> Generator:
        if self._failure:
            raise GeneratorFailed(self._failure)
        if self._generator is None:
            try:
                self._generator = self._load()
            except ModelError as error:
                self._failure = str(error)
                log.warning("the language model cannot be loaded; the template writer answers: %s", error)
                self._on_ready("template (the language model cannot be loaded)")
                raise GeneratorFailed(self._failure) from error
            self._on_ready(self._generator.name)
        return self._generator
