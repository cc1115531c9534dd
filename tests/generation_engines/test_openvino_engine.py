"""The fast engine on a tiny random Llama: the contract, and what is its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatrec.errors import GeneratorBusy, GeneratorFailed, WeightsMissing
from chatrec.generation.deferred import DeferredGenerator
from chatrec.generation.engine_pool import LentGenerator
from chatrec.generation.fast_weights import merged_gguf
from chatrec.generation.openvino_engine import MOST_AT_ONCE, OpenVINOGenerator
from chatrec.generation.token_count import count_tokens
from chatrec.generation.transformers_engine import TransformersGenerator
from chatrec.protocols import Generator
from chatrec.testing.generator_contract import PROMPT, GeneratorContract

pytest.importorskip("openvino_genai", reason="the extra 'fast' is not installed")


class TestOpenVINOGenerator(GeneratorContract):
    @pytest.fixture(autouse=True)
    def _base(self, merging_base: Path) -> Iterator[None]:
        self.base, self.made = merging_base, list[OpenVINOGenerator]()
        yield
        for generator in self.made:
            generator.close()

    def make(self) -> Generator:
        self.made.append(OpenVINOGenerator.open(str(self.base), "none"))
        return self.made[-1]

    def work_done(self, generator: Generator) -> int | None:
        assert isinstance(generator, OpenVINOGenerator)
        return generator.tokens_done


@pytest.fixture(scope="module")
def generator(merging_base: Path) -> Iterator[OpenVINOGenerator]:
    made = OpenVINOGenerator.open(str(merging_base), "none")
    yield made
    made.close()


def _text(generator: Generator, prompt: str = PROMPT, max_tokens: int = 20) -> str:
    return "".join(generator.generate(prompt, max_tokens=max_tokens))


def test_eight_bits_begin_the_text_as_the_whole_weights_do(generator: OpenVINOGenerator, merging_base: Path) -> None:
    whole = TransformersGenerator.open(str(merging_base), "none")
    prompts = [PROMPT.replace("a light tent", wish) for wish in ("a lamp", "two chairs", "a warm coat", "the map")]
    same = sum(_text(generator, prompt, 1) == _text(whole, prompt, 1) for prompt in prompts)
    assert same >= 3  # rounding may turn a close choice of random weights


def test_what_is_kept_of_earlier_prompts_changes_nothing(generator: OpenVINOGenerator, merging_base: Path) -> None:
    other = PROMPT.replace("a light tent", "a warm coat")
    kept = [_text(generator, other), _text(generator), _text(generator, other)]
    fresh = OpenVINOGenerator.open(str(merging_base), "none")
    assert kept == [_text(fresh, other), _text(generator), kept[0]]
    fresh.close()


def test_tokens_guessed_from_the_prompt_change_nothing_but_the_time(generator: OpenVINOGenerator, merging_base: Path) -> None:
    """The text is that of one token a step, in fewer steps than tokens where the reply repeats itself."""
    path, name = merged_gguf(str(merging_base), "none")
    plain = OpenVINOGenerator(path, name, look_up=False)
    prompts = [PROMPT.replace("a light tent", wish) for wish in ("a lamp " * 9, "two chairs", "the map, the map, the map", "12 12 12")]
    assert [_text(generator, prompt, 48) for prompt in prompts] == [_text(plain, prompt, 48) for prompt in prompts]
    assert 0 < generator.steps_done < generator.tokens_done and plain.steps_done >= plain.tokens_done
    plain.close()


def test_more_shoppers_than_places_all_get_their_own_text(generator: OpenVINOGenerator) -> None:
    prompts = [PROMPT.replace("a light tent", f"{n} tents") for n in range(MOST_AT_ONCE + 3)]
    alone = [_text(generator, prompt, 8) for prompt in prompts]
    together = [""] * len(prompts)

    def run(n: int) -> None:
        together[n] = _text(generator, prompts[n], 8)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(prompts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert together == alone


def test_too_many_are_refused_at_once(generator: OpenVINOGenerator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatrec.generation.openvino_engine.MOST_WAITING", 0)
    monkeypatch.setattr("chatrec.generation.openvino_engine.MOST_AT_ONCE", 1)
    first = generator.generate(PROMPT, max_tokens=400)
    next(first)
    with pytest.raises(GeneratorBusy, match="busy"):
        _text(generator)
    first.close()  # type: ignore[attr-defined]  # a generator function


def test_a_prompt_that_does_not_fit_is_refused(generator: OpenVINOGenerator) -> None:
    for prompt in ("x" * 9000, "x" * 1010):  # the tiny base was made for 1,024 tokens
        with pytest.raises(GeneratorFailed, match="exceed the model's 1024: shorten the evidence"):
            _text(generator, prompt)
    assert _text(generator, "x" * 990)
    with pytest.raises(GeneratorFailed, match="empty"):
        _text(generator, "")
    assert len(_text(generator)) >= 10


def test_its_tokens_can_be_counted_through_whatever_stands_before_it(generator: OpenVINOGenerator) -> None:
    text = "the tent weighs [1] 900 g"
    counted = int(generator._tokenizer.encode(text, add_special_tokens=False).input_ids.shape[-1])
    deferred = DeferredGenerator(lambda: LentGenerator(generator, lambda: None))
    assert count_tokens(deferred, text) is None  # counting loads nothing
    deferred.warm_up()
    assert count_tokens(deferred, text) == generator.count_tokens(text) == counted > 3
    assert count_tokens(deferred, "") == 0 and count_tokens(None, text) is None


def test_a_closed_engine_says_so(merging_base: Path) -> None:
    generator = OpenVINOGenerator.open(str(merging_base), "none")
    text = generator.generate(PROMPT, max_tokens=400)
    next(text)
    generator.close()
    with pytest.raises(GeneratorFailed, match="closed"):
        list(text)
    with pytest.raises(GeneratorFailed, match="closed"):
        _text(generator)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "damaged.gguf"
    path.write_bytes(b"GGUF" + bytes(400))
    with pytest.raises(WeightsMissing, match=r"damaged\.gguf"):
        OpenVINOGenerator(path, "damaged")


def test_nothing_leaves_the_machine(merging_base: Path) -> None:
    """The library would report its import to a statistics server."""
    watched = (
        "import socket, sys\n"
        "def refuse(*args, **kwargs): print('CALLED', args[:2]); raise OSError('no network')\n"
        "socket.getaddrinfo = socket.socket.connect = refuse\n"
        "from chatrec.generation.openvino_engine import OpenVINOGenerator\n"
        f"generator = OpenVINOGenerator.open({str(merging_base)!r}, 'none')\n"
        f"print('SAID', len(''.join(generator.generate({PROMPT!r}, max_tokens=20))))\n"
        "import time; time.sleep(1)\n"
    )
    done = subprocess.run([sys.executable, "-c", watched], capture_output=True, text=True, timeout=200, check=False)
    assert "SAID" in done.stdout, done.stderr
    assert "CALLED" not in done.stdout
