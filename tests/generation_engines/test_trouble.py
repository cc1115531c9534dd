"""The writer over engines and evidence that mean no good: a grounded reply in bounded time, whatever comes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from chatrec.domain.facts import DroppedSentence, Evidence, EvidenceItem, Fact, FactKind, Sentence
from chatrec.errors import GeneratorFailed
from chatrec.generation.gate import SentenceGate
from chatrec.generation.openai_engine import OpenAIGenerator
from chatrec.generation.openvino_engine import OpenVINOGenerator
from chatrec.generation.prompts import PromptLibrary
from chatrec.generation.structured_remote import RemoteStructuredModel
from chatrec.generation.template import TemplateWriter
from chatrec.generation.transformers_engine import TransformersGenerator
from chatrec.generation.watchdog import within_budget
from chatrec.generation.writer import GroundedWriter
from chatrec.protocols import Generator
from chatrec.resources import prompts_folder
from chatrec.testing.generator_contract import PROMPT
from chatrec.testing.generators import ScriptedGenerator
from chatrec.testing.model_server import FAILING, ModelServer, running

GATE = SentenceGate()
TEMPLATE, LIBRARY = TemplateWriter(GATE), PromptLibrary(prompts_folder())
BUDGET_S = 0.6


def item(n: int, name: str = "", *facts: Fact) -> EvidenceItem:
    weight = Fact(FactKind.ATTRIBUTE, "weight", f"weight {900 + n} g", f"{900 + n} g", 900.0 + n, "g")
    return EvidenceItem(n, f"t{n}", name or f"Larkfield Tent {n}", facts or (Fact(FactKind.TYPE, "type", "tents", "tents"), weight))


TWO = Evidence("recommend", "a light tent", items=(item(1), item(2)))


def written(generator: Generator, evidence: Evidence = TWO, budget_s: float = BUDGET_S) -> tuple[list[Sentence], list[DroppedSentence]]:
    """What is said and what is not; in bounded time."""
    start = time.monotonic()
    out = list(GroundedWriter(generator, GATE, LIBRARY, TEMPLATE, time_budget_s=budget_s).write(evidence))
    assert time.monotonic() - start < budget_s + 20.0  # a loaded machine may take its time; what hangs here hangs for 30 s
    return [s for s in out if isinstance(s, Sentence)], [d for d in out if isinstance(d, DroppedSentence)]


def assert_grounded(sentences: Sequence[Sentence], evidence: Evidence) -> None:
    """Every item is cited, and the gate stands behind each sentence that is not code's own."""
    assert {i.n for i in evidence.items} <= {n for s in sentences for n in s.cites}
    previous: tuple[int, ...] = ()
    for sentence in sentences:
        assert sentence.rendered.strip() and "<" not in sentence.rendered
        if sentence.origin != "template":
            assert GATE.judge(sentence.text, evidence, previous).ok
        previous = sentence.cites or previous


def texts(sentences: Iterable[Sentence]) -> list[str]:
    return [s.text for s in sentences]


def marks(dropped: Sequence[DroppedSentence]) -> list[str]:
    return [d.reason for d in dropped if not d.text]


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with running() as one:
        yield one


@pytest.mark.parametrize("behaviour", [*FAILING, "slow", "endless"])
@pytest.mark.parametrize("chat", [False, True], ids=["completions", "chat"])
def test_a_server_in_trouble_leaves_a_whole_grounded_reply(server: ModelServer, behaviour: str, chat: bool) -> None:
    generator = OpenAIGenerator(server.url, behaviour, chat=chat, silence_s=BUDGET_S, total_s=BUDGET_S)
    sentences, dropped = written(generator)
    generator.close()
    assert_grounded(sentences, TWO)
    assert marks(dropped) or behaviour == "endless"  # that one is cut as soon as it has talked too much
    if behaviour not in ("half", "slow"):
        assert texts(sentences) == texts(TEMPLATE.write(TWO))


def test_what_was_verified_before_the_server_died_is_kept() -> None:
    with running("[1] weighs 901 g. [2] weighs 902 g. " + "It is good. " * 20) as server:
        sentences, dropped = written(OpenAIGenerator(server.url, "half"), budget_s=20.0)
    assert [s.origin for s in sentences if s.origin != "code"][:2] == ["model", "model"]
    assert_grounded(sentences, TWO)
    assert marks(dropped) in ([], ["language model: it failed (GeneratorFailed), the template writer finished the reply"])


@pytest.mark.parametrize("behaviour", ["mute", "hang", "drip", "header_drip", "endless_error", "long_line", "rubbish", "status", "empty"])
def test_json_from_a_server_in_trouble_is_given_up_in_time(server: ModelServer, behaviour: str) -> None:
    model = RemoteStructuredModel(server.url, behaviour, total_s=0.5)
    start = time.monotonic()
    with pytest.raises(GeneratorFailed, match="language model server"):
        model.complete(PROMPT, {"type": "object"}, max_tokens=50)
    assert time.monotonic() - start < 8.0
    model.close()


