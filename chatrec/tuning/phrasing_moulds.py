"""Sentence plans: read from ``moulds/``, each with the voice it is told in, split into training and held-out ones, and filled."""

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
"""Of the plans of one act and voice, every seventh is kept for held-out rows only."""
VOICES = ("plain", "warm", "brisk", "expert", "playful")
_WEIGHTS = (46, 16, 16, 14, 8)
"""How often each voice speaks, in percent: shops mostly want plain words."""
_CITE = re.compile(r"\[(\d)\]")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Mould:
    """One sentence plan. ``id`` ("lead/warm/2") names it in the rows and in the data card."""

    id: str
    text: str

    def slots(self) -> frozenset[str]:
        """The names to fill in."""
        return frozenset(_SLOT.findall(self.text))

    def fill(self, values: Mapping[str, str], numbers: tuple[int, ...] = (1, 2, 3)) -> str:
        """The plan with its slots filled and ``[1]``, ``[2]`` turned into the given citation numbers."""
        cited = _CITE.sub(lambda m: f"[{numbers[int(m[1]) - 1]}]", self.text)
        return _SLOT.sub(lambda m: values[m[1]], cited)


def draw_voice(rng: random.Random) -> str:
    """A voice for one reply."""
    return rng.choices(VOICES, _WEIGHTS)[0]


@cache
def mould_file(name: str) -> Any:
    """The content of one mould file."""
    return yaml.safe_load((MOULDS / f"{name}.yaml").read_text(encoding="utf-8"))


def of_split(count: int, split: str) -> list[int]:
    """The places of a list of ``count`` plans that belong to ``train`` or ``held_out`` rows.

    A short list holds out its last plan; a lone plan belongs to training, and a held-out row then speaks in another voice.
    """
    if count == 1:
        return [0] if split == "train" else []
    kept = {n for n in range(count) if n % HELD_OUT_EVERY == HELD_OUT_EVERY - 1} or {count - 1}
    return [n for n in range(count) if (n in kept) == (split == "held_out")]


@cache
def moulds(file: str, group: str, split: str, voice: str = "") -> tuple[Mould, ...]:
    """The plans of one group for ``train`` or ``held_out`` rows, in one voice or in all."""
    by_voice = mould_file(file)[group]
    if isinstance(by_voice, list):
        by_voice = {"plain": by_voice}
    found: list[Mould] = []
    for name, texts in by_voice.items():
        if voice in ("", name):
            found += [Mould(f"{group}/{name}/{n}", texts[n]) for n in of_split(len(texts), split)]
    return tuple(found)


def pick(file: str, group: str, split: str, rng: random.Random, filled: Mapping[str, str], voice: str = "") -> Mould | None:
    """One plan of the group whose slots all have words, in this voice where it has one, else in plain words; ``None`` without any."""
    for wanted in dict.fromkeys((voice, "plain", "")):
        fitting = [m for m in moulds(file, group, split, wanted) if all(filled.get(slot) for slot in m.slots())]
        if fitting:
            return rng.choice(fitting)
    return None
