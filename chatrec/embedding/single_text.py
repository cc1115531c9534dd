"""The few texts of a turn through BERT without what large batches need: a shopper's words are embedded in every turn."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class _Part:
    """Weight and bias of a linear map or a normalisation."""

    weight: Tensor
    bias: Tensor


@dataclass(frozen=True, slots=True)
class _Layer:
    attend: _Part
    attended: _Part
    attended_norm: _Part
    widen: _Part
    narrow: _Part
    norm: _Part


class SingleTextEncoder:
    """The forward pass of a BERT encoder (Devlin et al., 2019) with mean pooling and unit norm, for one text or a few, on the CPU.

    ``folder`` holds ``config.json``, ``model.safetensors`` and ``tokenizer.json``; at most ``most_pieces`` word pieces of a text
    count. The vectors are those of sentence-transformers up to rounding, in two thirds of the time, and neither it nor transformers
    is loaded. Not safe to share between threads.
    """

    def __init__(self, folder: Path, most_pieces: int) -> None:
        from safetensors.torch import load_file
        from tokenizers import Tokenizer

        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        held: dict[str, Tensor] = load_file(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(most_pieces)
        self._heads, self._eps = int(config["num_attention_heads"]), float(config["layer_norm_eps"])
        self._words = held["embeddings.word_embeddings.weight"]
        self._places = held["embeddings.position_embeddings.weight"] + held["embeddings.token_type_embeddings.weight"][0]
        self._norm = _part(held, "embeddings.LayerNorm")
        self._layers = tuple(_layer(held, f"encoder.layer.{n}") for n in range(int(config["num_hidden_layers"])))

    def encode(self, text: str) -> NDArray[np.float32]:
        """The unit vector of ``text``, shape ``(d,)``."""
        vector: NDArray[np.float32] = self.encode_all([text])[0]
        return vector

    def encode_all(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The unit vectors of ``texts``, shape ``(len(texts), d)``. Those of equal length go through together: nothing is padded."""
        import numpy as np
        import torch
        from torch.nn import functional

        pieces = [self._tokenizer.encode(text).ids for text in texts]
        vectors = np.empty((len(texts), self._words.shape[1]), dtype=np.float32)
        with torch.inference_mode():
            for length in {len(ids) for ids in pieces}:
                rows = [row for row, ids in enumerate(pieces) if len(ids) == length]
                hidden = self._normed(self._words[torch.tensor([pieces[row] for row in rows])] + self._places[:length], self._norm)
                for layer in self._layers:
                    hidden = self._through(hidden, layer)
                vectors[rows] = functional.normalize(hidden.mean(dim=1), dim=1).numpy()
        return vectors

    def _through(self, hidden: Tensor, layer: _Layer) -> Tensor:
        from torch.nn import functional

        texts, n, d = hidden.shape
        query, key, value = _linear(hidden, layer.attend).view(texts, n, 3, self._heads, d // self._heads).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(texts, n, d)
        hidden = self._normed(_linear(mixed, layer.attended) + hidden, layer.attended_norm)
        widened = functional.gelu(_linear(hidden, layer.widen))
        return self._normed(_linear(widened, layer.narrow) + hidden, layer.norm)

    def _normed(self, x: Tensor, by: _Part) -> Tensor:
        from torch.nn import functional

        return functional.layer_norm(x, by.weight.shape, by.weight, by.bias, self._eps)


def _layer(held: Mapping[str, Tensor], name: str) -> _Layer:
    return _Layer(
        _joined([_part(held, f"{name}.attention.self.{part}") for part in ("query", "key", "value")]),
        _part(held, f"{name}.attention.output.dense"),
        _part(held, f"{name}.attention.output.LayerNorm"),
        _part(held, f"{name}.intermediate.dense"),
        _part(held, f"{name}.output.dense"),
        _part(held, f"{name}.output.LayerNorm"),
    )


def _part(held: Mapping[str, Tensor], name: str) -> _Part:
    return _Part(held[f"{name}.weight"], held[f"{name}.bias"])


def _joined(parts: Sequence[_Part]) -> _Part:
    """Query, key and value as one matrix: one product instead of three."""
    import torch

    return _Part(torch.cat([p.weight for p in parts]), torch.cat([p.bias for p in parts]))


def _linear(x: Tensor, by: _Part) -> Tensor:
    from torch.nn import functional

    return functional.linear(x, by.weight, by.bias)
