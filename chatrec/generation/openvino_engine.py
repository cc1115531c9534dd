"""The fast engine on a CPU: OpenVINO GenAI over the merged 8-bit GGUF, several replies at once in one batch.

Continuous batching: every step computes the next token of all replies under way, so that shoppers share the cores fairly; the keys
and values of prompt beginnings that come again (the system turn) are kept. One thread of the engine's own steps while there is work.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatrec.errors import GeneratorBusy, GeneratorFailed, WeightsMissing
from chatrec.generation.fast_weights import context_length, merged_gguf
from chatrec.generation.stops import text_of
from chatrec.generation.weights import BUILT_IN_BASE

MOST_AT_ONCE = 8
"""Replies computed in one batch; more wait in order of arrival."""
MOST_WAITING = 32
"""Replies that may wait for a place; one more is refused at once, and the template writer answers."""
_CACHE_GB = 1
LOOKED_UP, LOOKED_FOR = 2, 3
"""How many tokens are guessed at once from where the last few stand in the prompt, and how many of these are looked for. A reply copies
much of its prompt; a guess that the model would not have made is thrown away (prompt lookup decoding, Saxena 2023)."""


class _End:
    """The reply is complete."""


@dataclass(slots=True)
class _Reply:
    """One reply under way: what to compute, and the tokens on their way to the reader."""

    ids: Any
    config: Any
    tokens: queue.Queue[int | Exception | _End] = field(default_factory=queue.Queue)
    cancelled: threading.Event = field(default_factory=threading.Event)
    handle: Any = None


class OpenVINOGenerator:
    """A :class:`chatrec.protocols.Generator` over OpenVINO GenAI. Greedy unless ``temperature`` is above zero. ``tokens_done`` and
    ``steps_done`` count the tokens and the passes through the model so far, ``at_once`` tells how many replies it computes together.
    ``look_up=False`` computes one token a pass. :meth:`close` ends the engine's thread."""

    at_once = MOST_AT_ONCE

    def __init__(self, path: Path, name: str, *, threads: int = 0, temperature: float = 0.0, look_up: bool = True) -> None:
        genai = _silent_genai()
        scheduler = genai.SchedulerConfig()
        scheduler.enable_prefix_caching = True
        scheduler.cache_size = _CACHE_GB
        scheduler.max_num_seqs = MOST_AT_ONCE
        options: dict[str, Any] = {"INFERENCE_NUM_THREADS": threads} if threads > 0 else {}
        options |= {**({"prompt_lookup": True} if look_up else {}), **_exact()}
        self._looks_up = look_up
        try:
            self._pipeline = genai.ContinuousBatchingPipeline(str(path), scheduler, "CPU", options)
        except Exception as error:  # its bindings raise whatever the reader of the file met
            raise WeightsMissing(
                f"{path}: OpenVINO cannot load this model: {_first_line(error)}; set [model] engine = transformers"
            ) from error
        self._tokenizer = self._pipeline.get_tokenizer()
        self._longest = context_length(path)
        self._name, self._temperature = name, temperature
        self._lock = threading.Condition()
        self._arriving: list[_Reply] = []
        self._under_way: list[_Reply] = []
        self._number = 0
        self._closed = False
        self._thread: threading.Thread | None = None
        self.tokens_done = self.steps_done = 0

    @classmethod
    def open(cls, base: str = BUILT_IN_BASE, adapter: str = "auto", *, threads: int = 0, temperature: float = 0.0) -> OpenVINOGenerator:
        """Merges base and adapter into the cache folder where they are not there yet, and loads them. Raises :class:`ModelError`."""
        path, name = merged_gguf(base, adapter)
        return cls(path, f"{name} (openvino, int8)", threads=threads, temperature=temperature)

    @property
    def name(self) -> str:
        """Base model, adapter and engine, for the receipt."""
        return self._name

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        """The text after ``prompt``, in chunks. Raises :class:`GeneratorFailed` when the prompt does not fit, too many wait or the
        engine fails."""
        if not prompt:
            raise GeneratorFailed("the prompt is empty: render a prompt before generating")
        if max_tokens <= 0:
            return
        reply = _Reply(self._tokenizer.encode(prompt, add_special_tokens=False).input_ids, self._config(max_tokens, seed))
        length = int(reply.ids.shape[-1])
        if length + max_tokens > self._longest:
            raise GeneratorFailed(
                f"prompt of {length} tokens and {max_tokens} more exceed the model's {self._longest}: shorten the evidence"
            )
        self._enter(reply)
        try:
            yield from text_of(self._tokens(reply), lambda tokens: str(self._tokenizer.decode(tokens)), stop)
        finally:
            reply.cancelled.set()

    def count_tokens(self, text: str) -> int:
        """The tokens of ``text`` in this model's tokenizer."""
        return int(self._tokenizer.encode(text, add_special_tokens=False).input_ids.shape[-1])

    def close(self) -> None:
        """End the engine's thread; replies under way end with an error."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(10.0)

    def _tokens(self, reply: _Reply) -> Iterator[int]:
        while not isinstance(got := reply.tokens.get(), _End):
            if isinstance(got, Exception):
                raise GeneratorFailed(f"the language model '{self._name}' failed: {_first_line(got)}") from got
            yield got

    def _config(self, max_tokens: int, seed: int) -> Any:
        genai = _silent_genai()

        config = genai.GenerationConfig()
        config.max_new_tokens = max_tokens
        if self._looks_up:
            config.num_assistant_tokens, config.max_ngram_size = LOOKED_UP, LOOKED_FOR
        config.stop_token_ids = {int(self._tokenizer.get_eos_token_id())}
        config.eos_token_id = int(self._tokenizer.get_eos_token_id())
        config.do_sample = self._temperature > 0.0
        if config.do_sample:
            config.temperature, config.rng_seed, config.top_p, config.top_k = self._temperature, seed, 1.0, 0x7FFFFFFF
        return config

    def _enter(self, reply: _Reply) -> None:
        with self._lock:
            if self._closed:
                raise GeneratorFailed(f"the language model '{self._name}' is closed")
            waiting = len(self._arriving) + len(self._under_way) - MOST_AT_ONCE
            if waiting >= MOST_WAITING:
                raise GeneratorBusy(f"the language model is busy: {waiting} replies wait already; try again in some seconds")
            self._arriving.append(reply)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="chatrec-openvino", daemon=True)
                self._thread.start()
            self._lock.notify_all()

    def _work(self) -> None:
        """Steps while there are replies; every reader gets its tokens, a reader that left costs no further step."""
        while self._admit():
            try:
                self._pipeline.step()
                self.steps_done += 1
                self._hand_out()
            except Exception as error:  # whatever the engine did, its readers must not wait for ever
                for reply in self._under_way:
                    reply.tokens.put(error)
                self._under_way.clear()

    def _admit(self) -> bool:
        """Waits for work and takes in what arrived; ``False`` when the engine was closed."""
        with self._lock:
            while not (self._arriving or self._under_way or self._closed):
                self._lock.wait()
            arrived, self._arriving = self._arriving, []
            closed = self._closed
        if closed:
            for reply in (*arrived, *self._under_way):
                reply.tokens.put(GeneratorFailed("it was closed"))
                reply.cancelled.set()
            self._drop_abandoned()
            return False
        for reply in arrived:
            self._begin(reply)
        self._drop_abandoned()
        return True

    def _begin(self, reply: _Reply) -> None:
        self._number += 1
        try:
            reply.handle = self._pipeline.add_request(self._number, reply.ids, reply.config)
        except Exception as error:
            reply.tokens.put(error)
        else:
            self._under_way.append(reply)

    def _drop_abandoned(self) -> None:
        abandoned = [r for r in self._under_way if r.cancelled.is_set()]
        for reply in abandoned:
            self._under_way.remove(reply)
            with suppress(RuntimeError):
                reply.handle.cancel()
        if abandoned and not self._under_way:
            with suppress(RuntimeError):
                self._pipeline.step()  # computes nothing: it gives back what was kept for them

    def _hand_out(self) -> None:
        genai = _silent_genai()

        for reply in list(self._under_way):
            while not reply.cancelled.is_set() and reply.handle.can_read():
                for output in reply.handle.read().values():
                    for token in output.generated_ids:
                        self.tokens_done += 1
                        reply.tokens.put(int(token))
            if reply.handle.get_status() != genai.GenerationStatus.RUNNING:
                self._under_way.remove(reply)
                reply.tokens.put(_End())


def _silent_genai() -> Any:
    """The library without its telemetry: it reports its import to a statistics server unless that package cannot be had."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None makes its import fail, which openvino provides for
    import openvino_genai

    return openvino_genai


def _exact() -> dict[str, Any]:
    """Single precision where ``CHATREC_DTYPE`` asks for it; else the library rounds as the processor likes it best, and a close choice may
    turn by what else is in the batch."""
    if os.environ.get("CHATREC_DTYPE", "") != "float32":
        return {}
    return {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0}


def _first_line(error: Exception) -> str:
    """What an engine's error says, without its stack."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
