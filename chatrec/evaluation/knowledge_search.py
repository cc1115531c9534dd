"""How well policies are searched: the right passage first, every topic answered, silence where nothing answers; beside BM25 and the
bare embedder on the same questions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatrec.catalog.passages import passages_of
from chatrec.domain.facts import Passage
from chatrec.evaluation.knowledge_questions import PolicyQuestion, QuestionSet, check_sections, section_of
from chatrec.knowledge import PolicyKnowledge
from chatrec.knowledge.words import content_stems
from chatrec.metrics.intervals import mean_interval, resample
from chatrec.protocols import Embedder

Figures = dict[str, float | list[float]]
OWN, BM25, MINILM = "chatrec", "bm25", "minilm"
# Constants of Robertson and Zaragoza (2009).
K1, B = 1.2, 0.75


class Bm25:
    """BM25 over a handful of texts: the control. Words are stemmed, question words left out."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [Counter(content_stems(text)) for text in texts]
        lengths = [sum(t.values()) for t in self._texts]
        mean = sum(lengths) / max(1, len(lengths)) or 1.0
        self._damping = [K1 * (1 - B + B * length / mean) for length in lengths]
        held = Counter(word for text in self._texts for word in text)
        self._idf = {word: math.log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for word, n in held.items()}

    def scores(self, question: str, places: Sequence[int] | None = None) -> NDArray[np.float64]:
        """One score a text; with ``places`` only of those."""
        terms = dict.fromkeys(content_stems(question))
        rows = [(self._texts[n], self._damping[n]) for n in (range(len(self._texts)) if places is None else places)]
        found = [sum(self._idf[t] * text[t] * (K1 + 1) / (text[t] + d) for t in terms if t in text) for text, d in rows]
        return np.asarray(found, dtype=np.float64)


def knowledge_of(policies: Sequence[Passage], embedder: Embedder) -> PolicyKnowledge:
    """Search over these passages, embedded as ingest embeds them."""
    return PolicyKnowledge(policies, embedder.encode([f"{p.topic}. {p.text}" for p in policies]), embedder)


def search_figures(
    table: str, questions: QuestionSet, knowledge: PolicyKnowledge, embedder: Embedder, seed: int
) -> tuple[Figures, list[str]]:
    """Figures of one set, and what went wrong in words."""
    if questions.policies:
        knowledge = knowledge_of(passages_of(questions.policies), embedder)
    sections = [section_of(p.passage_id) for p in knowledge.passages]
    check_sections((*questions.answered, *questions.several), sections, questions.name)
    figures, problems = ranked_figures(table, questions.answered, knowledge, embedder, seed)
    more, wrong = decided_figures(table, questions, knowledge, seed)
    return figures | more, problems + wrong


def ranked_figures(
    table: str, asked: Sequence[PolicyQuestion], knowledge: PolicyKnowledge, embedder: Embedder, seed: int
) -> tuple[Figures, list[str]]:
    """hit@1 and hit@3 over all passages, for chatrec, BM25 and the bare embedder; differences are paired."""
    passages, problems = knowledge.passages, []
    sections = [section_of(p.passage_id) for p in passages]
    texts = [f"{p.topic}. {p.text}" for p in passages]
    keywords, vectors = Bm25(texts), embedder.encode(texts)
    hits: list[list[float]] = []
    for question in asked:
        wanted = question.topics[0]
        places = {p.passage_id: n for n, p in enumerate(passages)}
        own = [places[p.passage_id] for p, _ in knowledge.rank(question.ask)]
        orders = [own, _best(keywords.scores(question.ask)), _best(vectors @ embedder.encode([question.ask])[0])]
        found = [[sections[n] in wanted for n in order[:3]] for order in orders]
        hits.append([float(v) for f in found for v in (f[0], any(f))])
        if not found[0][0]:
            problems.append(f"{table}: '{question.ask}' finds {sections[own[0]]} before {', '.join(sorted(wanted))}")
    drawn = resample(hits, seed)
    names = [(method, metric) for method in (OWN, BM25, MINILM) for metric in ("hit@1", "hit@3")]
    figures: Figures = {f"{table}/{method}/{metric}": drawn.mean(n) for n, (method, metric) in enumerate(names)}
    for place, peer in ((2, BM25), (4, MINILM)):
        figures[f"{table}/{OWN} less {peer}/hit@1"] = drawn.difference(0, place)
    figures[f"{table}/questions"] = len(asked)
    return figures, problems


def _best(scores: NDArray[np.floating]) -> list[int]:
    return [int(n) for n in np.argsort(-scores, kind="stable")]


def decided_figures(table: str, questions: QuestionSet, knowledge: PolicyKnowledge, seed: int) -> tuple[Figures, list[str]]:
    """What a shopper gets: ``answered`` (of the answerable), ``right`` (with the right passage first), ``false_answers`` (of those that
    no section answers), ``all_topics`` (of questions with several topics, every one)."""
    figures: Figures = {}
    problems: list[str] = []
    found = [[section_of(p.passage_id) for p in knowledge.search(q.ask)] for q in questions.answered]
    values = {
        "answered": [bool(f) for f in found],
        "right": [bool(f) and f[0] in q.topics[0] for f, q in zip(found, questions.answered, strict=True)],
        "false_answers": [bool(knowledge.search(q.ask)) for q in questions.unanswered],
        "all_topics": [_all_topics(q, knowledge) for q in questions.several],
    }
    for name, told in values.items():
        if told:
            figures[f"{table}/{OWN}/{name}"] = mean_interval([float(v) for v in told], seed)
    for name, asked in (("false_answers", questions.unanswered), ("all_topics", questions.several)):
        wrong = name == "false_answers"
        problems += [f"{table}: {name}: '{q.ask}'" for q, v in zip(asked, values[name], strict=True) if v is wrong]
    return figures, problems


def _all_topics(question: PolicyQuestion, knowledge: PolicyKnowledge) -> bool:
    found = {section_of(p.passage_id) for p in knowledge.search(question.ask)}
    return all(topic & found for topic in question.topics)
