"""MiniLM with a LoRA adapter: item texts and history texts to vectors, the frozen layers of the items computed once."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from chatrec.errors import SettingsError
from chatrec.tuning.semantic_settings import EncoderSettings

_AT_ONCE = 64  # texts in a forward pass without gradient


class AdaptedEncoder:
    """The encoder under training. ``texts`` are the items' texts, in row order.

    Outputs of the layers below the adapter are kept for every item as float16, items x ``pieces`` x d x 2 bytes (0.2 GB for 4,000
    items of 64 word pieces), and in ``kept`` for the next run on the same texts. ``vectors`` are those of the encoder as it is, items x d.
    """

    def __init__(self, texts: Sequence[str], folder: Path, settings: EncoderSettings, kept: Path) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from transformers import AutoModel, AutoTokenizer

        with _quietly():
            base = AutoModel.from_pretrained(str(folder), local_files_only=True)
            self._tokenizer: Any = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        count = int(base.config.num_hidden_layers)
        if not 0 <= settings.frozen_layers < count:
            raise SettingsError(f"frozen_layers is {settings.frozen_layers}: the encoder has {count} layers, leave at least one to learn")
        self._settings, self._frozen = settings, settings.frozen_layers
        self.model = _adapted(base, settings, count)
        self._bert = self.model.get_base_model()
        self.vectors: NDArray[np.float32]
        place = kept / f"frozen-{_digest(texts, settings)}.npz"
        if place.is_file():
            with np.load(place, allow_pickle=False) as held:
                self._kept, self._starts, self.vectors = held["hidden"], held["starts"], held["vectors"]
            return
        self._kept, self._starts = self._lower(texts)
        self.vectors = self.all_rows(np.arange(len(texts)))
        kept.mkdir(parents=True, exist_ok=True)
        fresh = place.with_name(f".{os.getpid()}-{place.name}")
        np.savez(fresh, hidden=self._kept, starts=self._starts, vectors=self.vectors)
        fresh.replace(place)

    @property
    def parameters(self) -> dict[str, Tensor]:
        """What learns, by name."""
        return {name: value for name, value in self.model.named_parameters() if value.requires_grad}

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Puts these values into the adapter."""
        own = self.parameters
        with torch.no_grad():
            for name, value in tensors.items():
                own[name].copy_(value)

    def rows(self, rows: NDArray[np.integer]) -> Tensor:
        """Unit vectors of items, shape (rows, d), with gradient."""
        lengths = self._starts[rows + 1] - self._starts[rows]
        longest = int(lengths.max())
        hidden = torch.zeros(len(rows), longest, self._kept.shape[1])
        mask = torch.from_numpy(np.arange(longest)[None, :] < lengths[:, None])
        for place, row in enumerate(rows):
            piece = self._kept[self._starts[row] : self._starts[row + 1]]
            hidden[place, : len(piece)] = torch.from_numpy(piece.astype(np.float32))
        return self._upper(hidden, mask)

    def all_rows(self, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Unit vectors of items without gradient, shape (rows, d)."""
        with torch.no_grad():
            parts = [self.rows(rows[n : n + _AT_ONCE]).numpy() for n in range(0, len(rows), _AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros((0, self._kept.shape[1]), np.float32)

    def texts(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors of any texts, shape (texts, d), with gradient in the adapted layers."""
        tokens = self._tokens(texts)
        mask = tokens["attention_mask"].bool()
        with torch.no_grad():
            hidden = self._through(self._bert.embeddings(input_ids=tokens["input_ids"]), mask, 0, self._frozen)
        return self._upper(hidden, mask)

    def _upper(self, hidden: Tensor, mask: Tensor) -> Tensor:
        hidden = self._through(hidden, mask, self._frozen, len(self._bert.encoder.layer))
        shown = mask.unsqueeze(-1).to(hidden.dtype)
        return functional.normalize((hidden * shown).sum(dim=1) / shown.sum(dim=1), dim=1)

    def _through(self, hidden: Tensor, mask: Tensor, first: int, last: int) -> Tensor:
        wide = mask[:, None, None, :].expand(-1, 1, mask.shape[1], -1)
        for layer in self._bert.encoder.layer[first:last]:
            found = layer(hidden, wide)
            hidden = found[0] if isinstance(found, tuple) else found
        return hidden

    def _lower(self, texts: Sequence[str]) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
        parts: list[NDArray[np.float16]] = []
        lengths: list[int] = []
        with torch.no_grad():
            for n in range(0, len(texts), _AT_ONCE):
                tokens = self._tokens(texts[n : n + _AT_ONCE])
                mask = tokens["attention_mask"].bool()
                hidden = self._through(self._bert.embeddings(input_ids=tokens["input_ids"]), mask, 0, self._frozen)
                parts.append(hidden[mask].numpy().astype(np.float16))
                lengths += mask.sum(dim=1).tolist()
        kept = np.concatenate(parts) if parts else np.zeros((0, self._bert.config.hidden_size), np.float16)
        return kept, np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)

    def _tokens(self, texts: Sequence[str]) -> Any:
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        return self._tokenizer(clean, truncation=True, max_length=self._settings.pieces, padding=True, return_tensors="pt")

    def save(self, folder: Path) -> None:
        """Writes PEFT's two files, the weights in bfloat16."""
        from peft import get_peft_model_state_dict
        from safetensors.torch import save_file

        found = get_peft_model_state_dict(self.model)
        tensors = {key: value.detach().to(torch.bfloat16).contiguous() for key, value in found.items()}
        save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
        (folder / "adapter_model.safetensors").chmod(0o644)  # safetensors writes for the owner alone
        config = self.model.peft_config["default"]
        config.base_model_name_or_path, config.inference_mode = "all-MiniLM-L6-v2", True
        config.save_pretrained(str(folder))


def _adapted(base: Any, settings: EncoderSettings, count: int) -> Any:
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(settings.seed)
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=0.0,
        target_modules=[name.strip() for name in settings.targets.split(",")],
        layers_to_transform=list(range(settings.frozen_layers, count)),
        layers_pattern="layer",
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)  # PEFT asks transformers by an old name
        adapted = get_peft_model(base, config)
    return adapted.eval()  # the base's own dropout stays off: distances, not words, are learnt


def _digest(texts: Sequence[str], settings: EncoderSettings) -> str:
    told = json.dumps([settings.pieces, settings.frozen_layers, *texts])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@contextmanager
def _quietly() -> Iterator[None]:
    from transformers.utils import logging as transformers_logging

    logging: Any = transformers_logging  # its functions carry no types
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
