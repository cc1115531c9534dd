"""JSON of a given schema from a local model: constrained decoding with llguidance (MIT; the optional extra ``structured``)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chatrec.errors import GeneratorBusy, GeneratorFailed, ModelError
from chatrec.generation.weights import BUILT_IN_BASE, base_weights

if TYPE_CHECKING:
    from torch import Tensor


class LocalStructuredModel:
    """Implements :class:`chatrec.protocols.StructuredModel` over a causal LM of ``transformers``, loaded at the first use.

    Every token that would leave the schema is masked, so that what comes is valid JSON of it; greedy. One completion at a time; each
    takes at most ``total_s``, waiting for the one before it included (the model's loading at the first use is not).
    """

    def __init__(self, base: str = BUILT_IN_BASE, *, total_s: float = 10.0) -> None:
        self._base, self._total_s = base, total_s
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any, Any] | None = None
        self._failure = ""
        self._grammars: dict[str, str] = {}

    def complete(self, prompt: str, schema: Mapping[str, Any], *, max_tokens: int) -> str:
        """JSON text of ``schema``. Raises :class:`GeneratorFailed` where the model or llguidance is missing, or it did not end in time."""
        begun = time.monotonic()
        if not self._lock.acquire(timeout=self._total_s):
            raise GeneratorBusy(f"structured output of '{self._base}' was busy for {self._total_s:g} s")
        try:
            left_s = max(0.1, self._total_s - (time.monotonic() - begun))
            model, tokenizer, guide = self._ready()
            return self._written(model, tokenizer, guide, prompt, self._grammar(schema), max_tokens, left_s)
        except (RuntimeError, MemoryError, IndexError, ValueError) as error:
            raise GeneratorFailed(f"structured output of '{self._base}' failed: {type(error).__name__}: {error}") from error
        finally:
            self._lock.release()

    def _written(self, model: Any, tokenizer: Any, guide: Any, prompt: str, grammar: str, max_tokens: int, left_s: float) -> str:
        import torch

        mask = _SchemaMask(guide, grammar)
        ids = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")
        with torch.inference_mode():
            out = model.generate(
                **ids,
                max_new_tokens=max_tokens,
                max_time=left_s,
                do_sample=False,
                logits_processor=[mask],
                eos_token_id=tokenizer.eos_token_id,
                pad_token_id=tokenizer.eos_token_id,
            )
        written = out[0, ids["input_ids"].shape[1] :]
        if int(written[-1]) != tokenizer.eos_token_id:
            raise GeneratorFailed(f"structured output of '{self._base}' did not end within {max_tokens} tokens and {left_s:.1f} s")
        return str(tokenizer.decode(written, skip_special_tokens=True))

    def _grammar(self, schema: Mapping[str, Any]) -> str:
        from llguidance import LLMatcher

        key = json.dumps(schema, sort_keys=True)
        if key not in self._grammars:
            self._grammars[key] = LLMatcher.grammar_from_json_schema({**schema, "x-guidance": {"whitespace_flexible": False}})
        return self._grammars[key]

    def _ready(self) -> tuple[Any, Any, Any]:
        if self._failure:
            raise GeneratorFailed(self._failure)
        if self._loaded is None:
            try:
                import llguidance.hf

                from chatrec.generation.transformers_engine import load_model

                model, tokenizer = load_model(base_weights(self._base))
                self._loaded = model, tokenizer, llguidance.hf.from_tokenizer(tokenizer, n_vocab=model.config.vocab_size)
            except ImportError as error:
                self._failure = "understanding.engine = model needs the package 'llguidance': pip install 'chatrec[structured]'"
                raise GeneratorFailed(self._failure) from error
            except ModelError as error:
                self._failure = str(error)
                raise GeneratorFailed(self._failure) from error
        return self._loaded


class _SchemaMask:
    """Sets the logits of all tokens that would leave the grammar to minus infinity; a logits processor for one completion."""

    def __init__(self, guide: Any, grammar: str) -> None:
        from llguidance import LLMatcher

        self._matcher = LLMatcher(guide, grammar)
        if error := self._matcher.get_error():
            raise ValueError(f"the schema cannot be decoded: {error}")
        self._read = -1

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        import numpy as np
        import torch

        if self._read >= 0:
            self._matcher.consume_tokens(input_ids[0, self._read :].tolist())
        self._read = input_ids.shape[1]
        allowed = np.unpackbits(np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8), bitorder="little")[: scores.shape[1]]
        return scores.masked_fill(torch.from_numpy(allowed == 0).to(scores.device), float("-inf"))
