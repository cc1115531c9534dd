"""A generator that loads at its first use, so that a shop's page is there before its language model is."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence

from chatrec.errors import GeneratorFailed, ModelError
from chatrec.protocols import Generator

log = logging.getLogger(__name__)
LOADING = "loading"


class DeferredGenerator:
    """Implements :class:`chatrec.protocols.Generator` over one that ``load`` makes, once, at the first use or at :meth:`warm_up`.

    When loading fails, every use raises :class:`GeneratorFailed` with the reason (the writer then answers from its templates), and
    loading is not tried again. ``on_ready`` is told the generator's name.
    """

    def __init__(self, load: Callable[[], Generator], on_ready: Callable[[str], None] = lambda name: None) -> None:
        self._load, self._on_ready = load, on_ready
        self._lock = threading.Lock()
        self._generator: Generator | None = None
        self._failure = ""

    @property
    def name(self) -> str:
        """The generator's name; "loading" before it is there."""
        return self._generator.name if self._generator is not None else self._failure or LOADING

    def warm_up(self) -> None:
        """Load now. Raises :class:`GeneratorFailed` when it cannot be loaded."""
        self._ready()

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        """The text after ``prompt``, in chunks."""
        yield from self._ready().generate(prompt, max_tokens=max_tokens, stop=stop, seed=seed)

    def _ready(self) -> Generator:
        with self._lock:
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
