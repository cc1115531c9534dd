"""Sentence plans: read from ``moulds/``, numbered, split into training and held-out ones, and filled."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

MOULDS = Path(__file__).parent / "moulds"
HELD_OUT_EVERY = 7
"""Of the plans of one act, every seventh is kept for held-out rows only."""
_CITE = re.compile(r"\[(\d)\]")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Mould:
    """One sentence plan. ``id`` ("lead/12") names it in the rows and in the data card."""

    id: str
    text: str

    def slots(self) -> frozenset[str]:
        """The names to fill in."""
        return frozenset(_SLOT.findall(self.text))

    def fill(self, values: Mapping[str, str], numbers: tuple[int, ...] = (1, 2, 3)) -> str:
        """The plan with its slots filled and ``[1]``, ``[2]`` turned into the given citation numbers."""
        cited = _CITE.sub(lambda m: f"[{numbers[int(m[1]) - 1]}]", self.text)
        return _SLOT.sub(lambda m: values[m[1]], cited)


@cache
def mould_file(name: str) -> Any:
    """The content of one mould file."""
    return yaml.safe_load((MOULDS / f"{name}.yaml").read_text(encoding="utf-8"))


def of_split(count: int, split: str) -> list[int]:
    """The places of a list of ``count`` plans that belong to ``train`` or ``held_out`` rows; a lone plan belongs to both.

    A short list holds out its last plan.
    """
    kept = {n for n in range(count) if n % HELD_OUT_EVERY == HELD_OUT_EVERY - 1} or {count - 1}
    chosen = [n for n in range(count) if (n in kept) == (split == "held_out")]
    return chosen or list(range(count))


@cache
def moulds(file: str, group: str, split: str) -> tuple[Mould, ...]:
    """The plans of one group for ``train`` or ``held_out`` rows."""
    texts = mould_file(file)[group]
    return tuple(Mould(f"{group}/{n}", texts[n]) for n in of_split(len(texts), split))


def pick(file: str, group: str, split: str, rng: random.Random, filled: Mapping[str, str]) -> Mould | None:
    """One plan of the group whose slots all have words; ``None`` when there is none."""
    fitting = [m for m in moulds(file, group, split) if all(filled.get(slot) for slot in m.slots())]
    return rng.choice(fitting) if fitting else None
