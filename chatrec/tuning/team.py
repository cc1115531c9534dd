"""The processes that train together: one by itself, or as many as ``accelerate launch`` started.

Every process holds the same small adapter and sees the same batch, works on its share and adds up gradients with the others, so that the
step equals that of one process. Only the main one writes and speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import torch

T = TypeVar("T")


class Team:
    """What a process knows of the others. Made before the model is loaded: it chooses the process's own GPU."""

    def __init__(self) -> None:
        from accelerate import Accelerator  # type: ignore[import-untyped]

        self._accelerator = Accelerator(cpu=not torch.cuda.is_available())
        self.count = int(self._accelerator.num_processes)
        self.is_main = bool(self._accelerator.is_main_process)
        self._rank = int(self._accelerator.process_index)

    def share(self, work: Sequence[T]) -> list[T]:
        """This process's part of the work; the parts of all make the whole."""
        return list(work[self._rank :: self.count])

    def sum(self, *values: float) -> list[float]:
        """The sums over all processes, the same in each."""
        if self.count == 1:
            return list(values)
        part = torch.tensor(values, dtype=torch.float64, device=self._accelerator.device)
        return [float(value) for value in self._accelerator.reduce(part, reduction="sum")]

    def sum_gradients(self, parameters: Iterable[Any]) -> None:
        """Replaces each gradient by its sum over all processes; one that did no work has gradients of zero."""
        if self.count == 1:
            return
        own = list(parameters)
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).reshape(-1) for p in own])
        flat = self._accelerator.reduce(flat, reduction="sum")
        for parameter, part in zip(own, flat.split([p.numel() for p in own]), strict=True):
            parameter.grad = part.view_as(parameter)

    def gather(self, parts: list[T]) -> list[T]:
        """The lists of all processes, one behind the other."""
        if self.count == 1:
            return parts
        from accelerate.utils import gather_object  # type: ignore[import-untyped]

        found: list[T] = gather_object(parts)
        return found

    def wait(self) -> None:
        """Until every process is here."""
        self._accelerator.wait_for_everyone()
