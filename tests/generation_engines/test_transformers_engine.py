"""The local generator on a tiny random Llama: the contract, and what is its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatrec.errors import GeneratorFailed, WeightsMissing
from chatrec.generation.decoders import LeanDecoder, PlainDecoder
from chatrec.generation.transformers_engine import TransformersGenerator, Turnstile, load_model
from chatrec.generation.weights import base_weights
from chatrec.protocols import Generator
from chatrec.testing.generator_contract import PROMPT, GeneratorContract


class TestTransformersGenerator(GeneratorContract):
    @pytest.fixture(autouse=True)
    def _base(self, tiny_base: Path) -> None:
        self.base = tiny_base

    def make(self) -> Generator:
        return TransformersGenerator.open(str(self.base), "none")

    def work_done(self, generator: Generator) -> int | None:
        assert isinstance(generator, TransformersGenerator)
        return generator.tokens_done


class TestSampling(TestTransformersGenerator):
    """The same contract at a temperature above zero."""

    def make(self) -> Generator:
        return TransformersGenerator.open(str(self.base), "none", temperature=0.8)

    def test_another_seed_gives_another_text(self) -> None:
        generator = self.make()
        assert len({"".join(generator.generate(PROMPT, max_tokens=20, seed=seed)) for seed in range(4)}) > 1


@pytest.fixture(scope="module")
def generator(tiny_base: Path) -> TransformersGenerator:
    return TransformersGenerator.open(str(tiny_base), "none")


def _with_plain(generator: TransformersGenerator, tiny_base: Path) -> TransformersGenerator:
    model, tokenizer = load_model(base_weights(str(tiny_base)))
    other = TransformersGenerator(model, tokenizer, "plain")
    other._decoder = PlainDecoder(model)
    return other


def test_the_lean_decoder_writes_what_transformers_writes(generator: TransformersGenerator, tiny_base: Path) -> None:
    model, tokenizer = load_model(base_weights(str(tiny_base)))
    assert isinstance(generator._decoder, LeanDecoder)
    ids = tokenizer(PROMPT, add_special_tokens=False, return_tensors="pt")["input_ids"]
    expected = model.generate(ids, max_new_tokens=24, do_sample=False)[0, ids.shape[1] :]
    for one in (generator, _with_plain(generator, tiny_base)):
        assert "".join(one.generate(PROMPT, max_tokens=24)) == tokenizer.decode(expected, skip_special_tokens=True)


def test_a_wrong_lean_decoder_is_not_used(tiny_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chatrec.generation import decoders

    class Wrong(LeanDecoder):
        def step(self, token: int) -> Any:
            return super().step(token) * 1.5

    monkeypatch.setattr(decoders, "LeanDecoder", Wrong)
    model, _ = load_model(base_weights(str(tiny_base)))
    assert isinstance(decoders.choose_decoder(model, list(range(5, 30))), PlainDecoder)


def test_the_kept_system_turn_changes_nothing(generator: TransformersGenerator) -> None:
    other = PROMPT.replace("a light tent", "a warm bag")
    fresh = "".join(generator.generate(other, max_tokens=20))
    list(generator.generate(PROMPT, max_tokens=3))
    assert "".join(generator.generate(other, max_tokens=20)) == fresh


def test_markers_in_the_prompt_are_single_tokens(generator: TransformersGenerator) -> None:
    prefix, rest = generator._split(PROMPT)
    whole = generator._tokens(PROMPT)
    assert prefix + rest == whole
    assert whole.count(1) == 3 and whole.count(2) == 2 and whole[0] == 1
    assert generator._tokenizer.decode(prefix).endswith("assistant.<|im_end|>")


def test_the_end_of_turn_ends_the_text(generator: TransformersGenerator, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = "".join(generator.generate(PROMPT, max_tokens=20))
    fifth = generator._tokens(whole)[5]
    monkeypatch.setattr(generator, "_ends", {fifth})
    assert "".join(generator.generate(PROMPT, max_tokens=20)) == whole[: whole.index(whole[5])]


def test_characters_of_several_bytes_come_whole(generator: TransformersGenerator, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "für 5 €, 日本"
    monkeypatch.setattr(generator, "_decode", lambda *_: iter(generator._tokens(text)))
    chunks = list(generator.generate(PROMPT, max_tokens=99))
    assert "".join(chunks) == text
    assert chunks == list(text)


@pytest.mark.parametrize("prompt", ["plain words", "x", "<|im_end|>\nx", "<|im_start|>user\nünï<|im_end|>"])
def test_any_prompt_is_continued(generator: TransformersGenerator, prompt: str) -> None:
    assert "".join(generator.generate(prompt, max_tokens=5))


def test_an_empty_or_too_long_prompt_fails_and_frees_the_model(generator: TransformersGenerator) -> None:
    for prompt, reason in (("", "empty"), ("a" * 1020, "exceed the model's 1024")):
        with pytest.raises(GeneratorFailed, match=reason):
            list(generator.generate(prompt, max_tokens=10))
    assert list(generator.generate(PROMPT, max_tokens=2))


def test_a_model_that_breaks_down_is_reported(generator: TransformersGenerator, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(token: int) -> None:
        raise RuntimeError("out of memory")

    with monkeypatch.context() as patched, pytest.raises(GeneratorFailed, match="out of memory"):
        patched.setattr(generator._decoder, "step", fail)
        list(generator.generate(PROMPT, max_tokens=5))
    assert list(generator.generate(PROMPT, max_tokens=2))


def test_waiting_has_an_end(tiny_base: Path) -> None:
    model, tokenizer = load_model(base_weights(str(tiny_base)))
    generator = TransformersGenerator(model, tokenizer, "busy", wait_s=0.05)
    held = generator.generate(PROMPT, max_tokens=5)
    next(held)
    with pytest.raises(GeneratorFailed, match="busy for 0"):
        next(generator.generate(PROMPT, max_tokens=5))
    held.close()  # type: ignore[attr-defined]
    assert list(generator.generate(PROMPT, max_tokens=2))


def test_the_turnstile_keeps_the_order_of_arrival() -> None:
    turnstile, order, waiting = Turnstile(), [], []
    assert turnstile.enter(1.0)

    def visit(n: int) -> None:
        assert turnstile.enter(10.0)
        order.append(n)
        turnstile.leave()

    for n in range(8):
        thread = threading.Thread(target=visit, args=(n,))
        thread.start()
        while len(turnstile._waiting) <= n:
            thread.join(0.001)
        waiting.append(thread)
    turnstile.leave()
    for thread in waiting:
        thread.join(10)
    assert order == list(range(8))
    assert turnstile.enter(0.0)


@pytest.fixture
def copy_base(tiny_base: Path) -> Callable[[Path], Path]:
    import shutil

    return lambda target: Path(shutil.copytree(tiny_base, target))


@pytest.mark.parametrize(("damage", "reason"), [("rubbish", "header"), ("tensor left out", "weights are absent")])
def test_a_base_that_cannot_be_loaded_is_named(tmp_path: Path, copy_base: Callable[[Path], Path], damage: str, reason: str) -> None:
    from safetensors.torch import load_file, save_file

    path = copy_base(tmp_path / "broken") / "model.safetensors"
    tensors = load_file(path)
    if damage == "rubbish":
        path.write_bytes(b"rubbish")
    else:
        save_file({name: value for name, value in tensors.items() if "layers.1.mlp" not in name}, path, metadata={"format": "pt"})
    with pytest.raises(WeightsMissing, match=f"broken: the base model cannot be loaded.*{reason}"):
        load_model(base_weights(str(path.parent)))
