"""Two ways to run a causal LM one token at a time: transformers' own forward, and a leaner one for Llama-shaped models on a CPU.

Decoding one sequence reads every weight once a token, so it is bound by memory. The lean decoder halves that traffic by keeping the
matrices in float16 (FBGEMM multiplies them with float32 activations) and skips the Python layers in between. It is used only after it
has reproduced transformers' logits on the machine at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn.functional import linear, rms_norm, scaled_dot_product_attention, silu

# largest difference of logits, relative to their spread, between the lean decoder and transformers; float16 rounding gives about 1e-3
TOLERANCE = 0.02
_PREFIXES_KEPT = 4


class Decoder(Protocol):
    """Runs one sequence at a time."""

    def start(self, prefix: Sequence[int], rest: Sequence[int], room: int) -> Tensor:
        """Reads ``prefix + rest`` (``rest`` is not empty) and returns the next token's logits; ``room`` tokens may follow. The
        work on ``prefix`` is kept for the next call, which changes nothing in the result."""

    def step(self, token: int) -> Tensor:
        """Appends a token and returns the next one's logits, shape ``(vocabulary,)``, float32."""


class PlainDecoder:
    """Transformers' own forward with a dynamic key-value cache: any causal LM, any device."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self._prefixes: dict[tuple[int, ...], list[tuple[Tensor, Tensor]]] = {}
        self._cache: Any = None

    @torch.inference_mode()
    def start(self, prefix: Sequence[int], rest: Sequence[int], room: int) -> Tensor:
        """See :class:`Decoder`."""
        from transformers import DynamicCache

        self._cache = DynamicCache(config=self.model.config)
        if prefix:
            for layer, (keys, values) in enumerate(self._prefix(tuple(prefix))):
                self._cache.update(keys, values, layer)
        return self._forward(rest)

    @torch.inference_mode()
    def step(self, token: int) -> Tensor:
        """See :class:`Decoder`."""
        return self._forward([token])

    def layers(self) -> list[tuple[Tensor, Tensor]]:
        """Keys and values of the sequence so far, ``(1, heads, tokens, size)`` a layer."""
        return [(layer.keys, layer.values) for layer in self._cache.layers]

    def _prefix(self, prefix: tuple[int, ...]) -> list[tuple[Tensor, Tensor]]:
        from transformers import DynamicCache

        if prefix not in self._prefixes:
            cache: Any = DynamicCache(config=self.model.config)
            self.model(self._ids(prefix), past_key_values=cache, use_cache=True, logits_to_keep=1)
            while len(self._prefixes) >= _PREFIXES_KEPT:
                del self._prefixes[next(iter(self._prefixes))]
            self._prefixes[prefix] = [(layer.keys, layer.values) for layer in cache.layers]
        return self._prefixes[prefix]

    def _forward(self, tokens: Sequence[int]) -> Tensor:
        out = self.model(self._ids(tokens), past_key_values=self._cache, use_cache=True, logits_to_keep=1)
        logits: Tensor = out.logits[0, -1].float()
        return logits

    def _ids(self, tokens: Sequence[int]) -> Tensor:
        return torch.tensor([list(tokens)], device=self.model.device)


class LeanDecoder:
    """Llama-shaped models on a CPU: prompts go through transformers, single tokens through float16 matrices."""

    def __init__(self, model: Any) -> None:
        config = model.config
        self._plain = PlainDecoder(model)
        self._heads, self._groups = config.num_attention_heads, config.num_key_value_heads
        self._size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        self._eps, self._wide = config.rms_norm_eps, config.intermediate_size
        self._blocks = [_Block(layer) for layer in model.model.layers]
        self._norm = model.model.norm.weight.detach().float()
        self._head = _Matrix(model.lm_head.weight)
        self._keys: list[Tensor] = []
        self._values: list[Tensor] = []
        self._cos = self._sin = torch.empty(0)
        self._length = 0

    @torch.inference_mode()
    def start(self, prefix: Sequence[int], rest: Sequence[int], room: int) -> Tensor:
        """See :class:`Decoder`."""
        logits = self._plain.start(prefix, rest, room)
        self._length = len(prefix) + len(rest)
        longest = self._length + room + 1
        self._keys, self._values = [], []
        for keys, values in self._plain.layers():
            for kept, filled in ((self._keys, keys), (self._values, values)):
                whole = torch.empty(1, self._groups, longest, self._size)
                whole[:, :, : self._length] = filled
                kept.append(whole)
        cos, sin = self._plain.model.model.rotary_emb(self._keys[0], torch.arange(longest)[None])
        half = self._size // 2
        self._cos, self._sin = cos[0].float(), torch.cat([-sin[0, :, :half], sin[0, :, half:]], -1).float()
        return logits

    @torch.inference_mode()
    def step(self, token: int) -> Tensor:
        """See :class:`Decoder`."""
        x = self._plain.model.model.embed_tokens.weight[token : token + 1].float()
        for layer, block in enumerate(self._blocks):
            x = x + self._attend(x, block, layer)
            wide = block.gate_up(rms_norm(x, x.shape[-1:], block.norm_2, self._eps))
            x = x + block.down(silu(wide[:, : self._wide]) * wide[:, self._wide :])
        self._length += 1
        return self._head(rms_norm(x, x.shape[-1:], self._norm, self._eps))[0]

    def _attend(self, x: Tensor, block: _Block, layer: int) -> Tensor:
        at, heads, groups, size = self._length, self._heads, self._groups, self._size
        mixed = block.qkv(rms_norm(x, x.shape[-1:], block.norm_1, self._eps))
        turned = mixed[:, : (heads + groups) * size].view(heads + groups, size)
        turned = turned * self._cos[at] + turned.roll(size // 2, -1) * self._sin[at]
        keys, values = self._keys[layer], self._values[layer]
        keys[0, :, at] = turned[heads:]
        values[0, :, at] = mixed[0, (heads + groups) * size :].view(groups, size)
        # the query heads that share a key head stand in as query positions: no copies of keys and values
        queries = turned[:heads].view(1, groups, heads // groups, size)
        seen = scaled_dot_product_attention(queries, keys[:, :, : at + 1], values[:, :, : at + 1])
        return block.out(seen.reshape(1, heads * size))


class _Matrix:
    """``x @ weight.T`` with a float16 copy of the weight where FBGEMM exists, else float32."""

    def __init__(self, *weights: Tensor) -> None:
        whole = torch.cat([weight.detach().float() for weight in weights]).contiguous()
        self._packed = None
        if "fbgemm" in torch.backends.quantized.supported_engines:
            self._packed = torch.ops.quantized.linear_prepack_fp16(whole, None)
        self._weight = whole if self._packed is None else torch.empty(0)

    def __call__(self, x: Tensor) -> Tensor:
        if self._packed is None:
            return linear(x, self._weight)
        product: Tensor = torch.ops.quantized.linear_dynamic_fp16(x, self._packed)
        return product


class _Block:
    """The weights of one layer, the matrices that share an input joined."""

    def __init__(self, layer: Any) -> None:
        attention, mlp = layer.self_attn, layer.mlp
        self.norm_1 = layer.input_layernorm.weight.detach().float()
        self.norm_2 = layer.post_attention_layernorm.weight.detach().float()
        self.qkv = _Matrix(attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight)
        self.out = _Matrix(attention.o_proj.weight)
        self.gate_up = _Matrix(mlp.gate_proj.weight, mlp.up_proj.weight)
        self.down = _Matrix(mlp.down_proj.weight)


def choose_decoder(model: Any, sample: Sequence[int]) -> Decoder:
    """The lean decoder where it applies and gives transformers' logits on ``sample`` (at least three tokens), else the plain one."""
    plain = PlainDecoder(model)
    if model.device.type != "cpu" or model.config.model_type != "llama" or getattr(model.config, "attention_bias", False):
        return plain
    try:
        lean = LeanDecoder(model)
        expected, found = _two_steps(plain, sample), _two_steps(lean, sample)
    except (AttributeError, RuntimeError, TypeError):  # an unmerged adapter, biases, another layout: the plain way knows them all
        return plain
    return lean if float((expected - found).abs().max()) <= TOLERANCE * float(expected.std()) else plain


def _two_steps(decoder: Decoder, sample: Sequence[int]) -> Tensor:
    decoder.start([], sample[:-2], 2)
    decoder.step(sample[-2])
    return decoder.step(sample[-1])
