"""The model that learns: the base with LoRA layers, fresh or with the weights of an adapter that exists."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatrec.errors import AdapterError
from chatrec.generation.adapters import check_adapter, check_tensors
from chatrec.generation.transformers_engine import load_model
from chatrec.generation.weights import BaseWeights
from chatrec.tuning.packing import ATTENTION, register_attention
from chatrec.tuning.tuning_settings import TuningSettings

# q, k, v and o of attention, gate, up and down of the MLP; embeddings and head are left out because small models tie them
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@dataclass(frozen=True, slots=True)
class Start:
    """An adapter whose weights a training begins with. ``digest`` is that of its weights file."""

    folder: Path
    name: str
    digest: str


def start_from(folder: Path, weights: BaseWeights) -> Start:
    """The adapter in ``folder`` as a beginning. Raises :class:`AdapterError` for one that is damaged or of another base."""
    card = check_adapter(folder, weights)
    return Start(folder, card.name, card.weights_digest)


def settings_of(start: Start, settings: TuningSettings) -> TuningSettings:
    """The settings with rank, alpha and layers as the adapter has them: its weights mean nothing under others."""
    config = _config(start)
    layers = config.layers_to_transform
    count = 0 if layers is None else 1 if isinstance(layers, int) else len(layers)
    return replace(settings, rank=int(config.r), alpha=int(config.lora_alpha), layers=count)


def adapted_model(weights: BaseWeights, settings: TuningSettings, start: Start | None = None) -> tuple[Any, Any]:
    """The base with LoRA layers in float32 that learn, and its tokenizer. Fresh layers follow ``settings`` and change nothing yet;
    with ``start`` rank, targets and weights are that adapter's. Raises :class:`AdapterError` where they do not fit the base."""
    import torch

    register_attention()
    model, tokenizer = load_model(weights, attention=ATTENTION)
    torch.manual_seed(settings.seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)  # PEFT asks transformers by an old name
        adapted = _continued(model, start) if start else _fresh(model, settings)
    return adapted.train(), tokenizer


def save_adapter(model: Any, base_name: str, folder: Path) -> None:
    """Writes PEFT's two files, the weights in bfloat16."""
    import torch
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    # without the switch PEFT would ask the model hub whether the vocabulary has grown
    kept = get_peft_model_state_dict(model, save_embedding_layers=False)
    tensors = {key: value.detach().to(torch.bfloat16).cpu().contiguous() for key, value in kept.items()}
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    (folder / "adapter_model.safetensors").chmod(0o644)  # safetensors writes for the owner alone
    config = model.peft_config["default"]
    config.base_model_name_or_path, config.inference_mode = base_name, True
    config.save_pretrained(str(folder))


def _fresh(model: Any, settings: TuningSettings) -> Any:
    from peft import LoraConfig, get_peft_model

    count = model.config.num_hidden_layers
    upper = list(range(count - settings.layers, count)) if 0 < settings.layers < count else None
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=0.0,
        target_modules=TARGETS,
        layers_to_transform=upper,
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def _continued(model: Any, start: Start) -> Any:
    from peft import PeftModel

    check_tensors(start.folder, {name: tuple(parameter.shape) for name, parameter in model.named_parameters()})
    try:
        return PeftModel.from_pretrained(model, str(start.folder), is_trainable=True, config=_config(start))
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise AdapterError(f"training cannot start from adapter '{start.name}' in {start.folder}: {error}") from error


def _config(start: Start) -> Any:
    from peft import LoraConfig

    try:
        config = LoraConfig.from_pretrained(str(start.folder))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AdapterError(f"{start.folder}: adapter_config.json cannot be read: {error}; restore the folder") from error
    config.lora_dropout, config.inference_mode = 0.0, False  # the lean LoRA product of training knows no dropout
    return config
