"""The decode benchmark: processes that answer, prompts that share only what they should, ratios of what was measured together."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.decode import LEAST_TOKENS, evidence, marked, speed_figures
from benchmarks.decode_chats import timed
from benchmarks.decode_process import Answer, EngineLost, Worker, answer
from benchmarks.reply_writing import grounded
from chatrec.generation.prompts import PromptLibrary, render_reply_prompt
from chatrec.generation.transformers_engine import TransformersGenerator
from chatrec.resources import prompts_folder
from chatrec.settings import ModelSettings
from chatrec.testing.generators import ScriptedGenerator
from chatrec.testing.tiny_model import write_tiny_base

ECHO = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    if asked["prompt"] == "end":
        break
    print(json.dumps({"first_s": 0.5, "rest_s": 2.0, "tokens": asked["max_tokens"], "text": asked["prompt"]}), flush=True)
"""


def test_a_worker_answers_until_it_ends() -> None:
    with Worker([sys.executable, "-c", ECHO], threads=1) as worker:
        told = worker.ask("a\nb", 6)
        assert told == Answer(0.5, 2.0, 6, "a\nb") and told.tokens_per_s == 3.0
        with pytest.raises(EngineLost, match="start that command by hand"):
            worker.ask("end", 1)


def test_an_engine_is_timed_in_tokens_after_the_first(tmp_path: Path) -> None:
    generator = TransformersGenerator.open(str(write_tiny_base(tmp_path / "base")), "none")
    told = Answer(**answer(generator, "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n", 20))
    assert told.tokens in (18, 19) and told.text and told.first_s > 0.0 and told.rest_s > 0.0


def test_what_prompts_share_is_the_system_turn_or_nothing() -> None:
    prompt = render_reply_prompt(evidence(1, 7)[0], PromptLibrary(prompts_folder()))
    system = prompt[: prompt.index("<|im_end|>")]
    kept, other = marked(prompt, "kept", 1), marked(prompt, "kept", 2)
    assert kept.startswith(system) and other.startswith(system) and kept != other
    fresh, next_fresh = marked(prompt, "fresh", 1), marked(prompt, "fresh", 2)
    shared = next(n for n, (a, b) in enumerate(zip(fresh, next_fresh, strict=True)) if a != b)
    assert shared <= len("<|im_start|>system\n(")


def test_ratios_are_of_the_same_prompts_and_short_replies_count_for_nothing() -> None:
    def answers(rates: list[float], first_s: float) -> dict[str, list[Answer]]:
        told = [Answer(first_s, 10.0 / rate, 10, f"text {n}") for n, rate in enumerate(rates)]
        return {"kept": told, "fresh": [*told[:-1], Answer(first_s, 1.0, LEAST_TOKENS - 1, "short")]}

    found = {"chatrec": answers([60.0, 90.0], 0.1), "transformers": answers([20.0, 30.0], 0.4)}
    figures = speed_figures(found, seed=1)
    assert figures["speed/chatrec/prompts"] == 3
    assert figures["speed/chatrec/times_transformers"] == [3.0, 3.0, 3.0]
    assert figures["speed/chatrec/tokens_per_s"][1] == 70.0
    assert figures["first_token/transformers/kept_p50_ms"] == [400.0, 400.0, 400.0]
    assert figures["speed/chatrec/same_text_as_transformers"] == 1.0


def test_a_reply_of_the_writer_is_timed() -> None:
    case = evidence(1, 7)[0]
    first, whole, template = timed(grounded(ScriptedGenerator("nothing of use"), ModelSettings()), case)
    assert 0.0 < first <= whole and template
