"""A tiny base and rows that a tiny model can learn."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatrec.testing.tiny_model import write_tiny_base

SYSTEM = "<|im_start|>system\nShop assistant.<|im_end|>\n"
THINGS = ["tent", "lamp", "stove", "mat", "rope"]


def make_rows(count: int, seed: int = 0) -> list[dict[str, str]]:
    dice = random.Random(seed)
    rows = []
    for _ in range(count):
        thing, weight = dice.choice(THINGS), dice.randint(1, 99)
        prompt = f"{SYSTEM}<|im_start|>user\n[1] {thing}; {weight} kg<|im_end|>\n<|im_start|>assistant\n"
        rows.append({"prompt": prompt, "completion": f"Take the {thing} [1].<|im_end|>"})
    return rows


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_base(tmp_path_factory.mktemp("tiny") / "base")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
