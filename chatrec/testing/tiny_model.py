"""A tiny causal LM with random weights and a byte tokenizer: the real model classes, made in a moment, for tests of what surrounds them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

# <|endoftext|>, <|im_start|> and <|im_end|> first, as in SmolLM2
SPECIAL_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def write_tiny_base(
    folder: Path, *, seed: int = 0, layers: int = 2, hidden: int = 32, context: int = 1024, merges: Sequence[tuple[str, str]] = ()
) -> Path:
    """Writes a Llama of some 20,000 random weights with tied embeddings and one token a byte into ``folder``; returns the folder.
    ``merges`` are pairs of bytes that make a token together: readers of GGUF files want at least one."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM
    from transformers.utils import logging

    tokenizer = _byte_tokenizer(merges)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=context,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
        initializer_range=0.2,  # wide enough that greedy text is not one repeated byte
    )
    before = torch.get_rng_state()
    torch.manual_seed(seed)
    model = LlamaForCausalLM(config)
    torch.set_rng_state(before)
    # readable greedy text: markers and bytes that are not printable ASCII get no score ("Ġ" stands for the space)
    silent = [n for n, word in enumerate(_words(merges)) if len(word) > 1 or not ("!" <= word <= "~" or word == "Ġ")]
    with torch.no_grad():
        model.model.embed_tokens.weight[silent] = 0.0
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _byte_tokenizer(merges: Sequence[tuple[str, str]]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE(vocab={word: n for n, word in enumerate(_words(merges))}, merges=list(merges)))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    raw.decoder = decoders.ByteLevel()
    start, end = SPECIAL_TOKENS[1:]
    made: Any = PreTrainedTokenizerFast
    return made(tokenizer_object=raw, unk_token=SPECIAL_TOKENS[0], bos_token=start, eos_token=end, pad_token=end)


def _words(merges: Sequence[tuple[str, str]]) -> list[str]:
    from tokenizers import pre_tokenizers

    return [*SPECIAL_TOKENS, *sorted(pre_tokenizers.ByteLevel.alphabet()), *("".join(pair) for pair in merges)]
