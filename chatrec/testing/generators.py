"""Generators that say what they are told to: real implementations of the seam for tests of whatever stands above it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chatrec.errors import GeneratorFailed


class ScriptedGenerator:
    """Says the given texts, one a call (the last one again when they run out), in chunks of ``chunk`` characters.

    ``prompts`` are the prompts it was given; ``closed`` counts how many of its iterators were closed before their end; ``said``
    counts the chunks it handed out. ``fails_after`` chunks it raises :class:`GeneratorFailed`, as a lost engine would.
    """

    def __init__(self, *texts: str, chunk: int = 4, fails_after: int | None = None, endless: bool = False) -> None:
        self._texts = texts or ("",)
        self._chunk = chunk
        self._fails_after = fails_after
        self._endless = endless
        self.prompts: list[str] = []
        self.closed = 0
        self.said = 0

    @property
    def name(self) -> str:
        """The name in receipts."""
        return "scripted"

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        """The next text; a chunk counts as a token."""
        self.prompts.append(prompt)
        text = self._texts[min(len(self.prompts), len(self._texts)) - 1]
        for mark in stop:
            text = text.split(mark)[0]
        return self._chunks(text, max_tokens)

    def _chunks(self, text: str, max_tokens: int) -> Iterator[str]:
        given = 0
        try:
            while True:
                for start in range(0, len(text), self._chunk):
                    if self._fails_after is not None and given >= self._fails_after:
                        raise GeneratorFailed("the scripted generator was told to fail here")
                    if given >= max_tokens and not self._endless:
                        return
                    given += 1
                    self.said += 1
                    yield text[start : start + self._chunk]
                if not self._endless or not text:
                    if self._fails_after is not None:
                        raise GeneratorFailed("the scripted generator was told to fail here")
                    return
        except GeneratorExit:
            self.closed += 1
            raise
