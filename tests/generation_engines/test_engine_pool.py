"""One model for several shops, and another adapter while they run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from chatrec.errors import AdapterError, GeneratorFailed
from chatrec.generation.deferred import DeferredGenerator
from chatrec.generation.engine_pool import EnginePool
from chatrec.protocols import Generator
from chatrec.settings import ModelSettings
from chatrec.testing.generator_contract import PROMPT


class Spoken:
    """Says its name for ever, until it is closed."""

    def __init__(self, name: str) -> None:
        self.name, self.closed = name, False

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        for _ in range(max_tokens):
            if self.closed:
                raise GeneratorFailed("closed under a reply")
            yield self.name

    def close(self) -> None:
        self.closed = True


def test_shops_with_the_same_model_share_it_until_the_last_leaves() -> None:
    made: list[Spoken] = []

    def start(settings: ModelSettings) -> Generator:
        made.append(Spoken(settings.adapter))
        return made[-1]

    pool = EnginePool(start)
    first, second = pool.lend(ModelSettings(adapter="a")), pool.lend(ModelSettings(adapter="a", max_tokens=64))
    other = pool.lend(ModelSettings(adapter="b"))
    assert [m.name for m in made] == ["a", "b"]
    first.close()
    first.close()  # giving back twice takes it from nobody
    assert "".join(second.generate("x", max_tokens=2)) == "aa"
    second.close()
    assert [m.closed for m in made] == [True, False]
    pool.lend(ModelSettings(adapter="a"))
    assert [m.name for m in made] == ["a", "b", "a"]
    assert other.name == "b"


def test_a_switch_lets_replies_under_way_end() -> None:
    old, new = Spoken("old "), Spoken("new ")
    told: list[str] = []
    deferred = DeferredGenerator(lambda: old, told.append)
    under_way = deferred.generate("x", max_tokens=3)
    assert next(under_way) == "old "
    switching = threading.Thread(target=lambda: deferred.switch(lambda: new))
    switching.start()
    while deferred.name != "new ":
        pass
    assert list(deferred.generate("x", max_tokens=1)) == ["new "]
    assert list(under_way) == ["old ", "old "]
    switching.join(10.0)
    assert (old.closed, new.closed, told) == (True, False, ["old ", "new "])


def test_an_adapter_that_cannot_be_had_changes_nothing(tiny_base: Path, make_adapter: Callable[..., Path]) -> None:
    pool, base = EnginePool(), ModelSettings(engine="transformers", base=str(tiny_base), adapter="none")
    deferred = DeferredGenerator(lambda: pool.lend(base))
    before = "".join(deferred.generate(PROMPT, max_tokens=20))
    foreign = base.model_copy(update={"adapter": str(make_adapter("foreign", base_digest="0" * 64))})
    with pytest.raises(AdapterError, match="foreign"):
        deferred.switch(lambda: pool.lend(foreign))
    assert "".join(deferred.generate(PROMPT, max_tokens=20)) == before
    deferred.switch(lambda: pool.lend(base.model_copy(update={"adapter": str(make_adapter())})))
    assert "noise@" in deferred.name
    assert "".join(deferred.generate(PROMPT, max_tokens=20)) != before
