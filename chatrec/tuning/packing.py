"""Training on packs: attention that keeps the examples of a pack apart, a lean LoRA product, and the loss.

All examples of a pack share their prefix (the system turn): it is computed once, every example attends to it, and none to another.
The result equals that of one example after the other; :func:`packing_agrees` proves it on the model at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, scaled_dot_product_attention

from chatrec.tuning.dataset import Example, Pack, pack_examples

ATTENTION = "chatrec_packs"
# largest relative difference of the loss between packed and single examples; float32 rounding gives about 1e-6, bfloat16 about 1e-2
_TOLERANCE = {torch.float32: 1e-3, torch.bfloat16: 3e-2}


def register_attention() -> None:
    """Makes ``attn_implementation=ATTENTION`` known to transformers."""
    from transformers import AttentionInterface

    AttentionInterface.register(ATTENTION, _attend)


def pack_loss(model: Any, pack: Pack) -> Tensor:
    """Summed negative log likelihood of the pack's targets; logits are computed only where a target is."""
    device = model.device
    out = model(
        input_ids=torch.tensor([pack.tokens], device=device),
        position_ids=torch.tensor([pack.positions], device=device),
        use_cache=False,
        logits_to_keep=torch.tensor(pack.predicting, device=device),
        segments=pack.lengths,
        masks=_masks(pack.lengths, device),
    )
    return cross_entropy(out.logits[0].float(), torch.tensor(pack.targets, device=device), reduction="sum")


def mean_loss(model: Any, packs: Sequence[Pack]) -> float:
    """Mean negative log likelihood of a target token, in nats."""
    return summed_loss(model, packs) / max(1, sum(len(pack.targets) for pack in packs))


@torch.no_grad()
def summed_loss(model: Any, packs: Sequence[Pack]) -> float:
    """Summed negative log likelihood of all targets, in nats, the model in evaluation mode meanwhile."""
    was_training = model.training
    model.eval()
    total = sum(float(pack_loss(model, pack)) for pack in packs)
    model.train(was_training)
    return total


def packing_agrees(model: Any, examples: Sequence[Example]) -> bool:
    """Whether two packed examples give the loss that they give one by one under transformers' own attention."""
    pair = list(examples[:2])
    packed = mean_loss(model, pack_examples(pair, sum(map(len, pair))))
    config = model.config
    chosen = config._attn_implementation
    config._attn_implementation = "eager"
    try:
        single = mean_loss(model, pack_examples(pair, 1))
    finally:
        config._attn_implementation = chosen
    return abs(packed - single) <= _TOLERANCE.get(model.dtype, 3e-2) * max(1.0, abs(single))


def quicken_lora(model: Any) -> int:
    """Replaces the forward of PEFT's LoRA layers (plain weights, no dropout, one adapter) by one fused product; returns how many.

    The parameters stay PEFT's own; only the path through them is shorter: the low-rank part is added in place, and the activation
    is kept once for the backward pass.
    """
    changed = 0
    for layer in model.modules():
        if hasattr(layer, "lora_A") and list(layer.lora_A) == ["default"] and getattr(layer.base_layer, "bias", None) is None:
            layer.forward = _LeanForward(layer)
            changed += 1
    return changed


class _LeanForward:
    def __init__(self, layer: Any) -> None:
        self._weight = layer.base_layer.weight
        self._down, self._up = layer.lora_A["default"].weight, layer.lora_B["default"].weight
        self._scale = float(layer.scaling["default"])

    def __call__(self, x: Tensor, *_: Any, **__: Any) -> Tensor:
        flat = _LoraProduct.apply(x.reshape(-1, x.shape[-1]), self._weight, self._down, self._up, self._scale)  # type: ignore[no-untyped-call]
        product: Tensor = flat.view(*x.shape[:-1], -1)
        return product


class _LoraProduct(torch.autograd.Function):
    """``x W' + s (x A') B'`` with gradients for x, A and B; W is frozen."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, down: Tensor, up: Tensor, scale: float) -> Tensor:
        low = x @ down.to(x.dtype).t()
        ctx.save_for_backward(x, weight, down, up, low)
        ctx.scale = scale
        return torch.addmm(x @ weight.t(), low, up.to(x.dtype).t(), alpha=scale)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, None, Tensor, Tensor, None]:
        (gradient,) = gradients
        x, weight, down, up, low = ctx.saved_tensors
        low_gradient = gradient @ up.to(gradient.dtype)
        down_gradient = (low_gradient.t() @ x).to(down.dtype) * ctx.scale
        up_gradient = (gradient.t() @ low).to(up.dtype) * ctx.scale
        if not ctx.needs_input_grad[0]:
            return None, None, down_gradient, up_gradient, None
        return torch.addmm(gradient @ weight, low_gradient, down.to(x.dtype), alpha=ctx.scale), None, down_gradient, up_gradient, None


def _masks(lengths: Sequence[int], device: Any) -> tuple[Tensor, ...]:
    """For each example, which of ``prefix + own`` each own token may see."""
    prefix = lengths[0]
    return tuple(torch.ones(n, prefix + n, dtype=torch.bool, device=device).tril(prefix) for n in lengths[1:])


def _attend(
    module: Any, query: Tensor, key: Tensor, value: Tensor, _mask: Any, scaling: float | None = None, **extra: Any
) -> tuple[Tensor, None]:
    """Attention of one pack, in the shape that transformers asks of an attention function."""
    groups = getattr(module, "num_key_value_groups", 1)
    if groups > 1:
        key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
    lengths = list(extra["segments"])
    queries, keys, values = (torch.split(part, lengths, 2) for part in (query, key, value))
    seen = [scaled_dot_product_attention(queries[0], keys[0], values[0], is_causal=True, scale=scaling)] if lengths[0] else []
    for n, mask in enumerate(extra["masks"], start=1):
        own_keys, own_values = (torch.cat([part[0], part[n]], 2) if lengths[0] else part[n] for part in (keys, values))
        seen.append(scaled_dot_product_attention(queries[n], own_keys, own_values, attn_mask=mask, scale=scaling))
    return torch.cat(seen, 2).transpose(1, 2).contiguous(), None
