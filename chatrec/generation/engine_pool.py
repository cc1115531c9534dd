"""Shops of one process that want the same model share it: it is loaded once, and leaves when the last of them does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chatrec.generation.engines import make_generator
from chatrec.generation.token_count import count_tokens
from chatrec.protocols import Generator
from chatrec.settings import ModelSettings

# what a model is made of; limits of tokens and time belong to a shop's writer
_MADE_OF = ("engine", "base", "adapter", "url", "remote_model", "threads")


@dataclass(slots=True)
class _Shared:
    generator: Generator
    users: int


class EnginePool:
    """Engines by what they are made of. ``start`` makes one; it is called for one engine at a time."""

    def __init__(self, start: Callable[[ModelSettings], Generator] = make_generator) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._shared: dict[tuple[object, ...], _Shared] = {}

    def lend(self, settings: ModelSettings) -> LentGenerator:
        """The engine that the settings name, started now if no other shop uses it. Raises :class:`chatrec.errors.ModelError`."""
        key = tuple(getattr(settings, name) for name in _MADE_OF)
        with self._lock:
            if key not in self._shared:
                self._shared[key] = _Shared(self._start(settings), 0)
            self._shared[key].users += 1
            return LentGenerator(self._shared[key].generator, lambda: self._take_back(key))

    def _take_back(self, key: tuple[object, ...]) -> None:
        with self._lock:
            shared = self._shared[key]
            shared.users -= 1
            if shared.users:
                return
            del self._shared[key]
        close = getattr(shared.generator, "close", None)
        if close is not None:
            close()


class LentGenerator:
    """Implements :class:`chatrec.protocols.Generator` over a shared one; :meth:`close` gives it back."""

    def __init__(self, generator: Generator, give_back: Callable[[], None]) -> None:
        self._generator, self._give_back = generator, give_back
        self._closed = False

    @property
    def name(self) -> str:
        """The engine's own name."""
        return self._generator.name

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        """The text after ``prompt``, in chunks."""
        yield from self._generator.generate(prompt, max_tokens=max_tokens, stop=stop, seed=seed)

    def count_tokens(self, text: str) -> int | None:
        """The tokens of ``text``, where the engine knows its tokenizer."""
        return count_tokens(self._generator, text)

    def close(self) -> None:
        """Give the engine back; the last one to do so ends it."""
        if not self._closed:
            self._closed = True
            self._give_back()


ENGINE_POOL = EnginePool()
"""The engines of this process."""
