"""A model that is not there yet: who loads it, who waits, and who is answered otherwise."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from chatrec.errors import GeneratorFailed, ModelError
from chatrec.generation.deferred import LOADING, DeferredGenerator
from chatrec.protocols import Generator


class Parrot:
    name = "parrot"

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        yield from prompt.split()[:max_tokens]


def loading_until(ready: threading.Event, loads: list[int]) -> Callable[[], Generator]:
    def load() -> Generator:
        loads.append(1)
        ready.wait(10.0)
        return Parrot()

    return load


def test_the_first_use_loads_and_waits() -> None:
    loads: list[int] = []
    told: list[str] = []
    ready = threading.Event()
    ready.set()
    deferred = DeferredGenerator(loading_until(ready, loads), told.append)
    assert deferred.name == LOADING
    assert list(deferred.generate("one two three", max_tokens=2)) == ["one", "two"]
    assert list(deferred.generate("four", max_tokens=2)) == ["four"]
    assert (loads, told, deferred.name) == ([1], ["parrot"], "parrot")


def test_a_use_beside_a_slow_load_does_not_wait_for_it() -> None:
    loads: list[int] = []
    ready = threading.Event()
    deferred = DeferredGenerator(loading_until(ready, loads), patience_s=0.05)
    warming = threading.Thread(target=deferred.warm_up)
    warming.start()
    while not loads:
        time.sleep(0.001)
    with pytest.raises(GeneratorFailed, match="still being loaded"):
        list(deferred.generate("one", max_tokens=1))
    ready.set()
    warming.join()
    assert list(deferred.generate("one", max_tokens=1)) == ["one"]
    assert loads == [1]


def test_closing_waits_for_a_load_and_closes_what_it_brings() -> None:
    loads: list[int] = []
    ended: list[str] = []
    ready = threading.Event()

    class Closing(Parrot):
        def close(self) -> None:
            ended.append("closed")

    def load() -> Generator:
        loading_until(ready, loads)()
        ended.append("loaded")
        return Closing()

    deferred = DeferredGenerator(load)
    warming = threading.Thread(target=deferred.warm_up)
    warming.start()
    while not loads:
        time.sleep(0.001)
    threading.Timer(0.1, ready.set).start()
    deferred.close()
    assert ended == ["loaded", "closed"]
    warming.join()
    with pytest.raises(GeneratorFailed, match="was closed"):
        list(deferred.generate("one", max_tokens=1))


def test_a_load_that_fails_is_not_tried_again() -> None:
    tries: list[int] = []

    def load() -> Generator:
        tries.append(1)
        raise ModelError("no weights")

    deferred = DeferredGenerator(load)
    for _ in range(2):
        with pytest.raises(GeneratorFailed, match="no weights"):
            list(deferred.generate("one", max_tokens=1))
    assert tries == [1]
    assert deferred.name == "no weights"
