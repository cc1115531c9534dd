"""The local language model: a causal LM loaded by transformers, tuned by a LoRA adapter through PEFT, decoded token by token."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatrec.errors import AdapterError, GeneratorBusy, GeneratorFailed, ModelError, WeightsMissing
from chatrec.generation.adapters import check_adapter, check_tensors, find_adapter
from chatrec.generation.stops import text_of
from chatrec.generation.weights import BUILT_IN_BASE, BaseWeights, base_weights

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from chatrec.generation.decoders import Decoder

# bfloat16 must beat float32 by this much in a trial product before it is chosen: it costs accuracy
_BFLOAT16_GAIN = 1.3
_TURN_END = "<|im_end|>\n"


class TransformersGenerator:
    """A :class:`chatrec.protocols.Generator` over one model in this process.

    One generation runs at a time; others wait in order of arrival, for at most ``wait_s``. Greedy unless ``temperature`` is above
    zero. The prompt is chat text with its markers written out; text generation ends at any special token. ``tokens_done`` counts
    the tokens decoded so far.
    """

    def __init__(self, model: Any, tokenizer: Any, name: str, *, temperature: float = 0.0, wait_s: float = 60.0) -> None:
        from chatrec.generation.decoders import choose_decoder

        self._tokenizer, self._name = tokenizer, name
        self._temperature, self._wait_s = temperature, wait_s
        self._turnstile = Turnstile()
        self._ends = set(tokenizer.all_special_ids)
        self._longest = int(getattr(model.config, "max_position_embeddings", 0) or 1 << 30)
        self._decoder: Decoder = choose_decoder(model, self._tokens("a sample of plain words to compare"))
        self.tokens_done = 0

    @classmethod
    def open(
        cls, base: str = BUILT_IN_BASE, adapter: str = "auto", *, threads: int = 0, temperature: float = 0.0, merge: bool = True
    ) -> TransformersGenerator:
        """Loads base and adapter (see ``[model]`` in the settings). ``merge`` folds the adapter into the weights, which is faster
        and gives the same logits up to rounding. Raises :class:`WeightsMissing` or :class:`AdapterError`."""
        import torch

        if threads > 0:
            torch.set_num_threads(threads)
        weights = base_weights(base)
        model, tokenizer = load_model(weights)
        folder = find_adapter(adapter)
        name = weights.name
        if folder is not None:
            model, adapter_name = attach_adapter(model, folder, weights, merge=merge)
            name = f"{name}+{adapter_name}"
        return cls(model, tokenizer, f"{name} (transformers, {str(model.dtype).removeprefix('torch.')})", temperature=temperature)

    @property
    def name(self) -> str:
        """Base model, adapter and engine, for the receipt."""
        return self._name

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        """The text after ``prompt``, in chunks. Raises :class:`GeneratorFailed` when the prompt does not fit or the model fails."""
        if not self._turnstile.enter(self._wait_s):
            raise GeneratorBusy(f"the language model was busy for {self._wait_s:g} s: raise the number of replicas, or try again")
        try:
            yield from self._text(prompt, max_tokens, stop, seed)
        except (RuntimeError, MemoryError, IndexError) as error:
            raise GeneratorFailed(f"the language model '{self._name}' failed: {error}") from error
        finally:
            self._turnstile.leave()

    def _text(self, prompt: str, max_tokens: int, stop: Sequence[str], seed: int) -> Iterator[str]:
        def decode(tokens: list[int]) -> str:
            return str(self._tokenizer.decode(tokens, clean_up_tokenization_spaces=False))

        yield from text_of(self._decode(prompt, max_tokens, seed), decode, stop)

    def _decode(self, prompt: str, max_tokens: int, seed: int) -> Iterator[int]:
        """Tokens until an end token or ``max_tokens``; nothing is computed ahead of what was asked for."""
        prefix, rest = self._split(prompt)
        if len(prefix) + len(rest) + max_tokens > self._longest:
            raise GeneratorFailed(
                f"prompt of {len(prefix) + len(rest)} tokens and {max_tokens} more exceed the model's {self._longest}: shorten the evidence"
            )
        choose = self._chooser(seed)
        logits = self._decoder.start(prefix, rest, max_tokens) if max_tokens > 0 else None
        for n in range(max_tokens):
            assert logits is not None
            token = choose(logits)
            self.tokens_done += 1
            if token in self._ends:
                return
            yield token
            if n + 1 < max_tokens:
                logits = self._decoder.step(token)

    def count_tokens(self, text: str) -> int:
        """The tokens of ``text`` in this model's tokenizer."""
        return len(self._tokens(text))

    def _split(self, prompt: str) -> tuple[list[int], list[int]]:
        """The system turn, equal in every prompt, and the rest. A turn's end is a special token, so no token straddles the cut."""
        if not prompt:
            raise GeneratorFailed("the prompt is empty: render a prompt before generating")
        cut = prompt.find(_TURN_END) + len(_TURN_END) - 1
        if cut < len(_TURN_END) or cut >= len(prompt):
            return [], self._tokens(prompt)
        return self._tokens(prompt[:cut]), self._tokens(prompt[cut:])

    def _tokens(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _chooser(self, seed: int) -> Any:
        import torch

        if self._temperature <= 0.0:
            return lambda logits: int(logits.argmax())
        dice = torch.Generator().manual_seed(seed)

        def sample(logits: Tensor) -> int:
            return int(torch.multinomial((logits.cpu() / self._temperature).softmax(-1), 1, generator=dice))

        return sample


class Turnstile:
    """A lock that is passed on in order of arrival."""

    def __init__(self) -> None:
        # re-entrant: an abandoned iterator may be collected, and so leave, while this thread is inside
        self._mutex = threading.RLock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def enter(self, timeout_s: float) -> bool:
        """Waits for its turn; ``False`` after ``timeout_s``."""
        with self._mutex:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(timeout_s):
            return True
        with self._mutex:
            if turn.is_set():  # handed over in the last moment
                return True
            self._waiting.remove(turn)
            return False

    def leave(self) -> None:
        """Lets the next one in."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


def load_model(weights: BaseWeights, *, attention: str = "sdpa") -> tuple[Any, Any]:
    """Model (in evaluation mode, in the type that is fastest here, on the GPU where there is one) and tokenizer."""
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            weights.folder, dtype=choose_dtype(), attn_implementation=attention, local_files_only=True, output_loading_info=True
        )
        model, found = loaded
        tokenizer = AutoTokenizer.from_pretrained(weights.folder, local_files_only=True)
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise WeightsMissing(f"{weights.folder}: the base model cannot be loaded: {error}") from error
    if missing := sorted(found["missing_keys"]):  # transformers would fill them with random numbers and go on
        raise WeightsMissing(f"{weights.folder}: the base model cannot be loaded: {len(missing)} weights are absent, such as {missing[0]}")
    return model.to("cuda" if torch.cuda.is_available() else "cpu").eval(), tokenizer


def attach_adapter(model: Any, folder: Path, weights: BaseWeights, *, merge: bool = True) -> tuple[Any, str]:
    """The model with a verified adapter, and the adapter's name with the beginning of its digest. Raises :class:`AdapterError`."""
    from peft import PeftModel

    card = check_adapter(folder, weights)
    check_tensors(folder, {name: tuple(parameter.shape) for name, parameter in model.named_parameters()})
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)  # PEFT asks transformers by an old name
            tuned: Any = PeftModel.from_pretrained(model, str(folder), is_trainable=False)
        if merge:
            tuned = tuned.merge_and_unload(safe_merge=True)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise AdapterError(f"adapter '{card.name}' in {folder} cannot be attached to {weights.name}: {error}") from error
    return tuned.eval(), f"{card.name}@{card.weights_digest[:8]}"


