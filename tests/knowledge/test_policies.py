"""Policy search over the demo shop's policies with the real embedder: the right section first, silence where there is no answer."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from chatrec.catalog.passages import passages_of
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.errors import GenerationError
from chatrec.evaluation.knowledge_questions import read_question_set, section_of
from chatrec.knowledge import PolicyKnowledge

QUESTIONS = Path(__file__).parent / "questions"
PARTS = ("demo_dev", "demo_held")
# Guards somewhat below what was measured; the held questions are harder, and nothing is chosen by them.
LEAST_RIGHT = {"demo_dev": 0.84, "demo_held": 0.6}
MOST_SILENT = {"demo_dev": 0.05, "demo_held": 0.16}
MOST_FALSE = {"demo_dev": 0.08, "demo_held": 0.2}


@pytest.fixture(scope="module")
def embedder() -> MiniLMEmbedder:
    return MiniLMEmbedder()


@pytest.fixture(scope="module")
def folder(embedder: MiniLMEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = files("chatrec.demo") / "policies"
    policies = {
        p.name.removesuffix(".md"): p.read_text(encoding="utf-8")
        for p in sorted(source.iterdir(), key=lambda p: p.name)
        if p.name.endswith(".md")
    }
    passages = passages_of(policies)
    place = tmp_path_factory.mktemp("generation")
    (place / "passages.json").write_text(json.dumps([{"passage_id": p.passage_id, "topic": p.topic, "text": p.text} for p in passages]))
    np.save(place / "passages.npy", embedder.encode([f"{p.topic}. {p.text}" for p in passages]))
    return place


@pytest.fixture(scope="module")
def knowledge(folder: Path, embedder: MiniLMEmbedder) -> PolicyKnowledge:
    return PolicyKnowledge.load(folder, embedder)


@pytest.mark.parametrize("part", PARTS)
def test_right_section_is_found(knowledge: PolicyKnowledge, part: str) -> None:
    questions = read_question_set(QUESTIONS / f"{part}.yaml").answered
    found = [[section_of(p.passage_id) for p in knowledge.search(q.ask)] for q in questions]
    first = sum(bool(f) and f[0] in q.topics[0] for f, q in zip(found, questions, strict=True))
    silent = [q.ask for f, q in zip(found, questions, strict=True) if not f]
    assert first >= LEAST_RIGHT[part] * len(questions)
    assert len(silent) <= MOST_SILENT[part] * len(questions)


@pytest.mark.parametrize("part", PARTS)
def test_silent_where_the_policies_say_nothing(knowledge: PolicyKnowledge, part: str) -> None:
    questions = read_question_set(QUESTIONS / f"{part}.yaml").unanswered
    answered = [q.ask for q in questions if knowledge.search(q.ask)]
    assert len(answered) <= MOST_FALSE[part] * len(questions)


def test_each_topic_of_a_question_is_answered(knowledge: PolicyKnowledge) -> None:
    found = knowledge.search("do gift cards expire, and can I pay in installments?", 2)
    assert [section_of(p.passage_id) for p in found] == ["gift_cards#do-gift-cards-expire", "payment#paying-in-installments"]
    assert knowledge.unanswered("do gift cards expire, and can I pay in installments?") == ()


def test_the_part_without_an_answer_is_named(knowledge: PolicyKnowledge) -> None:
    assert knowledge.unanswered("how much is shipping and who won the football match?") == ("who won the football match?",)
    assert knowledge.unanswered("who won the football match?") == ()  # one question: its silence is the answer


def test_a_question_that_points_back_is_read_in_its_message(knowledge: PolicyKnowledge) -> None:
    message = "do you ship to Japan and what does it cost?"
    alone, within = knowledge.search("what does it cost"), knowledge.search("what does it cost", context=message)
    assert section_of(within[0].passage_id).startswith("international#")
    assert not alone or within[0].passage_id != alone[0].passage_id


def test_passages_are_cut_to_whole_sentences_of_their_own(knowledge: PolicyKnowledge) -> None:
    whole = {p.passage_id: p.text for p in knowledge.passages}
    for question in ("which countries do you ship to?", "how long is the warranty?", "what is not covered by the warranty?"):
        for passage in knowledge.search(question):
            sentences = [s.strip() for s in whole[passage.passage_id].replace(". ", ".|").split("|")]
            assert all(s in sentences for s in passage.text.replace(". ", ".|").split("|")), passage.text


def test_scores_descend_and_stay_in_range(knowledge: PolicyKnowledge) -> None:
    scores = [p.score for p in knowledge.search("how much is shipping to Canada?", 5)]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 < s <= 1.0 for s in scores)
    assert len(knowledge.search("how much is shipping?", 1)) == 1


@pytest.mark.parametrize("question", ["", "   ", "?!", "\x00", "𓀀" * 50, "how " * 30_000])
def test_any_string_is_survived(knowledge: PolicyKnowledge, question: str) -> None:
    assert isinstance(knowledge.search(question), list)


def test_shop_without_policies_answers_nothing(tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    assert PolicyKnowledge.load(tmp_path, embedder).search("how much is shipping?") == []


def test_spoilt_files_are_named(folder: Path, tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    (tmp_path / "passages.json").write_text("[{]")
    with pytest.raises(GenerationError, match="cannot be read"):
        PolicyKnowledge.load(tmp_path, embedder)
    (tmp_path / "passages.json").write_text((folder / "passages.json").read_text())
    np.save(tmp_path / "passages.npy", np.zeros((2, embedder.dimension), dtype=np.float32))
    with pytest.raises(GenerationError, match="vectors"):
        PolicyKnowledge.load(tmp_path, embedder)
