"""What every :class:`chatrec.protocols.Generator` must do, as tests. An implementation passes them with three lines:

class TestMine(GeneratorContract):
    def make(self) -> Generator:
        return MyGenerator(...)
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from chatrec.errors import GeneratorFailed
from chatrec.protocols import Generator

PROMPT = (
    "<|im_start|>system\nYou are a shop assistant.<|im_end|>\n<|im_start|>user\ntask: recommend\nshopper: a light tent\n"
    "[1] tent; weight 1200 g<|im_end|>\n<|im_start|>assistant\n"
)


class GeneratorContract:
    """Subclass it in a test module and give :meth:`make`. The generator must answer :attr:`prompt` with at least ten characters when
    it may use 40 tokens."""

    prompt = PROMPT

    def make(self) -> Generator:
        """The generator under test; called once a test."""
        raise NotImplementedError

    def work_done(self, generator: Generator) -> int | None:
        """Tokens computed so far by this generator, where that can be known; ``None`` otherwise."""
        return None

    def test_yields_non_empty_text(self) -> None:
        """Chunks are strings, none empty, and there is something to say."""
        chunks = list(self.make().generate(self.prompt, max_tokens=40))
        assert all(isinstance(chunk, str) and chunk for chunk in chunks)
        assert len("".join(chunks)) >= 10

    def test_has_a_name_and_is_a_generator(self) -> None:
        """The receipt can name it."""
        generator = self.make()
        assert isinstance(generator, Generator)
        assert generator.name.strip()

    def test_honours_the_token_limit(self) -> None:
        """No tokens, no text; fewer tokens, a beginning of the longer text."""
        generator = self.make()
        long, short = (self._text(generator, max_tokens=n) for n in (24, 5))
        assert self._text(generator, max_tokens=0) == ""
        assert len(short) < len(long)
        assert long.startswith(short.rstrip("\ufffd"))
        before = self.work_done(generator)
        self._text(generator, max_tokens=5)
        after = self.work_done(generator)
        assert before is None or after is None or after - before <= 5

    def test_stops_before_a_stop_string(self) -> None:
        """The text ends just before the first stop string, also when it comes in two chunks."""
        generator = self.make()
        whole = self._text(generator, max_tokens=40)
        for size in (1, 3):
            stop = whole[6 : 6 + size]
            assert self._text(generator, max_tokens=40, stop=[stop]) == whole[: whole.find(stop)]

    def test_an_absent_stop_string_changes_nothing(self) -> None:
        """Text held back as a possible beginning of a stop string is released in the end."""
        generator = self.make()
        whole = self._text(generator, max_tokens=20)
        assert self._text(generator, max_tokens=20, stop=[whole[-2:] + "\x00never", ""]) == whole

    def test_same_seed_same_text(self) -> None:
        """Also after other work in between."""
        generator = self.make()
        first = self._text(generator, max_tokens=20, seed=7)
        self._text(generator, max_tokens=3, seed=8, prompt="<|im_start|>user\nother<|im_end|>\n<|im_start|>assistant\n")
        assert self._text(generator, max_tokens=20, seed=7) == first

    def test_closing_stops_the_work(self) -> None:
        """After ``close`` at most one more token is computed, and the next generation starts at once."""
        generator = self.make()
        text = generator.generate(self.prompt, max_tokens=40)
        next(text)
        before = self.work_done(generator)
        text.close()  # type: ignore[attr-defined]  # every implementation is a generator function
        after = self.work_done(generator)
        assert before is None or after is None or after - before <= 1
        assert self._in_time(lambda: self._text(generator, max_tokens=3))

    def test_an_unused_or_abandoned_iterator_blocks_nobody(self) -> None:
        """Neither one that was never begun nor one that was dropped half way."""
        generator = self.make()
        unused = generator.generate(self.prompt, max_tokens=5)
        dropped = generator.generate(self.prompt, max_tokens=40)
        next(dropped)
        del dropped
        gc.collect()
        assert self._in_time(lambda: self._text(generator, max_tokens=3))
        del unused

    def test_threads_do_not_mix(self) -> None:
        """Two shoppers at once each get the text that they get alone."""
        generator = self.make()
        prompts = [self.prompt, self.prompt.replace("tent", "lamp")]
        alone = [self._text(generator, max_tokens=15, prompt=prompt) for prompt in prompts]
        together = ["", ""]

        def run(n: int) -> None:
            together[n] = self._text(generator, max_tokens=15, prompt=prompts[n])

        threads = [threading.Thread(target=run, args=(n,)) for n in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert together == alone

    def _text(self, generator: Generator, *, max_tokens: int, prompt: str | None = None, **options: Any) -> str:
        chunks: Iterator[str] = generator.generate(prompt or self.prompt, max_tokens=max_tokens, **options)
        with closing(chunks):  # type: ignore[type-var]  # every implementation is a generator function
            return "".join(chunks)

    def _in_time(self, work: Callable[[], object], timeout_s: float = 30.0) -> bool:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(timeout_s)
        return not thread.is_alive()


class FailingGeneratorContract:
    """For a generator whose model is gone: the only way out is :class:`GeneratorFailed`."""

    def make(self) -> Generator:
        """The broken generator."""
        raise NotImplementedError

    def test_raises_generator_failed(self) -> None:
        """With a message that says what happened."""
        with pytest.raises(GeneratorFailed) as caught:
            list(self.make().generate(PROMPT, max_tokens=10))
        assert len(str(caught.value)) > 20
