"""Packed training equals training one example after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chatrec.generation.weights import base_weights
from chatrec.tuning import packing
from chatrec.tuning.dataset import Example, pack_examples, tokenise
from chatrec.tuning.lora import adapted_model
from chatrec.tuning.packing import pack_loss, packing_agrees, quicken_lora
from chatrec.tuning.train import TuningSettings

from .conftest import make_rows


@pytest.fixture
def adapted(tiny_base: Path) -> tuple[Any, list[Example]]:
    """A model whose adapter does something (a fresh one has upward halves of zero)."""
    import torch

    model, tokenizer = adapted_model(base_weights(str(tiny_base)), TuningSettings(rank=4))
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "lora_B" in name:
                value.normal_(0.0, 0.1)
    rows = make_rows(5)
    rows[3]["prompt"] = rows[3]["prompt"].replace("light", "").replace("kg", "kilograms, and more words to make it longer")
    return model, tokenise(rows, tokenizer)


def _gradients(model: Any, packs: list[Any]) -> tuple[float, dict[str, Any]]:
    model.zero_grad()
    total = 0.0
    for pack in packs:
        loss = pack_loss(model, pack)
        loss.backward()
        total += float(loss.detach())
    return total, {name: value.grad.clone() for name, value in model.named_parameters() if value.requires_grad}


def _reference(model: Any, tiny_base: Path, examples: list[Example]) -> tuple[float, dict[str, Any]]:
    """Transformers' own loss with labels, one example at a time, under its own attention."""
    import torch

    model.zero_grad()
    model.config._attn_implementation = "eager"
    total = 0.0
    for example in examples:
        ids = torch.tensor([example.prefix + example.own])
        labels = ids.clone()
        labels[:, : len(example) - len(example.completion)] = -100
        loss = model(input_ids=ids, labels=labels, use_cache=False).loss * len(example.completion)
        loss.backward()
        total += float(loss.detach())
    model.config._attn_implementation = packing.ATTENTION
    return total, {name: value.grad.clone() for name, value in model.named_parameters() if value.requires_grad}


def test_loss_and_gradients_equal_transformers_own(adapted: tuple[Any, list[Example]], tiny_base: Path) -> None:
    import torch

    model, examples = adapted
    expected, gradients = _reference(model, tiny_base, examples)
    for quick in (False, True):
        if quick:
            assert quicken_lora(model) == 14
        for most in (1, 150, 10_000):
            loss, found = _gradients(model, pack_examples(examples, most))
            assert loss == pytest.approx(expected, rel=1e-4)
            assert found.keys() == gradients.keys()
            for name, value in found.items():
                assert torch.allclose(value, gradients[name], rtol=1e-3, atol=1e-4), name


def test_a_model_that_attends_differently_is_noticed(adapted: tuple[Any, list[Example]], monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    model, examples = adapted
    assert packing_agrees(model, examples)
    monkeypatch.setattr(
        packing, "_masks", lambda lengths, device: tuple(torch.ones(n, lengths[0] + n, dtype=torch.bool) for n in lengths[1:])
    )
    assert not packing_agrees(model, examples)


def test_only_upper_layers_are_adapted_when_asked(tiny_base: Path) -> None:
    model, _ = adapted_model(base_weights(str(tiny_base)), TuningSettings(rank=4, layers=1))
    adapted = {name.split("layers.")[1][0] for name, value in model.named_parameters() if value.requires_grad}
    assert adapted == {"1"}


def test_embeddings_and_head_are_left_alone(adapted: tuple[Any, list[Example]]) -> None:
    model, _ = adapted
    learned = {name for name, value in model.named_parameters() if value.requires_grad}
    assert len(learned) == 2 * 7 * 2 and all(".lora_" in name for name in learned)
