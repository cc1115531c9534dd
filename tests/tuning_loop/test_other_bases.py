"""Any decoder of the known shapes goes through the same pipeline: trained, loaded with its adapter, exported, loaded again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chatrec.cli.export import Format, Precision, export_command
from chatrec.generation.adapters import check_adapter
from chatrec.generation.transformers_engine import TransformersGenerator
from chatrec.generation.weights import base_weights
from chatrec.testing.tiny_model import write_tiny_base
from chatrec.tuning.train import train_adapter
from chatrec.tuning.tuning_settings import TuningSettings

from .conftest import make_rows


def _base(folder: Path, kind: str) -> Path:
    """A Llama, or another shape with the Llama's tokenizer."""
    write_tiny_base(folder, merges=[("t", "h"), ("Ġ", "th")])
    if kind == "llama":
        return folder
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    made: Any = AutoConfig
    config = made.for_model(
        kind, vocab_size=len(AutoTokenizer.from_pretrained(folder)), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, head_dim=128 if kind == "qwen3" else 8, max_position_embeddings=1024, tie_word_embeddings=kind == "qwen2",
        initializer_range=0.2, bos_token_id=1, eos_token_id=2, pad_token_id=2,
    )  # fmt: skip
    before = torch.get_rng_state()
    torch.manual_seed(3)
    model = AutoModelForCausalLM.from_config(config)
    torch.set_rng_state(before)
    model.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("kind", ["llama", "qwen2", "qwen3"])
def test_from_rows_to_files_that_other_engines_run(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path / "cache"))
    base = _base(tmp_path / "base", kind)
    rows, held_out = make_rows(24, seed=1), make_rows(6, seed=2)
    report = train_adapter(
        rows, held_out, tmp_path / "shop", base=str(base), settings=TuningSettings(epochs=4, rank=4, rate=0.02, threads=1),
        checkpoint_folder=tmp_path / "checkpoints", progress=lambda _: None,
    )  # fmt: skip
    assert report.loss_after < 0.9 * report.loss_before
    assert check_adapter(report.folder, base_weights(str(base))).base_name == "base"
    tuned = TransformersGenerator.open(str(base), str(report.folder))
    text = "".join(tuned.generate(held_out[0]["prompt"], max_tokens=20))
    assert text and text != "".join(TransformersGenerator.open(str(base), "none").generate(held_out[0]["prompt"], max_tokens=20))
    export_command(tmp_path / "merged", str(report.folder), str(base), Format.merged, Precision.q8_0, force=False)
    alone = TransformersGenerator.open(str(tmp_path / "merged"), "none")
    assert "".join(alone.generate(held_out[0]["prompt"], max_tokens=20)) == text
    export_command(tmp_path / "shop.gguf", str(report.folder), str(base), Format.gguf, Precision.f16, force=False)
    assert _greedy(tmp_path / "shop.gguf", base, held_out[0]["prompt"], 20) == text


def _greedy(path: Path, base: Path, prompt: str, most: int) -> str:
    """What transformers' own reader of GGUF files makes of the exported one."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, GgufConfig

    tokenizer = AutoTokenizer.from_pretrained(base)
    config = GgufConfig(dequantize=True)
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, quantization_config=config, dtype=torch.float32)
    ids = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")["input_ids"]
    greedy: Any = GenerationConfig(max_new_tokens=most, do_sample=False, eos_token_id=sorted(tokenizer.all_special_ids), pad_token_id=2)
    written = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), generation_config=greedy)[0, ids.shape[1] :]
    return str(tokenizer.decode(written, skip_special_tokens=True, clean_up_tokenization_spaces=False))
