"""How many tokens a text has, by the tokenizer of the model that is loaded."""

from __future__ import annotations

from chatrec.protocols import TokenCounter


def count_tokens(generator: object, text: str) -> int | None:
    """The tokens of ``text``; ``None`` where no model writes, its tokenizer is not here (a server's), or it is not loaded yet."""
    if not isinstance(generator, TokenCounter):
        return None
    return generator.count_tokens(text) if text else 0
