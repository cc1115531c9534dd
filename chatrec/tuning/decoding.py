"""Greedy or sampled replies of a model that is being trained, several at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

AT_ONCE = 12
"""Replies in one batch: on a CPU more gain little and wait for the longest."""


@torch.no_grad()
def decode_greedy(model: Any, tokenizer: Any, prompts: Sequence[str], most_tokens: int) -> list[str]:
    """The most likely reply to each prompt, up to the first special token; prompts are padded on the left and batched by length.

    ``model`` may be in training, with packed attention: it is put back as it was.
    """
    from transformers import GenerationConfig

    ends = sorted(set(tokenizer.all_special_ids))
    config = GenerationConfig(max_new_tokens=most_tokens, do_sample=False, pad_token_id=ends[0], eos_token_id=ends)  # type: ignore[no-untyped-call]
    ids = [tokenizer(prompt, add_special_tokens=False)["input_ids"] for prompt in prompts]
    order = sorted(range(len(ids)), key=lambda n: len(ids[n]))
    texts = [""] * len(ids)
    with _decoding(model) as plain:
        for first in range(0, len(order), AT_ONCE):
            batch = order[first : first + AT_ONCE]
            width = len(ids[batch[-1]])
            tokens = torch.tensor([[ends[0]] * (width - len(ids[n])) + ids[n] for n in batch], device=plain.device)
            mask = torch.tensor([[0] * (width - len(ids[n])) + [1] * len(ids[n]) for n in batch], device=plain.device)
            written = plain.generate(input_ids=tokens, attention_mask=mask, generation_config=config)[:, width:].tolist()
            for n, reply in zip(batch, written, strict=True):
                cut = next((at for at, token in enumerate(reply) if token in ends), len(reply))
                texts[n] = str(tokenizer.decode(reply[:cut], clean_up_tokenization_spaces=False))
    return texts


@contextmanager
def _decoding(model: Any) -> Iterator[Any]:
    """The model inside PEFT's, in evaluation mode and with transformers' own attention: that of training knows packs alone."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    config, was_training = inner.config, model.training
    chosen = config._attn_implementation
    model.eval()
    config._attn_implementation = "sdpa"
    try:
        yield inner
    finally:
        config._attn_implementation = chosen
        model.train(was_training)
