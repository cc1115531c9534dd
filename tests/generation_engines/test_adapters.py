"""Adapter folders: found, read, refused when foreign or damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chatrec.errors import AdapterError
from chatrec.generation.adapters import SHIPPED_ADAPTER, check_adapter, find_adapter, read_card
from chatrec.generation.transformers_engine import TransformersGenerator
from chatrec.generation.weights import base_weights

MakeAdapter = Callable[..., Path]
PROMPT = "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n"


def _text(base: Path, adapter: str, *, merge: bool = True) -> str:
    generator = TransformersGenerator.open(str(base), adapter, merge=merge)
    return "".join(generator.generate(PROMPT, max_tokens=20))


def test_an_adapter_changes_the_text_and_is_named(tiny_base: Path, make_adapter: MakeAdapter) -> None:
    folder = make_adapter("mine")
    generator = TransformersGenerator.open(str(tiny_base), str(folder))
    assert "base+mine@" in generator.name
    assert "".join(generator.generate(PROMPT, max_tokens=20)) != _text(tiny_base, "none")


def test_merged_and_unmerged_agree(tiny_base: Path, make_adapter: MakeAdapter) -> None:
    import torch

    from chatrec.generation.transformers_engine import attach_adapter, load_model

    folder, base = make_adapter(), base_weights(str(tiny_base))
    ids = torch.tensor([list(range(5, 60))])
    logits = {}
    for merge in (False, True):
        model, _ = attach_adapter(load_model(base)[0], folder, base, merge=merge)
        with torch.inference_mode():
            logits[merge] = model(ids).logits
    assert torch.allclose(logits[False], logits[True], atol=1e-4)
    bare, _ = load_model(base)
    with torch.inference_mode():
        assert not torch.allclose(bare(ids).logits, logits[True], atol=1e-2)
    assert _text(tiny_base, str(folder), merge=True) == _text(tiny_base, str(folder), merge=False)


def test_a_foreign_adapter_is_refused(tiny_base: Path, make_adapter: MakeAdapter) -> None:
    folder = make_adapter(base_name="other-model", base_digest="ab" * 32)
    with pytest.raises(AdapterError, match=r"trained on other-model \(abababababab\), but the base model is base"):
        TransformersGenerator.open(str(tiny_base), str(folder))


@pytest.mark.parametrize(
    "damage", ["flipped byte", "truncated", "no weights", "no card", "bad card", "bad config", "no config", "not lora"]
)
def test_a_damaged_adapter_is_refused(tiny_base: Path, make_adapter: MakeAdapter, damage: str) -> None:
    folder = make_adapter()
    weights, card, config = (folder / name for name in ("adapter_model.safetensors", "card.json", "adapter_config.json"))
    data = weights.read_bytes()
    if damage == "flipped byte":
        weights.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif damage == "truncated":
        weights.write_bytes(data[:100])
    elif damage in ("no weights", "no card", "no config"):
        {"no weights": weights, "no card": card, "no config": config}[damage].unlink()
    elif damage == "not lora":
        config.write_text('{"peft_type": "IA3"}')
    else:
        (card if damage == "bad card" else config).write_text('{"name": ')
    with pytest.raises(AdapterError, match=str(folder)):
        check_adapter(folder, base_weights(str(tiny_base)))


def test_tensors_that_do_not_fit_are_refused(tiny_base: Path, make_adapter: MakeAdapter) -> None:
    """The card is honest, but the weights belong to a model of another shape, or are not numbers."""
    import torch
    from safetensors.torch import load_file, save_file

    from chatrec.generation.adapters import check_tensors

    folder = make_adapter()
    shapes = {f"model.layers.{n}.self_attn.q_proj.weight": (32, 32) for n in (0, 1)}
    check_tensors(folder, shapes)
    with pytest.raises(AdapterError, match="no counterpart"):
        check_tensors(folder, {"model.layers.0.self_attn.q_proj.weight": (32, 32)})
    with pytest.raises(AdapterError, match="does not fit"):
        check_tensors(folder, dict.fromkeys(shapes, (32, 48)))
    path = folder / "adapter_model.safetensors"
    tensors = load_file(path)
    name = next(key for key in tensors if "lora_B" in key)
    save_file({**tensors, name: torch.full_like(tensors[name], float("nan"))}, path)
    with pytest.raises(AdapterError, match="not finite"):
        check_tensors(folder, shapes)
    save_file({key: value for key, value in tensors.items() if key != name}, path)
    with pytest.raises(AdapterError, match="does not fit"):
        check_tensors(folder, shapes)


def test_settings_name_an_adapter(make_adapter: MakeAdapter, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_adapter(SHIPPED_ADAPTER)
    monkeypatch.setenv("CHATREC_ADAPTERS", str(folder.parent))
    assert find_adapter("none") is None
    assert find_adapter("auto") == folder
    assert find_adapter(SHIPPED_ADAPTER) == folder
    assert find_adapter(str(folder)) == folder
    with pytest.raises(AdapterError, match="'absent' is not a folder"):
        find_adapter("absent")


def test_a_card_survives_the_disk(make_adapter: MakeAdapter) -> None:
    folder = make_adapter()
    card = read_card(folder)
    assert card.name == "noise" and len(card.weights_digest) == 64
    assert card.base_digest in (folder / "card.md").read_text(encoding="utf-8")
    (folder / "card.json").write_text(json.dumps({**json.loads((folder / "card.json").read_text()), "a later field": 1}))
    assert read_card(folder) == card
