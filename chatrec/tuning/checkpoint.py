"""The state of a training run, on disk and back, such that a killed run goes on exactly."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

CHECKPOINT_FILE = "checkpoint.pt"

Tensors = dict[str, Any]


@dataclass(slots=True)
class RunState:
    """Everything that the next step depends on. The order of rows follows from seed and step, so it is not kept."""

    step: int = 0
    tokens: int = 0
    elapsed_s: float = 0.0
    resumed: int = 0
    best_step: int = 0
    best_loss: float = float("inf")  # of the best step, not the least
    best_score: float = -1.0  # of what the model wrote at the best step; 0 where nothing was scored
    worse: int = 0  # evaluations since the best one
    history: list[dict[str, float]] = field(default_factory=list)
    best_adapter: Tensors = field(default_factory=dict)
    adapter: Tensors = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=dict)
    random: Any = None


def save_state(folder: Path, state: RunState) -> None:
    """Replaces the checkpoint in one step; a kill leaves the old one or the new one."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{CHECKPOINT_FILE}.{os.getpid()}"
    with fresh.open("wb") as stream:
        torch.save({entry.name: getattr(state, entry.name) for entry in fields(RunState)}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(folder / CHECKPOINT_FILE)


def load_state(folder: Path) -> RunState | None:
    """The last checkpoint, or ``None`` where there is none that can be read."""
    import torch

    try:
        return RunState(**torch.load(folder / CHECKPOINT_FILE, map_location="cpu", weights_only=True))
    except FileNotFoundError:
        return None
    except Exception:  # damaged bytes make the unpickler raise whatever they lead to; a run without its checkpoint starts afresh
        return None
