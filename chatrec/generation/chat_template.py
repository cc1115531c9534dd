"""The chat format of a base model: messages to one prompt, and text to a number of tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from chatrec.errors import WeightsMissing
from chatrec.generation.prompts import CHAT_END, CHAT_START
from chatrec.generation.weights import BUILT_IN_BASE, base_weights


class ChatTemplate:
    """Writes messages as the base model was trained to read them. Markers inside a message's text are taken out: a message cannot end
    its own turn nor open another's. Without a tokenizer (the model runs on a server) it writes ChatML and counts nothing."""

    def __init__(self, tokenizer: Any = None) -> None:
        self._tokenizer = tokenizer
        markers = {CHAT_START, CHAT_END, *(tokenizer.all_special_tokens if tokenizer is not None else ())}
        self._markers = re.compile("|".join(re.escape(m) for m in sorted(markers, key=len, reverse=True) if m))

    @classmethod
    def of(cls, base: str = BUILT_IN_BASE) -> ChatTemplate:
        """That of the built-in base, or of the model in folder ``base``. Raises :class:`WeightsMissing`."""
        from transformers import AutoTokenizer

        weights = base_weights(base)
        try:
            return cls(AutoTokenizer.from_pretrained(weights.folder, local_files_only=True))
        except (OSError, ValueError) as error:
            raise WeightsMissing(f"{weights.folder}: the tokenizer cannot be loaded: {error}") from error

    def render(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The prompt, up to and with the opening of the assistant's turn. ``messages`` have ``role`` and ``content``."""
        clean = [{"role": m["role"], "content": self._plain(m["content"])} for m in messages]
        if self._tokenizer is not None and self._tokenizer.chat_template:
            return str(self._tokenizer.apply_chat_template(clean, tokenize=False, add_generation_prompt=True))
        return "".join(f"{CHAT_START}{m['role']}\n{m['content']}{CHAT_END}\n" for m in clean) + f"{CHAT_START}assistant\n"

    def count(self, text: str) -> int | None:
        """Tokens of this text; ``None`` where no tokenizer is at hand."""
        return None if self._tokenizer is None else len(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _plain(self, text: str) -> str:
        while (cut := self._markers.sub("", text)) != text:  # what is left after a marker is taken out may be one again
            text = cut
        return text
