"""MiniLM with a shop's own adapter merged into its weights: the same encoder, tuned on what shoppers chose.

The folder holds PEFT's ``adapter_config.json`` and ``adapter_model.safetensors``; PEFT itself is not needed to read them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.errors import AdapterError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chatrec.embedding.single_text import SingleTextEncoder

CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"
_PREFIX = "base_model.model."


class TunedEmbedder(MiniLMEmbedder):
    """As :class:`MiniLMEmbedder`, with the adapter in ``folder``; at most ``pieces`` word pieces of a text count, as in its training.

    Raises :class:`AdapterError` where the folder holds no adapter of this encoder.
    """

    def __init__(self, folder: Path, *, pieces: int = 64, batch_size: int = 32, threads: int = 0) -> None:
        super().__init__(batch_size=batch_size, threads=threads)
        self._folder, self._pieces = folder, pieces
        self._scale = _scale(folder)
        try:
            with (folder / WEIGHTS_FILE).open("rb") as stream:
                self._digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise AdapterError(f"{folder / WEIGHTS_FILE} cannot be read ({error}); tune the encoder again") from error

    @property
    def name(self) -> str:
        """The base's name and the first digits of the adapter's digest."""
        return f"{super().name}+{self._digest[:8]}/{self._pieces}"

    def _loaded(self) -> Any:
        if self._model is None:
            model = super()._loaded()
            self._model = None  # stays so where the merge fails
            model.max_seq_length = self._pieces
            _merge(self._folder / WEIGHTS_FILE, dict(model[0].auto_model.named_modules()), self._scale)
            self._model = model
        return self._model

    def _single_loaded(self) -> SingleTextEncoder:
        return _FewAtOnce(self._loaded())  # type: ignore[return-value]  # all that is asked of it is encode_all


class _FewAtOnce:
    """The few texts of a turn through the model for many: the quick path knows no adapter."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def encode_all(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self._model.encode(
            list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return found


def _scale(folder: Path) -> float:
    try:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        if config["peft_type"] != "LORA":
            raise ValueError(f"peft_type is {config['peft_type']!r}, not 'LORA'")
        return float(config["lora_alpha"]) / int(config["r"])
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise AdapterError(f"{folder}: holds no LoRA adapter ({error}); tune the encoder again, or leave it out") from error


def _merge(path: Path, modules: Mapping[str, Any], scale: float) -> None:
    """W + scale B A in every map that the adapter names (Hu et al., LoRA, ICLR 2022, equation 3)."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise AdapterError(f"{path} cannot be read ({error}); tune the encoder again") from error
    downs = {key: value for key, value in tensors.items() if ".lora_A." in key}
    if not downs:
        raise AdapterError(f"{path} holds no LoRA weights; tune the encoder again")
    with torch.no_grad():
        for key, down in downs.items():
            module = modules.get(key.removeprefix(_PREFIX).partition(".lora_A.")[0])
            up = tensors.get(key.replace(".lora_A.", ".lora_B."))
            if module is None or up is None or module.weight.shape != (up.shape[0], down.shape[1]):
                raise AdapterError(f"{path}: '{key}' fits no weight of the encoder; tune it again")
            delta = scale * (up.float() @ down.float())
            if not torch.isfinite(delta).all():
                raise AdapterError(f"{path}: '{key}' holds values that are not finite; tune the encoder again")
            module.weight += delta
