"""Models written as GGUF, read back by readers that are not ours: transformers' own, and the gguf package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatrec.cli.export import Format, Precision, export_command
from chatrec.errors import AdapterError, ModelError
from chatrec.generation.fast_weights import merged_gguf
from chatrec.generation.gguf_export import write_gguf
from chatrec.generation.transformers_engine import TransformersGenerator, attach_adapter, load_model
from chatrec.generation.weights import base_weights
from chatrec.testing.generator_contract import PROMPT


def _logits(model: Any, tokenizer: Any) -> Any:
    import torch

    with torch.inference_mode():
        return model(tokenizer(PROMPT, add_special_tokens=False, return_tensors="pt")["input_ids"]).logits[0].float()


def _apart(want: Any, got: Any) -> float:
    """How far two sets of logits are apart, in their own spread: 0 for equal ones, above 1 for unrelated ones."""
    return float((want - got).pow(2).mean().sqrt() / want.std())


def _read_back(path: Path) -> Any:
    import torch
    from transformers import AutoModelForCausalLM, GgufConfig

    config = GgufConfig(dequantize=True)
    return AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, quantization_config=config, dtype=torch.float32)


@pytest.mark.parametrize(("precision", "tolerance"), [("f16", 0.01), ("q8_0", 0.1)])
def test_another_reader_gets_the_same_model(merging_base: Path, tmp_path: Path, precision: Any, tolerance: float) -> None:
    from transformers import AutoTokenizer

    model, tokenizer = load_model(base_weights(str(merging_base)))
    path = write_gguf(model, tokenizer, tmp_path / "m.gguf", name="tiny", precision=precision)
    read_tokenizer = AutoTokenizer.from_pretrained(tmp_path, gguf_file=path.name)
    assert read_tokenizer(PROMPT, add_special_tokens=False)["input_ids"] == tokenizer(PROMPT, add_special_tokens=False)["input_ids"]
    assert _apart(_logits(model, tokenizer), _logits(_read_back(path), tokenizer)) < tolerance


@pytest.mark.parametrize(("kind", "head"), [("qwen2", 8), ("qwen3", 128)])
def test_other_architectures_keep_their_meaning(merging_base: Path, tmp_path: Path, kind: str, head: int) -> None:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    _, tokenizer = load_model(base_weights(str(merging_base)))
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
    torch.manual_seed(3)
    made: Any = AutoConfig
    config = made.for_model(kind, vocab_size=len(tokenizer), head_dim=head, tie_word_embeddings=False, **shape)
    model = AutoModelForCausalLM.from_config(config).eval()
    read = _read_back(write_gguf(model, tokenizer, tmp_path / "m.gguf", name=kind, precision="f16"))
    assert _apart(_logits(model, tokenizer), _logits(read, tokenizer)) < 0.01


def test_what_has_no_known_form_is_refused_and_leaves_nothing(merging_base: Path, tmp_path: Path) -> None:
    model, tokenizer = load_model(base_weights(str(merging_base)))
    model.config.rope_parameters = {**model.config.rope_parameters, "rope_type": "yarn"}
    with pytest.raises(ModelError, match="yarn"):
        write_gguf(model, tokenizer, tmp_path / "m.gguf", name="tiny")
    model.config.model_type = "mamba"
    with pytest.raises(ModelError, match="mamba"):
        write_gguf(model, tokenizer, tmp_path / "m.gguf", name="tiny")
    assert list(tmp_path.iterdir()) == []


def test_an_adapter_is_merged_into_a_file_of_its_own(tiny_base: Path, make_adapter: Callable[..., Path]) -> None:
    adapter = make_adapter()
    plain, _ = merged_gguf(str(tiny_base), "none", precision="f16", progress=lambda line: None)
    said: list[str] = []
    tuned, name = merged_gguf(str(tiny_base), str(adapter), precision="f16", progress=said.append)
    assert tuned != plain and "noise@" in name and len(said) == 1
    model, _ = attach_adapter(load_model(base_weights(str(tiny_base)))[0], adapter, base_weights(str(tiny_base)))
    tokenizer = load_model(base_weights(str(tiny_base)))[1]
    want = _logits(model, tokenizer)
    assert _apart(want, _logits(_read_back(tuned), tokenizer)) < 0.01 < _apart(want, _logits(_read_back(plain), tokenizer)) / 10
    merged_gguf(str(tiny_base), str(adapter), precision="f16", progress=said.append)
    assert len(said) == 1  # kept


def test_export_writes_what_other_engines_load(tiny_base: Path, make_adapter: Callable[..., Path], tmp_path: Path) -> None:
    adapter = str(make_adapter())
    export_command(tmp_path / "out" / "shop.gguf", adapter, str(tiny_base), Format.gguf, Precision.f16, force=False)
    assert "FROM ./shop.gguf" in (tmp_path / "out" / "shop.Modelfile").read_text(encoding="utf-8")
    export_command(tmp_path / "merged", adapter, str(tiny_base), Format.merged, Precision.q8_0, force=False)
    alone = TransformersGenerator.open(str(tmp_path / "merged"), "none")
    tuned = TransformersGenerator.open(str(tiny_base), adapter)
    assert "".join(alone.generate(PROMPT, max_tokens=20)) == "".join(tuned.generate(PROMPT, max_tokens=20))
    with pytest.raises(ModelError, match="--force"):
        export_command(tmp_path / "merged", adapter, str(tiny_base), Format.merged, Precision.q8_0, force=False)


def test_a_foreign_adapter_is_not_exported(tiny_base: Path, make_adapter: Callable[..., Path], tmp_path: Path) -> None:
    foreign = make_adapter("foreign", base_digest="0" * 64)
    with pytest.raises(AdapterError, match="foreign"):
        export_command(tmp_path / "shop.gguf", str(foreign), str(tiny_base), Format.gguf, Precision.f16, force=False)
    assert not (tmp_path / "shop.gguf").exists()