def choose_dtype() -> torch.dtype:
    """What ``CHATREC_DTYPE`` says (float32 or bfloat16); else bfloat16 on a GPU, and on a CPU that multiplies it in hardware (on x86:
    AVX512-BF16, AMX) and clearly faster in a trial; else float32. Raises :class:`ModelError` for another word."""
    import torch

    given = os.environ.get("CHATREC_DTYPE", "")
    if given:
        known = {"float32": torch.float32, "bfloat16": torch.bfloat16}
        if given not in known:
            raise ModelError(f"CHATREC_DTYPE is '{given}'; it can be {' or '.join(known)}, or left out for the machine to choose")
        return known[given]
    return _tried_dtype()


@cache
def _tried_dtype() -> torch.dtype:
    """Chosen once a process: models that are loaded one after another must not differ by a throw of dice."""
    import torch

    if torch.cuda.is_available():
        return torch.bfloat16
    can = torch.cpu.get_capabilities()
    if can.get("architecture") == "x86_64" and not (can.get("avx512_bf16") or can.get("amx_bf16")):
        return torch.float32  # a trial beside other work would be a throw of dice
    plain, short = (_trial_s(dtype) for dtype in (torch.float32, torch.bfloat16))
    return torch.bfloat16 if plain > _BFLOAT16_GAIN * short else torch.float32


def _trial_s(dtype: torch.dtype) -> float:
    """Best of five times for one product of the shape that a small model has."""
    import torch

    x, weight = torch.ones(64, 576, dtype=dtype), torch.ones(1536, 576, dtype=dtype)
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        torch.nn.functional.linear(x, weight)
        times.append(time.perf_counter() - begin)
    return min(times)
