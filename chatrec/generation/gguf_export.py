"""A causal LM as one GGUF file, which llama.cpp, Ollama and OpenVINO read: weights in 8 bits, tokenizer and chat format inside.

Only architectures whose tensors are known to mean the same on both sides are written; for any other the merged safetensors remain.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from chatrec.errors import ModelError

Precision = Literal["q8_0", "f16"]

# transformers' model_type -> (GGUF architecture, whether query and key rows are interleaved as llama.cpp's rotary embedding wants)
ARCHITECTURES: Mapping[str, tuple[str, bool]] = {"llama": ("llama", True), "qwen2": ("qwen2", False), "qwen3": ("qwen3", False)}
# how llama.cpp names the way in which a tokenizer cuts text before merging bytes, by a mark in its tokenizer.json
_CUTS = (("individual_digits", "smollm"), ("\\p{N}{1,3}", "llama-bpe"), ("\\p{N}|", "qwen2"), ("ByteLevel", "gpt-2"))
_NORMAL, _CONTROL, _UNUSED = 1, 3, 5  # token types of the GGUF format
_BLOCK = 32  # a row of Q8_0 is made of blocks of so many weights
_OTHERWISE = "use --format merged, and llama.cpp's convert_hf_to_gguf.py on the result"


def write_gguf(model: Any, tokenizer: Any, path: Path, *, name: str, precision: Precision = "q8_0") -> Path:
    """Writes ``model`` (a transformers causal LM, adapters merged) and its byte-level BPE ``tokenizer`` into ``path``, atomically.

    Matrices are stored in ``precision`` (rows that no 8-bit block fits, in float16), vectors in float32. Raises :class:`ModelError`
    for an architecture or tokenizer that is not known to read back as the same model.
    """
    from gguf import GGUFWriter

    config = model.config
    if config.model_type not in ARCHITECTURES:
        raise ModelError(
            f"a model of type '{config.model_type}' cannot be written as GGUF; known: {', '.join(ARCHITECTURES)}; {_OTHERWISE}"
        )
    architecture, _ = ARCHITECTURES[config.model_type]
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    writer = GGUFWriter(part, architecture)
    try:
        writer.add_name(name)
        _add_shape(writer, config)
        _add_tokenizer(writer, tokenizer, config.vocab_size)
        _add_tensors(writer, model, precision)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            writer.close()
        part.unlink(missing_ok=True)
    return path


def _add_shape(writer: Any, config: Any) -> None:
    rope: dict[str, Any] = getattr(config, "rope_parameters", None) or {}
    if rope.get("rope_type", "default") != "default":
        raise ModelError(f"rotary embeddings scaled by '{rope['rope_type']}' cannot be written as GGUF; {_OTHERWISE}")
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(float(rope.get("rope_theta", 10_000.0)))
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)


def _add_tokenizer(writer: Any, tokenizer: Any, vocab_size: int) -> None:
    made = json.loads(tokenizer.backend_tokenizer.to_str())
    if made["model"]["type"] != "BPE":
        raise ModelError(f"a tokenizer of type '{made['model']['type']}' cannot be written as GGUF, only byte-level BPE; {_OTHERWISE}")
    cut = json.dumps(made["pre_tokenizer"])
    special = {token["id"] for token in made["added_tokens"] if token["special"]}
    words = {number: word for word, number in tokenizer.get_vocab().items()}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(next((name for mark, name in _CUTS if mark.replace("\\", "\\\\") in cut or mark in cut), "gpt-2"))
    writer.add_token_list([words.get(n, f"[unused{n}]") for n in range(vocab_size)])
    writer.add_token_types([_CONTROL if n in special else _NORMAL if n in words else _UNUSED for n in range(vocab_size)])
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in made["model"]["merges"]])
    for add, number in (
        (writer.add_bos_token_id, tokenizer.bos_token_id),
        (writer.add_eos_token_id, tokenizer.eos_token_id),
        (writer.add_pad_token_id, tokenizer.pad_token_id),
    ):
        if number is not None:
            add(number)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    if tokenizer.chat_template:
        writer.add_chat_template(tokenizer.chat_template)


def _add_tensors(writer: Any, model: Any, precision: Precision) -> None:
    import numpy as np
    from gguf import GGMLQuantizationType, LlamaFileType
    from gguf.quants import quantize

    small = precision == "q8_0"
    writer.add_file_type(LlamaFileType.MOSTLY_Q8_0 if small else LlamaFileType.MOSTLY_F16)
    writer.add_quantization_version(2)
    for name, values in _renamed(model):
        if values.ndim == 1:
            writer.add_tensor(name, values)
        elif small and values.shape[-1] % _BLOCK == 0:
            writer.add_tensor(name, quantize(values, GGMLQuantizationType.Q8_0), raw_dtype=GGMLQuantizationType.Q8_0)
        else:
            writer.add_tensor(name, values.astype(np.float16))


def _renamed(model: Any) -> Iterator[tuple[str, Any]]:
    """The weights as float32 arrays under GGUF's names; output weights that are the embeddings once more are left out."""
    import gguf

    config = model.config
    architecture, interleaved = ARCHITECTURES[config.model_type]
    kind = next(key for key, value in gguf.MODEL_ARCH_NAMES.items() if value == architecture)
    names = gguf.get_tensor_name_map(kind, config.num_hidden_layers)
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads} if interleaved else {}
    for name, weight in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        new = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if new is None:
            raise ModelError(f"the weight '{name}' has no place in a GGUF file of a {architecture} model; {_OTHERWISE}")
        values = weight.detach().float().cpu().numpy()
        n = heads.get(name.split(".")[-2], 0)
        yield new, values.reshape(n, 2, -1, *values.shape[1:]).swapaxes(1, 2).reshape(values.shape) if n else values
