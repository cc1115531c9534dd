"""Which sentence answers: by meaning where the words differ, and silence where the listing speaks of something else."""

from __future__ import annotations

import pytest

from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.item import Item
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.knowledge import RecordAnswers
from chatrec.knowledge.evidence_ranker import EvidenceRanker

CLAUSES = ("The lid keeps coffee hot for six hours", "Sits in most car cup holders", "The paint is free of lead")


@pytest.fixture(scope="module")
def ranker() -> EvidenceRanker:
    return EvidenceRanker(MiniLMEmbedder())


@pytest.mark.parametrize(
    ("question", "place"),
    [("how long does a drink stay warm?", 0), ("can I use it while driving my car?", 1), ("does it contain any lead?", 2)],
)
def test_the_answering_sentence_is_first(ranker: EvidenceRanker, question: str, place: int) -> None:
    scores = ranker.scores(question, CLAUSES)
    assert scores.index(max(scores)) == place, scores
    assert scores == pytest.approx(ranker.scores(question, CLAUSES))  # from memory as from the embedder


def test_no_sentence_and_no_word(ranker: EvidenceRanker) -> None:
    assert ranker.scores("is it warm?", []) == []
    assert len(ranker.scores("?!", CLAUSES)) == len(CLAUSES)


def test_a_clause_that_speaks_of_something_else_is_no_answer(ranker: EvidenceRanker) -> None:
    facts = [Fact(FactKind.DESCRIPTION, "description", text, text) for text in CLAUSES]
    item = Item("mug", "Steel mug")
    answers = RecordAnswers(ranker)
    assert answers.answer("does it work with an induction stove?", item, facts) == ()
    assert [f.text for f in answers.answer("does the paint have lead in it?", item, facts)][:1] == [CLAUSES[2]]