EXTREMES = {
    "fifty items": Evidence("recommend", "tents", items=tuple(item(n) for n in range(1, 51))),
    "no facts": Evidence("recommend", "a tent", items=tuple(EvidenceItem(n, f"t{n}", f"Tent {n}", ()) for n in (1, 2, 3))),
    "long title": Evidence("recommend", "a tent", items=(item(1, "Very Long Tent " * 267), item(2))),
    "other scripts": Evidence(
        "recommend",
        "テント намёт 🏕️",
        items=(
            item(
                1,
                "超軽量テント 二人用",
                Fact(FactKind.ATTRIBUTE, "colour", "colour 緑", "緑"),
                Fact(FactKind.TYPE, "type", "テント", "テント"),
            ),
            item(2, "Лёгкая палатка ⛺ خيمة", Fact(FactKind.ATTRIBUTE, "material", "material полиэстер", "полиэстер")),
        ),
    ),
    "long fact": Evidence(
        "compare", "which?", items=(item(1), item(2, "", Fact(FactKind.DESCRIPTION, "description", "warm " * 900, "warm " * 900)))
    ),
    "long message": Evidence("recommend", "tent 🏕️ " * 700, needs=("tent " * 500,), items=(item(1), item(2))),
}
LINES = (
    "[1] weighs 901 g. [2] weighs 902 g.",
    "[1] is 超軽量 🏕️. It costs 5 €! [7] too.",
    "**[1]** <b>wins</b> `now`\n\n- [2] is waterproof",
    "",
)


@pytest.fixture(scope="module")
def engines(merging_base: Path) -> Iterator[dict[str, Generator]]:
    """The local engines over a base that was made for 1,024 tokens and says nothing of sense."""
    made = {
        "openvino": OpenVINOGenerator.open(str(merging_base), "none"),
        "transformers": TransformersGenerator.open(str(merging_base), "none"),
    }
    yield made  # type: ignore[misc]  # both are generators
    made["openvino"].close()  # type: ignore[union-attr]


@pytest.mark.parametrize("case", EXTREMES)
@pytest.mark.parametrize("engine", ["openvino", "transformers"])
def test_extreme_evidence_through_the_engines(engines: dict[str, Generator], engine: str, case: str) -> None:
    sentences, _ = written(engines[engine], EXTREMES[case], budget_s=20.0)
    assert_grounded(sentences, EXTREMES[case])


@pytest.mark.parametrize("case", EXTREMES)
@pytest.mark.parametrize("line", LINES, ids=["true", "odd", "markup", "silent"])
def test_extreme_evidence_whatever_the_model_says(case: str, line: str) -> None:
    sentences, _ = written(ScriptedGenerator(line), EXTREMES[case], budget_s=20.0)
    assert_grounded(sentences, EXTREMES[case])
    assert sum(len(s.rendered) for s in sentences) < 60_000


@pytest.mark.parametrize("engine", ["openvino", "transformers"])
def test_a_reader_that_leaves_stops_the_engine_within_a_token(engines: dict[str, Generator], engine: str) -> None:
    generator = engines[engine]
    assert isinstance(generator, OpenVINOGenerator | TransformersGenerator)
    before = generator.tokens_done
    chunks = within_budget(lambda: generator.generate(PROMPT, max_tokens=800), 20.0)
    next(chunks)
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]  # a generator function
    at_close = generator.tokens_done
    time.sleep(0.3)
    assert generator.tokens_done - at_close <= 1
    assert generator.tokens_done - before < 700  # it was under way
    assert len("".join(generator.generate(PROMPT, max_tokens=10))) > 3  # and is free again


def test_shoppers_beyond_the_queue_are_told_by_template_at_once(merging_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatrec.generation.openvino_engine.MOST_WAITING", 0)
    monkeypatch.setattr("chatrec.generation.openvino_engine.MOST_AT_ONCE", 2)
    engine = OpenVINOGenerator.open(str(merging_base), "none")
    held = [engine.generate(PROMPT, max_tokens=600) for _ in range(2)]
    for one in held:
        next(one)
    replies: dict[int, tuple[list[Sentence], list[DroppedSentence]]] = {}

    def ask(n: int) -> None:
        replies[n] = written(engine)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    busy = "language model: it is busy with other shoppers, the template writer finished the reply"
    assert [marks(dropped) for _, dropped in replies.values()] == [[busy]] * 6
    assert all(texts(sentences) == texts(TEMPLATE.write(TWO)) for sentences, _ in replies.values())
    for one in held:
        one.close()  # type: ignore[attr-defined]  # a generator function
    engine.close()


def test_a_turn_has_one_time_budget_for_all_its_acts() -> None:
    with running() as server:
        engine = OpenAIGenerator(server.url, "mute", silence_s=30.0, total_s=30.0)
        writer = GroundedWriter(engine, GATE, LIBRARY, TEMPLATE, time_budget_s=0.5).for_turn()
        start = time.monotonic()
        for _ in range(8):
            assert_grounded([s for s in writer.write(TWO) if isinstance(s, Sentence)], TWO)
        assert time.monotonic() - start < 3.0  # one budget, not eight
        assert len(server.requests) == 1
