"""The gate against the labelled sentences of ``gate_sentences``: half of them real model output, one half of each frozen."""

from __future__ import annotations

import pytest
import yaml

from benchmarks.gate import wilson
from benchmarks.gate_data import FOLDER, Labelled, digests, load
from benchmarks.gate_peers import overlap
from chatrec.generation.gate import SentenceGate

DATA = load()
GATE = SentenceGate()
CLAIMS = [s for s in DATA.sentences if s.source != "formats"]
COUNTEREXAMPLES = ("leaks", "leaks_joined")  # written to prove single rules of the gate, beside the set that is half model output


def _stopped(sentences: list[Labelled]) -> list[bool]:
    return [not GATE.judge(s.text, DATA.worlds[s.world], s.previous).ok for s in sentences]


def test_the_set_is_large_and_half_of_it_is_real_model_output() -> None:
    drawn = [s for s in CLAIMS if s.source not in COUNTEREXAMPLES]
    assert len(drawn) >= 500
    assert sum(s.split == "test" for s in drawn) >= 250
    assert sum(s.source == "sampled" for s in drawn) >= 0.5 * len(drawn)
    assert all(s.why for s in CLAIMS if not s.is_true)


def test_the_frozen_half_is_as_it_was_frozen() -> None:
    frozen = yaml.safe_load((FOLDER / "frozen.yaml").read_text(encoding="utf-8"))
    assert frozen["files"] == digests(), "a frozen file was changed: label new sentences in a dev file instead"


def test_no_world_stands_on_both_sides() -> None:
    dev, test = ({s.world for s in DATA.sentences if s.split == split} for split in ("dev", "test"))
    assert not dev & test


@pytest.mark.parametrize(("split", "least_recall", "least_passed"), [("dev", 0.97, 0.88), ("test", 0.965, 0.9)])
def test_false_sentences_are_stopped_and_true_ones_pass(split: str, least_recall: float, least_passed: float) -> None:
    sentences = [s for s in CLAIMS if s.split == split and s.is_english]
    stopped = dict(zip(map(id, sentences), _stopped(sentences), strict=True))
    lies, truths = [s for s in sentences if not s.is_true], [s for s in sentences if s.is_true]
    assert sum(stopped[id(s)] for s in lies) >= least_recall * len(lies), [s.text for s in lies if not stopped[id(s)]]
    assert sum(not stopped[id(s)] for s in truths) >= least_passed * len(truths)


@pytest.mark.parametrize("kind", ["promise", "negation", "unit", "citation", "opinion", "price", "brand", "judgement"])
def test_no_sentence_with_an_error_of_this_kind_passes(kind: str) -> None:
    sentences = [s for s in CLAIMS if s.kind == kind and not s.is_true]
    assert sentences
    assert all(_stopped(sentences))


def test_every_mended_text_has_been_read() -> None:
    mended = [(s.world, GATE.check(s.text, DATA.worlds[s.world], s.previous).repaired) for s in DATA.sentences]
    unread = [key for key in mended if key[1] and key not in DATA.mended]
    assert not unread, "judge these against their records and add them to mended.yaml"


def test_what_ignores_the_format_is_put_into_it_or_dropped() -> None:
    outcomes = [(s, GATE.check(s.text, DATA.worlds[s.world])) for s in DATA.sentences if s.source == "formats"]
    assert not [s.text for s, v in outcomes if not s.is_true and (v.ok or v.repaired)]
    true = [bool(v.repaired or v.ok) for s, v in outcomes if s.is_true]
    assert sum(true) >= 0.8 * len(true)
    assert not [v.repaired for _, v in outcomes if any(sign in v.repaired for sign in "*_`|<>【】")]


def test_the_gate_knows_more_than_an_overlap_check() -> None:
    sentences = [s for s in CLAIMS if s.split == "test" and s.is_english]
    gate = sum(stop is not s.is_true for s, stop in zip(sentences, _stopped(sentences), strict=True))
    plain = sum((overlap(s, DATA.worlds[s.world]) < 0.6) is not s.is_true for s in sentences)
    assert gate > plain


def test_intervals_of_shares_hold_their_share() -> None:
    assert wilson(97, 100) == pytest.approx([0.9155, 0.97, 0.9897], abs=1e-4)
    assert wilson(0, 0) == [0.0, 0.0, 1.0]
