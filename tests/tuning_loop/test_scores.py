"""Scores of replies, the evidence that rows carry for them, and the choice of the best step by what the model writes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind
from chatrec.errors import GeneratorFailed, IngestError
from chatrec.tuning.dataset import check_row, rows_digest
from chatrec.tuning.dialogues import build_rows, held_out_drafts
from chatrec.tuning.row_evidence import evidence_text, read_evidence
from chatrec.tuning.scores import Scorer, cases_of, overall, rates, spread


def _item(n: int, kind: str, weight: str) -> EvidenceItem:
    facts = (
        Fact(FactKind.TYPE, "type", kind),
        Fact(FactKind.ATTRIBUTE, "weight", f"weighs {weight}", weight, float(weight.split()[0]), "kg"),
    )
    return EvidenceItem(n, f"p{n}", f"Thing {n}", facts)


TWO = Evidence("recommend", "a light tent", items=(_item(1, "tents", "2 kg"), _item(2, "tents", "3 kg")))
GOOD = "[1] weighs 2 kg. [2] weighs 3 kg."


def test_evidence_comes_back_as_it_was() -> None:
    full = Evidence(
        "recommend", "zelt für den ☔ \"sturm\"", ("price up to $150",), TWO.items,
        (Fact(FactKind.COMPUTED, "weight", "[1] is lighter than [2]", cites=(1, 2)),),
        (Fact(FactKind.PASSAGE, "returns", "30 days", source="policies/returns.md#how-long"),),
    )  # fmt: skip
    assert read_evidence(evidence_text(full)) == full
    drafts = held_out_drafts(60, seed=3)
    assert len({draft.act for draft in drafts}) > 3
    for draft in drafts:
        assert read_evidence(evidence_text(draft.evidence)) == draft.evidence


@pytest.mark.parametrize("text", ["", "[]", "{}", "no json", '{"act": 5}', evidence_text(TWO).replace('"type"', '"colour of money"', 1)])
def test_what_is_no_evidence_is_refused(text: str) -> None:
    with pytest.raises(IngestError, match="'evidence' is not the JSON"):
        read_evidence(text)


def test_composed_rows_carry_their_evidence_and_their_own_replies_score_full() -> None:
    _, held_out = build_rows(5, 40)
    scorer = Scorer()
    assert rows_digest([check_row(row) for row in held_out]) == rows_digest(held_out)
    cases = cases_of(map(check_row, held_out), 100)
    assert cases and {case.prompt for case in cases} <= {row["prompt"] for row in held_out}
    replies = {row["prompt"]: row["completion"] for row in held_out}
    scores = [scorer.of_text(case.evidence, replies[case.prompt]) for case in cases]
    found = rates(scores)
    assert found["grounded"] > 0.9 and found["cited"] > 0.9, "what the model is taught is scored as right"


def test_a_row_with_damaged_evidence_is_refused() -> None:
    _, held_out = build_rows(5, 8)
    with pytest.raises(IngestError, match="'evidence' is not"):
        check_row({**held_out[0], "evidence": held_out[0]["evidence"][:-9]})


@pytest.mark.parametrize(
    ("text", "passed", "sentences", "cited", "whole"),
    [
        (GOOD, 2, 2, 2, True),
        ("[1] weighs 2 kg.", 1, 1, 1, False),
        ("[1] weighs 9 kg. [2] weighs 3 kg.", 1, 2, 1, False),
        (f"{GOOD} {GOOD}", 2, 4, 2, False),
        ("[1] weighs 2 kg. [1] weighs 2 kg. [2] weighs 3 kg.", 2, 3, 2, False),
        ("", 0, 1, 0, False),
        ("Sorry for your loss.", 0, 1, 0, False),
    ],
)
def test_a_reply_is_scored_as_the_shopper_would_get_it(text: str, passed: int, sentences: int, cited: int, whole: bool) -> None:
    score = Scorer().of_text(TWO, f"{text}<|im_end|>")
    assert (score.passed, score.sentences, score.cited, score.items, score.whole) == (passed, sentences, cited, 2, whole)


def test_rates_are_shares_of_all_replies() -> None:
    scorer = Scorer()
    found = rates([scorer.of_text(TWO, GOOD), scorer.of_text(TWO, "[1] weighs 2 kg. It is waterproof.")])
    assert found == {"grounded": 0.75, "cited": 0.75, "whole": 0.5}
    assert overall(found) == pytest.approx(2 / 3)
    assert spread(range(10), 4) == [0, 2, 5, 7] and spread([1, 2], 5) == [1, 2]


class _Engine:
    name = "test"
    at_once = 3

    def __init__(self, fails: bool = False) -> None:
        self._fails = fails

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        if self._fails:
            raise GeneratorFailed("out of memory")
        yield GOOD


def test_a_generator_is_scored_case_by_case_and_its_failure_is_no_score() -> None:
    heard: list[int] = []
    scores = Scorer().of_generator(_Engine(), [TWO] * 7, lambda done, _: heard.append(done))
    assert heard == list(range(1, 8)) and all(score.whole for score in scores)
    with pytest.raises(GeneratorFailed, match="no score can be given"):
        Scorer().of_generator(_Engine(fails=True), [TWO])


def test_batched_decoding_gives_what_one_by_one_gives(tiny_base: Path) -> None:
    from chatrec.generation.transformers_engine import TransformersGenerator
    from chatrec.generation.weights import base_weights
    from chatrec.tuning.decoding import decode_greedy
    from chatrec.tuning.lora import adapted_model
    from chatrec.tuning.packing import ATTENTION, quicken_lora
    from chatrec.tuning.train import TuningSettings

    from .conftest import make_rows

    prompts = [row["prompt"] for row in make_rows(5)]
    prompts[2] = prompts[2].replace("kg", "kilograms and more words")
    model, tokenizer = adapted_model(base_weights(str(tiny_base)), TuningSettings(rank=4))
    quicken_lora(model)
    generator = TransformersGenerator.open(str(tiny_base), "none")
    texts = decode_greedy(model, tokenizer, prompts, 12)
    assert texts == ["".join(generator.generate(prompt, max_tokens=12)) for prompt in prompts]
    assert any(texts) and model.training and model.config._attn_implementation == ATTENTION


def test_the_best_step_is_the_one_that_writes_best(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loss rises from the second evaluation on; the sampled replies get better until the third."""
    from chatrec.generation.adapters import read_card
    from chatrec.tuning import loop
    from chatrec.tuning.train import TuningSettings, train_adapter

    from .conftest import make_rows

    told = iter([0.1, 0.4, 0.8, 0.8, 0.7])
    losses = iter([3.0, 2.0, 2.2, 2.4, 2.1])

    class Sampled:
        @classmethod
        def of(cls, *_: object) -> Sampled:
            return cls()

        def figures(self, _team: object) -> dict[str, float]:
            value = next(told)
            return {"grounded": value, "cited": value, "whole": value, "score": value}

    monkeypatch.setattr(loop, "Sample", Sampled)
    real = loop._Run._loss
    monkeypatch.setattr(loop._Run, "_loss", lambda run, packs: next(losses) if packs is run.some_eval else real(run, packs))
    report = train_adapter(
        make_rows(40, seed=1), make_rows(8, seed=2), tmp_path / "adapter", base=str(tiny_base),
        settings=TuningSettings(epochs=4, rank=4, rate=0.02, evaluations=4, threads=1),
        checkpoint_folder=tmp_path / "checkpoints", progress=lambda _: None,
    )  # fmt: skip
    assert (report.steps, report.best_step) == (20, 10), "of two equally true steps the one with less loss"
    assert read_card(report.folder).scores["sample_grounded"] == 0.8
    lines = [json.loads(line) for line in (report.folder / "training_log.jsonl").read_text().splitlines()]
    assert [line["score"] for line in lines if "score" in line] == [0.1, 0.4, 0.8, 0.8, 0.7]
