"""Training rows: read, tokenised with the prompt masked, and packed into batches without padding.

A row is one JSON object a line with ``prompt`` (chat text up to and including the assistant's opening) and ``completion`` (the reply,
closed by ``<|im_end|>``). ``evidence`` (see :mod:`chatrec.tuning.row_evidence`) may say what the reply may say, so that what a model
writes to this prompt can be scored; other keys are ignored.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatrec.errors import IngestError, ModelError, UnreadableFile
from chatrec.tuning.row_evidence import read_evidence

PROMPT_END = "<|im_start|>assistant\n"
COMPLETION_END = "<|im_end|>"
_SYSTEM_END = "<|im_end|>\n"


@dataclass(frozen=True, slots=True)
class Example:
    """One tokenised row. The prompt is ``prefix`` (the system turn, equal in many rows) and ``prompt``; loss is taken on ``completion``."""

    prefix: tuple[int, ...]
    prompt: tuple[int, ...]
    completion: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.prefix) + len(self.prompt) + len(self.completion)

    @property
    def own(self) -> tuple[int, ...]:
        """What follows the prefix."""
        return self.prompt + self.completion


@dataclass(frozen=True, slots=True)
class Pack:
    """Several examples with one prefix laid end to end: ``prefix + own + own + ...``, ``tokens`` in all.

    ``lengths`` are the sizes of these parts, ``positions`` restart after the prefix. Logits are needed at ``predicting`` (each
    token just before one that bears loss), where the right next token is ``targets``.
    """

    tokens: tuple[int, ...]
    positions: tuple[int, ...]
    lengths: tuple[int, ...]
    predicting: tuple[int, ...]
    targets: tuple[int, ...]


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a JSONL file. Raises :class:`UnreadableFile` or :class:`IngestError` naming the line and what is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path}: cannot be read as UTF-8 text: {error}") from error
    rows = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                rows.append(check_row(json.loads(line)))
            except (ValueError, IngestError) as error:
                raise IngestError(f"{path}, line {number}: {error}") from error
    if not rows:
        raise UnreadableFile(f"{path}: holds no rows")
    return rows


def check_row(row: Any) -> dict[str, str]:
    """The row's prompt, completion and, where it has one, evidence. Raises :class:`IngestError` where a part is missing or malformed."""
    if not isinstance(row, Mapping) or not isinstance(row.get("prompt"), str) or not isinstance(row.get("completion"), str):
        raise IngestError(f"a row needs the texts 'prompt' and 'completion', got {str(row)[:80]!r}")
    prompt, completion = row["prompt"], row["completion"]
    if not prompt.endswith(PROMPT_END):
        raise IngestError(f"prompt must end with {PROMPT_END!r}, ends with {prompt[-30:]!r}")
    if not completion.endswith(COMPLETION_END) or completion.count(COMPLETION_END) > 1 or "<|im_start|>" in completion:
        raise IngestError(f"completion must end with {COMPLETION_END!r} and hold no other marker, got {completion[-60:]!r}")
    if not completion.removesuffix(COMPLETION_END).strip():
        raise IngestError("completion is empty")
    found = {"prompt": prompt, "completion": completion}
    if row.get("evidence"):
        read_evidence(row["evidence"])
        found["evidence"] = row["evidence"]
    return found


def rows_digest(*sets: Iterable[Mapping[str, str]]) -> str:
    """sha256 over rows and their order; ``sets`` are told apart."""
    digest = hashlib.sha256()
    for rows in sets:
        for row in rows:
            digest.update(json.dumps([row["prompt"], row["completion"]]).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def tokenise(rows: Sequence[Mapping[str, str]], tokenizer: Any) -> list[Example]:
    """One example a row. Prompt and completion are tokenised apart, exactly as they meet in generation. Raises
    :class:`ModelError` unless the tokens that bear loss spell the completion, no more and no less."""
    examples = []
    for row in rows:
        cut = row["prompt"].find(_SYSTEM_END) + len(_SYSTEM_END) - 1 if _SYSTEM_END in row["prompt"] else 0
        parts = [tuple(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in _parts(row, cut)]
        example = Example(*parts)
        learned = tokenizer.decode(example.own[len(example.prompt) :], clean_up_tokenization_spaces=False)
        if learned != row["completion"]:
            wanted = row["completion"]
            raise ModelError(f"tokens that bear loss spell {learned!r}, the completion is {wanted!r}: another tokenizer is needed")
        examples.append(example)
    return examples


def pack_examples(examples: Sequence[Example], most_tokens: int) -> list[Pack]:
    """Packs in the given order, one prefix and at most ``most_tokens`` each (a longer example gets a pack of its own)."""
    packs: list[Pack] = []
    group: list[Example] = []
    size = 0
    for example in examples:
        fits = group and example.prefix == group[0].prefix and size + len(example.own) <= most_tokens
        if group and not fits:
            packs.append(_pack(group))
            group = []
        size = size + len(example.own) if group else len(example)
        group.append(example)
    return [*packs, _pack(group)] if group else packs


def epoch_order(count: int, seed: int, epoch: int) -> list[int]:
    """The order of rows in one epoch: a shuffle that depends on the seed and the epoch alone."""
    order = list(range(count))
    random.Random(f"{seed}/{epoch}").shuffle(order)
    return order


def _parts(row: Mapping[str, str], cut: int) -> tuple[str, str, str]:
    return row["prompt"][:cut], row["prompt"][cut:], row["completion"]


def _pack(group: Sequence[Example]) -> Pack:
    prefix = group[0].prefix
    tokens, positions = list(prefix), list(range(len(prefix)))
    predicting: list[int] = []
    targets: list[int] = []
    for example in group:
        first = len(tokens) + len(example.prompt)
        predicting += range(first - 1, first - 1 + len(example.completion))
        targets += example.completion
        tokens += example.own
        positions += range(len(prefix), len(example))
    lengths = (len(prefix), *(len(example.own) for example in group))
    return Pack(tuple(tokens), tuple(positions), lengths, tuple(predicting), tuple(targets))
