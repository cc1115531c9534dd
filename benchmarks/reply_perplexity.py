"""Perplexity of replies written by hand that no training row has: how likely the model finds a good assistant's words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from chatrec.cli.screen import progress
from chatrec.generation.adapters import find_adapter
from chatrec.generation.transformers_engine import attach_adapter, load_model
from chatrec.generation.weights import base_weights
from chatrec.metrics.intervals import resample
from chatrec.tuning.dataset import Example, tokenise
from chatrec.tuning.dialogues import written_rows


def perplexities(table: str, seed: int) -> dict[str, Any]:
    """Base and adapter on the held-out replies, ``[low, value, high]`` resampled by reply; the prompt counts for nothing."""
    rows = written_rows()
    figures: dict[str, Any] = {f"{table}/replies": len(rows)}
    for method, adapter in (("base", "none"), ("adapter", "auto")):
        weights = base_weights()
        model, tokenizer = load_model(weights)
        if (folder := find_adapter(adapter)) is not None:
            model, _ = attach_adapter(model, folder, weights)
        figures[f"{table}/{method}/perplexity"] = perplexity(model, tokenise(rows, tokenizer), method, seed)
    return figures


def perplexity(model: Any, examples: Sequence[Example], method: str, seed: int) -> list[float]:
    """``exp`` of the mean negative log likelihood of a completion's token (its end marker included), with its interval."""
    sums = []
    with progress() as report:
        for n, example in enumerate(examples, start=1):
            sums.append((negative_log_likelihood(model, example), float(len(example.completion))))
            report(f"{method}: perplexity", n, len(examples))
    ratio = resample(sums, seed).ratio(0, 1, digits=6)
    assert ratio is not None  # every completion has tokens
    return [round(math.exp(value), 3) for value in ratio]


def negative_log_likelihood(model: Any, example: Example) -> float:
    """Summed over the tokens of the completion, in nats."""
    import torch

    tokens = [*example.prefix, *example.own]
    with torch.inference_mode():
        logits = model(torch.tensor([tokens[:-1]], device=model.device)).logits[0, -len(example.completion) :].float()
    wanted = torch.tensor(example.completion, device=logits.device)
    return float(-logits.log_softmax(-1).gather(1, wanted[:, None]).sum())
