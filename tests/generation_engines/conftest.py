"""A tiny base model, and adapters trained on nothing but noise, for the engine tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatrec.generation.adapters import AdapterCard, weights_digest, write_card
from chatrec.generation.weights import base_weights
from chatrec.testing.tiny_model import write_tiny_base


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_base(tmp_path_factory.mktemp("tiny") / "base")


@pytest.fixture(scope="module")
def merging_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a token of several bytes, as readers of GGUF files want."""
    return write_tiny_base(tmp_path_factory.mktemp("merging") / "base", merges=[("t", "h"), ("Ġ", "th")])


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is merged from the tiny base stays out of the cache that the machine keeps; the built-in base is still found there."""
    place = tmp_path_factory.mktemp("merged")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chatrec.generation.fast_weights.cache_folder", lambda: place)
        yield


@pytest.fixture
def make_adapter(tiny_base: Path, tmp_path: Path) -> Callable[..., Path]:
    """Writes an adapter with random weights, large enough to change the text."""

    def make(name: str = "noise", **card: str) -> Path:
        import torch
        from safetensors.torch import save_file
        from transformers import AutoConfig

        config = AutoConfig.from_pretrained(tiny_base)
        dice, folder, tensors = torch.Generator().manual_seed(1), tmp_path / name, {}
        for layer in range(config.num_hidden_layers):
            key = f"base_model.model.model.layers.{layer}.self_attn.q_proj.lora_"
            tensors[f"{key}A.weight"] = torch.randn(4, config.hidden_size, generator=dice).bfloat16()
            tensors[f"{key}B.weight"] = torch.randn(config.hidden_size, 4, generator=dice).bfloat16()
        folder.mkdir()
        save_file(tensors, folder / "adapter_model.safetensors")
        (folder / "adapter_config.json").write_text(
            '{"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj"], "task_type": "CAUSAL_LM"}'
        )
        base = base_weights(str(tiny_base))
        entries = {"name": name, "base_name": base.name, "base_digest": base.digest, "weights_digest": weights_digest(folder), **card}
        write_card(folder, AdapterCard(**entries))
        return folder

    return make
