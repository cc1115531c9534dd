"""How a turn tells whoever runs it that from now on it waits for the language model: the processor is free for the next in line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_NOW: ContextVar[Callable[[], None] | None] = ContextVar("chatrec_giving_way", default=None)


@contextmanager
def told_of_giving_way(told: Callable[[], None]) -> Iterator[None]:
    """What runs inside calls ``told``, in its own thread, whenever it begins to wait for the language model."""
    token = _NOW.set(told)
    try:
        yield
    finally:
        _NOW.reset(token)


def give_way() -> None:
    """From here on this work mostly waits for the language model. Without anybody to tell it does nothing."""
    told = _NOW.get()
    if told is not None:
        told()
